"""A limit on logins, which write a row for whoever asks. Counted in this process: it costs nothing that lasts.

From one address 1,200 logins a minute are taken, because whole academies stand behind one and a lecture begins at the
same minute for all. A launch needs the state of a login, so launches are limited too.
"""

from flask import current_app, request

from lms.core import clock
from lms.core.errors import TooMany
from lms.core.i18n import _l

MOST_A_MINUTE = 1200

_counts: dict[str, int] = {}
_minute = 0


def refuse_flood() -> None:
    """:raises TooMany: ``too-many-requests``."""
    global _minute
    if not current_app.config["RATELIMIT_ENABLED"]:
        return
    this_minute = int(clock.now().timestamp()) // 60
    if this_minute != _minute:
        _minute = this_minute
        _counts.clear()
    address = request.remote_addr or ""
    _counts[address] = _counts.get(address, 0) + 1
    if _counts[address] > MOST_A_MINUTE:
        raise TooMany("too-many-requests", _l("Too many requests. Wait a minute and try again."))
