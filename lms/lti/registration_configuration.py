"""What a platform says about itself before we register with it (LTI dynamic registration 1.0, 3.5; OpenID Discovery).

It is read twice: to show a person what will be registered, and again when that person agrees. Nothing in it is believed
beyond that; the addresses are called by the guarded client only.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from lms.core import http
from lms.core.errors import RemoteFailure
from lms.core.http import Answer
from lms.core.i18n import _l
from lms.lti import algorithms
from lms.lti.registration_refusals import AGAIN, RegistrationRefused

SPEC = "LTI dynamic registration 1.0, 3.5"
LTI_PART = "https://purl.imsglobal.org/spec/lti-platform-configuration"
LONGEST = {"issuer": 255, "jwks_uri": 500}
LONGEST_ADDRESS = 2000
ADDRESSES = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
MOST_LINES = 12
LONGEST_LINE = 300


@dataclass(frozen=True)
class PlatformConfiguration:
    """What we need of it, by the names of our registrations."""

    address: str
    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    authorization_server: str | None
    algorithms: str
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    family: str | None
    version: str | None
    messages: Mapping[str, tuple[str, ...]]
    """Types of messages, each with the places where the platform can show it. Empty if it says nothing about them."""

    @property
    def is_of_its_issuer(self) -> bool:
        """Whether the description came from the issuer's own host (3.5.1); else anybody could pretend to be it."""
        return urlsplit(self.address).hostname == urlsplit(self.issuer).hostname

    @property
    def digest(self) -> str:
        """Of all that a person was shown, so that what is registered is what was agreed to."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def fetch(address: str, token: str | None) -> PlatformConfiguration:
    """Ask the platform. Its token goes along: some answer nothing without it (Canvas).

    Calls the platform, so no transaction may be open.

    :raises RegistrationRefused: ``configuration-unreadable``, ``configuration-incomplete``.
    """
    headers = {"Accept": "application/json", **authorization(token)}
    try:
        answer = http.get(address, headers=headers)
    except RemoteFailure as failure:
        raise _unreadable((failure.code,)) from failure
    said = _object(answer)
    if not answer.is_success or said is None:
        raise _unreadable(lines_of(answer))
    return read(address, said)


def read(address: str, said: Mapping[str, Any]) -> PlatformConfiguration:
    """:raises RegistrationRefused: ``configuration-incomplete``."""
    wrong = tuple(name for name in ADDRESSES if not is_address(said.get(name), LONGEST.get(name, LONGEST_ADDRESS)))
    if wrong:
        raise RegistrationRefused(
            "configuration-incomplete",
            _l("The learning system did not say all that is needed to register."),
            spec=SPEC,
            status=502,
            platform_said=wrong,
        )
    ours = said.get(LTI_PART)
    lti = ours if isinstance(ours, dict) else {}
    return PlatformConfiguration(
        address=address,
        issuer=said["issuer"],
        auth_url=said["authorization_endpoint"],
        token_url=said["token_endpoint"],
        jwks_url=said["jwks_uri"],
        registration_url=said["registration_endpoint"],
        authorization_server=_short(said.get("authorization_server"), LONGEST_ADDRESS),
        algorithms=algorithms.understood(_texts(said.get("id_token_signing_alg_values_supported"))),
        scopes=_texts(said.get("scopes_supported")),
        claims=_texts(said.get("claims_supported")),
        family=_short(lti.get("product_family_code"), 100),
        version=_short(lti.get("version"), 100),
        messages=_messages(lti.get("messages_supported")),
    )


def authorization(token: str | None) -> dict[str, str]:
    """The header that carries the platform's token; the token is optional (Brightspace sends none)."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def lines_of(answer: Answer) -> tuple[str, ...]:
    """What a refusal says, in a few short lines.

    OAuth's ``error`` and ``error_description``, Canvas's ``errors``, and Moodle's plain words in a page that claims to
    be HTML.
    """
    status = f"HTTP {answer.status}"
    try:
        found = [line for line in _flat(answer.json()) if line]
    except ValueError:
        text = answer.body[: LONGEST_LINE * 4].decode("utf-8", "replace").strip()
        found = [] if text.startswith("<") else [text]
    return (status, *(line[:LONGEST_LINE] for line in found[:MOST_LINES] if line))


def is_address(said: Any, longest: int) -> bool:
    """A web address, no longer than we can keep."""
    if not isinstance(said, str) or len(said) > longest or not said.isprintable():
        return False
    try:
        parts = urlsplit(said)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname)


def _flat(value: Any, name: str = "") -> list[str]:
    """The values of a JSON text with the names of what they belong to."""
    if isinstance(value, dict):
        return [line for key, part in value.items() for line in _flat(part, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        return [line for part in value for line in _flat(part, name)]
    text = "" if value is None else str(value)
    return [f"{name}: {text}" if name else text]


def _object(answer: Answer) -> Mapping[str, Any] | None:
    try:
        said = answer.json()
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _unreadable(said: tuple[str, ...]) -> RegistrationRefused:
    sentence = _l("The learning system did not tell us how to register with it.")
    return RegistrationRefused(
        "configuration-unreadable", sentence, spec=SPEC, status=502, what_to_do=AGAIN, platform_said=said
    )


def _messages(said: Any) -> dict[str, tuple[str, ...]]:
    """Objects as the specification writes them, or bare names (Moodle)."""
    found: dict[str, tuple[str, ...]] = {}
    for each in said if isinstance(said, list) else ():
        if isinstance(each, str):
            found[each] = ()
        elif isinstance(each, dict) and isinstance(each.get("type"), str):
            found[each["type"]] = (*found.get(each["type"], ()), *_texts(each.get("placements")))
    return found


def _texts(said: Any) -> tuple[str, ...]:
    return tuple(each for each in said if isinstance(each, str)) if isinstance(said, list) else ()


def _short(said: Any, longest: int) -> str | None:
    return said if isinstance(said, str) and 0 < len(said) <= longest else None
