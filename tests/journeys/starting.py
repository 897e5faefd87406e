"""Starts the commands of an installation as forks of one process that has imported everything once.

Importing the product takes longer than anything else that an installation does at its start, and there are four processes in
each. A command runs as its own script would, with its own arguments, environment and working directory.
"""

import multiprocessing
import os
import runpy
import shlex
import sys
import time
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from string import Template

IMPORTED_ONCE = ["wsgi", "lms.sandbox.wiring", "gunicorn.app.wsgiapp", "celery.bin.celery"]


def started(command: str, folder: Path, environment: Mapping[str, str], log: Path) -> ForkServerProcess:
    """A process that runs a line of the Procfile, or ``python -m MODULE ...``; what it says goes to a file."""
    words = shlex.split(Template(command).substitute(environment))
    process = _forks().Process(target=_become, args=(words, folder, dict(environment), log))
    process.start()
    return process


def _forks() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED_ONCE)
    return context


def _become(words: list[str], folder: Path, environment: dict[str, str], log: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    with log.open("ab") as said:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(said.fileno(), stream.fileno())
    _run(words[1:] if words[0] == "exec" else words)


def _run(words: list[str]) -> None:
    if words[:2] == ["python", "-m"]:
        sys.argv = words[2:]
        runpy.run_module(words[2], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")
