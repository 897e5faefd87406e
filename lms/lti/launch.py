"""The second step: the platform's answer becomes a launch session, or is refused (core 5, SEC 5.1.3).

The order matters twice. The checks stand in the order of the specification, each in :mod:`lms.lti.checks`. And the
platform is asked for its keys, if it must be, before the first statement that writes and with no transaction open: a slow
platform never holds the write lock, and one that cannot give its keys uses up nothing, so the person may reload. Then, in
one transaction, the state is used up and the session made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import insert

from lms.core import audit, clock
from lms.core.db import db, execute, new_id
from lms.core.telemetry import launches_total
from lms.lti import (
    algorithms,
    checks,
    claims,
    framing,
    guests,
    handover,
    keys,
    login,
    messages,
    platform_errors,
    platforms,
    recognition,
    returning,
    roles,
    session,
    states,
    storage,
)
from lms.lti.claims import RESOURCE_LINK_REQUEST, LaunchClaims
from lms.lti.messages import Message
from lms.lti.models import LaunchSession, table
from lms.lti.recognition import Recognised
from lms.lti.refusals import LaunchRefused
from lms.lti.states import Question

Entry = Callable[[LaunchSession], str]
"""Where a launch goes whose target names no page of ours: a path."""
_NO_PAGES = (login.LAUNCH_PATH, login.DEEP_LINK_PATH)

_INSERT = insert(table(LaunchSession))
_entries: dict[str, Entry] = {}


def register_entry(entry: Entry, *, message_type: str = RESOURCE_LINK_REQUEST) -> None:
    """Let a package above say where launches by a message begin; those of a link only if they name no page."""
    _entries[message_type] = entry


@dataclass(frozen=True)
class Opened:
    """A launch that was accepted, now or before, and the path of the page on which it begins."""

    launch_id: str
    path: str


def accept(*, state: str, id_token: str) -> Opened:
    """Turn the platform's answer into a launch, once. The browser is known by its cookie.

    The same answer sent again by the same browser (a reload) leads to the launch that it made.

    :raises LaunchRefused: with the code of the check that failed; the state is used up then.
    :raises RemoteFailure: if the platform's keys are needed and cannot be had; nothing is used up.
    """
    checks.refuse_oversized(id_token)
    question = states.recall(state)
    states.refuse_other_browser(question)
    return _accepted(question, id_token, launch_id=new_id(), browser_hash=question.browser_hash)


def accept_proved(*, state: str, id_token: str, proof: str) -> Opened:
    """As :func:`accept`, for a browser that keeps no cookie here and is known by what the platform kept for us.

    The launch belongs to no browser yet; see :mod:`lms.lti.handover`.
    """
    checks.refuse_oversized(id_token)
    question = states.recall(state)
    storage.refuse_other_proof(state, proof)
    launch_id = new_id()
    return _accepted(question, id_token, launch_id=launch_id, browser_hash=handover.stand_in(launch_id))


def _accepted(question: Question, id_token: str, *, launch_id: str, browser_hash: str) -> Opened:
    states.refuse_late(question)
    if question.consumed_at:
        return _made_before(question.launch_id)
    platform_keys = _keys_for(id_token, question)
    if not states.use_up(question, launch_id):
        return _made_before(states.launch_of(question))
    try:
        token = verify(id_token, question, platform_keys)
        with returning.offered_if_refused(token):
            path = _open(launch_id, question, token, browser_hash=browser_hash)
    except LaunchRefused as refused:
        _note(refused, question)
        raise
    launches_total.labels("accepted").inc()
    return Opened(launch_id, path)


def refuse_error(form: Mapping[str, str]) -> None:
    """The platform answers our question with an error. That is an answer: it uses the question up.

    Its own words are shown only in the browser that asked, since anybody can send us an error, and are not kept.

    :raises LaunchRefused: ``platform-said-error``.
    """
    try:
        platform_errors.refuse(form)
    except LaunchRefused as refused:
        question = states.asked_here(form.get("state", ""))
        if question and states.use_up(question, new_id()):
            refused.said = platform_errors.described(form)
            _note(refused, question)
        raise


def verify(id_token: str, question: Question, platform_keys: keys.Keys) -> Mapping[str, Any]:
    """All checks of the token and of the message, in the order of the specification."""
    now, leeway = clock.now(), timedelta(seconds=question.leeway_seconds)
    header = checks.header_of(id_token)
    checks.refuse_extensions(header)
    kid = checks.refuse_missing_key_id(header)
    algorithm = algorithms.chosen(header.get("alg"), question.algorithms)
    checks.refuse_other_algorithm(header, algorithm)
    key = checks.key_for(kid, platform_keys, algorithm=algorithm)
    token = checks.verified_claims(id_token, key, algorithm=algorithm)
    checks.refuse_other_issuer(token, question.issuer)
    checks.refuse_other_audience(token, question.client_id)
    checks.refuse_other_authorized_party(token, question.client_id)
    with returning.offered_if_refused(token):
        checks.refuse_expired(token, now, leeway)
        checks.refuse_issued_in_future(token, now, leeway)
        checks.refuse_other_nonce(token, question.nonce)
        checks.refuse_other_version(token)
        message = messages.named(token)
        checks.refuse_missing_roles(token)
        checks.refuse_missing_deployment(token)
        for refuse in message.requires:
            refuse(token)
        if not (message.opens_link and guests.is_guest(token, question)):
            checks.refuse_missing_subject(token)
        if message.opens_link or claims.TARGET_LINK_URI in token:
            checks.refuse_foreign_target(token)
    return token


def _keys_for(id_token: str, question: Question) -> keys.Keys:
    """Keys that we have, or fetched now. What was read so far is only a question's values, so its transaction may end."""
    stored = keys.Stored(question.jwks_url, question.jwks, question.fetched_at, question.tried_at)
    kid = _named_key(id_token)
    if not keys.must_ask(stored, kid=kid):
        return keys.at_hand(stored, kid=kid)
    db.session.rollback()
    return keys.ask(stored, kid=kid, registration_id=question.registration_id)


