"""The child process that takes PDFs of strangers apart: prepared once, then a fresh fork for each upload, under caps.

Started by ``certificates.capped`` as a program of its own, single-threaded, with an empty environment: no secrets are in
its memory, and forking it is safe although the web process has threads. A fork may use little time and memory, opens no
file and no connection (it may have no new handle at all), starts nothing, and dies with the upload. A parser that is
taken over can lie about the one upload, and no more.
"""

import codecs
import gc
import io
import logging
import os
import resource
import select
import signal
import socket
import sys
import time
import zipfile
from contextlib import suppress
from importlib import import_module

from certificates import capped_messages, examining, page_text
from certificates.batches import reading
from certificates.capped_messages import Ended, Question

CPU_SECONDS = 3
WALL_SECONDS = 10
"""For one file."""
MEMORY_BYTES = 256 * 1024 * 1024
"""Beyond what the prepared process has."""
IDLE_SECONDS = 600
NOBODY = 65534
LOADED_ON_FIRST_USE = ("pyhanko.pdf_utils.filters", "cryptography.hazmat.backends.openssl.backend", "lxml.etree")
CODECS = ("ascii", "latin-1", "utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-32-be", "idna")
_TIDY_SECONDS = 0.5


def serve(control: socket.socket) -> None:
    """Fork for each connection that comes over the control socket, until that is closed or nothing came for long."""
    children: dict[int, int] = {}
    while True:
        wait = _TIDY_SECONDS if children else IDLE_SECONDS
        heard, _, _ = select.select([control], [], [], wait)
        if not heard and not children:
            return
        if heard and not _obey(control, children):
            break
        _bury(children)
    for pid in children.values():
        os.kill(pid, signal.SIGKILL)


def _obey(control: socket.socket, children: dict[int, int]) -> bool:
    """Do what one message asks; False when there will be no more."""
    message, handles, _flags, _address = socket.recv_fds(control, 16, 1)
    if not message:
        return False
    number = int.from_bytes(message, "big")
    if handles:
        children[number] = _fork(handles[0], control)
        os.close(handles[0])
    elif number in children:
        os.kill(children[number], signal.SIGKILL)
    return True


def _bury(children: dict[int, int]) -> None:
    for number, pid in list(children.items()):
        if os.waitpid(pid, os.WNOHANG)[0]:
            del children[number]


def _fork(handle: int, control: socket.socket) -> int:
    pid = os.fork()
    if pid:
        return pid
    with suppress(BaseException):
        control.close()
        _give_up_rights()
        _answer_all(socket.socket(fileno=handle))
    os._exit(0)


def _give_up_rights() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    memory = _bytes_in_use() + MEMORY_BYTES
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))


def _bytes_in_use() -> int:
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _answer_all(connection: socket.socket) -> None:
    """One upload may be many files; time is counted for each of them."""
    while True:
        try:
            question = capped_messages.receive_question(connection)
        except Ended:
            return
        _start_clocks()
        if question.is_upload:
            capped_messages.send_found(connection, reading.told(question.data))
        else:
            capped_messages.send_answer(connection, _answer(question))


def _start_clocks() -> None:
    """The kernel ends the process, whatever state it is in."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)


def _answer(question: Question) -> capped_messages.Answer:
    verdict = examining.examine(question.data, seals=question.seals, time_roots=question.time_roots)
    contents = page_text.read(question.data) if question.with_contents else verdict.contents
    return capped_messages.Answer(verdict, contents)


def _smallest_sheet() -> bytes:
    """Enough of a spreadsheet to load what reads one."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
    return made.getvalue()


def _prepare() -> None:
    """What is loaded on first use has to be loaded now: a fork can open no file."""
    logging.disable(logging.CRITICAL)
    time.tzset()
    for name in LOADED_ON_FIRST_USE:
        import_module(name)
    for name in CODECS:
        codecs.lookup(name)
    examining.examine(b"%PDF-1.7\n%%EOF\n", seals=[])
    page_text.read(b"%PDF-1.7\n%%EOF\n")
    reading.told(_smallest_sheet())
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _prepare()
    serve(socket.socket(fileno=int(sys.argv[1])))
