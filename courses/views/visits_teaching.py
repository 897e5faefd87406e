"""The instructor's pages of study visits and seminars: making them, their days, diaries; attendance has pages of its own."""

from datetime import date, time
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import attendance, diary, diary_marks, enrolment, events, participants, presence, roster, visits_loading
from courses.catalogue import Edition
from courses.event_models import Event
from courses.events import Held
from lms.core import settings
from lms.core.db import new_id
from lms.core.errors import BadRequest, Conflict, Invalid, NotFound, Problem
from lms.core.i18n import LANGUAGES, _, _l
from lms.lti import session

ZONES = ("Asia/Bishkek", "Asia/Almaty", "Asia/Tashkent", "Asia/Dushanbe", "Asia/Ashgabat", "Asia/Shanghai")
"""Of the places between which people travel here."""
MOST_HOURS = 12
LONGEST_TEXT = 200

blueprint = Blueprint("teach_visits", __name__, template_folder="../templates")


@blueprint.get("/<slug>/visits")
def programmes(slug: str) -> str:
    """Everything that is held in the course."""
    edition = _edition(slug)
    held = events.of_course(session.current(), edition)
    return render_template("courses/teach_visits.html", outline=edition.outline, held=held)


@blueprint.get("/<slug>/visits/new")
def new(slug: str) -> str:
    """Choose a programme and its first day, or describe one session."""
    return _new_page(_edition(slug), error=None)


@blueprint.post("/<slug>/visits/new")
def make(slug: str) -> ResponseReturnValue:
    """Hold it. What cannot be understood is said on the same page, and nothing is lost."""
    edition = _edition(slug)
    try:
        event = _made_visit(edition) if request.form.get("kind") == "visit" else _made_seminar(edition)
    except Problem as refused:
        return _new_page(edition, error=refused.sentence), refused.status
    flash(_("It is made. The trainees of the course see it now."), "success")
    return redirect(url_for("teach_visits.programme", slug=slug, event_id=event.id), 303)


@blueprint.get("/<slug>/visits/<event_id>")
def programme(slug: str, event_id: str) -> str:
    """Days and sessions, with how many were there."""
    edition, held = _seen(slug, event_id)
    return render_template(
        "courses/teach_visit.html",
        outline=edition.outline,
        held=held,
        counts=_counts(held),
        people=len(participants.names_of_course(session.current(), edition)),
    )


@blueprint.post("/<slug>/visits/<event_id>/cancel")
def cancel(slug: str, event_id: str) -> ResponseReturnValue:
    """It is not held any more."""
    _edition_there, held = _seen(slug, event_id)
    events.cancel(held, by=session.current().person_id)
    flash(_("It is cancelled. Its hours do not count any more."), "success")
    return redirect(url_for("teach_visits.programmes", slug=slug), 303)


@blueprint.get("/<slug>/visits/<event_id>/diaries")
def diaries(slug: str, event_id: str) -> str:
    """Who has submitted which days."""
    edition, held = _seen(slug, event_id)
    listed = roster.of_course(session.current(), edition, page=request.args.get("page", 1, type=int), group_id=None)
    ids = [trainee.enrolment_id for trainee in listed.trainees]
    return render_template(
        "courses/teach_diaries.html",
        outline=edition.outline,
        held=held,
        listed=listed,
        written=diary.submitted(held, ids),
        standings=diary_marks.of_many(held, ids),
        rule=held.programme.diary_mark,
        due_at=diary_marks.due_at(held),
        is_over=diary_marks.is_over(held),
    )


@blueprint.post("/<slug>/visits/<event_id>/diaries/<enrolment_id>/take")
def take_diary(slug: str, event_id: str, enrolment_id: str) -> ResponseReturnValue:
    """Mark a diary that is not whole: after the visit, with the days that were submitted."""
    edition, held = _seen(slug, event_id)
    enrolled = enrolment.seen(session.current(), edition, enrolment_id)
    if not diary_marks.is_over(held):
        raise Conflict("visit-not-over", _l("The visit is not over yet. Its diaries are marked afterwards."))
    submission = diary_marks.hand_in(held, enrolled, by=session.current().person_id)
    return redirect(url_for("marking.work", slug=slug, submission_id=submission.id), 303)


