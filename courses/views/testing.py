"""Pages of a test: begin, answer one question on a page, look over, finish, see why. All of it works without script."""

from datetime import datetime

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_time

from courses import answer_words, attempts, closing, questions, timing
from courses.models import Attempt
from courses.outline import Unit
from courses.steps import Step
from courses.views import answer_forms, explaining
from courses.views.visit import Visit
from lms.core import clock
from lms.core.db import db, new_id, transaction
from lms.core.errors import Invalid, Sentence
from lms.core.i18n import _
from lms.core.problems import wants_json

blueprint = Blueprint("test", __name__, template_folder="../templates")
blueprint.context_processor(explaining.tools)


@blueprint.get("/<slug>/<unit>/test")
def show(slug: str, unit: str) -> ResponseReturnValue:
    """Before a test: what it is. During it: which questions are answered."""
    here = Visit.opened(slug)
    found = here.unit(unit)
    attempt = attempts.open_attempt(here.enrolment.id, found)
    if attempt is None:
        return _before(here, found)
    if _closed(attempt, here):
        return _to_result(here, found, attempt)
    return render_template(
        "courses/answers.html",
        here=here,
        unit=found,
        attempt=attempt,
        questions=attempts.questions_of(attempt, here.edition),
        answers=attempts.answers(attempt),
        **_time_of(attempt),
    )


@blueprint.post("/<slug>/<unit>/test")
def begin(slug: str, unit: str) -> ResponseReturnValue:
    """Begin an attempt, or go on with the one that is open."""
    here = Visit.entered(slug)
    attempts.begin(here.enrolment, here.edition, here.unit(unit))
    return redirect(url_for("test.question", slug=slug, unit=unit, number=1), 303)


@blueprint.get("/<slug>/<unit>/test/<int:number>")
def question(slug: str, unit: str, number: int) -> ResponseReturnValue:
    """One question of the open attempt."""
    here = Visit.opened(slug)
    found = here.unit(unit)
    attempt = attempts.open_attempt(here.enrolment.id, found)
    if attempt is None:
        return redirect(url_for("test.show", slug=slug, unit=unit), 303)
    if _closed(attempt, here):
        return _to_result(here, found, attempt)
    kept = attempts.answer_to(attempt, here.question(attempt, number))
    given = tuple(kept.given) if kept else ()
    return _question_page(
        here,
        attempt,
        found,
        number,
        given=given,
        seen=kept.revision if kept else 0,
        saved_time=_clock_time(kept.saved_at) if kept else "",
    )


@blueprint.post("/<slug>/<unit>/test/<int:number>")
def answer(slug: str, unit: str, number: int) -> ResponseReturnValue:
    """Keep an answer. A script asks for JSON and stays; without it the next question follows."""
    here = Visit.entered(slug)
    found = here.unit(unit)
    attempt = attempts.open_attempt(here.enrolment.id, found)
    if attempt is None:
        return _not_taken(here, found)
    if closing.close_if_over(attempt, here.edition):
        return _too_late(here, found, attempt)
    asked, given = here.question(attempt, number), answer_forms.given()
    try:
        revision = attempts.save_answer(attempt, asked, given, sent=answer_forms.sent())
    except Invalid as refused:
        return _invalid(here, attempt, found, number, given=given, refused=refused)
    except attempts.AnsweredElsewhere as refused:
        return _elsewhere(here, attempt, found, number, given=given, refused=refused)
    onward = _after(here, attempt, found, number)
    if wants_json():
        return jsonify(saved=_saved_words(), revision=revision, next=onward)
    return redirect(onward, 303)


@blueprint.post("/<slug>/<unit>/test/finish")
def finish(slug: str, unit: str) -> ResponseReturnValue:
    """Score the attempt. The form names it, so that sending it twice cannot finish the next one."""
    here = Visit.entered(slug)
    number = request.form.get("attempt", type=int) or 0
    attempt = attempts.numbered(here.enrolment.id, here.unit(unit), number)
    attempts.finish(attempt, here.edition)
    return redirect(url_for("test.result", slug=slug, unit=unit, number=number), 303)


@blueprint.get("/<slug>/<unit>/test/result/<int:number>")
def result(slug: str, unit: str, number: int) -> ResponseReturnValue:
    """What an attempt brought, with an explanation for each question."""
    here = Visit.opened(slug)
    found = here.unit(unit)
    attempt = attempts.numbered(here.enrolment.id, found, number)
    if attempt.finished_at is None:
        return redirect(url_for("test.show", slug=slug, unit=unit), 303)
    done, path = here.done_and_path(found)
    return render_template(
        "courses/result.html",
        here=here,
        unit=found,
        attempt=attempt,
        questions=attempts.questions_of(attempt, here.edition),
        answers=attempts.answers(attempt),
        most=attempts.most_for(here.enrolment, found),
        results=done.tests.get(found.code, ()),
        counting=done.result_of(found),
        closed_at=_clock_time(attempt.ends_at) if attempt.ends_at and timing.was_closed(attempt) else "",
        onward=path.after(Step(kind="test", unit_code=found.code)),
    )


