"""How often one address may ask, on the routes that say so (``@limiter.limit("60/minute")``), and nowhere else.

Programs that showed a token are counted by themselves, whatever address they come from (:func:`count_as`).

Counted in Redis for all processes together, if there is one, and in each process by itself while Redis is away:
certificates stay verifiable. Only a route with a limit pays for it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache, wraps
from threading import Lock
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app, g, request
from limits import RateLimitItem, parse
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from lms.core import clock
from lms.core.errors import TooMany
from lms.core.i18n import _l

FORGET_ABOVE = 10_000
"""Addresses that are counted, before those whose time is over are forgotten."""
ASK_AGAIN_AFTER = timedelta(seconds=10)
"""Nobody waits for a Redis that was away a moment ago."""
_EXTENSION = "bilim.limits"
_UNKNOWN = "unknown"

View = TypeVar("View", bound=Callable[..., Any])
log = structlog.get_logger()


class Limiter:
    """Marks views."""

    def limit(self, rate: str | Callable[[], str]) -> Callable[[View], View]:
        """Refuse an address that asks more often than this ("60/minute"); each route counts by itself.

        :raises TooMany: ``too-many-requests``, out of the view.
        """

        def _limited(view: View) -> View:
            @wraps(view)
            def _view(*arguments: Any, **named: Any) -> Any:
                _refuse_too_many(rate if isinstance(rate, str) else rate())
                return view(*arguments, **named)

            _view.rate = rate  # type: ignore[attr-defined]
            return _view  # type: ignore[return-value]

        return _limited


limiter = Limiter()


class MemoryCount(Storage):
    """Counts in this process, in fixed windows of time. (The library's own starts a thread for nearly every hit.)"""

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


class Counts:
    """The common count, and our own for when that is away."""

    def __init__(self, common: Storage | None) -> None:
        self._common = FixedWindowRateLimiter(common) if common else None
        self._own = FixedWindowRateLimiter(MemoryCount())
        self._away_until: datetime | None = None

    def seconds_to_wait(self, item: RateLimitItem, *who: str) -> int | None:
        """Count one request; None if it may be answered."""
        now = clock.now()
        if self._common and (self._away_until is None or self._away_until <= now):
            try:
                return _wait(self._common, item, *who)
            except Exception as error:  # the store's own errors, whichever store it is
                self._away_until = now + ASK_AGAIN_AFTER
                log.warning("limits-counted-alone", error=type(error).__name__)
        return _wait(self._own, item, *who)


def init_app(app: Flask, broker_url: str, *, enabled: bool) -> None:
    """Count where all processes can see it, if there is such a place."""
    if not enabled:
        return
    common = None
    if broker_url.startswith("redis"):
        common = storage_from_string(broker_url, socket_connect_timeout=1, socket_timeout=1)
    app.extensions[_EXTENSION] = Counts(common)  # type: ignore[arg-type]


def count_as(who: str, rate: str, *, of: str) -> None:
    """From here on, this request is counted for somebody whom we know, and not for its address.

    :param rate: how often they may ask, of all routes that ``of`` stands for together.
    :raises TooMany: ``too-many-requests``.
    """
    g.counted_as = who
    _refuse_too_many(rate, of=of)


def _refuse_too_many(rate: str, *, of: str | None = None) -> None:
    counts: Counts | None = current_app.extensions.get(_EXTENSION)
    if counts is None:
        return
    who = g.get("counted_as") or request.remote_addr or _UNKNOWN
    wait = counts.seconds_to_wait(_parsed(rate), of or request.endpoint or "", who)
    if wait is not None:
        problem = TooMany("too-many-requests", _l("Too many requests. Wait a minute and try again."))
        problem.headers = {"Retry-After": str(wait)}
        raise problem


def _wait(strategy: FixedWindowRateLimiter, item: RateLimitItem, *who: str) -> int | None:
    if strategy.hit(item, *who):
        return None
    ends_at = strategy.get_window_stats(item, *who).reset_time
    return max(int(ends_at - clock.now().timestamp()), 1)


_parsed = lru_cache(maxsize=64)(parse)
