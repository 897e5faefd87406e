"""Calls go to a real server on this machine; what must not be reached is proved by what that server never saw."""

import gzip
import json
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lms.core import http
from lms.core.errors import RemoteFailure
from lms.core.web import Bilim
from tests.answering import answering
from tests.conftest import application, make_settings


class Server(ThreadingHTTPServer):
    """Answers a few paths and remembers what it was asked."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Callers that gave up are what some tests are about."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.seen: dict[str, str] = {}

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._note(b"")
        if self.path == "/redirect":
            self._answer(302, b"", Location="/target")
        elif self.path == "/large":
            self._answer(200, b"x" * (http.MOST_BYTES + 1))
        elif self.path.startswith("/slow"):
            time.sleep(3)
            self._answer(200, b"late")
        elif self.path == "/drops":
            self._drip()
        elif self.path == "/compressed":
            self._answer(200, gzip.compress(b"x" * 200_000), **{"Content-Encoding": "gzip"})
        elif self.path == "/bomb":
            self._answer(200, gzip.compress(b"x" * (http.MOST_BYTES + 1)), **{"Content-Encoding": "gzip"})
        elif self.path == "/broken":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
            self.close_connection = True
        elif self.path == "/down":
            self._answer(503, b"later", **{"Retry-After": "30"})
        else:
            self._answer(200, json.dumps({"path": self.path}).encode(), **{"Content-Type": "text/html"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._note(body)
        self._answer(200, body)

    do_PUT = do_POST

    def do_CONNECT(self) -> None:
        """What a proxy is asked."""
        self._note(b"")
        self._answer(502, b"")

    def _drip(self) -> None:
        """One byte now and then, each before any timeout of a single read."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def _note(self, body: bytes) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.seen = {**self.headers, "body": body.decode()}

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    with answering(made):
        yield made


@pytest.fixture
def app(tmp_path: Path, server: Server) -> Iterator[Bilim]:
    """It may reach the server by one name and port, and nothing else of this machine."""
    settings = make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")
    with application(settings, trusted_private_hosts=frozenset({f"127.0.0.1:{server.port}"})) as made:
        yield made


@pytest.fixture(autouse=True)
def _in_app(app: Bilim) -> None:
    """All calls need an application."""


def refused(url: str) -> str:
    with pytest.raises(RemoteFailure) as failure:
        http.get(url)
    assert not failure.value.retryable
    return failure.value.code


def test_an_answer_comes_back_as_it_is(server: Server) -> None:
    answer = http.get(f"{server.url}/path?query=1")

    assert (answer.status, answer.is_success) == (200, True)
    assert answer.json() == {"path": "/path?query=1"}


def test_an_answer_that_is_a_failure_of_the_other_is_not_ours_to_raise(server: Server) -> None:
    answer = http.get(f"{server.url}/down")

    assert (answer.status, answer.is_success, answer.body) == (503, False, b"later")
    assert answer.headers["retry-after"] == "30"


def test_we_say_our_name(server: Server) -> None:
    http.get(server.url)

    assert server.seen["User-Agent"] == "Bilim/0.1 (LTI 1.3 tool)"


def test_a_form_and_a_body_arrive_as_they_were_given(server: Server) -> None:
    assert http.post(f"{server.url}/form", data={"grant_type": "client_credentials"}).body == (
        b"grant_type=client_credentials"
    )
    assert server.seen["Content-Type"] == "application/x-www-form-urlencoded"

    http.post(f"{server.url}/score", body=b'{"x": 1}', headers={"Content-Type": "application/vnd.score+json"})
    assert (server.seen["Content-Type"], server.seen["body"]) == ("application/vnd.score+json", '{"x": 1}')

    http.request("PUT", f"{server.url}/item", body=b"new")
    assert server.asked[-1] == "PUT /item"


def test_the_same_machine_by_another_name_is_refused(server: Server) -> None:
    for url in (f"http://localhost:{server.port}/", f"https://localhost:{server.port}/"):
        assert refused(url) == "address-refused"
    assert server.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.2",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "100.64.0.1",
        "224.0.0.1",
        "[ff02::1]",
        "[fec0::1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::127.0.0.1]",
        "[2002:7f00:1::1]",
        "[2002:a00:1::]",
        "localhost",
    ],
)
def test_an_address_inside_is_refused_however_it_is_written(host: str, server: Server) -> None:
    assert refused(f"https://{host}:{server.port}/") == "address-refused"
    assert server.asked == []


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://example.org/", "file:///etc/passwd", "example.org", ""])
def test_nothing_but_https_is_called_outside(url: str) -> None:
    assert refused(url) == "address-refused"


@pytest.mark.parametrize(
    "url", ["https://", "https://[::1", "https://exa mple.org/", "https://example.org:99999/", "https://a\x00b/"]
)
def test_what_is_no_address_is_refused_like_one_that_may_not_be_called(url: str) -> None:
    with pytest.raises(RemoteFailure):
        http.get(url)


@pytest.mark.parametrize("name", ["user", "user:secret", ":", "127.0.0.1\\"])
def test_an_address_with_a_name_or_password_is_refused(name: str, server: Server) -> None:
    assert refused(f"http://{name}@127.0.0.1:{server.port}/") == "address-refused"
    assert server.asked == []


