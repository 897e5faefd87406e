"""What stands before the service for X-Road: it opens to our own Security Server only, and then by the client's right.

The headers of X-Road prove nothing by themselves: anybody can send them. They count when the request came from an address of
``BILIM_XROAD_SECURITY_SERVERS`` and, where ``BILIM_XROAD_CERTIFICATES`` names some, with a client certificate that the proxy
before us has checked and passes on (header Client-Cert, RFC 9440). To everybody else there is nothing here.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote

import structlog
from flask import current_app, g, request

from certificates.xroad import identifiers, rights, users
from certificates.xroad.identifiers import Message
from certificates.xroad.models import XroadRequest, XroadRight
from certificates.xroad.rights import Service
from lms.core import audit, clock, limits, settings
from lms.core.db import db, transaction
from lms.core.errors import BadRequest, Forbidden, NotFound
from lms.core.i18n import _l

_PEM = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"

View = TypeVar("View", bound=Callable[..., object])
log = structlog.get_logger()


def serves(service: Service) -> Callable[[View], View]:
    """Name the service that a view belongs to. Stands below the route; a view that names none is closed."""

    def _mark(view: View) -> View:
        view.service = service  # type: ignore[attr-defined]
        return view

    return _mark


def admit() -> None:
    """Let the request pass if our Security Server brings it and the client has the right; note it in any case.

    :raises NotFound: ``page-not-found`` for everybody else.
    :raises BadRequest: ``xroad-client-not-valid``.
    :raises Forbidden: ``xroad-not-allowed``.
    """
    service = getattr(current_app.view_functions[request.endpoint or ""], "service", None)
    if service is None or not is_security_server():
        raise NotFound("page-not-found", _l("There is no page at this address. Check the address or go back."))
    message = identifiers.message_of(request.headers)
    if message is None:
        raise BadRequest("xroad-client-not-valid", _l("Write the client as INSTANCE/CLASS/MEMBER/SUBSYSTEM."))
    limits.count_as(f"xroad:{message.client}", f"{settings.current().api_calls_per_minute}/minute", of="xroad")
    with transaction():
        right = rights.of(message.client, service)
        _note(message, service, is_allowed=right is not None)
    if right is None:
        raise Forbidden(
            "xroad-not-allowed", _l("There is no legal basis on which this client may ask for this. Ask the bureau.")
        )
    g.xroad_message, g.xroad_right, g.actor = message, right, actor_of(message)


def message() -> Message:
    """What the Security Server said of the present request."""
    found: Message = g.xroad_message
    return found


def right() -> XroadRight:
    """By which the client asks now."""
    found: XroadRight = g.xroad_right
    return found


def actor_of(message: Message) -> str:
    """How the audit and the lines of access name the asking body."""
    return f"xroad:{message.client}"


def is_security_server() -> bool:
    """Whether the present request was brought by our own Security Server. Without the setting, none is."""
    configured = settings.current()
    if request.remote_addr not in configured.xroad_security_servers:
        if configured.xroad_security_servers:
            log.warning("xroad-refused", reason="address")
        return False
    known = configured.xroad_certificates
    if known and fingerprint_of(request.headers.get("Client-Cert", "")) not in known:
        log.warning("xroad-refused", reason="certificate")
        return False
    return True


def fingerprint_of(header: str) -> str | None:
    """SHA-256 of a certificate as proxies pass it on: between colons (RFC 9440) or as escaped PEM (nginx); None if it is none."""
    text = unquote(header).strip()
    begin, end = _PEM
    if text.startswith(begin) and text.endswith(end):
        text = text.removeprefix(begin).removesuffix(end)
    elif len(text) > 1 and text.startswith(":") and text.endswith(":"):
        text = text[1:-1]
    else:
        return None
    try:
        return hashlib.sha256(base64.b64decode("".join(text.split()), validate=True)).hexdigest()
    except (ValueError, binascii.Error):
        return None


def _note(message: Message, service: Service, *, is_allowed: bool) -> None:
    line = XroadRequest(
        at=clock.now(),
        message_id=message.id,
        client=message.client,
        service=service,
        is_allowed=is_allowed,
        issue=message.issue,
    )
    db.session.add(line)
    users.keep(line, message.user_id)
    audit.record(
        "xroad-call",
        subject=f"endpoint:{request.endpoint}",
        actor=actor_of(message),
        message_id=message.id,
        is_allowed=is_allowed,
    )