@blueprint.get("/<slug>/visits/<event_id>/diaries/<enrolment_id>")
def diary_of(slug: str, event_id: str, enrolment_id: str) -> str:
    """What one trainee submitted. Drafts are the trainee's own."""
    edition, held = _seen(slug, event_id)
    enrolled = enrolment.seen(session.current(), edition, enrolment_id)
    rows = {day: row for day, row in diary.of_person(held, enrolled.id).items() if row.submitted_at}
    name = roster.names_of([enrolled.person_id]).get(enrolled.person_id, "")
    return render_template("courses/teach_diary.html", outline=edition.outline, held=held, rows=rows, name=name)


def _edition(slug: str) -> Edition:
    return enrolment.edition_here(session.current(), slug)


def _seen(slug: str, event_id: str) -> tuple[Edition, Held]:
    edition = _edition(slug)
    return edition, events.seen(session.current(), edition, event_id)


def _counts(held: Held) -> dict[str, dict[str, int]]:
    """How many were present and wait, by session."""
    found = attendance.of_sessions([one.id for one in held.sessions])
    states = {key: [presence.state_of(entries) for entries in people.values()] for key, people in found.items()}
    return {
        one.id: {state: states.get(one.id, []).count(state) for state in ("present", "waiting")}
        for one in held.sessions
    }


def _new_page(edition: Edition, *, error: object) -> str:
    return render_template(
        "courses/teach_new_visit.html",
        outline=edition.outline,
        offered=visits_loading.offered(),
        zones=[(name, name.partition("/")[2]) for name in dict.fromkeys([settings.current().time_zone, *ZONES])],
        zone=request.form.get("zone") or settings.current().time_zone,
        form_id=request.form.get("form_id") or new_id(),
        kind=request.form.get("kind") or request.args.get("kind") or "visit",
        given=request.form,
        error=error,
    )


def _made_visit(edition: Edition) -> Event:
    return events.make_visit(
        session.current(),
        edition,
        form_id=_form_id(),
        slug=request.form.get("programme", ""),
        first_day=_day(),
    )


def _made_seminar(edition: Edition) -> Event:
    titles = _texts("title")
    if not titles:
        raise Invalid("title-missing", _l("Write a title, in Kyrgyz or in Russian or in both."))
    return events.make_seminar(
        session.current(),
        edition,
        form_id=_form_id(),
        titles=titles,
        place=_texts("place"),
        leader=_texts("leader"),
        day=_day(),
        begins=_time("from"),
        ends=_time("to"),
        hours=_hours(),
        time_zone=_zone(),
    )


def _form_id() -> str:
    """So that a form sent twice makes one event."""
    try:
        return str(UUID(request.form.get("form_id", "")))
    except ValueError as error:
        raise BadRequest("form-unknown", _l("Open this form again and fill it in once more.")) from error


def _texts(name: str) -> dict[str, str]:
    written = {language: request.form.get(f"{name}-{language}", "").strip()[:LONGEST_TEXT] for language in LANGUAGES}
    return {language: text for language, text in written.items() if text}


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise Invalid("day-missing", _l("Choose the day.")) from error


def _time(name: str) -> time:
    try:
        return time.fromisoformat(request.form.get(name, "")).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise Invalid("time-missing", _l("Write when the session begins and ends, for example 09:30.")) from error


def _hours() -> int:
    hours = request.form.get("hours", type=int)
    if hours is None or not 0 <= hours <= MOST_HOURS:
        raise Invalid("hours-impossible", _l("The hours must be a whole number from 0 to 12."))
    return hours


def _zone() -> str:
    chosen = request.form.get("zone", "")
    if chosen not in (*ZONES, settings.current().time_zone):
        raise NotFound("zone-unknown", _l("Choose one of the time zones of the list."))
    return str(ZoneInfo(chosen))