def _before(here: Visit, unit: Unit) -> str:
    done, path = here.done_and_path(unit)
    return render_template(
        "courses/test.html",
        here=here,
        unit=unit,
        results=done.tests.get(unit.code, ()),
        counting=done.result_of(unit),
        most=attempts.most_for(here.enrolment, unit),
        minutes=timing.minutes_of(unit.test, extra_percent=here.enrolment.extra_time_percent),
        onward=path.after(Step(kind="test", unit_code=unit.code)),
    )


def _closed(attempt: Attempt, here: Visit) -> bool:
    """A page that only shows closes an attempt whose time is over in a transaction of its own."""
    if not timing.is_over(attempt):
        return False
    with transaction():
        closing.close_if_over(db.session.get_one(Attempt, attempt.id), here.edition)
    return True


def _to_result(here: Visit, unit: Unit, attempt: Attempt) -> ResponseReturnValue:
    return redirect(url_for("test.result", slug=here.slug, unit=unit.slug, number=attempt.number), 303)


def _too_late(here: Visit, unit: Unit, attempt: Attempt) -> ResponseReturnValue:
    """The answer came after the end. The attempt is closed all the same, so this is no refusal that undoes everything."""
    sentence = _("The time of this test was over when your last answer arrived. What was saved before counts.")
    if wants_json():
        return jsonify(
            ended=sentence, next=url_for("test.result", slug=here.slug, unit=unit.slug, number=attempt.number)
        )
    flash(sentence, "attention")
    return _to_result(here, unit, attempt)


def _not_taken(here: Visit, unit: Unit) -> ResponseReturnValue:
    """There is no attempt to answer in: it was finished, here or on another device."""
    onward = url_for("test.show", slug=here.slug, unit=unit.slug)
    sentence = _("This test is finished. Your last answer came after it and does not count.")
    if wants_json():
        return jsonify(ended=sentence, next=onward)
    flash(sentence, "attention")
    return redirect(onward, 303)


def _invalid(
    here: Visit, attempt: Attempt, unit: Unit, number: int, *, given: list[str], refused: Invalid
) -> ResponseReturnValue:
    if wants_json():
        return jsonify(saved=str(refused.sentence), refused=True)
    page = _question_page(
        here, attempt, unit, number, given=tuple(given), seen=answer_forms.sent().seen or 0, error=refused.sentence
    )
    return make_response(page, refused.status)


def _elsewhere(
    here: Visit,
    attempt: Attempt,
    unit: Unit,
    number: int,
    *,
    given: list[str],
    refused: attempts.AnsweredElsewhere,
) -> ResponseReturnValue:
    """Both answers stand on the page; the person says which one holds. Nothing was changed."""
    kept, asked = refused.kept, here.question(attempt, number)
    other = answer_words.of(asked, tuple(kept.given)) or [_("No answer")]
    if wants_json():
        answered = jsonify(code=refused.code, detail=str(refused.sentence), other=other, revision=kept.revision)
        return make_response(answered, refused.status)
    page = _question_page(
        here, attempt, unit, number, given=tuple(given), seen=kept.revision, other=other, other_time=kept.saved_at
    )
    return make_response(page, refused.status)


def _question_page(
    here: Visit,
    attempt: Attempt,
    unit: Unit,
    number: int,
    *,
    given: questions.Given,
    seen: int,
    saved_time: str = "",
    error: Sentence | None = None,
    other: list[str] | None = None,
    other_time: datetime | None = None,
) -> str:
    return render_template(
        "courses/question.html",
        here=here,
        unit=unit,
        attempt=attempt,
        question=here.question(attempt, number),
        number=number,
        count=len(attempts.questions_of(attempt, here.edition)),
        given=given,
        parts=questions.chosen(given),
        seen=seen,
        page_id=new_id().replace("-", ""),
        saved_time=saved_time,
        error=error,
        other=other,
        other_time=_clock_time(other_time) if other_time else "",
        **_time_of(attempt),
    )


def _after(here: Visit, attempt: Attempt, unit: Unit, number: int) -> str:
    if number >= len(attempts.questions_of(attempt, here.edition)):
        return url_for("test.show", slug=here.slug, unit=unit.slug)
    return url_for("test.question", slug=here.slug, unit=unit.slug, number=number + 1)


def _time_of(attempt: Attempt) -> dict[str, object]:
    return {
        "until": _clock_time(attempt.ends_at) if attempt.ends_at else "",
        "seconds_left": timing.seconds_left(attempt),
    }


def _saved_words() -> str:
    words: str = _("Saved %(time)s", time=_clock_time(clock.now()))
    return words


def _clock_time(moment: datetime) -> str:
    """Hours and minutes where the reader is."""
    text: str = format_time(moment, "HH:mm")
    return text
