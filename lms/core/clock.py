"""The one clock. Every moment in Bilim is aware UTC and comes from here; people see the academy's zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock

_frozen_at: datetime | None = None
_lock = Lock()


def now() -> datetime:
    """The present moment, aware UTC."""
    return _frozen_at or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at one moment, in all threads of this process. For tests."""
    global _frozen_at
    with _lock:
        before, _frozen_at = _frozen_at, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen_at = before


def advance(seconds: float) -> None:
    """Move a frozen clock forward. For tests."""
    global _frozen_at
    if _frozen_at is None:
        raise RuntimeError("only a frozen clock can be advanced")
    _frozen_at += timedelta(seconds=seconds)
