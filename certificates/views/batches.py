"""For the bureau, auditors and administrators: verify many certificates in one go, and take a signed receipt."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import numbering
from certificates.batches import answers, asking, handing_out, reading, wording
from certificates.batches.answers import Answered
from certificates.batches.asking import Asker
from certificates.batches.models import VerificationBatch
from lms.core.db import new_id
from lms.core.errors import Invalid, NotFound, Sentence
from lms.core.i18n import LANGUAGES, _l, _n, locale, use_language
from lms.core.web import limiter, takes_up_to
from lms.organisations import issuers
from lms.signin import guard
from lms.signin.roles import (
    ACADEMY_ADMINISTRATOR,
    AUDITOR,
    BUREAU_OFFICER,
    NAMES,
    PLATFORM_ADMINISTRATOR,
)

ROLES = (BUREAU_OFFICER, AUDITOR, ACADEMY_ADMINISTRATOR, PLATFORM_ADMINISTRATOR)
ROWS_ON_A_PAGE = 100
FORM_BYTES = reading.LARGEST_BYTES + 1024 * 1024

blueprint = Blueprint("verify_many", __name__, template_folder="../templates")


class Line(NamedTuple):
    """One row as the page shows it."""

    answered: Answered
    title: Sentence
    why: list[Sentence]
    shown_code: str


@blueprint.get("/")
def ask() -> str:
    """What can be sent, and what one has asked before."""
    return _form()


@blueprint.post("/")
@takes_up_to(FORM_BYTES)
@limiter.limit("20/minute")
def start() -> ResponseReturnValue:
    """Take what was pasted or uploaded. The id came with the form, so a second click leads to the same list."""
    upload, text = request.files.get("file"), request.form.get("text", "")
    asker = _asker(request.form.get("organisation", ""))
    try:
        if upload and upload.filename:
            batch = asking.start_upload(_id_of_form(), upload.read(), asker)
        else:
            batch = asking.start(_id_of_form(), asking.of_text(text), asker)
    except Invalid as refusal:
        field = "file" if upload and upload.filename else "text"
        return _form(text=text, errors={field: refusal.sentence}), 422
    return redirect(url_for("verify_many.one", batch_id=batch.id), 303)


@blueprint.get("/<batch_id>")
def one(batch_id: str) -> str:
    """How far a list is, then its answers. While it runs the page looks again by itself."""
    batch = _own(batch_id)
    progress = asking.progress_of(batch)
    rows = asking.rows_of(batch)
    if request.args.get("show") == "attention":
        rows = [row for row in rows if row.answered_at and not row.accepted]
    page = max(request.args.get("page", 1, type=int), 1)
    shown = rows[(page - 1) * ROWS_ON_A_PAGE : page * ROWS_ON_A_PAGE] if batch.finished_at else []
    return render_template(
        "certificates/verify_many/one.html",
        batch=batch,
        progress=progress,
        words=_n(
            "%(done)s of %(num)s row is answered",
            "%(done)s of %(num)s rows are answered",
            progress.total,
            done=progress.done,
        ),
        refusal=wording.of_refusal(batch.refusal) if batch.refusal else None,
        lines=[_line(found) for found in answers.answered(shown)],
        page=page,
        pages=-(-len(rows) // ROWS_ON_A_PAGE),
        show=request.args.get("show", ""),
    )


@blueprint.get("/<batch_id>/receipt.jws")
def statement(batch_id: str) -> Response:
    """The signed receipt, for programs."""
    return handing_out.statement(_own(batch_id))


@blueprint.get("/<batch_id>/receipt.pdf")
def paper(batch_id: str) -> Response:
    """The sealed receipt, for people."""
    return handing_out.paper(_own(batch_id))


@blueprint.get("/<batch_id>/answers.xlsx")
def workbook(batch_id: str) -> Response:
    """The answers as a spreadsheet."""
    return handing_out.workbook(_own(batch_id))


def _form(*, text: str = "", errors: Mapping[str, Sentence] | None = None) -> str:
    return render_template(
        "certificates/verify_many/ask.html",
        batch_id=new_id(),
        text=text,
        errors=errors or {},
        organisations=_organisations(),
        batches=[(batch, asking.progress_of(batch)) for batch in asking.of_actor(guard.current().actor)],
        most_rows=reading.MOST_ROWS,
        days=asking.KEPT.days,
    )


def _line(found: Answered) -> Line:
    mentioned = found.verdict.mentioned_code if found.verdict else None
    return Line(found, wording.of_row(found), wording.why(found), numbering.shown(mentioned or ""))


def _asker(organisation_id: str) -> Asker:
    """Whoever is signed in, for one of their organisations; the receipt names that one."""
    choices = _organisations()
    names = choices.get(organisation_id) or next(iter(choices.values()))
    return Asker(guard.current().actor, names, locale())


def _organisations() -> dict[str, Mapping[str, str]]:
    """Names of the organisations for which one may ask. Whoever answers for all of them is named by the role."""
    grants = [grant for grant in guard.current().grants if grant.role in ROLES]
    named = issuers.named({grant.organisation_id for grant in grants if grant.organisation_id})
    found: dict[str, Mapping[str, str]] = {body.id: body.names for body in named}
    for grant in grants:
        if grant.organisation_id is None:
            found[grant.role.value] = _in_all_languages(NAMES[grant.role])
    return found


def _in_all_languages(sentence: Sentence) -> dict[str, str]:
    names = {}
    for language in LANGUAGES:
        with use_language(language):
            names[language] = str(sentence)
    return names


def _own(batch_id: str) -> VerificationBatch:
    return asking.own(batch_id, guard.current().actor)


def _id_of_form() -> str:
    """:raises NotFound: ``not-found`` for what no form of ours sends."""
    given = request.form.get("id", "")
    if len(given) != len(new_id()):
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return given