@pytest.mark.parametrize(
    ("answers", "connected"),
    [
        ([["198.51.100.7", "127.0.0.1"]], None),
        ([["9.9.9.9"], ["127.0.0.1"]], "9.9.9.9"),
        ([["64:ff9b::909:909"], ["127.0.0.1"]], "64:ff9b::909:909"),
    ],
)
def test_what_was_checked_is_what_is_called_whatever_names_mean_the_next_time(
    answers: list[list[str]], connected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, called = iter(answers), []

    def resolve(_host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(asked)]

    def connect(address: tuple[str, int], *_more: object, **_options: object) -> None:
        called.append(address[0])
        raise OSError("nobody is called in a test")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)

    with pytest.raises(RemoteFailure) as failure:
        http.get("https://rebinding.example/")

    assert called == ([connected] if connected else [])
    assert failure.value.code == ("no-answer" if connected else "address-refused")


def test_a_trusted_port_opens_no_other(server: Server) -> None:
    with Server() as other:
        assert refused(f"http://127.0.0.1:{other.port}/") == "address-refused"
        assert other.asked == []


def test_a_redirect_is_an_answer_and_is_not_followed(server: Server) -> None:
    answer = http.get(f"{server.url}/redirect")

    assert (answer.status, answer.headers["Location"]) == (302, "/target")
    assert server.asked == ["GET /redirect"]


def test_an_answer_larger_than_we_take_is_cut_off(server: Server) -> None:
    with pytest.raises(RemoteFailure) as failure:
        http.get(f"{server.url}/large")

    assert (failure.value.code, failure.value.retryable) == ("answer-too-large", False)


def test_we_do_not_wait_without_end(server: Server) -> None:
    begun = time.monotonic()

    with pytest.raises(RemoteFailure) as failure:
        http.get(f"{server.url}/slow?login_hint=secret", timeout_seconds=0.2)

    assert time.monotonic() - begun < 2
    assert (failure.value.code, failure.value.retryable) == ("no-answer", True)
    assert failure.value.asked == "GET 127.0.0.1/slow"


def test_an_answer_that_comes_in_drops_is_cut_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST_ANSWER_SECONDS", 0.2)
    begun = time.monotonic()

    with pytest.raises(RemoteFailure) as failure:
        http.get(f"{server.url}/drops")

    assert time.monotonic() - begun < 2
    assert (failure.value.code, failure.value.retryable) == ("no-answer", True)


def test_a_compressed_answer_is_measured_as_it_is_read(server: Server) -> None:
    assert http.get(f"{server.url}/compressed").body == b"x" * 200_000

    with pytest.raises(RemoteFailure) as failure:
        http.get(f"{server.url}/bomb")
    assert failure.value.code == "answer-too-large"


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000, b"9" * 5000])
def test_what_is_not_json_is_said_so(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"nested|Expecting|decode|digits"):
        http.Answer(200, {}, body).json()


def test_an_answer_that_breaks_off_is_no_answer(server: Server) -> None:
    with pytest.raises(RemoteFailure) as failure:
        http.get(f"{server.url}/broken")

    assert (failure.value.code, failure.value.retryable) == ("no-answer", True)


def test_a_service_that_is_not_there_is_asked_again_later(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    settings = make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")

    with (
        application(settings, trusted_private_hosts=frozenset({f"127.0.0.1:{port}"})),
        pytest.raises(RemoteFailure) as failure,
    ):
        http.get(f"http://127.0.0.1:{port}/")

    assert (failure.value.code, failure.value.retryable) == ("no-answer", True)


def test_a_name_that_does_not_exist_is_asked_again_later() -> None:
    with pytest.raises(RemoteFailure) as failure:
        http.get("https://no-such-host.invalid/")

    assert (failure.value.code, failure.value.retryable) == ("no-answer", True)


def test_a_proxy_of_the_environment_is_not_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", server.url)
    monkeypatch.setenv("http_proxy", server.url)

    with pytest.raises(RemoteFailure):
        http.get("https://no-such-host.invalid/")

    assert server.asked == []


def test_a_certificate_nobody_vouches_for_is_refused(server: Server) -> None:
    """The server speaks no TLS at all; what counts is that https is never quietly plain."""
    with pytest.raises(RemoteFailure) as failure:
        http.get(f"https://127.0.0.1:{server.port}/")

    assert failure.value.code == "no-answer"
    assert server.asked == []


def test_cookies_of_one_answer_do_not_go_with_the_next_call(server: Server) -> None:
    http.get(server.url)
    http.get(server.url)

    assert "Cookie" not in server.seen


def test_an_answer_that_proves_itself_may_come_plainly_but_not_from_a_private_address(
    server: Server, tmp_path: Path
) -> None:
    """Lists of revoked certificates are named by certificates, which others have written."""
    closed = make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")
    with application(closed, trusted_private_hosts=frozenset()), pytest.raises(RemoteFailure) as refusal:
        http.get(f"{server.url}/target", proves_itself=True)

    assert refusal.value.code == "address-refused"
    assert server.asked == []
