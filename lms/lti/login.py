"""The first step: a platform sends a browser to us, and we ask the platform who that is (core 4.1, SEC 5.1.1).

What comes in is not signed and nothing of it is believed. What goes out is bound: the state to this browser, the nonce
to this state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import String, bindparam, func, select

from lms.core import settings
from lms.core.db import execute
from lms.core.i18n import _l
from lms.lti import standing, states, storage
from lms.lti.models import Registration, State, table
from lms.lti.refusals import LaunchRefused

LAUNCH_PATH = "/lti/launch"
DEEP_LINK_PATH = "/lti/deep-link"
PARAMETERS = (
    "iss",
    "login_hint",
    "target_link_uri",
    "lti_message_hint",
    "lti_deployment_id",
    "deployment_id",
    "client_id",
    "lti_storage_target",
    "canvas_region",
    "canvas_environment",
)
"""What platforms send. A page before the authentication request sends the same on, unchanged."""
_SPEC = "SEC 5.1.1.1"
_TABLE = table(Registration)
_REGISTRATIONS = (
    select(_TABLE.c.id, _TABLE.c.client_id, _TABLE.c.auth_url, _TABLE.c.state)
    .where(
        _TABLE.c.issuer == bindparam("issuer"),
        _TABLE.c.state != State.DELETED,
        _TABLE.c.client_id == func.coalesce(bindparam("client_id", type_=String), _TABLE.c.client_id),
    )
    .limit(2)
)


@dataclass(frozen=True)
class Addressee:
    """The registration that a login means."""

    id: str
    client_id: str
    auth_url: str
    state: str


@dataclass(frozen=True)
class LoginRequest:
    """What we need of a login initiation."""

    issuer: str
    client_id: str | None
    login_hint: str
    message_hint: str | None
    storage_frame: str | None
    """Where the platform would keep something for us, if it would."""


def read(parameters: Mapping[str, str]) -> LoginRequest:
    """:raises LaunchRefused: ``login-incomplete``."""
    missing = [name for name in ("iss", "login_hint", "target_link_uri") if not parameters.get(name)]
    if missing:
        raise LaunchRefused(
            "login-incomplete",
            _l("The learning system began a launch but left out what the standard asks for."),
            spec=_SPEC,
            status=400,
            missing=missing,
        )
    return LoginRequest(
        issuer=parameters["iss"],
        client_id=parameters.get("client_id") or None,
        login_hint=parameters["login_hint"],
        message_hint=parameters.get("lti_message_hint"),
        storage_frame=storage.offered(parameters.get("lti_storage_target")),
    )


def registration_of(asked: LoginRequest) -> Addressee:
    """The registration that a login means; by issuer alone only if that leaves one.

    :raises LaunchRefused: ``platform-unknown``, ``client-id-missing``; as :func:`lms.lti.standing.refuse_closed`.
    """
    found = execute(_REGISTRATIONS, {"issuer": asked.issuer, "client_id": asked.client_id}).all()
    if not found:
        raise LaunchRefused(
            "platform-unknown", _l("This learning system is not registered with Bilim."), spec=_SPEC, status=403
        )
    if len(found) > 1:
        raise LaunchRefused(
            "client-id-missing",
            _l("The learning system did not say which of its registrations it means."),
            spec=_SPEC,
            status=400,
        )
    addressee = Addressee(*cast(tuple[str, str, str, str], found[0]))
    standing.refuse_closed(addressee.state)
    return addressee


def begin(asked: LoginRequest, registration: Addressee, *, browser_hash: str) -> str:
    """Remember the question, and return the address at which the platform answers it (SEC 5.1.1.2)."""
    return _put(states.ask(registration.id, browser_hash=browser_hash), asked, registration)


def begin_with_storage(asked: LoginRequest, registration: Addressee, *, browser_hash: str) -> tuple[str, str]:
    """As :func:`begin`, for a browser that the platform's storage shall recognise: the address, and the state."""
    question = states.ask(registration.id, browser_hash=browser_hash, storage_frame=asked.storage_frame)
    return _put(question, asked, registration), question[0]


def _put(question: tuple[str, str], asked: LoginRequest, registration: Addressee) -> str:
    """The question as an address."""
    state, nonce = question
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": launch_url(),
        "login_hint": asked.login_hint,
        "state": state,
        "nonce": nonce,
    }
    if asked.message_hint is not None:
        parameters["lti_message_hint"] = asked.message_hint
    return _with_query(registration.auth_url, parameters)


def launch_url() -> str:
    """The one redirect_uri: platforms compare it exactly, so pages are chosen by the signed target alone."""
    return f"{settings.current().public_url}{LAUNCH_PATH}"


def _with_query(url: str, added: Mapping[str, str]) -> str:
    """Some authorization endpoints have a query of their own."""
    parts = urlsplit(url)
    return urlunsplit(
        parts._replace(query=urlencode([*parse_qsl(parts.query, keep_blank_values=True), *added.items()]))
    )
