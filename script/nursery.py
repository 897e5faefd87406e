"""A process that has read all the code once, and whose children are web processes, workers and schedulers.

To read the code takes seconds of a processor; a process that is killed a hundred times would spend most of its life on it. The children
run the very commands of production (``gunicorn ...``, ``celery ...``), in a session of their own, with nothing open but their log; what they
inherit is read code and no more: no application, no connection, no thread. Asked by lines of JSON, one after the other.
"""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

READ_FIRST = (
    "wsgi",
    "lms.sandbox.wiring",
    "script.prepare_demo",
    "celery.__main__",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.bin.worker",
    "celery.bin.beat",
    "celery.concurrency.thread",
    "celery.worker.components",
    "kombu.transport.redis",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
)
HANDED_OVER = 3
"""Number of the file as which systemd hands a socket over (sd_listen_fds)."""
PREPARING = "prepare_demo"
WHERE_FILES_ARE_OBJECTS = "s3fs"


class Nursery:
    """The process that bears others, from outside."""

    def __init__(self, environment: Mapping[str, str], *, root: Path) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "script.nursery"],
            cwd=root,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(
        self, command: list[str], environment: Mapping[str, str], log: Path, *, port: int | None = None
    ) -> "Child":
        """A process that runs this command of Python's, as a shell would start it.

        :param port: a socket of the nursery's own listens there and is handed over, as by systemd.
        """
        told = self._ask(command=command, environment=dict(environment), log=str(log), port=port)
        return Child(self, told["pid"])

    def code_of(self, pid: int) -> int | None:
        """With what a child has ended, None while it lives; only its parent can know."""
        code: int | None = self._ask(look=pid)["code"]
        return code

    def end(self) -> None:
        """Its children were ended before."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, **asked: Any) -> dict[str, Any]:
        with self._lock:
            if self._process.stdin is None or self._process.stdout is None:
                raise RuntimeError("the nursery was started without pipes")
            print(json.dumps(asked), file=self._process.stdin, flush=True)
            told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


class Child:
    """As much of ``subprocess.Popen`` as parts of an installation need."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery, self.pid = nursery, pid

    def poll(self) -> int | None:
        """With what it has ended, None while it lives."""
        return self._nursery.code_of(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """:raises subprocess.TimeoutExpired: if it does not end."""
        until = time.monotonic() + (timeout if timeout is not None else 3600)
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        """To it alone, not to what it started."""
        os.kill(self.pid, number)


def listening(port: int) -> socket.socket:
    """A socket on this machine."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(2048)
    return made


def serve() -> None:
    """Read the code, then do what each line asks."""
    while os.open(os.devnull, os.O_RDONLY) < HANDED_OVER:  # kept free for sockets, whatever the code opens
        pass
    for name in (*READ_FIRST, *([WHERE_FILES_ARE_OBJECTS] if "AWS_ENDPOINT_URL" in os.environ else [])):
        import_module(name)
    gc.freeze()  # what was read is shared with all children as long as nobody touches it
    ended: dict[int, int] = {}
    held: dict[int, socket.socket] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "look" in asked:
            _look(ended)
            told: dict[str, Any] = {"code": ended.get(asked["look"])}
        else:
            port = asked["port"]
            if port and port not in held:
                held[port] = listening(port)
            told = {"pid": _bear(asked, held.get(port))}
            ended.pop(told["pid"], None)
        print(json.dumps(told), flush=True)


def _look(ended: dict[int, int]) -> None:
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended[found[0]] = os.waitstatus_to_exitcode(found[1])
    except ChildProcessError:
        return  # there is none


def _bear(asked: dict[str, Any], held: socket.socket | None) -> int:
    pid = os.fork()
    if pid == 0:
        _live(asked, held)
    return pid


def _live(asked: dict[str, Any], held: socket.socket | None) -> NoReturn:
    """The child's own life; it never returns into its parent's."""
    code = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _take_outputs(asked["log"])
        os.environ.update(asked["environment"])
        if held:
            os.dup2(held.fileno(), HANDED_OVER)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
        sys.argv = list(asked["command"])
        code = _run(Path(sys.argv[0]).name)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _take_outputs(log: str) -> None:
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(written, 1)
    os.dup2(written, 2)


def _run(program: str) -> int:
    """What the script of this name in the environment's folder of programs does."""
    if program == "gunicorn":
        import_module("gunicorn.app.wsgiapp").run()
    elif program == "celery":
        import_module("celery.__main__").main()
    elif program == PREPARING:
        import_module("script.prepare_demo").prepare(*map(Path, sys.argv[1:]))
    else:
        raise LookupError(program)
    return 0


if __name__ == "__main__":
    serve()
