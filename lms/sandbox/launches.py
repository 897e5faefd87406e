"""A person opens something of the tool: the launch is noted, and the browser goes to the tool's login address.

LTI 1.3 core, section 4.1 and security framework 1.0, section 5.1.1.1: login initiated by a third party.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.core import clock
from lms.sandbox import addresses, identifiers, storage, store
from lms.sandbox.demo import Person
from lms.sandbox.models import Link, PendingLaunch
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.registrations import Placement


class Message(StrEnum):
    """What a launch is for."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
    DATA_PRIVACY = "LtiDataPrivacyLaunchRequest"


@dataclass(frozen=True)
class Intent:
    """What a person wants to open, and where it is to appear."""

    message: Message
    person: Person
    placement: Placement
    document_target: str
    link: Link | None = None
    context_id: int | None = None
    line_item_id: int | None = None
    for_person: Person | None = None
    deep_linking_id: str | None = None


@dataclass(frozen=True)
class LoginInitiation:
    """What the browser brings to the tool, and how."""

    method: str
    url: str
    fields: dict[str, str]

    @property
    def url_with_fields(self) -> str:
        """The address for a login initiated by GET."""
        return f"{self.url}?{urlencode(self.fields)}"


def begin(intent: Intent, profile: Profile) -> LoginInitiation:
    """Note the launch and say where the browser has to go."""
    launch = _noted(intent)
    tool = intent.placement.tool
    fields = {
        "iss": addresses.issuer(profile),
        "target_link_uri": _target_named_in_login(intent, profile),
        "login_hint": identifiers.login_hint(intent.person, profile),
        "lti_message_hint": identifiers.message_hint(launch.id, intent.link.id if intent.link else 0, profile),
        "client_id": tool.client_id,
        **_deployment(intent.placement.deployment_id, profile),
        **_extras(profile),
    }
    method = "POST" if Quirk.LOGIN_BY_POST in profile else "GET"
    return LoginInitiation(method=method, url=tool.login_url, fields=fields)


def target_of(intent: Intent) -> str:
    """The address that the message asks for (``target_link_uri``)."""
    tool = intent.placement.tool
    if intent.message is Message.DEEP_LINKING:
        return tool.deep_link_url
    if intent.message is Message.DATA_PRIVACY:
        return tool.privacy_url
    return (intent.link.url if intent.link else None) or tool.target_url


def find(hint: str, profile: Profile) -> PendingLaunch | None:
    """The launch to which a hint leads. On platforms whose hint works once, this is that once."""
    launch_id = identifiers.launch_of_hint(hint, profile)
    if launch_id is None:
        return None
    if Quirk.HINT_WORKS_ONCE in profile:
        return _use(store.session(), launch_id)
    return store.session().get(PendingLaunch, launch_id)


def _noted(intent: Intent) -> PendingLaunch:
    launch = PendingLaunch(
        id=secrets.token_hex(12),
        message=intent.message.value,
        person_id=intent.person.id,
        client_id=intent.placement.tool.client_id,
        deployment_id=intent.placement.deployment_id,
        link_id=intent.link.id if intent.link else None,
        context_id=intent.context_id,
        line_item_id=intent.line_item_id,
        for_person_id=intent.for_person.id if intent.for_person else None,
        deep_linking_id=intent.deep_linking_id,
        document_target=intent.document_target,
        began_at=clock.now(),
    )
    store.session().add(launch)
    return launch


def _target_named_in_login(intent: Intent, profile: Profile) -> str:
    if Quirk.LOGIN_TARGET_IS_LAUNCH_URL in profile and intent.message is Message.RESOURCE_LINK:
        return intent.placement.tool.redirect_uris[0]
    return target_of(intent)


def _deployment(deployment_id: str, profile: Profile) -> dict[str, str]:
    name = "deployment_id" if Quirk.DEPLOYMENT_ID_WITHOUT_PREFIX in profile else "lti_deployment_id"
    return {name: deployment_id}


def _extras(profile: Profile) -> dict[str, str]:
    extras: dict[str, str] = {}
    if Quirk.REGION_IN_LOGIN in profile:
        extras |= {"canvas_region": "unknown", "canvas_environment": "production"}
    target = storage.target(profile)
    return {**extras, "lti_storage_target": target} if target else extras


def _use(session: Session, launch_id: str) -> PendingLaunch | None:
    unused = update(PendingLaunch).where(PendingLaunch.id == launch_id, PendingLaunch.used_at.is_(None))
    return session.scalar(unused.values(used_at=clock.now()).returning(PendingLaunch))
