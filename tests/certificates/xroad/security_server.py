"""A stand-in for our X-Road Security Server: it takes requests of the message protocol for REST and calls the provider, as the
real one does (PR-REST 1.0, sections 4.1 and 4.3), from an address of its own.
"""

import base64
import http.client
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha512
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from werkzeug.serving import make_server

from lms.core.web import Bilim
from tests.answering import answering

ADDRESS = "127.0.0.2"
"""From here it asks; other programs of the test ask from 127.0.0.1."""
SERVICE_ID = "KG/GOV/70000002/bilim/training"
FILTERED = {"connection", "host", "user-agent", "keep-alive", "te", "trailer", "upgrade", "transfer-encoding", "server"}


@dataclass
class Answer:
    """What the asking body gets back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass
class SecurityServer:
    """Where the asking body sends its requests."""

    port: int
    provider_port: int
    seen: list[int] = field(default_factory=list)
    """Every status that the provider answered."""

    def ask(self, method: str, path: str, client: str | None, *, body: Any = None, **headers: str) -> Answer:
        """A request of a body, as its own Security Server would bring it here. Headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if client is not None:
            named["X-Road-Client"] = client
        return _sent("127.0.0.1", self.port, method, f"/r1/{SERVICE_ID}{path}", named, body)

    def asked_directly(self, method: str, path: str, *, body: Any = None, **headers: str) -> Answer:
        """Somebody who goes past it and writes the headers by hand."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return _sent("127.0.0.1", self.provider_port, method, f"/xroad{path}", named, body)


@contextmanager
def running(app: Bilim) -> Iterator[SecurityServer]:
    """The product behind a Security Server, both answering on this machine."""
    provider = make_server("127.0.0.1", 0, app, threaded=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made = SecurityServer(port=server.server_address[1], provider_port=provider.server_port)
    server.security_server = made  # type: ignore[attr-defined]
    with answering(server, provider):
        yield made


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        service, slash, rest = self.path.removeprefix("/r1/").partition("/v1/")
        client = self.headers.get("X-Road-Client")
        if not client or service != SERVICE_ID:
            self._answer(400, {"X-Road-Error": "Client.BadRequest"}, b'{"type": "Client.BadRequest"}')
            return
        brought = {name: value for name, value in self.headers.items() if name.lower() not in FILTERED}
        brought.setdefault("X-Road-Id", str(uuid4()))
        brought.setdefault("Accept", "application/json")
        brought |= {"X-Road-Service": service, "X-Road-Request-Id": str(uuid4())}
        made: SecurityServer = self.server.security_server  # type: ignore[attr-defined]
        answer = _brought(made.provider_port, self.command, f"/xroad{slash}{rest}", brought, body)
        made.seen.append(answer.status)
        told = {
            name: value for name, value in answer.headers.items() if not re.match(r"(?i)x-road-|server$|date$", name)
        }
        proof = sha512(sha512(json.dumps(brought).encode()).digest() + sha512(body).digest()).digest()
        told |= {name: brought[name] for name in ("X-Road-Id", "X-Road-Request-Id", "X-Road-Service")}
        told |= {"X-Road-Client": client, "X-Road-Request-Hash": base64.b64encode(proof).decode()}
        self._answer(answer.status, told, answer.body)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def _brought(port: int, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    """From the Security Server's own address."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(ADDRESS, 0))
    return _answered(connection, method, path, headers, body)


def _sent(host: str, port: int, method: str, path: str, headers: dict[str, str], body: Any) -> Answer:
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    more = {"Content-Type": "application/json"} if data else {}
    return _answered(http.client.HTTPConnection(host, port, timeout=20), method, path, headers | more, data)


def _answered(
    connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: bytes
) -> Answer:
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    read = Answer(answer.status, dict(answer.getheaders()), answer.read())
    connection.close()
    return read
