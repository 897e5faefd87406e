"""What launches leave behind is deleted when nobody can use it any more: for privacy, and to keep the tables small.

A question that is long over is deleted, and a session a week after its end: until then a new launch of the same link
brings pages that are still open back to life (:mod:`lms.lti.session`).
"""

from datetime import timedelta

from sqlalchemy import delete, select

from lms.core import clock, jobs
from lms.core.db import db, transaction
from lms.lti.models import LaunchSession, LoginState, table

KEPT_FOR = timedelta(days=7)
BATCH = 5_000
"""So that no transaction holds the write lock for long."""
_STATE, _SESSION = table(LoginState), table(LaunchSession)


@jobs.daily("lti-clean")
def clean(_subject: str) -> None:
    """Delete questions and sessions that ended a week ago or earlier."""
    for rows, key in ((_STATE, _STATE.c.state_hash), (_SESSION, _SESSION.c.id)):
        over = select(key).where(rows.c.expires_at < clock.now() - KEPT_FOR).limit(BATCH)
        while True:
            with transaction():
                deleted = db.session.execute(delete(rows).where(key.in_(over)).returning(key)).all()
            if not deleted:
                break
