"""A whole installation in processes of its own - web, worker, sandbox - as ``script/demo`` starts it, on free ports."""

import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from honcho.environ import parse_procfile

from tests.journeys.starting import started
from tests.shortened import shortened

ROOT = Path(__file__).parents[2]
CHROMIUM = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu"]}
"""Debian's Chromium; root has no sandbox."""


@dataclass(frozen=True)
class Installation:
    """Where the parts answer, and where the tool keeps its things."""

    tool: str
    sandbox: str
    folder: Path
    environment: dict[str, str]


@contextmanager
def running(folder: Path, migrated: Path | None = None) -> Iterator[Installation]:
    """Prepare and start an installation; all its processes end with the block.

    :param migrated: an empty database with all tables to begin with; without it the tables are made.
    """
    if migrated is not None:
        shutil.copy(migrated, folder / "bilim.sqlite3")
    made = _prepare(folder)
    processes = [
        started(command, ROOT, made.environment, made.folder / f"{name}.log")
        for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items()
    ]
    try:
        _wait_for(f"{made.tool}/readyz")
        _wait_for(f"{made.sandbox}/")
        yield made
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(timeout=60)


def _prepare(folder: Path) -> Installation:
    web, sandbox = _free_port(), _free_port()
    tool_url, sandbox_url = f"http://localhost:{web}", f"http://127.0.0.1:{sandbox}"
    environment = {
        **os.environ,
        "BILIM_PUBLIC_URL": tool_url,
        "BILIM_SANDBOX_URL": sandbox_url,
        "BILIM_TRUSTED_PRIVATE_HOSTS": f"localhost:{web},127.0.0.1:{sandbox}",
        "BILIM_STAFF_ISSUER": f"{sandbox_url}/staff",
        "BILIM_STAFF_CLIENT_ID": "bilim-staff",
        "BILIM_STAFF_CLIENT_SECRET": secrets.token_urlsafe(24),
        "BILIM_INSTANCE": str(folder),
        "BILIM_SECRET_KEY": secrets.token_urlsafe(48),
        "BILIM_SEAL_PASSPHRASE": secrets.token_urlsafe(16),
        "WEB_PORT": str(web),
        "SANDBOX_PORT": str(sandbox),
        "TZ": "UTC",
    }
    content = str(shortened(folder / "content"))
    preparing = started(f"python -m script.prepare_demo {content}", ROOT, environment, folder / "prepare.log")
    preparing.join()
    if preparing.exitcode:
        raise RuntimeError((folder / "prepare.log").read_text())
    return Installation(tool_url, sandbox_url, folder, environment)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for(url: str) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise TimeoutError(url)
