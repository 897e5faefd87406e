"""Two readers of one connection must see the same requests: none that is hidden in another reaches the application (RFC 9112, 11.2).

The real nginx with the configuration that we ship, in front of the real gunicorn with the settings that we ship. Behind them stands an
application that notes what reaches it, so that a request which was answered to nobody is found too.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import pytest

from script.parts import Parts, free_port
from script.parts import web as web_process
from script.run_cluster import PORTS, Cluster

MARK = "/smuggled"
HIDDEN = f"GET {MARK} HTTP/1.1\r\nHost: bilim\r\n\r\n"
FRAMES = "Content-Length: {length}\r\n"
CHUNKED = "0\r\n\r\n" + HIDDEN
"""For who reads chunks, a body without anything and a request behind it; for who counts bytes, one body."""
IN_A_CHUNK = f"{len(HIDDEN):x}\r\n{HIDDEN}\r\n0\r\n\r\n"
"""For who reads chunks, one body; for who counts four bytes, a request behind them."""
QUIET_SECONDS = 0.25


def post(headers: str, body: str, *, path: str = "/outer", version: str = "1.1") -> bytes:
    head = f"POST {path} HTTP/{version}\r\nHost: bilim\r\n{headers}\r\n"
    return (head.replace("{length}", str(len(body))) + body).encode("latin-1")


def obfuscated(line: str) -> bytes:
    """A Transfer-Encoding that one reader may overlook, beside a length that covers everything."""
    return post(FRAMES + line, CHUNKED)


ATTACKS = {
    "length and chunks": post(FRAMES + "Transfer-Encoding: chunked\r\n", CHUNKED),
    "chunks and length": post("Transfer-Encoding: chunked\r\n" + FRAMES, CHUNKED),
    "length of four": post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", IN_A_CHUNK),
    "body left unread": post(FRAMES + "Transfer-Encoding: chunked\r\n", CHUNKED, path="/lazy"),
    "unknown coding": obfuscated("Transfer-Encoding: xchunked\r\n"),
    "space before colon": obfuscated("Transfer-Encoding : chunked\r\n"),
    "tab before value": obfuscated("Transfer-Encoding:\tchunked\r\n"),
    "vertical tab": obfuscated("Transfer-Encoding: \x0bchunked\r\n"),
    "null byte": obfuscated("Transfer-Encoding: chunked\x00\r\n"),
    "twice": obfuscated("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
    "twice the other way": obfuscated("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"),
    "list": obfuscated("Transfer-Encoding: chunked, identity\r\n"),
    "quoted": obfuscated('Transfer-Encoding: "chunked"\r\n'),
    "folded line": obfuscated("Transfer-Encoding:\r\n chunked\r\n"),
    "folded into another": obfuscated("X-Other: x\r\n Transfer-Encoding: chunked\r\n"),
    "underscore": obfuscated("Transfer_Encoding: chunked\r\n"),
    "behind a bare line feed": obfuscated("X-Other: x\nTransfer-Encoding: chunked\r\n"),
    "behind a bare return": obfuscated("X-Other: x\rTransfer-Encoding: chunked\r\n"),
    "name over two lines": obfuscated("Transfer-Encoding\r\n : chunked\r\n"),
    "capitals": obfuscated("TRANSFER-ENCODING: CHUNKED\r\n"),
    "two lengths": post("Content-Length: 0\r\n" + FRAMES, HIDDEN),
    "two lengths the other way": post(FRAMES + "Content-Length: 0\r\n", HIDDEN),
    "two equal lengths": post(FRAMES + FRAMES, HIDDEN),
    "list of lengths": post("Content-Length: 0, {length}\r\n", HIDDEN),
    "length with a sign": post("Content-Length: +{length}\r\n", HIDDEN),
    "negative length": post("Content-Length: -1\r\n", HIDDEN),
    "length in hexadecimal": post("Content-Length: 0x40\r\n", HIDDEN),
    "length with a space": post("Content-Length: 4 0\r\n", HIDDEN),
    "length with an underscore": post("Content-Length: 4_0\r\n", HIDDEN),
    "lines that end with a line feed": b"POST /outer HTTP/1.1\nHost: bilim\nContent-Length: %d\n\n" % len(HIDDEN)
    + HIDDEN.encode(),
    "old version with chunks": post("Transfer-Encoding: chunked\r\n", CHUNKED, version="1.0"),
    "old version with both": post(
        FRAMES + "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n", CHUNKED, version="1.0"
    ),
    "version of nobody": post(FRAMES + "Transfer-Encoding: chunked\r\n", CHUNKED, version="1.9"),
    "header too large": post(FRAMES + f"X-Large: {'x' * 70_000}\r\n", HIDDEN),
    "too many headers": post(FRAMES + "".join(f"X-{number}: x\r\n" for number in range(2000)), HIDDEN),
    "chunk size too large": post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n" + HIDDEN),
    "chunk size below nothing": post("Transfer-Encoding: chunked\r\n", "-1\r\n" + HIDDEN),
    "chunk size in C": post("Transfer-Encoding: chunked\r\n", "0x0\r\n\r\n" + HIDDEN),
    "line feed in an extension": post(
        "Transfer-Encoding: chunked\r\n", f"2;\nxx\r\n{len(HIDDEN):x}\r\n{HIDDEN}\r\n0\r\n\r\n"
    ),
    "chunk longer than it says": post(
        "Transfer-Encoding: chunked\r\n", "2\r\nxxGET /smuggled HTTP/1.1\r\n\r\n0\r\n\r\n"
    ),
    "trailer that frames": post(
        "Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n"
    ),
    "waits to be asked": post(FRAMES + "Expect: 100-continue\r\nTransfer-Encoding:\x0bchunked\r\n", CHUNKED),
    "another protocol": post(
        FRAMES + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n", HIDDEN
    ),
    "length named as hop": post(FRAMES + "Connection: close, Content-Length\r\n", HIDDEN),
    "get with a body": f"GET /outer HTTP/1.1\r\nHost: bilim\r\nContent-Length: {len(HIDDEN)}\r\n\r\n{HIDDEN}".encode(),
    "head with a body": f"HEAD /lazy HTTP/1.1\r\nHost: bilim\r\nContent-Length: {len(HIDDEN)}\r\n\r\n{HIDDEN}".encode(),
    "line break in the address": f"GET /outer%0d%0a%0d%0aGET%20{MARK} HTTP/1.1\r\nHost: bilim\r\nConnection: close\r\n\r\n".encode(),
    "two versions in a line": f"GET /outer HTTP/1.1 {MARK} HTTP/1.1\r\nHost: bilim\r\nConnection: close\r\n\r\n".encode(),
    "line break in the host": b"GET /outer HTTP/1.1\r\nHost: bilim\rX: x\r\n\r\n",
}


@dataclass
class Doors:
    """Where one may knock, and what came in."""

    proxy: int
    web: int
    seen: Path

    def arrived(self) -> list[str]:
        """Method and address of everything that reached the application since the last time."""
        lines = [line.rpartition(" ")[0] for line in self.seen.read_text().splitlines()]
        self.seen.write_text("")
        return lines


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "logs").mkdir()
    cluster = Cluster(folder, {name: free_port() for name in PORTS})
    rmtree(cluster.database_folder)
    seen, parts = folder / "seen", Parts(folder / "logs")
    seen.touch()
    web = web_process("web-1", cluster.ports["web-1"], {"SEEN": str(seen), "PYTHONDONTWRITEBYTECODE": "1"})
    web.command[-1] = "tests.security.seen:app"
    try:
        parts.start(web)
        parts.start(cluster._nginx())
        yield Doors(cluster.ports["nginx"], cluster.ports["web-1"], seen)
    finally:
        parts.end()


def knocked(port: int, request: bytes) -> bytes:
    """All that comes back until the other side has nothing more to say."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as door, suppress(OSError):
        door.sendall(request)
        door.settimeout(QUIET_SECONDS)
        while part := door.recv(65536):
            answer += part
    return answer


