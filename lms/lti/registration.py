"""A platform registers by itself (LTI dynamic registration 1.0): look, agree, ask, keep - and wait for an administrator.

A platform opens our invitation in a window or a frame and names the address of its description. We show a person what
would be registered. With the button we register with the platform, and keep what it answers as *pending*. A platform that
is known already (same issuer and client id) gets nothing changed before an administrator has agreed.

The platform is called twice, outside of any transaction. The invitation is used up before, so that two clicks at once
register once; it is given back if the platform says no.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lms.core import audit, http
from lms.core import keys as signing_keys
from lms.core.db import db, insert_once, reading, transaction
from lms.core.errors import RemoteFailure
from lms.core.http import Answer
from lms.core.i18n import _l
from lms.lti import invitations, keys, platforms
from lms.lti.models import LONGEST_ID, Deployment, Invitation, Registration, State
from lms.lti.registration_configuration import PlatformConfiguration, authorization, fetch, lines_of
from lms.lti.registration_offer import TOOL_PART, messages_for, offer, scopes_for
from lms.lti.registration_refusals import AGAIN, RegistrationRefused

SPEC = "LTI dynamic registration 1.0, 3.6"
ACTOR = "platform"


@dataclass(frozen=True)
class Given:
    """What the platform answered: its id for us, and what it grants."""

    client_id: str
    deployment_id: str | None
    scopes: tuple[str, ...] | None
    """None if it does not say."""


@dataclass(frozen=True)
class Agreement:
    """What the person sent by the button."""

    digest: str
    """Of the description that the person was shown."""
    knows_issuer: bool
    """The person vouches for an issuer whose description lies on another host."""


def look(secret: str, address: str, token: str | None) -> PlatformConfiguration:
    """What the platform says of itself, for a person who holds an invitation. Nothing is used up.

    :raises RegistrationRefused: as :func:`lms.lti.invitations.find`, :func:`.registration_configuration.fetch`.
    """
    _invitation(secret)
    return fetch(address, token)


def register(secret: str, address: str, token: str | None, agreed: Agreement) -> Registration:
    """Register with the platform, and keep what it answers.

    :raises RegistrationRefused: as :func:`look`; ``configuration-changed``, ``issuer-not-confirmed``,
        ``registration-unanswered``, ``registration-refused``, ``registration-unreadable``.
    """
    invitation = _invitation(secret)
    platform = fetch(address, token)
    _refuse_other_than_agreed(platform, agreed)
    with transaction():
        if not invitations.use_up(invitation.id):
            raise invitations.already_used()
    try:
        given = _ask(platform, token)
    except RegistrationRefused:
        with transaction():
            invitations.give_back(invitation.id)
        raise
    with transaction():
        return _keep(platform, given, invitation)


def _invitation(secret: str) -> Invitation:
    with reading():
        return invitations.find(secret)


def _refuse_other_than_agreed(platform: PlatformConfiguration, agreed: Agreement) -> None:
    if platform.digest != agreed.digest:
        raise RegistrationRefused(
            "configuration-changed",
            _l("The learning system now says something else than you were shown. Nothing was registered."),
            spec=SPEC,
            status=409,
            what_to_do=AGAIN,
        )
    if not platform.is_of_its_issuer and not agreed.knows_issuer:
        raise RegistrationRefused(
            "issuer-not-confirmed",
            _l("Say that you know this issuer: its description comes from another address."),
            spec="LTI dynamic registration 1.0, 3.5.1",
            what_to_do=AGAIN,
        )


def _ask(platform: PlatformConfiguration, token: str | None) -> Given:
    headers = {"Accept": "application/json", "Content-Type": "application/json", **authorization(token)}
    body = json.dumps(offer(platform), ensure_ascii=False).encode()
    try:
        answer = http.post(platform.registration_url, body=body, headers=headers)
    except RemoteFailure as failure:
        raise RegistrationRefused(
            "registration-unanswered",
            _l("The learning system did not answer our registration. It may hold half of it: look there first."),
            spec=SPEC,
            status=502,
            what_to_do=AGAIN,
            platform_said=(failure.code,),
        ) from failure
    if not answer.is_success:
        raise RegistrationRefused(
            "registration-refused",
            _l("The learning system refused our registration. It said:"),
            spec=SPEC,
            status=502,
            platform_said=lines_of(answer),
        )
    return _given(answer)


def _given(answer: Answer) -> Given:
    """The answer, whatever content type it claims. A deployment may be absent (Brightspace): launches will name it."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    client_id = _id(said.get("client_id")) if isinstance(said, dict) else None
    if client_id is None:
        raise RegistrationRefused(
            "registration-unreadable",
            _l("The learning system registered us, but did not say under which id."),
            spec=SPEC,
            status=502,
            platform_said=lines_of(answer),
        )
    tool = said.get(TOOL_PART)
    scope = said.get("scope")
    return Given(
        client_id=client_id,
        deployment_id=_id(tool.get("deployment_id")) if isinstance(tool, dict) else None,
        scopes=tuple(scope.split()) if isinstance(scope, str) else None,
    )


def _keep(platform: PlatformConfiguration, given: Given, invitation: Invitation) -> Registration:
    unique = {"issuer": platform.issuer, "client_id": given.client_id}
    values = _values(platform, given)
    made = {**values, "deployment_policy": invitation.deployment_policy, "invitation_id": invitation.id}
    row, is_new = insert_once(Registration, unique, {**made, "state": State.PENDING})
    if is_new or row.state in (State.PENDING, State.DELETED):
        _set(row, {**made, "state": State.PENDING})
    else:
        row.proposed = {name: value for name, value in values.items() if getattr(row, name) != value} or None
    if given.deployment_id:
        _place(row, given.deployment_id)
    signing_keys.ensure(keys.USE)
    action = "lti.platform-registered" if row.state == State.PENDING else "lti.platform-proposed"
    audit.record(action, subject=row.id, actor=ACTOR, issuer=row.issuer, invitation=invitation.id)
    db.session.flush()
    return row


def _values(platform: PlatformConfiguration, given: Given) -> dict[str, Any]:
    """A registration's values as the platform says them."""
    habits = platforms.of(platform.issuer, platform.family)
    asked = scopes_for(platform)
    granted = asked if given.scopes is None else [scope for scope in asked if scope in given.scopes]
    return {
        "auth_url": platform.auth_url,
        "token_url": platform.token_url,
        "jwks_url": platform.jwks_url,
        "token_audience": habits.announced_audience(platform.authorization_server),
        "algorithms": platform.algorithms,
        "product_family_code": platform.family,
        "configuration_url": platform.address,
        "scopes": granted,
        "messages": messages_for(platform),
    }


def _set(row: Registration, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _place(row: Registration, deployment_id: str) -> None:
    """The place that the platform names is part of what an administrator confirms; a known platform's waits alone."""
    is_part_of_it = row.state == State.PENDING or row.deployment_policy == "open"
    unique = {"registration_id": row.id, "deployment_id": deployment_id}
    place, _is_new = insert_once(Deployment, unique, {"is_approved": is_part_of_it})
    place.is_approved = (place.is_approved or is_part_of_it) and place.refused_at is None


def _id(said: Any) -> str | None:
    """An id, or a number that is one."""
    text = str(said).strip() if isinstance(said, str) or type(said) is int else ""
    return text if 0 < len(text) <= LONGEST_ID and text.isprintable() else None
