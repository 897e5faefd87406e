"""What goes between us and the process that reads PDFs of strangers: lengths, JSON and bytes. Nothing that can run.

The answer of that process is not trusted: it is read within limits and every value is checked for its type.
"""

import json
import socket
import struct
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from certificates.verdicts import Attachment, Contents, TrustedSeal, Verdict, VerdictCode

MOST_ANSWER_BYTES = 4 * 1024 * 1024
MOST_REASONS = 10
_LENGTHS = struct.Struct("!II")


class Ended(Exception):
    """The other side has closed the connection, or died."""


@dataclass(frozen=True)
class Question:
    """One file, and what may be believed. Nothing of the register is in it."""

    data: bytes
    seals: tuple[TrustedSeal, ...]
    time_roots: tuple[bytes, ...]
    with_contents: bool = True
    is_upload: bool = False
    """Not a PDF but what somebody wants to have verified in one go (``certificates.batches.reading``)."""


@dataclass(frozen=True)
class Answer:
    """What the file is, and what stands in it."""

    verdict: Verdict
    contents: Contents


def send_question(connection: socket.socket, question: Question) -> None:
    """Ask about one file."""
    seals = [
        [seal.fingerprint, seal.root.hex(), _written(seal.retired_at), _written(seal.compromised_at)]
        for seal in question.seals
    ]
    head = {
        "seals": seals,
        "time_roots": [root.hex() for root in question.time_roots],
        "with_contents": question.with_contents,
        "is_upload": question.is_upload,
    }
    _send(connection, head, question.data)


def receive_question(connection: socket.socket) -> Question:
    """:raises Ended: when there is no more."""
    head, data = _receive(connection, most=None)
    return Question(
        data,
        tuple(TrustedSeal(mark, bytes.fromhex(root), _read(a), _read(b)) for mark, root, a, b in head["seals"]),
        tuple(bytes.fromhex(root) for root in head["time_roots"]),
        head["with_contents"],
        head["is_upload"],
    )


def send_found(connection: socket.socket, found: dict[str, Any]) -> None:
    """Tell what an upload asks."""
    _send(connection, found, b"")


def receive_found(connection: socket.socket) -> Any:
    """What the upload asks, as JSON that nobody has checked yet.

    :raises Ended: the other side died, or answered with nonsense.
    """
    try:
        return _receive(connection, most=MOST_ANSWER_BYTES)[0]
    except (ValueError, RecursionError) as error:
        raise Ended from error


def send_answer(connection: socket.socket, answer: Answer) -> None:
    """Tell what a file is."""
    told = asdict(replace(answer.verdict, contents=answer.contents))
    for name in ("sealed_at", "proved_at"):
        told[name] = _written(told[name])
    for attachment in told["contents"]["attachments"]:
        attachment["data"] = b64encode(attachment["data"]).decode()
    _send(connection, told, b"")


def receive_answer(connection: socket.socket, *, sha256: str) -> Verdict:
    """The verdict on the file with this hash, which the other side is not asked for.

    :raises Ended: it died, or answered with nonsense.
    """
    try:
        told, _ = _receive(connection, most=MOST_ANSWER_BYTES)
        return _verdict(told, sha256)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Ended from error


def _verdict(told: Any, sha256: str) -> Verdict:
    contents = told["contents"]
    return Verdict(
        VerdictCode(told["code"]),
        tuple(_string(reason) for reason in told["reasons"][:MOST_REASONS]),
        sha256,
        _string_or_none(told["signer_fingerprint"]),
        _read(told["sealed_at"]),
        _read(told["proved_at"]),
        Contents(
            _string_or_none(contents["document_id"]),
            tuple(_string(line) for line in contents["lines"]),
            tuple(
                Attachment(_string(one["name"]), b64decode(one["data"], validate=True))
                for one in contents["attachments"]
            ),
        ),
    )


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _string_or_none(value: Any) -> str | None:
    return None if value is None else _string(value)


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(moment: str | None) -> datetime | None:
    if moment is None:
        return None
    read = datetime.fromisoformat(moment)
    if read.tzinfo is None:
        raise ValueError("a moment without a zone")
    return read


def _send(connection: socket.socket, head: Any, body: bytes) -> None:
    text = json.dumps(head).encode("utf-8", "surrogatepass")
    try:
        connection.sendall(_LENGTHS.pack(len(text), len(body)) + text + body)
    except OSError as error:
        raise Ended from error


def _receive(connection: socket.socket, *, most: int | None) -> tuple[Any, bytes]:
    """:raises Ended: nothing more comes.
    :raises ValueError: not JSON, or more than ``most`` bytes.
    """
    head, body = _LENGTHS.unpack(_exactly(connection, _LENGTHS.size))
    if most is not None and head + body > most:
        raise ValueError("too much")
    return json.loads(_exactly(connection, head)), _exactly(connection, body)


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        try:
            part = connection.recv(min(1 << 20, count - len(parts)))
        except OSError as error:
            raise Ended from error
        if not part:
            raise Ended
        parts += part
    return bytes(parts)
