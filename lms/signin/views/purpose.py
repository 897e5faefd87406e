"""Where staff say for what they look at people. The page that they wanted follows."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core.errors import Invalid
from lms.core.problems import problem_answer, wants_json
from lms.core.web import SAFE_METHODS
from lms.people import purposes
from lms.signin import paths, stating
from lms.signin.stating import PurposeFirst

blueprint = Blueprint("purpose", __name__, template_folder="../templates")


@blueprint.get("")
def ask() -> str:
    """The form, with what was stated last."""
    kind, _colon, words = (stating.stated() or "").partition(": ")
    return _page({"purpose": kind, "words": words}, {}, next_path=paths.safe(request.args.get("next")))


@blueprint.post("")
def state() -> ResponseReturnValue:
    """Keep it and go on."""
    given = request.form.to_dict()
    next_path = paths.safe(given.get("next"))
    try:
        stating.keep(purposes.stated(given.get("purpose", ""), given.get("words", "")))
    except Invalid as refused:
        where = "words" if given.get("purpose") in purposes.PURPOSES else "purpose"
        return _page(given, {where: str(refused.sentence)}, next_path=next_path), refused.status
    return redirect(next_path, 303)


def lead_here(problem: PurposeFirst) -> ResponseReturnValue:
    """A person states the purpose and comes back; a program is told. What was sent by a form is asked again."""
    if wants_json():
        return problem_answer(problem)
    wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else request.path
    return redirect(url_for("purpose.ask", next=paths.safe(wanted)), 303)


def _page(given: Mapping[str, str], faults: Mapping[str, str], *, next_path: str) -> str:
    choices = [("", "-"), *purposes.PURPOSES.items()]
    return render_template("staff/purpose.html", given=given, faults=faults, choices=choices, next_path=next_path)
