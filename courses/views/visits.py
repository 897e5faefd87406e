"""The trainee's pages of a study visit or seminar: the programme, "I am here", and the diary."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import attendance, diary, enrolment, events, presence
from courses.event_models import EventSession
from courses.events import Held
from courses.views.visit import Visit
from lms.core import clock
from lms.core.i18n import _
from lms.core.problems import wants_json
from lms.lti import session

blueprint = Blueprint("visits", __name__, template_folder="../templates")


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"has_visits": _has_visits}


@blueprint.get("/<slug>/visits")
def programmes(slug: str) -> str:
    """Everything that is held in the course."""
    here = Visit.opened(slug)
    return render_template("courses/visits.html", here=here, held=events.of_course(session.current(), here.edition))


@blueprint.get("/<slug>/visits/<event_id>")
def programme(slug: str, event_id: str) -> str:
    """Days and sessions, at which of them the person was, and the hours of those."""
    here = Visit.opened(slug)
    held = _held(here, event_id)
    states = attendance.states_of([one.id for one in held.sessions], person_id=here.enrolment.person_id)
    counted = [presence.Held(id=one.id, hours=one.hours, ends_at=one.ends_at) for one in held.sessions]
    return render_template(
        "courses/visit.html",
        here=here,
        held=held,
        states=states,
        hours=presence.hours_of(counted, states),
        now=clock.now(),
        window_of=events.window_of,
        written=diary.of_person(held, here.enrolment.id),
    )


@blueprint.get("/<slug>/visits/<event_id>/sessions/<session_id>")
def here_page(slug: str, event_id: str, session_id: str) -> str:
    """Where the code is typed. The page may be opened before, and left open without a network."""
    here = Visit.opened(slug)
    held = _held(here, event_id)
    return _here_page(here, held, events.session_of(held, session_id))


@blueprint.post("/<slug>/visits/<event_id>/sessions/<session_id>")
def say_here(slug: str, event_id: str, session_id: str) -> ResponseReturnValue:
    """The code was typed, now or while there was no network."""
    here = Visit.entered(slug)
    held = _held(here, event_id)
    found = events.session_of(held, session_id)
    accepted = attendance.say_here(
        session.current(),
        found,
        typed=request.form.get("code", "")[:200],
        page=request.form.get("page", "")[:200],
        has_waited="waited" in request.form,
    )
    onward = url_for("visits.here_page", slug=slug, event_id=event_id, session_id=session_id)
    if wants_json():
        return jsonify(how=accepted.how, next=onward)
    return redirect(onward, 303)


@blueprint.get("/<slug>/visits/<event_id>/diary/<int:day>")
def diary_day(slug: str, event_id: str, day: int) -> str:
    """One day of the diary."""
    here = Visit.opened(slug)
    held = _held(here, event_id)
    row = diary.of_person(held, here.enrolment.id).get(day)
    return render_template("courses/diary.html", here=here, held=held, day=day, planned=held.day(day), row=row)


@blueprint.post("/<slug>/visits/<event_id>/diary/<int:day>")
def save_diary(slug: str, event_id: str, day: int) -> ResponseReturnValue:
    """Keep the draft, or submit it. With an empty answer it stays a draft, and the page says so."""
    here = Visit.entered(slug)
    held = _held(here, event_id)
    submits = request.form.get("action") == "submit"
    texts = {prompt.id: request.form.get(f"diary-{prompt.id}", "") for prompt in held.programme.diary}
    row = diary.save(held, here.enrolment, day, texts=texts, submits=submits)
    if wants_json():
        return jsonify(saved=_("Saved %(time)s", time=f"{row.saved_at.astimezone(held.zone):%H:%M}"))
    if submits and not row.submitted_at:
        flash(_("It is kept as a draft. Answer every question, then submit."), "attention")
    elif submits:
        flash(_("The day is submitted. Your instructor can read it."), "success")
        return redirect(url_for("visits.programme", slug=slug, event_id=event_id), 303)
    return redirect(url_for("visits.diary_day", slug=slug, event_id=event_id, day=day), 303)


def _held(here: Visit, event_id: str) -> Held:
    return events.seen(session.current(), here.edition, event_id)


def _here_page(here: Visit, held: Held, found: EventSession) -> str:
    person_id = here.enrolment.person_id
    entries = attendance.of_sessions([found.id], person_id=person_id).get(found.id, {}).get(person_id, [])
    window = events.window_of(found)
    return render_template(
        "courses/here.html",
        here=here,
        held=held,
        session=found,
        state=presence.state_of(entries),
        newest=entries[-1] if entries else None,
        is_open=bool(window and window.is_open(clock.now())),
        is_over=bool(window and not window.is_open(clock.now())),
        page=attendance.ticket(person_id, found.id),
    )


def _has_visits(slug: str) -> bool:
    """Whether anything is held in the course of this launch."""
    launch = session.current()
    return bool(events.of_course(launch, enrolment.edition_here(launch, slug)))