def _named_key(id_token: str) -> str | None:
    """The key id that the token claims, to decide whether to ask the platform; the checks come later."""
    try:
        kid = checks.header_of(id_token).get("kid")
    except LaunchRefused:
        return None
    return kid if isinstance(kid, str) else None


def _made_before(launch_id: str | None) -> Opened:
    """A reload: not a second launch, but the way to the first. The token is not read again."""
    launch = db.session.get(LaunchSession, launch_id) if launch_id else None
    if launch is None:
        raise states.already_used()
    return Opened(launch.id, session.path_of(launch.id) + launch.landing_path)


def _open(launch_id: str, question: Question, token: Mapping[str, Any], *, browser_hash: str) -> str:
    """Open a session among the things that the launch names, and say on which page. A guest gets no session."""
    message, said = messages.named(token), claims.read(token)
    if not said.sub:
        return guests.let_in(question, said)
    recognised = recognition.recognise(question, said, opens_link=message.opens_link)
    landing_path = _signed_path(said.target_link_uri) if message.opens_link else None
    row = _row(launch_id, question, said, recognised, landing_path or "/")
    execute(_INSERT, _of_message(row, message, token) | {"browser_hash": browser_hash})
    if landing_path is None:
        landing_path = _entered_path(launch_id)
    return session.path_of(launch_id) + landing_path


def _row(
    launch_id: str, question: Question, said: LaunchClaims, recognised: Recognised, landing_path: str
) -> dict[str, Any]:
    now = clock.now()
    platform = platforms.of(question.issuer, question.family(said.product_family_code))
    addresses = (question.issuer, question.auth_url, said.return_url)
    return {
        "id": launch_id,
        "person_id": recognised.person_id,
        "registration_id": question.registration_id,
        "deployment_id": recognised.deployment_id,
        "platform_user_id": recognised.user_id,
        "context_row_id": recognised.context_id,
        "resource_link_row_id": recognised.resource_link_id,
        "role_names": sorted(roles.understood(said.roles)),
        "custom": dict(said.custom),
        "locale": said.locale,
        "return_url": said.return_url,
        "frame_ancestors": framing.ancestors(addresses, platform),
        "landing_path": landing_path,
        "started_at": now,
        "expires_at": now + session.IDLE,
    }


def _of_message(row: dict[str, Any], message: Message, token: Mapping[str, Any]) -> dict[str, Any]:
    """With what the kind of message adds. Where an answer goes back to, our pages may send it."""
    asked = message.asked(token)
    if "return_url" in asked:
        row["frame_ancestors"] = sorted({*row["frame_ancestors"], *framing.origins([asked["return_url"]])})
    return row | {"message_type": message.type, "asked": asked}


def _signed_path(target: str) -> str | None:
    """The signed target's path and query; None if it is an address of ours for messages, which names no page."""
    parts = urlsplit(target)
    if parts.path in _NO_PAGES:
        return None
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _entered_path(launch_id: str) -> str:
    """What a package above says; remembered, so that a reload finds it."""
    launch = db.session.get_one(LaunchSession, launch_id)
    entry = _entries.get(launch.message_type)
    if entry is None:
        return "/"
    session.enter(launch)
    launch.landing_path = entry(launch).removeprefix(session.path_of(launch_id))
    return launch.landing_path


def _note(refused: LaunchRefused, question: Question) -> None:
    """A line for whoever has to find out why. Nobody can make these without a question that we asked."""
    launches_total.labels(refused.code).inc()
    facts = {"code": refused.code, "spec": refused.spec, **refused.facts}
    audit.record("lti.launch-refused", subject=question.registration_id, actor="platform", **facts)