def next_visitor(port: int, number: int) -> bytes:
    return knocked(port, f"GET /next-{number} HTTP/1.1\r\nHost: bilim\r\nConnection: close\r\n\r\n".encode())


@pytest.mark.parametrize("where", ["proxy", "web"])
def test_no_request_that_is_hidden_in_another_reaches_the_application(doors: Doors, where: str) -> None:
    doors.arrived()
    faults = []
    for number, (name, attack) in enumerate(ATTACKS.items()):
        answer = knocked(getattr(doors, where), attack)
        after = next_visitor(getattr(doors, where), number)
        came = doors.arrived()
        others = [line for line in came if line != f"GET /next-{number}"]
        if MARK in {line.split()[1] for line in others} or len(others) > 1 or answer.count(b"HTTP/1.1 200") > 1:
            faults.append(f"{name}: {others}, {answer[:60]!r}")
        if not after.startswith(b"HTTP/1.1 200") or f"GET /next-{number}" not in came:
            faults.append(f"{name}: the next visitor got {after[:60]!r}")

    assert faults == [], "\n".join(faults)


def test_a_whole_request_comes_through_the_proxy_as_one(doors: Doors) -> None:
    """So that the test above is not passed by a door that is shut."""
    doors.arrived()
    chunks = post("Transfer-Encoding: chunked\r\nConnection: close\r\n", IN_A_CHUNK)
    counted = post(FRAMES + "Connection: close\r\n", HIDDEN)

    answers = [knocked(doors.proxy, request)[:12] for request in (chunks, counted)]

    assert answers == [b"HTTP/1.1 200"] * 2
    assert doors.seen.read_text().splitlines() == [f"POST /outer {len(HIDDEN)}"] * 2
