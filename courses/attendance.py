"""Who was there: by the code of the moment, by a code that had to wait for a network, or by the leader's sheet.

Every entry stays; a correction is another entry (docs/adr/0038). What they make of a person is in :mod:`courses.presence`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import select

from courses import attendance_codes, completion, events, presence
from courses.attendance_codes import Accepted
from courses.event_models import Attendance, Event, EventSession
from courses.models import Enrolment
from courses.presence import Entry, State
from lms.core import audit, clock, jobs, limits, vault
from lms.core.db import db, insert_once, transaction
from lms.core.errors import Conflict, Invalid
from lms.core.i18n import _l
from lms.lti.models import LaunchSession

TRIES = "10/10 minutes"
"""Codes one person may type, so that nobody finds one by trying: three of a million hold at a time."""
LATE_TRIES = "10/day"
"""Of codes that had to wait, hundreds may hold."""
COUNTED = "attendance-counted"
_TICKET = "attendance-page"


def ticket(person_id: str, session_id: str) -> str:
    """Says when we gave out a page, so that nobody but us can."""
    opened = int(clock.now().timestamp())
    return f"{opened}.{vault.keyed_hash(_named(person_id, session_id, opened), _TICKET)}"


def opened_at(given: str, *, person_id: str, session_id: str) -> datetime | None:
    """When the page was given out that sends this ticket; None if it is not ours, or another person's."""
    written, _, signature = given.partition(".")
    if not (written.isascii() and written.isdigit() and len(written) <= 12):
        return None
    if not vault.is_keyed_hash(signature, _named(person_id, session_id, int(written)), _TICKET):
        return None
    return datetime.fromtimestamp(int(written), UTC)


def say_here(launch: LaunchSession, session: EventSession, *, typed: str, page: str, has_waited: bool) -> Accepted:
    """A person types the code of the moment, or one that had to wait. Twice is once.

    :raises TooMany: ``too-many-requests``.
    :raises Invalid: ``attendance-code-wrong``.
    :raises Conflict: ``attendance-not-open``.
    """
    limits.count_as(f"person:{launch.person_id}", LATE_TRIES if has_waited else TRIES, of=f"attendance-{has_waited}")
    accepted = _judged(launch, session, typed=typed, page=page, has_waited=has_waited)
    entries = of_session(session.id).get(launch.person_id, [])
    if not _adds(entries, accepted):
        return accepted
    _add(
        session,
        launch.person_id,
        number=len(entries) + 1,
        how=accepted.how,
        by=launch.person_id,
        happened_at=accepted.shown_at,
    )
    return accepted


def tick(session: EventSession, person_ids: Iterable[str], *, by: str) -> int:
    """The leader says who was there, from the sheet or from sight; who is present already is passed over.

    :returns: how many entries were made.
    """
    known = of_session(session.id)
    absent = [person for person in person_ids if presence.state_of(known.get(person, [])) != "present"]
    for person in absent:
        entries = known.get(person, [])
        how = "confirmed" if presence.state_of(entries) == "waiting" else "sheet"
        _add(session, person, number=len(entries) + 1, how=how, by=by, happened_at=session.begins_at)
    return len(absent)


def strike(session: EventSession, person_id: str, *, by: str, reason: str, seen_number: int) -> None:
    """The leader says that somebody was not there.

    :param seen_number: of the newest entry that the leader saw.
    :raises Invalid: ``strike-reason-unknown``.
    :raises Conflict: ``attendance-changed-meanwhile``.
    """
    if reason not in presence.REASONS:
        raise Invalid("strike-reason-unknown", _l("Choose one of the reasons of the list."))
    entries = of_session(session.id).get(person_id, [])
    if not entries or presence.state_of(entries) == "struck":
        return
    if len(entries) != seen_number:
        raise Conflict("attendance-changed-meanwhile", _l("The list has changed meanwhile. Look at it once more."))
    _add(
        session,
        person_id,
        number=seen_number + 1,
        how="struck",
        by=by,
        happened_at=session.begins_at,
        reason=reason,
    )


def of_session(session_id: str) -> Mapping[str, list[Entry]]:
    """Every entry of a session, by person, in their order."""
    return of_sessions([session_id]).get(session_id, {})


