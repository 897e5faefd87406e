"""A platform asks which of our content a course shall have, and gets it as signed items (deep linking 2.0).

What there is to choose is known above (:func:`lms.lti.launch.register_entry`). Here is what was asked, and the answer, which
always goes back: with items, with none after a cancel, and with the reason where nothing fits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc import jwt
from sqlalchemy import select

from lms.core import clock
from lms.core import keys as signing_keys
from lms.core.db import db
from lms.core.errors import Sentence
from lms.core.vault import new_secret
from lms.lti import claims, keys, roles
from lms.lti.deep_linking_items import LINK, RESOURCE_LINK
from lms.lti.models import Deployment, LaunchSession, Registration
from lms.lti.refusals import not_complete

_DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
_SPEC = "LTI deep linking 2.0, 4.4.1"
ANSWER_LIFE = timedelta(minutes=5)
_MAY_CHOOSE = {roles.INSTRUCTOR, roles.CONTENT_DEVELOPER, roles.ADMINISTRATOR}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request allows."""

    return_url: str
    """Exactly as it was sent: it may be signed or hold a key (Moodle)."""
    types: frozenset[str]
    several: bool
    line_items: bool
    targets: frozenset[str]
    """Where content may be shown: iframe, window, embed."""

    @property
    def kind(self) -> str | None:
        """The best kind of item that is taken; None if none of ours is."""
        return next((kind for kind in (RESOURCE_LINK, LINK) if kind in self.types), None)


@dataclass(frozen=True)
class Answer:
    """What the browser posts back, and where."""

    url: str
    token: str


def refuse_incomplete_settings(token: Mapping[str, Any]) -> None:
    """It says where to return, and what is taken (deep linking 2.0, 4.4.1)."""
    settings = _settings(token)
    url = settings.get("deep_link_return_url")
    if not isinstance(url, str) or not url.lower().startswith(("https://", "http://")) or not url.isprintable():
        raise not_complete("return-address-missing", spec=_SPEC)
    if not isinstance(settings.get("accept_types"), list):
        raise not_complete("accept-types-missing", spec=_SPEC)


def asked(token: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that count for us. ``data`` is kept only if it was sent, because only then it goes back."""
    settings = _settings(token)
    return {
        "return_url": settings["deep_link_return_url"],
        "types": _texts(settings.get("accept_types")),
        "targets": _texts(settings.get("accept_presentation_document_targets")),
        "several": settings.get("accept_multiple") is True,
        "line_items": settings.get("accept_lineitem") is not False,
        **({"data": settings["data"]} if "data" in settings else {}),
    }


def of(launch: LaunchSession) -> Asked:
    """What the request of this launch allows."""
    kept = launch.asked
    return Asked(
        return_url=kept["return_url"],
        types=frozenset(kept["types"]),
        targets=frozenset(kept["targets"]),
        several=kept["several"],
        line_items=kept["line_items"],
    )


def may_choose(launch: LaunchSession) -> bool:
    """Who gives a course its content: by a role in the course, as everywhere."""
    return bool(launch.roles & _MAY_CHOOSE)


def answer(
    launch: LaunchSession,
    items: Iterable[Mapping[str, Any]],
    *,
    message: Sentence | None = None,
    error: Sentence | None = None,
) -> Answer:
    """The answer to a request, signed (deep linking 2.0, 4.5; SEC 5.2).

    :param message: what the platform may show after all went well; ``error`` after it did not.
    """
    registration, deployment_id = db.session.execute(
        select(Registration, Deployment.deployment_id)
        .join(Deployment, Deployment.registration_id == Registration.id)
        .where(Deployment.id == launch.deployment_id)
    ).one()
    now, key = clock.now(), signing_keys.active(keys.USE)
    said = {"msg": message, "errormsg": error}
    token = {
        "iss": registration.client_id,
        "aud": registration.issuer,
        "iat": int(now.timestamp()),
        "exp": int((now + ANSWER_LIFE).timestamp()),
        "nonce": new_secret(),
        claims.DEPLOYMENT_ID: deployment_id,
        claims.MESSAGE_TYPE: "LtiDeepLinkingResponse",
        claims.VERSION: "1.3.0",
        f"{_DL}content_items": [dict(item) for item in items],
        **{f"{_DL}{name}": str(text) for name, text in said.items() if text is not None},
        **({f"{_DL}data": launch.asked["data"]} if "data" in launch.asked else {}),
    }
    return Answer(of(launch).return_url, jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid}, token, key))


def _settings(token: Mapping[str, Any]) -> Mapping[str, Any]:
    value = token.get(claims.DEEP_LINKING_SETTINGS)
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
