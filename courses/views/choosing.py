"""The page on which an instructor chooses content for a course; its answer always leads back to the learning system."""

from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from courses import choosing
from lms.core import audit
from lms.core.errors import Sentence
from lms.core.i18n import _l
from lms.lti import deep_linking, session

blueprint = Blueprint("choosing", __name__, template_folder="../templates")

NOT_YOURS: Sentence = _l("Only instructors, content developers and administrators of a course choose its content.")
NOTHING_FITS: Sentence = _l(
    "Your learning system takes neither links to tools nor ordinary links here, and Bilim has nothing else."
)
NOTHING_CHOSEN: Sentence = _l("Nothing was chosen.")


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """What there is to choose; or why there is nothing, with the way back."""
    obstacle = _obstacle()
    if obstacle:
        return _way_back(obstacle)
    return _page(form={"points": choosing.USUAL_POINTS, "released": "yes"}, keys=[], faults={})


@blueprint.post("/")
def choose() -> ResponseReturnValue:
    """Send the choice to the learning system; an empty one if the instructor changed her mind."""
    obstacle = _obstacle()
    if obstacle:
        return _way_back(obstacle)
    launch = session.current()
    if request.form.get("action") == "cancel":
        return _returning(deep_linking.answer(launch, [], message=NOTHING_CHOSEN), count=0)
    keys = request.form.getlist("choice")
    chosen = choosing.read(request.form, keys, deep_linking.of(launch))
    if chosen.faults:
        return _page(form=request.form.to_dict(), keys=keys, faults=chosen.faults), 422
    audit.record(
        "content.chosen",
        subject=f"context:{launch.context_row_id}",
        actor=f"person:{launch.person_id}",
        choices=sorted(keys),
    )
    said = _l("%(count)s links to Bilim were added.", count=len(chosen.items))
    return _returning(deep_linking.answer(launch, chosen.items, message=said), count=len(chosen.items))


def _obstacle() -> Sentence | None:
    """Why this person cannot choose anything here."""
    launch = session.current()
    if not deep_linking.may_choose(launch):
        return NOT_YOURS
    return NOTHING_FITS if deep_linking.of(launch).kind is None else None


def _way_back(obstacle: Sentence) -> ResponseReturnValue:
    answer = deep_linking.answer(session.current(), [], error=obstacle)
    return make_response(render_template("courses/not_choosing.html", answer=answer, sentence=obstacle), 403)


def _returning(answer: deep_linking.Answer, *, count: int) -> ResponseReturnValue:
    return render_template("courses/chosen.html", answer=answer, count=count)


def _page(*, form: dict[str, Any], keys: list[str], faults: dict[str, Sentence]) -> str:
    launch = session.current()
    return render_template(
        "courses/choosing.html",
        asked=deep_linking.of(launch),
        course=launch.context,
        modules=choosing.offered(),
        form=form,
        keys=keys,
        faults=faults,
    )
