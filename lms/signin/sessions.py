"""The staff session: a row, found by a random token in a cookie of its own.

The cookie is ``__Host-``, Secure, HttpOnly and SameSite=Lax, so it never travels inside a frame of another site: staff
pages are top-level only. The row decides: it ends by sign-out, after a time without use, after a longest time, and at
once when the member is disabled. Every sign-in gets a new token; a token that was there before is worth nothing.
"""

from datetime import timedelta

from flask import Response, request
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from lms.core import audit, clock, settings
from lms.core.db import db, transaction
from lms.core.vault import hashed, new_secret
from lms.signin.models import StaffMember, StaffSession

COOKIE = "__Host-bilim-staff"
BY_PROVIDER, BY_LINK = "provider", "link"
SEEN_EVERY = timedelta(minutes=1)
"""A session in use is written at most this often."""


def open_for(member: StaffMember, *, method: str) -> str:
    """A new session in place of whatever this browser had; returns the token for :func:`hand_over`."""
    before = presented()
    if before is not None:
        before.ended_at = before.ended_at or clock.now()
    token = new_secret("bilim_staff_")
    db.session.add(StaffSession(token_hash=hashed(token), staff_id=member.id, method=method))
    audit.record("staff.signed-in", subject=f"staff:{member.id}", actor=f"staff:{member.id}", method=method)
    return token


def hand_over(answer: Response, token: str) -> Response:
    """Give the browser its token. No expiry date: it ends with the browser, or before by the row."""
    answer.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="Lax")
    return answer


def take_back(answer: Response) -> Response:
    """Let the browser forget its token, and pages that it kept for the back button."""
    answer.set_cookie(COOKIE, "", path="/", secure=True, httponly=True, samesite="Lax", max_age=0)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def presented() -> StaffSession | None:
    """The session whose token the browser sent, whether or not it is still good."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    return db.session.scalar(
        select(StaffSession)
        .where(StaffSession.token_hash == hashed(token))
        .options(joinedload(StaffSession.member, innerjoin=True).selectinload(StaffMember.grants))
    )


def present() -> StaffSession | None:
    """The good session of this browser, if it has one."""
    found = presented()
    return found if found is not None and is_good(found) else None


def is_good(session: StaffSession) -> bool:
    """Not signed out, not idle for too long, not too old, of a member who is not disabled."""
    now, configured = clock.now(), settings.current()
    return (
        session.ended_at is None
        and session.member.disabled_at is None
        and session.used_at + timedelta(minutes=configured.staff_idle_minutes) > now
        and session.started_at + timedelta(hours=configured.staff_session_hours) > now
    )


def note_use(session: StaffSession) -> StaffSession:
    """Say that it is in use. A transaction of its own, because reading a page cannot write; at most once a minute."""
    now = clock.now()
    if now - session.used_at < SEEN_EVERY:
        return session
    with transaction():
        db.session.execute(update(StaffSession).where(StaffSession.id == session.id).values(used_at=now))
    return session


def end(session: StaffSession) -> None:
    """Sign out: on the server, so that a copied cookie is worth nothing either."""
    if session.ended_at is None:
        session.ended_at = clock.now()
        audit.record("staff.signed-out", subject=f"staff:{session.staff_id}", actor=f"staff:{session.staff_id}")


def end_all(staff_id: str) -> None:
    """End every session of a member at once."""
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def last_of(staff_id: str, *, most: int = 20) -> list[StaffSession]:
    """The last sign-ins of a member, newest first."""
    return list(
        db.session.scalars(
            select(StaffSession).filter_by(staff_id=staff_id).order_by(StaffSession.started_at.desc()).limit(most)
        )
    )
