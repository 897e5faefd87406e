"""Pages of a review: what a person did for one grade."""

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from courses import attempts, facts, parts, reviewing, tracks, wording, work_files
from courses import rules as completion_rules
from courses.views import explaining
from lms.core.errors import NotFound
from lms.lti import session

blueprint = Blueprint("review", __name__, template_folder="../templates")


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Tests and texts with their marks; or why there is nothing to see, with the way back."""
    try:
        review = reviewing.of(session.current())
    except NotFound as nothing:
        return _nothing(nothing)
    outline = review.edition.on(parts.track_of(review.part) or tracks.WHOLE).outline
    return render_template(
        "courses/review.html",
        review=review,
        outline=outline,
        part_titles=parts.titles_of(outline, review.part) if review.part else None,
        rules=completion_rules.evaluate(outline, review.done, facts.of(review.enrolled, outline)),
        rule_title=wording.rule_title,
        rule_evidence=wording.rule_evidence,
    )


@blueprint.get("/<unit>/<int:number>")
def attempt(unit: str, number: int) -> ResponseReturnValue:
    """One attempt at a test, with every answer."""
    try:
        review = reviewing.of(session.current())
    except NotFound as nothing:
        return _nothing(nothing)
    found, made = review.attempt(unit, number)
    return render_template(
        "courses/review_attempt.html",
        review=review,
        unit=found,
        attempt=made,
        questions=attempts.questions_of(made, review.edition),
        answers=attempts.answers(made),
        **explaining.tools(),
    )


@blueprint.get("/file/<file_id>")
def file(file_id: str) -> ResponseReturnValue:
    """A file that was handed in with one of the texts."""
    try:
        found = reviewing.of(session.current()).text_with_file(file_id)
    except NotFound as nothing:
        return _nothing(nothing)
    return work_files.download(found, file_id)


def _nothing(nothing: NotFound) -> ResponseReturnValue:
    page = render_template(
        "courses/no_review.html",
        sentence=nothing.sentence,
        code=nothing.code,
        return_url=session.current().return_url,
    )
    return make_response(page, nothing.status)
