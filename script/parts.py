"""The parts of an installation as processes of their own: started, killed, started again, and ended together."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from script.nursery import HANDED_OVER, Child, Nursery, listening

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 90
READ_BEFORE = frozenset({"gunicorn", "celery"})
"""Programs that a nursery can bear."""
FEW_MESSAGES = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")


@dataclass
class Part:
    """One process, and how to see that it answers."""

    name: str
    command: list[str]
    answers: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    is_silent: bool = False
    """It answers nobody: what it does is seen in the database."""
    port: int | None = None
    """Its socket is ours and outlives it, as one of systemd's: who comes while it is away waits for its next life."""
    held: socket.socket | None = None
    process: subprocess.Popen[bytes] | Child | None = None

    def start(self, logs: Path, nursery: Nursery | None = None) -> None:
        """Begin; its words go to a file of its own, behind those of its lives before."""
        path = logs / f"{self.name}.log"
        if nursery and Path(self.command[0]).name in READ_BEFORE:
            self.process = nursery.start(self.command, self.environment, path, port=self.port)
            return
        if self.port and self.held is None:
            self.held = listening(self.port)
        with path.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  our own words
                [*_handed_over(self.held), *self.command],
                pass_fds=[self.held.fileno()] if self.held else [],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                user=self.user,
                start_new_session=True,  # Ctrl-C reaches us alone; and children can be killed with it
            )

    def has_ended(self) -> bool:
        """Whether it ended by itself, or was ended."""
        return self.process is not None and self.process.poll() is not None

    def kill(self) -> None:
        """Without a word, with all that it started."""
        if self.process and not self.has_ended():
            for pid in (self.process.pid, *_children_of(self.process.pid)):  # PostgreSQL's lead sessions of their own
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def end(self) -> None:
        """As an administrator would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT if self.name == "postgresql" else signal.SIGTERM)

    def wait(self) -> None:
        """Until it has ended; what does not end, is killed."""
        if self.process:
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()

    def let_go(self) -> None:
        """Of its socket, when it does not live again."""
        if self.held:
            self.held.close()
            self.held = None


@dataclass
class Parts:
    """Those of one installation, in the order in which they start."""

    logs: Path
    parts: dict[str, Part] = field(default_factory=dict)
    nursery: Nursery | None = None
    """Where there is one, it bears what is written in Python."""

    def start(self, part: Part) -> None:
        """Start it and wait until it answers.

        :raises TimeoutError: naming the part.
        """
        self.parts[part.name] = part
        part.start(self.logs, self.nursery)
        self.wait_for(part.name)

    def wait_for(self, name: str) -> None:
        """:raises TimeoutError: naming the part."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if self.parts[name].answers():
                return
            time.sleep(0.1)
        raise TimeoutError(f"{name} does not answer; see {self.logs / name}.log")

    def kill(self, name: str) -> None:
        """Kill it and start it again at once, as systemd would."""
        self.parts[name].kill()
        self.start_again(name)

    def restart(self, name: str) -> None:
        """As an administrator would: it ends what it has in hand, starts anew, and answers.

        :raises TimeoutError: naming the part.
        """
        self.parts[name].end()
        self.parts[name].wait()
        self.start_again(name)
        self.wait_for(name)

    def start_again(self, name: str) -> None:
        """What has ended begins anew; nobody waits until it answers."""
        self.parts[name].start(self.logs, self.nursery)

    def end(self) -> None:
        """All of them, the last that came first."""
        for part in reversed(self.parts.values()):
            part.end()
            part.wait()
            part.let_go()
        if self.nursery:
            self.nursery.end()


def _children_of(pid: int) -> list[int]:
    """Those that a process has now, and theirs."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [each for child in map(int, listed.split()) for each in (child, *_children_of(child))]


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def listens(port: int) -> Callable[[], bool]:
    """Whether somebody takes connections there."""

    def _answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return _answers


def says_ok(url: str) -> Callable[[], bool]:
    """Whether an address answers 200."""

    def _answers() -> bool:
        try:
            return requests.get(url, timeout=5).ok
        except requests.RequestException:
            return False

    return _answers


def program(name: str) -> str:
    """Where it is installed.

    :raises SystemExit: with what to do.
    """
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    return found or sys.exit(f"{name} is missing: script/bootstrap --cluster installs it")


def redis(port: int, folder: Path) -> Part:
    """Keeps nothing on disk: what it loses is nudged again."""
    command = [program("redis-server"), "--port", str(port), "--save", "", "--dir", str(folder)]
    return Part("redis", command, listens(port))


def web(name: str, port: int, environment: Mapping[str, str]) -> Part:
    """One web process with the settings of production."""
    command = [_venv("gunicorn"), "--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", "wsgi:app"]
    return Part(name, command, says_ok(f"http://127.0.0.1:{port}/healthz"), environment, port=port)


def worker(name: str, environment: Mapping[str, str]) -> Part:
    """One worker without a scheduler."""
    celery = [_venv("celery"), "-A", "wsgi:celery", "worker", "-n", f"{name}@%h", "--pool=threads", "-c", "2"]
    return Part(name, [*celery, *FEW_MESSAGES], lambda: True, environment, is_silent=True)


def beat(environment: Mapping[str, str], folder: Path) -> Part:
    """The scheduler. Its own file says when it did what; without it, it begins anew."""
    command = [
        _venv("celery"),
        "-A",
        "wsgi:celery",
        "beat",
        "--schedule",
        str(folder / "beat"),
        "--loglevel",
        "WARNING",
    ]
    return Part("beat", [*command, "--pidfile="], lambda: True, environment, is_silent=True)


def sandbox(port: int, environment: Mapping[str, str]) -> Part:
    """The practice LMS."""
    gunicorn = [_venv("gunicorn"), "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "8"]
    command = [*gunicorn, "--log-level", "warning", "lms.sandbox.wiring:create_from_environment()"]
    return Part("sandbox", command, says_ok(f"http://127.0.0.1:{port}/"), environment)


def _handed_over(held: socket.socket | None) -> list[str]:
    """How systemd hands a socket over (sd_listen_fds): as the third file, with the number of the process that shall take it."""
    if held is None:
        return []
    return [sys.executable, "-IS", "-c", _HAND_OVER, str(held.fileno()), str(HANDED_OVER)]


_HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), int(sys.argv[2]))
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[3], sys.argv[3:])
"""


def _venv(name: str) -> str:
    return str(Path(sys.executable).parent / name)
