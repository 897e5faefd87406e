"""Files of strangers are read in a process apart, under caps of time and memory, without files, network and secrets.

The process is started when the first file comes, serves forks of itself, and ends when none came for ten minutes
(``certificates.capped_server``). A file that crashes the reader, or needs more than a certificate can need, is
``UNREADABLE``; nothing else is harmed, and the next file meets a fresh reader.
"""

import atexit
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any

from certificates import capped_messages
from certificates.capped_messages import Ended, Question
from certificates.verdicts import TrustedSeal, Verdict, VerdictCode
from lms.core.errors import Unavailable
from lms.core.i18n import _l

ANSWER_SECONDS = 15
"""Longer than the reader may live for one file."""
MOST_AT_ONCE = 2
WAIT_SECONDS = 20
_ROOT = Path(__file__).resolve().parents[1]

_room = BoundedSemaphore(MOST_AT_ONCE)


def examine(
    data: bytes, *, seals: Sequence[TrustedSeal], time_roots: Sequence[bytes] = (), with_contents: bool = True
) -> Verdict:
    """As :func:`certificates.examining.examine`, apart and under caps, with what stands in the file.

    :raises Unavailable: ``verification-busy`` when too many files are being read already.
    """
    (verdict,) = examine_all([data], seals=seals, time_roots=time_roots, with_contents=with_contents)
    return verdict


def examine_all(
    files: Iterable[bytes],
    *,
    seals: Sequence[TrustedSeal],
    time_roots: Sequence[bytes] = (),
    with_contents: bool = True,
) -> Iterator[Verdict]:
    """One verdict for each file of one sender. They share a reader until one of them kills it; caps are for each file.

    :raises Unavailable: ``verification-busy``.
    """
    with _one_reader() as reader:
        for data in files:
            yield reader.ask(Question(data, tuple(seals), tuple(time_roots), with_contents))


def read(data: bytes) -> Any:
    """What an upload asks, as ``batches.reading.told`` tells it in the cage; None if the reader died of it.

    :raises Unavailable: ``verification-busy``.
    """
    with _one_reader() as reader:
        return reader.ask_of_upload(Question(data, (), (), is_upload=True))


@contextmanager
def _one_reader() -> Iterator["_Reader"]:
    if not _room.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("verification-busy", _l("Many files are being checked at the moment. Try again in a minute."))
    try:
        reader = _Reader()
        try:
            yield reader
        finally:
            reader.end()
    finally:
        _room.release()


class _Reader:
    """A fork of the prepared process, replaced when it dies."""

    def __init__(self) -> None:
        self._number, self._connection = _server.connect()

    def ask(self, question: Question) -> Verdict:
        digest = sha256(question.data).hexdigest()
        try:
            capped_messages.send_question(self._connection, question)
            return capped_messages.receive_answer(self._connection, sha256=digest)
        except Ended:
            self.end()
            self._number, self._connection = _server.connect()
            return Verdict(VerdictCode.UNREADABLE, ("exceeds-limits",), digest)

    def ask_of_upload(self, question: Question) -> Any:
        """JSON that nobody has checked yet, or None."""
        try:
            capped_messages.send_question(self._connection, question)
            return capped_messages.receive_found(self._connection)
        except Ended:
            return None

    def end(self) -> None:
        self._connection.close()
        _server.kill(self._number)


class _Server:
    """The prepared process of this process. A fork of ours (a worker of gunicorn) starts its own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def connect(self) -> tuple[int, socket.socket]:
        """A new reader, and its number."""
        with self._lock:
            number = next(self._numbers)
            for _try in range(2):
                ours, theirs = socket.socketpair()
                try:
                    with closing(theirs):
                        socket.send_fds(self._running(), [number.to_bytes(8, "big")], [theirs.fileno()])
                except OSError:  # it has gone to sleep, or somebody has killed it
                    ours.close()
                    self._forget()
                    continue
                ours.settimeout(ANSWER_SECONDS)
                return number, ours
        raise Unavailable("verification-busy", _l("Files cannot be checked at the moment. Try again in a minute."))

    def kill(self, number: int) -> None:
        """End a reader, whatever it is doing."""
        with self._lock, suppress(OSError):
            if self._control is not None:
                self._control.send(number.to_bytes(8, "big"))

    def stop(self) -> None:
        """End the process and all its readers."""
        with self._lock:
            self._forget()

    def _running(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with closing(theirs):
                self._process = subprocess.Popen(  # noqa: S603  our own program, nothing from outside
                    [sys.executable, "-m", "certificates.capped_server", str(theirs.fileno())],
                    cwd=_ROOT,
                    env={"LANG": "C.UTF-8", "TZ": "UTC"},
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
        return self._control

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        self._control = self._process = None


_server = _Server()


def _start_anew() -> None:
    """After a fork: the prepared process belongs to the parent, and its locks may be held by threads that are not here."""
    global _server, _room
    _server, _room = _Server(), BoundedSemaphore(MOST_AT_ONCE)


def stop() -> None:
    """End the process that reads; the next file starts another."""
    _server.stop()


os.register_at_fork(after_in_child=_start_anew)
atexit.register(stop)
