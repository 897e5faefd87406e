"""Runs the demo's three processes together, says where to look, and ends them together.

``--check`` walks the journey as a browser without script would, then ends.
"""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

import requests
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from script.journey import walk

PATIENCE_SECONDS = 60


def main() -> int:
    """Start, wait, and stay until Ctrl-C or until the check is done."""
    options = argparse.ArgumentParser()
    options.add_argument("--check", action="store_true")
    check: bool = options.parse_args().check
    manager = Manager(printer=Printer(sys.stderr, colour=False))
    for name, command in parse_procfile(Path("Procfile").read_text()).processes.items():
        manager.add_process(name, command, env={**os.environ, "PYTHONUNBUFFERED": "1"}, quiet=check)
    outcome: list[int] = []
    threading.Thread(target=_guide, args=(check, outcome), daemon=True).start()
    manager.loop()
    return outcome[0] if outcome else int(manager.returncode or 0)


def _guide(check: bool, outcome: list[int]) -> None:
    """Wait until all answer; then show the address, or walk the journey and end everything."""
    started = time.monotonic()
    tool, sandbox = os.environ["BILIM_PUBLIC_URL"], os.environ["BILIM_SANDBOX_URL"]
    ready = _answers(f"{tool}/readyz") and _answers(f"{sandbox}/")
    if ready and not check:
        print(f"\n  Bilim is ready after {time.monotonic() - started:.1f} s: {tool}/\n  Ctrl-C ends it.\n", flush=True)
        return
    if check:
        outcome.append(walk(tool, sandbox) if ready else 1)
    if not ready:
        print(f"The demo did not start within {PATIENCE_SECONDS} seconds.", file=sys.stderr)
    os.kill(os.getpid(), signal.SIGTERM)


def _answers(url: str) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            if requests.get(url, timeout=2).ok:
                return True
        except requests.RequestException:
            pass
        time.sleep(0.1)
    return False


if __name__ == "__main__":
    sys.exit(main())
