"""Platform notification service: a tool says what it wants to hear of, and hears of it (server to server)."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import select

from lms.core import clock, http
from lms.core.errors import RemoteFailure
from lms.sandbox import addresses, claims, identifiers, messages, registrations, store
from lms.sandbox.launch_custom import CLAIM
from lms.sandbox.models import Context, NoticeHandler, SentNotice
from lms.sandbox.profiles import Profile
from lms.sandbox.refusals import ServiceRefused

LIFE = timedelta(hours=1)


def set_handler(client_id: str, deployment_id: str, body: Mapping[str, object]) -> dict[str, object]:
    """One handler for each kind; an empty one takes it away. It must be on the tool's host.

    :raises ServiceRefused: 400.
    """
    kind, handler = body.get("notice_type"), body.get("handler")
    if kind not in claims.NOTICE_TYPES:
        raise ServiceRefused(400, "notice_type is not one that is supported")
    if not isinstance(handler, str):
        raise ServiceRefused(400, "handler must be a text")
    if handler:
        _refuse_foreign_handler(client_id, handler)
    store.session().merge(
        NoticeHandler(client_id=client_id, deployment_id=deployment_id, notice_type=kind, handler=handler)
    )
    return {"notice_type": kind, "handler": handler}


def handlers(client_id: str, deployment_id: str) -> dict[str, object]:
    """What this tool wants to hear of in this deployment."""
    found = {row.notice_type: row.handler for row in _rows(client_id, deployment_id)}
    listed = [{"notice_type": kind, "handler": found.get(kind, "")} for kind in claims.NOTICE_TYPES]
    return {"client_id": client_id, "deployment_id": deployment_id, "notice_handlers": listed}


def tell_of_copy(context: Context, profile: Profile) -> None:
    """``LtiContextCopyNotice``: the new course, and in ``origin_contexts`` the one it was copied from."""
    origin = identifiers.context_id_of_number(context.history[0], profile)
    about: dict[str, object] = {
        f"{CLAIM}context": claims.context(context, profile),
        f"{CLAIM}origin_contexts": [origin],
    }
    _send("LtiContextCopyNotice", about, context.id, profile)


def say_hello(profile: Profile) -> None:
    """``LtiHelloWorldNotice``: whether a handler can be reached."""
    _send("LtiHelloWorldNotice", {}, None, profile)


def sent() -> Sequence[SentNotice]:
    """All notices, the oldest first."""
    return store.session().scalars(select(SentNotice).order_by(SentNotice.sent_at, SentNotice.id)).all()


def _send(kind: str, about: dict[str, object], context_id: int | None, profile: Profile) -> None:
    """To everybody who asked. The tool may ask back before it answers, so nothing is held meanwhile; no second try."""
    for row in store.session().scalars(select(NoticeHandler).where(NoticeHandler.notice_type == kind)):
        if not row.handler:
            continue
        notice = SentNotice(
            id=str(uuid4()),
            client_id=row.client_id,
            deployment_id=row.deployment_id,
            notice_type=kind,
            handler=row.handler,
            context_id=context_id,
            sent_at=clock.now(),
            status=None,
        )
        body = json.dumps({"notices": [{"jwt": _signed(notice, about, profile)}]}).encode()
        store.session().add(notice)
        store.let_go()
        notice.status = _posted(row.handler, body)
        store.let_go()


def _signed(notice: SentNotice, about: dict[str, object], profile: Profile) -> str:
    issued_at = int(clock.now().timestamp())
    message: dict[str, object] = {
        "iss": addresses.issuer(profile),
        **claims.audience(notice.client_id, profile),
        "iat": issued_at,
        "exp": issued_at + int(LIFE.total_seconds()),
        "nonce": secrets.token_urlsafe(16),
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": notice.deployment_id,
        f"{CLAIM}notice": {
            "id": notice.id,
            "timestamp": notice.sent_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "type": notice.notice_type,
        },
        **about,
    }
    return messages.signed_notice(message)


def _posted(url: str, body: bytes) -> int | None:
    try:
        return http.post(url, body=body, headers={"Content-Type": "application/json"}).status
    except RemoteFailure:
        return None


def _refuse_foreign_handler(client_id: str, handler: str) -> None:
    tool = registrations.find(client_id)
    if tool is None or urlsplit(handler).netloc != urlsplit(tool.target_url).netloc:
        raise ServiceRefused(400, "handler must be on the tool's host")


def _rows(client_id: str, deployment_id: str) -> Sequence[NoticeHandler]:
    theirs = (NoticeHandler.client_id == client_id, NoticeHandler.deployment_id == deployment_id)
    return store.session().scalars(select(NoticeHandler).where(*theirs)).all()
