"""How often one address may ask, on the routes that say so (``@limiter.limit("60/minute")``), and nowhere else.

Flask-Limiter looks at every request, before and after, and its count in memory starts a thread for nearly every hit.
Here a request is looked at where its view has a limit, and the count in memory forgets by itself. Measured, both
together were a sixth of what a launch cost.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

from flask import Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import Storage

from lms.core import clock

FORGET_ABOVE = 10_000
"""Addresses that are counted, before those whose time is over are forgotten."""

limiter = Limiter(get_remote_address, default_limits=[])


class MemoryCount(Storage):
    """Counts in this process, in fixed windows of time."""

    STORAGE_SCHEME = ["bilim-memory"]  # noqa: RUF012  the library declares it so

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_options: Any) -> None:
        super().__init__(uri, wrap_exceptions)
        self._lock = Lock()
        self._counts: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """None is expected: there is nothing that could be away."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and return how many there are in this window, which begins with the first and lasts ``expiry`` seconds."""
        now = clock.now().timestamp()
        with self._lock:
            count, until = self._counts.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
                self._forget(now)
            self._counts[key] = (count + amount, until)
            return count + amount

    def get(self, key: str) -> int:
        """How many there are in this window."""
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > clock.now().timestamp() else 0

    def get_expiry(self, key: str) -> float:
        """When this window ends, in seconds since 1970."""
        return self._counts.get(key, (0, clock.now().timestamp()))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everything; returns how many windows there were."""
        with self._lock:
            forgotten = len(self._counts)
            self._counts.clear()
            return forgotten

    def clear(self, key: str) -> None:
        """Forget one window."""
        self._counts.pop(key, None)

    def _forget(self, now: float) -> None:
        if len(self._counts) > FORGET_ABOVE:
            self._counts = {key: counted for key, counted in self._counts.items() if counted[1] > now}


def init_app(app: Flask, broker_url: str, *, enabled: bool) -> None:
    """Count where all processes can see it, if there is such a place."""
    app.config.update(RATELIMIT_ENABLED=enabled, RATELIMIT_HEADERS_ENABLED=True, **_where(broker_url))
    before, after = app.before_request_funcs.setdefault(None, []), app.after_request_funcs.setdefault(None, [])
    known = len(after)
    limiter.init_app(app)
    if limiter._check_request_limit in before:
        before.remove(limiter._check_request_limit)  # a view with a limit looks by itself
        after[known:] = [_where_looked_at(tell) for tell in after[known:]]


def _where(broker_url: str) -> dict[str, object]:
    """In Redis for all processes together, and in each by itself while Redis is away: certificates stay verifiable."""
    if not broker_url.startswith("redis"):
        return {"RATELIMIT_STORAGE_URI": "bilim-memory://"}
    return {
        "RATELIMIT_STORAGE_URI": broker_url,
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
    }


def _where_looked_at(tell: Callable[[Any], Any]) -> Callable[[Response], Response]:
    """The headers that say how many are left, for answers of routes that have a limit."""

    def _tell(response: Response) -> Response:
        told: Response = tell(response) if limiter.current_limits else response
        return told

    return _tell
