"""Lay a template out with a certificate, in a process apart with caps of time and memory: it may be anything.

An academy's template can ask a layout engine for too much without saying anything forbidden. So nothing of it is laid
out in the process that answers pages before it was published, and it is published only after all trials went well.
"""

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from certificates.layout import Layout
from certificates.snapshot import Snapshot
from certificates.studio import examples
from certificates.studio.findings import Finding
from lms.core.errors import Unavailable
from lms.core.i18n import _l

SECONDS = 40
"""By the clock; the processor's time is capped in the process itself."""
MOST_AT_ONCE = 2
_ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "LANG", "HOME", "LD_LIBRARY_PATH", "XDG_CACHE_HOME")
"""What the process sees of our surroundings: no secrets."""

_room = BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True)
class Trial:
    """What came of laying a template out."""

    sha256: str
    """Of the layout that was tried."""
    refusals: tuple[Finding, ...]
    pages: tuple[bytes, ...] = ()
    """Pictures (PNG) of the pages of the first certificate."""
    pdf: bytes = b""


def try_all(layout: Layout) -> Trial:
    """With every invented certificate, without pictures: what has to go well before it is published."""
    return try_out(layout, list(examples.ALL.values()), signatures=examples.SIGNATURES, with_pictures=False)


def try_out(
    layout: Layout, snapshots: Sequence[Snapshot], *, signatures: Mapping[str, bytes], with_pictures: bool = True
) -> Trial:
    """With these certificates.

    :raises Unavailable: ``trial-busy`` when too many are being tried already.
    """
    if not _room.acquire(timeout=SECONDS):
        raise Unavailable("trial-busy", _l("Many templates are being tried at the moment. Try again in a minute."))
    try:
        told = _ask(_question(layout, snapshots, signatures, with_pictures))
    finally:
        _room.release()
    return Trial(
        layout.sha256,
        tuple(dict.fromkeys(Finding(**refusal) for refusal in told["refusals"])),
        tuple(b64decode(page) for page in told["pages"]),
        b64decode(told["pdf"]),
    )


def _question(
    layout: Layout, snapshots: Sequence[Snapshot], signatures: Mapping[str, bytes], with_pictures: bool
) -> str:
    return json.dumps(
        {
            "page": layout.page,
            "style": layout.style,
            "frame": layout.frame,
            "pictures": {name: b64encode(data).decode() for name, data in layout.pictures.items()},
            "signatures": {name: b64encode(data).decode() for name, data in signatures.items()},
            "snapshots": [snapshot.canonical_json() for snapshot in snapshots],
            "with_pictures": with_pictures,
        }
    )


def _ask(question: str) -> dict[str, Any]:
    surroundings = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "certificates.studio.trial_worker"],
            input=question.encode(),
            capture_output=True,
            cwd=_ROOT,
            env=surroundings,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _nothing("trial-too-long")
    if done.returncode < 0:
        return _nothing("trial-too-long" if -done.returncode in _TIME_IS_UP else "trial-too-heavy")
    if done.returncode:
        return _nothing("trial-too-heavy")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


_TIME_IS_UP = (9, 24)
"""SIGKILL and SIGXCPU, from the cap of processor time."""


def _nothing(code: str) -> dict[str, Any]:
    return {"refusals": [{"code": code}], "pages": [], "pdf": ""}
