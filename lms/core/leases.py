"""Work in hand says so again and again: what a dead worker held is free soon, what a slow one holds stays with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

LEASE_SECONDS = 30
"""After so long without a renewal another worker may take the work."""
RENEW_SECONDS = 8.0
"""Two renewals may fail or come late before the lease ends."""
LONGEST_WORK_SECONDS = 900
"""Work that takes longer hangs: another worker may try it."""

log = structlog.get_logger()


@contextmanager
def renewed(renew: Callable[[], None]) -> Iterator[None]:
    """Call ``renew`` at intervals, in a thread with a context of its own, as long as the block runs."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    is_over = Event()
    keeper = Thread(target=_keep, args=(app, renew, is_over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def _keep(app: Flask, renew: Callable[[], None], is_over: Event) -> None:
    for _time in range(int(LONGEST_WORK_SECONDS / RENEW_SECONDS)):
        if is_over.wait(RENEW_SECONDS):
            return
        try:
            with app.app_context():
                renew()
        except SQLAlchemyError as error:  # the next one may succeed
            log.warning("lease-not-renewed", error=type(error).__name__)
