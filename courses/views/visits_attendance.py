"""The leader's pages of one session: the code, who was there, and the sheet for signatures."""

import segno
from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import attendance, attendance_codes, enrolment, events, grouping, participants, presence, roster, wording
from courses.catalogue import Edition
from courses.event_models import EventSession
from courses.events import Held
from lms.core import clock, settings
from lms.core.i18n import _, use_language
from lms.lti import session

SHEET_LANGUAGES = ("ky", "ru")
EMPTY_LINES = 4
"""For people who came and are not listed."""

blueprint = Blueprint("teach_attendance", __name__, template_folder="../templates")


@blueprint.get("/<slug>/visits/<event_id>/sessions/<session_id>")
def leader(slug: str, event_id: str, session_id: str) -> str:
    """The code of the moment, large, and how many have typed one."""
    edition, held, found = _seen(slug, event_id, session_id)
    window, now = events.window_of(found), clock.now()
    is_open = bool(window and window.is_open(now))
    codes, first = _codes(found) if is_open else ([], 0)
    return render_template(
        "courses/teach_session.html",
        outline=edition.outline,
        held=held,
        session=found,
        is_open=is_open,
        codes=codes,
        first=first,
        seconds=attendance_codes.STEP_SECONDS,
        now_seconds=now.timestamp(),
        qr=_qr(found),
        **_numbers(edition, found),
    )


@blueprint.get("/<slug>/visits/<event_id>/sessions/<session_id>/count")
def count(slug: str, event_id: str, session_id: str) -> ResponseReturnValue:
    """How many are there now, for the script of the leader's page."""
    edition, _held, found = _seen(slug, event_id, session_id)
    return jsonify(**_numbers(edition, found))


@blueprint.post("/<slug>/visits/<event_id>/sessions/<session_id>/codes")
def show_codes(slug: str, event_id: str, session_id: str) -> ResponseReturnValue:
    """Begin to show codes, or end it."""
    _edition, _held, found = _seen(slug, event_id, session_id)
    act = events.close_codes if request.form.get("action") == "close" else events.open_codes
    act(found, by=session.current().person_id)
    return redirect(url_for("teach_attendance.leader", slug=slug, event_id=event_id, session_id=session_id), 303)


@blueprint.get("/<slug>/visits/<event_id>/sessions/<session_id>/people")
def people(slug: str, event_id: str, session_id: str) -> str:
    """Everybody, with what was recorded; boxes for those who are not there yet."""
    edition, held, found = _seen(slug, event_id, session_id)
    launch = session.current()
    groups = grouping.of_course(launch)
    group_id = grouping.chosen(groups, request.args.get("group"))
    listed = participants.names_of_course(launch, edition, group_id=group_id)
    entries = attendance.of_session(found.id)
    if group_id is None:
        gone = [person for person in entries if person not in listed]
        named = roster.names_of(gone)
        listed = {**listed, **{person: named.get(person, "") for person in gone}}
    made_by = attendance.leaders_of(found.id)
    return render_template(
        "courses/teach_people.html",
        outline=edition.outline,
        held=held,
        session=found,
        groups=groups,
        group_id=group_id,
        group_options=wording.group_options,
        listed=listed,
        entries=entries,
        state_of=presence.state_of,
        is_entered_later=presence.is_entered_later,
        made_by=made_by,
        leaders=roster.names_of(sorted(set(made_by.values()))),
        reasons=presence.REASONS,
    )


@blueprint.post("/<slug>/visits/<event_id>/sessions/<session_id>/people")
def tick(slug: str, event_id: str, session_id: str) -> ResponseReturnValue:
    """Those who were ticked were there."""
    edition, _held, found = _seen(slug, event_id, session_id)
    launch = session.current()
    known = {*participants.names_of_course(launch, edition), *attendance.of_session(found.id)}
    ticked = [person for person in dict.fromkeys(request.form.getlist("person")) if person in known]
    done = attendance.tick(found, ticked, by=launch.person_id)
    flash(_("Entered: %(count)s", count=done), "success")
    return _back_to_people(slug, event_id, session_id)


@blueprint.post("/<slug>/visits/<event_id>/sessions/<session_id>/strike")
def strike(slug: str, event_id: str, session_id: str) -> ResponseReturnValue:
    """Somebody was not there after all."""
    _edition, _held, found = _seen(slug, event_id, session_id)
    attendance.strike(
        found,
        request.form.get("person", ""),
        by=session.current().person_id,
        reason=request.form.get("reason", ""),
        seen_number=request.form.get("seen", 0, type=int),
    )
    flash(_("Struck out. What was recorded before stays in the history."), "success")
    return _back_to_people(slug, event_id, session_id)


@blueprint.get("/<slug>/visits/<event_id>/sheet/<int:day>")
def sheet(slug: str, event_id: str, day: int) -> str:
    """A page of A4 for each session of a day: to be signed on paper, and ticked here later."""
    edition = enrolment.edition_here(session.current(), slug)
    held = events.seen(session.current(), edition, event_id)
    planned = held.day(day)
    groups = grouping.of_course(session.current())
    group_id = grouping.chosen(groups, request.args.get("group"))
    asked = request.args.get("session")
    return render_template(
        "courses/sheet.html",
        held=held,
        day=day,
        planned=planned,
        sessions=[one for one in held.of_day(day) if asked in (None, one.id)],
        names=list(participants.names_of_course(session.current(), edition, group_id=group_id).values()),
        empty_lines=EMPTY_LINES,
        words=_sheet_words(),
    )


def _seen(slug: str, event_id: str, session_id: str) -> tuple[Edition, Held, EventSession]:
    edition = enrolment.edition_here(session.current(), slug)
    held = events.seen(session.current(), edition, event_id)
    return edition, held, events.session_of(held, session_id)


def _back_to_people(slug: str, event_id: str, session_id: str) -> ResponseReturnValue:
    return redirect(url_for("teach_attendance.people", slug=slug, event_id=event_id, session_id=session_id), 303)


def _codes(found: EventSession) -> tuple[list[str], int]:
    """The code of this moment and all that follow, and the step of the first."""
    window, first = events.window_of(found), attendance_codes.step_of(clock.now())
    if window is None:
        return [], first
    return attendance_codes.codes_until(events.secret_of(found), first, window.ends_at), first


def _numbers(edition: Edition, found: EventSession) -> dict[str, int]:
    states = [presence.state_of(entries) for entries in attendance.of_session(found.id).values()]
    return {
        "present": states.count("present"),
        "waiting": states.count("waiting"),
        "people": len(participants.names_of_course(session.current(), edition)),
    }


def _qr(found: EventSession) -> str:
    """Opens the page of the session. It holds no code: it may hang on the wall all day, and works without a network here."""
    address = settings.current().public_url + url_for("visit_door.arrive", session_id=found.id)
    picture: str = segno.make(address, error="m").svg_data_uri(border=2, light="#fff")
    return picture


def _sheet_words() -> list[dict[str, str]]:
    """What is printed on the sheet, in Kyrgyz and in Russian: the paper goes to both."""
    printed = []
    for language in SHEET_LANGUAGES:
        with use_language(language):
            printed.append(
                {
                    "language": language,
                    "title": _("Attendance sheet"),
                    "name": _("Name"),
                    "signature": _("Signature"),
                    "leader": _("Leader of the session: name, signature"),
                    "place": _("Where it is"),
                    "date": _("Date and time"),
                    "hours": _("Academic hours"),
                }
            )
    return printed
