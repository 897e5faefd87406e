"""Calls to other services. Addresses come from outside, so each call is guarded where it connects.

Refused: private, loopback, link-local and multicast addresses, also inside IPv6 ones (unless named in
``BILIM_TRUSTED_PRIVATE_HOSTS``), plain http, names and passwords in an address, redirects, bodies over the limit, and waiting without end. A platform's answer comes back as it is, whatever its status;
only a call that got no answer raises.
"""

import ipaddress
import json as jsonlib
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from flask import Flask, current_app
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.poolmanager import PoolManager

from lms.core import clock, settings
from lms.core.errors import RemoteFailure
from lms.core.i18n import _l

USER_AGENT = "Bilim/0.1 (LTI 1.3 tool)"
"""Some Moodle sites answer 403 to calls without a name."""
TIMEOUT_SECONDS = 10
LONGEST_ANSWER_SECONDS = 30
"""For the whole body: a server that sends one byte now and then never meets a timeout."""
MOST_BYTES = 4 * 1024 * 1024
LONGEST_WAIT_SECONDS = 86400
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is given out to anybody (RFC 4291, 2.4)."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052, 2.1."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Answer:
    """What another service answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status says that it was done."""
        return 200 <= self.status < 300

    @property
    def retry_after_seconds(self) -> int | None:
        """How long we are asked to wait, at most a day; it is said in seconds or as a moment (RFC 9110 10.2.3)."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return min(int(text), LONGEST_WAIT_SECONDS)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - clock.now()).total_seconds()
        return min(max(0, round(seconds)), LONGEST_WAIT_SECONDS)

    def json(self) -> Any:
        """The body as JSON, whatever its content type (Moodle's token endpoint says text/html).

        :raises ValueError: if it is not JSON.
        """
        try:
            return jsonlib.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    proves_itself: bool = False,
) -> Answer:
    """Ask for what is there.

    :param proves_itself: the answer is signed and public (lists of revoked certificates), so plain http will do.
    :raises RemoteFailure: ``address-refused``, ``no-answer``, ``answer-too-large``.
    """
    return _call("GET", url, headers=headers, body=None, timeout_seconds=timeout_seconds, is_plain_ok=proves_itself)


def post(
    url: str,
    *,
    data: Mapping[str, str] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    proves_itself: bool = False,
) -> Answer:
    """Send a form (``data``) or a body that the caller has encoded.

    :param proves_itself: as in :func:`get`, and nothing secret is sent (time stamps, questions about certificates).
    :raises RemoteFailure: as :func:`get`.
    """
    sent = data if data is not None else body
    return _call("POST", url, headers=headers, body=sent, timeout_seconds=timeout_seconds, is_plain_ok=proves_itself)


def request(method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """Any other method, for services that need PUT or DELETE."""
    return _call(method, url, headers=headers, body=body, timeout_seconds=TIMEOUT_SECONDS)


def init_app(app: Flask) -> None:
    """Give the application one guarded session, whose connections are reused."""
    configured: settings.Settings = app.extensions["bilim.settings"]
    app.extensions["bilim.http"] = _guarded_session(configured.trusted_private_hosts)


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None,
    body: Mapping[str, str] | bytes | None,
    timeout_seconds: float,
    is_plain_ok: bool = False,
) -> Answer:
    asked = _named(method, url)
    if not (is_plain_ok and urlsplit(url).scheme == "http"):
        _refuse_plain_http(url, asked)
    session: requests.Session = current_app.extensions["bilim.http"]
    try:
        response = session.request(
            method, url, headers=headers, data=body, timeout=timeout_seconds, allow_redirects=False, stream=True
        )
        with response:
            return Answer(response.status_code, response.headers, _read(response, asked))
    except AddressRefused as error:
        raise _address_refused(asked) from error
    except (requests.RequestException, HTTPError) as error:
        if _was_refused(error):
            raise _address_refused(asked) from error
        log.info("remote-no-answer", asked=asked, error=type(error).__name__)
        raise RemoteFailure(
            "no-answer", _l("The other service did not answer. We will try again by ourselves."), asked=asked
        ) from error


def _named(method: str, url: str) -> str:
    """How a call is named in logs and errors: without its query.

    :raises RemoteFailure: ``address-refused`` for what is no address.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # what is not a port is found only now
    except ValueError as error:
        raise _address_refused(method) from error
    if "@" in parts.netloc:  # a password that we would send on, or a host that another reader takes for the name
        raise _address_refused(method)
    return f"{method} {parts.hostname}{parts.path}"


def _refuse_plain_http(url: str, asked: str) -> None:
    parts = urlsplit(url)
    trusted = _is_trusted(parts.hostname or "", parts.port, settings.current().trusted_private_hosts)
    if parts.scheme != "https" and not (parts.scheme == "http" and trusted):
        raise _address_refused(asked)


def _address_refused(asked: str) -> RemoteFailure:
    return RemoteFailure(
        "address-refused",
        _l("This address may not be called. It must be a public https address; ask your administrator."),
        asked=asked,
        retryable=False,
    )


def _read(response: requests.Response, asked: str) -> bytes:
    until = time.monotonic() + LONGEST_ANSWER_SECONDS
    body = b""
    while part := response.raw.read1(65536, decode_content=True):
        body += part
        if len(body) > MOST_BYTES:
            raise _answer_too_large(asked)
        if time.monotonic() > until:
            raise requests.Timeout("the whole answer took too long")
    return body


def _answer_too_large(asked: str) -> RemoteFailure:
    return RemoteFailure(
        "answer-too-large", _l("The other service answered with more than we take."), asked=asked, retryable=False
    )


class AddressRefused(Exception):
    """The host resolves to an address that must not be reached from here."""


def _is_trusted(host: str, port: int | None, trusted: Iterable[str]) -> bool:
    return host.lower() in trusted or f"{host.lower()}:{port}" in trusted


def _allowed_address(host: str, port: int, trusted: frozenset[str]) -> str:
    """The address to connect to: what was checked is what is used, so a second DNS answer cannot differ."""
    addresses = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if _is_trusted(host, port, trusted):
        return addresses[0]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise AddressRefused(host)
    return addresses[0]


def _is_public(address: str) -> bool:
    """Whether everybody may reach it. An IPv6 address that leads to an IPv4 one is as public as that."""
    parsed = ipaddress.ip_address(address.split("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        carried = parsed.ipv4_mapped or parsed.sixtofour or _translated(parsed)
        if carried is not None:
            parsed = carried
        elif parsed not in _GLOBAL_UNICAST:
            return False
    return parsed.is_global and not parsed.is_multicast


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """What a translator between the two makes of it (NAT64)."""
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _was_refused(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, AddressRefused):
            return True
        error = error.__cause__ or error.__context__
    return False


def _guarded_session(trusted: frozenset[str]) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a proxy of the environment would connect for us, unchecked
    session.headers["User-Agent"] = USER_AGENT
    adapter = _GuardedAdapter(trusted)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, trusted: frozenset[str]) -> None:
        self.trusted = trusted
        super().__init__(pool_connections=32, pool_maxsize=16)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = _guarded_pools(self.trusted)


def _guarded_pools(trusted: frozenset[str]) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect_checked(self, super()._new_conn)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect_checked(self, super()._new_conn)

    def _connect_checked(connection: HTTPConnection, connect: Any) -> socket.socket:
        host = connection.host
        connection.host = _allowed_address(host, connection.port, trusted)
        try:
            opened: socket.socket = connect()
        finally:
            connection.host = host  # the name is what TLS must verify
        return opened

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