def of_sessions(
    session_ids: list[str], *, person_ids: Collection[str] | None = None
) -> Mapping[str, dict[str, list[Entry]]]:
    """Entries by session and person; of these people only, where they are named."""
    chosen = select(Attendance).where(Attendance.session_id.in_(session_ids)).order_by(Attendance.number)
    if person_ids is not None:
        chosen = chosen.where(Attendance.person_id.in_(person_ids))
    found: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for row in db.session.scalars(chosen):
        found[row.session_id][row.person_id].append(_entry(row))
    return {session: dict(people) for session, people in found.items()}


def leaders_of(session_id: str) -> Mapping[tuple[str, int], str]:
    """Who entered what a leader entered, by person and number."""
    rows = db.session.scalars(
        select(Attendance).where(Attendance.session_id == session_id, Attendance.how.in_(presence.BY_LEADER))
    )
    return {(row.person_id, row.number): row.made_by_id for row in rows}


def states_of(session_ids: list[str], *, person_id: str) -> dict[str, State]:
    """One person in several sessions."""
    found = of_sessions(session_ids, person_ids=[person_id])
    return {session: presence.state_of(found.get(session, {}).get(person_id, [])) for session in session_ids}


@jobs.handles(COUNTED)
def _count(enrolment_id: str) -> None:
    """Attendance may have met the last rule."""
    with transaction():
        completion.review(enrolment_id)


def _named(person_id: str, session_id: str, opened: int) -> str:
    return f"{person_id}:{session_id}:{opened}"


def _judged(launch: LaunchSession, session: EventSession, *, typed: str, page: str, has_waited: bool) -> Accepted:
    window, now = events.window_of(session), clock.now()
    if window is None or (not has_waited and now > window.ends_at + attendance_codes.LIVE):
        raise Conflict("attendance-not-open", _l("No code is shown now. Ask the leader of the session."))
    page_opened_at = opened_at(page, person_id=launch.person_id, session_id=session.id)
    accepted = attendance_codes.judge(
        events.secret_of(session),
        attendance_codes.as_digits(typed),
        window=window,
        arrived_at=now,
        page_opened_at=page_opened_at or now,
        has_waited=has_waited,
    )
    if accepted is None:
        raise _wrong(has_waited=has_waited)
    return accepted


def _wrong(*, has_waited: bool) -> Invalid:
    if has_waited:
        return Invalid(
            "attendance-code-wrong",
            _l(
                "This code was not shown while your page was open, or it is older than a day. "
                "Ask the leader to tick you on the sheet."
            ),
        )
    return Invalid(
        "attendance-code-wrong", _l("This is not the code of this moment. Look at the leader's page and type it again.")
    )


def _adds(entries: list[Entry], accepted: Accepted) -> bool:
    """Whether an accepted code says something that was not known."""
    if accepted.how == "code":
        return not any(entry.how == "code" for entry in entries)
    return not entries


def _add(
    session: EventSession,
    person_id: str,
    *,
    number: int,
    how: str,
    by: str,
    happened_at: datetime,
    reason: str | None = None,
) -> None:
    entry, is_new = insert_once(
        Attendance,
        {"session_id": session.id, "person_id": person_id, "number": number},
        {"how": how, "made_by_id": by, "reason": reason, "happened_at": happened_at},
    )
    if not is_new:
        if entry.how != how:
            raise Conflict("attendance-changed-meanwhile", _l("The list has changed meanwhile. Look at it once more."))
        return
    if how in presence.BY_LEADER:
        audit.record("attendance.entered", subject=f"attendance:{entry.id}", actor=f"person:{by}", how=how)
    _recount(session, person_id)


def _recount(session: EventSession, person_id: str) -> None:
    event = db.session.get_one(Event, session.event_id)
    enrolled = select(Enrolment.id).filter_by(person_id=person_id, module_id=event.module_id, is_trial=False)
    if enrolment_id := db.session.scalar(enrolled):
        jobs.queue(COUNTED, enrolment_id)


def _entry(row: Attendance) -> Entry:
    return Entry(
        number=row.number,
        how=row.how,
        happened_at=row.happened_at,
        entered_at=row.entered_at,
        reason=row.reason,
    )
