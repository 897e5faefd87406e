"""For officers of the bureau and auditors: the register of training. Nothing about people stands in an address."""

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from certificates import wording
from certificates.training import exports, looking
from certificates.training.forms import LookUpForm
from certificates.training.looking import Asker
from certificates.training.search import Found, Question
from courses import records
from lms.core import clock, workbooks
from lms.core.errors import Problem
from lms.core.i18n import pick
from lms.core.schemas import load
from lms.core.web import limiter
from lms.people import purposes
from lms.people.accesses import AccessKind
from lms.signin import guard, stating
from lms.signin.roles import AUDITOR, BUREAU_OFFICER

ROLES = (BUREAU_OFFICER, AUDITOR)

blueprint = Blueprint("training_register", __name__, template_folder="../templates")


@blueprint.get("/")
def ask() -> str:
    """The question, with the purpose that was stated last."""
    kind, _colon, words = (stating.stated() or "").partition(": ")
    return _page({"purpose": kind, "words": words}, {})


@blueprint.post("/")
@limiter.limit("60/minute")
def answer() -> ResponseReturnValue:
    """One page of lines. Each person on it can read that it was shown, and for what."""
    try:
        question, asker = _asked()
        page = min(max(request.form.get("page", 1, type=int), 1), 10_000)
        found = looking.look(question, asker, limit=looking.ON_A_PAGE, offset=(page - 1) * looking.ON_A_PAGE)
    except Problem as refused:
        return _refused(refused)
    return _page(request.form.to_dict(), {}, found=found, page=page)


@blueprint.post("/file")
@limiter.limit("20/minute")
def take_along() -> ResponseReturnValue:
    """All lines as a spreadsheet, or as JSON for programs."""
    try:
        question, asker = _asked()
        found = looking.take_along(question, asker)
    except Problem as refused:
        return _refused(refused)
    return _as_file(found, asker)


def _asked() -> tuple[Question, Asker]:
    values = load(LookUpForm(), request.form.to_dict())
    stating.keep(values["purpose"])
    viewer = guard.current()
    asker = Asker(
        actor=viewer.actor, kind=AccessKind.STAFF, purpose=values["purpose"], seen_in=viewer.organisations(*ROLES)
    )
    return values["question"], asker


def _as_file(found: Found, asker: Asker) -> Response:
    facts: dict[str, Any] = {"purpose": asker.purpose, "by": guard.current().name, "at": clock.now()}
    is_json = request.form.get("format") == "json"
    if is_json:
        file = jsonify(exports.document(found.lines, **facts))
    else:
        file = make_response(exports.workbook(found.lines, **facts))
        file.mimetype = workbooks.MEDIA_TYPE
    name = f"training-{clock.now():%Y-%m-%d}.{'json' if is_json else 'xlsx'}"
    file.headers["Content-Disposition"] = f"attachment; filename={name}"
    return file


def _refused(refused: Problem) -> ResponseReturnValue:
    fields = getattr(refused, "fields", {})
    is_chosen = request.form.get("purpose") in purposes.PURPOSES
    where = ("words" if is_chosen else "purpose") if refused.code == "purpose-missing" else "name"
    faults = {name: str(found[0]) for name, found in fields.items()} or {where: str(refused.sentence)}
    return _page(request.form.to_dict(), faults), refused.status


def _page(given: dict[str, Any], faults: dict[str, str], *, found: Found | None = None, page: int = 1) -> str:
    mine = guard.current().organisations(*ROLES)
    programmes = records.trained_programmes(mine)
    return render_template(
        "certificates/training.html",
        given=given,
        faults=faults,
        found=found,
        page=page,
        pages=max(1, -(-found.total // looking.ON_A_PAGE)) if found else 1,
        most=looking.MOST_IN_A_FILE,
        purposes=[("", "-"), *purposes.PURPOSES.items()],
        regions=records.REGIONS,
        programmes=[("", "-"), *((code, _title(title)) for code, title in programmes)],
        agencies=[("", "-"), *((body.id, pick(body.names)) for body in records.trained_agencies(mine))],
        state_words=wording.of_state,
    )


def _title(title: Any) -> str:
    return title if isinstance(title, str) else pick(title)
