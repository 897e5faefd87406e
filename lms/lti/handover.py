"""A launch that was proved in a frame without cookies goes on in a window of its own, which has a cookie.

Until then the session is bound to a ticket that stands in for a browser. The page in the frame holds the ticket in a
form; the window that takes it, once, becomes the session's browser. Only pages of ours can send it
(:func:`lms.lti.storage.refuse_other_page`).
"""

from datetime import timedelta
from hmac import compare_digest
from typing import cast

from sqlalchemy import CursorResult, select, update

from lms.core import clock
from lms.core.db import db
from lms.core.i18n import _l
from lms.core.vault import hashed, keyed_hash
from lms.lti import browser, session
from lms.lti.models import LaunchSession
from lms.lti.refusals import LaunchRefused, try_again

LIFE = timedelta(hours=1)
"""As long as somebody may look at the page in the frame before pressing its button."""
_PURPOSE = "lti-hand-over"
_SPEC = "lti-cs-oidc 0.1"


def ticket_of(launch_id: str) -> str:
    """The same each time, so that a reload of the frame shows the same page again."""
    return keyed_hash(launch_id, _PURPOSE)


def stand_in(launch_id: str) -> str:
    """What stands in the session's row where the browser's hash will stand."""
    return hashed(ticket_of(launch_id))


def take(launch_id: str, ticket: str) -> str:
    """Bind the launch to this browser, once, and return the path of its first page. Again in the same browser: the path.

    :raises LaunchRefused: ``ticket-wrong``, ``state-expired``, ``state-used``.
    """
    launch = db.session.get(LaunchSession, launch_id)
    if launch is None or not compare_digest(ticket_of(launch_id).encode(), ticket.encode("utf-8", "replace")):
        raise LaunchRefused("ticket-wrong", _l("This window was opened for no launch of ours."), spec=_SPEC)
    if launch.started_at + LIFE <= clock.now():
        raise try_again("state-expired", _l("This launch took too long."), spec=_SPEC)
    mine = browser.remember()
    if not _bound(launch_id, mine) and _holder(launch_id) != mine:
        raise try_again("state-used", _l("This launch was used already."), spec=_SPEC)
    return session.path_of(launch_id) + launch.landing_path


def _bound(launch_id: str, browser_hash: str) -> bool:
    """Whether we are the first: one statement decides, on every database."""
    taking = (
        update(LaunchSession)
        .where(LaunchSession.id == launch_id, LaunchSession.browser_hash == stand_in(launch_id))
        .values(browser_hash=browser_hash)
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[object], db.session.execute(taking)).rowcount == 1


def _holder(launch_id: str) -> str | None:
    return db.session.scalar(select(LaunchSession.browser_hash).where(LaunchSession.id == launch_id))
