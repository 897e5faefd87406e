"""For the bureau: sealed reports of quarters and years, each edition as it was made."""

import json
from collections.abc import Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates.dashboards import wording as figure_words
from certificates.reports import editions, periods, snapshot, wording, workbook
from certificates.reports.models import ReportEdition
from courses import training
from courses.training import Scope
from lms.core import attachments, clock, files, jobs
from lms.core.db import new_id
from lms.core.errors import NotFound, Problem
from lms.core.i18n import OWN_NAMES, _l, civil_date, pick
from lms.organisations import issuers
from lms.signin import guard
from lms.signin.roles import AUDITOR, BUREAU_OFFICER

ROLES = (BUREAU_OFFICER, AUDITOR)
TYPES = {"pdf": "application/pdf", "xlsx": workbook.MEDIA_TYPE}
SHOWN_CHANGES = 300

blueprint = Blueprint("reports", __name__, template_folder="../templates")


@blueprint.get("/")
def listing() -> str:
    """Every edition of one's bureaus, and a form for another."""
    return _list_page({}, {})


@blueprint.post("/")
def ask() -> ResponseReturnValue:
    """Ask for a report. The id came with the form, so a second click leads to the same request."""
    organisation_id = request.form.get("organisation", "")
    guard.require(BUREAU_OFFICER, organisation_id or "-")
    try:
        asked = editions.ask(
            _id_of_form(),
            organisation_id=organisation_id,
            period=request.form.get("period", ""),
            reason=request.form.get("reason", ""),
            actor=guard.current().actor,
        )
    except Problem as refused:
        fields: Mapping[str, object] = getattr(refused, "fields", {}) or {"period": [refused.sentence]}
        faults = {name: str(found[0] if isinstance(found, list) else found) for name, found in fields.items()}
        return _list_page(request.form.to_dict(), faults), refused.status
    return redirect(url_for("reports.progress", request_id=asked.id), 303)


@blueprint.get("/requests/<request_id>")
def progress(request_id: str) -> ResponseReturnValue:
    """How far a report is; then the edition."""
    asked = editions.request_of(request_id)
    _require(asked.organisation_id)
    if asked.edition_id is not None:
        return redirect(url_for("reports.one", edition_id=asked.edition_id), 303)
    return render_template(
        "certificates/reports/progress.html",
        asked=asked,
        title=periods.words(asked.period),
        job=jobs.state_of(editions.JOB, asked.id),
        latest=editions.latest(asked.organisation_id, asked.period),
    )


@blueprint.get("/<int:edition_id>")
def one(edition_id: int) -> str:
    """One edition: its figures, its files, what changed, and the other editions."""
    edition = _seen(edition_id)
    figures = json.loads(edition.figures)
    return render_template(
        "certificates/reports/one.html",
        edition=edition,
        title=periods.words(edition.period),
        organisation=pick(figures["organisation"]["names"]),
        everybody=snapshot.everybody(figures),
        meanings=wording.MEANINGS,
        changes=[
            (wording.place(figures["names"], by, key), figure, wording.number(before), wording.number(after))
            for by, key, figure, before, after in edition.differences[:SHOWN_CHANGES]
        ],
        others=editions.editions_like(edition),
        file_languages=OWN_NAMES,
        words=figure_words,
        may_change=guard.current().may(BUREAU_OFFICER, edition.organisation_id),
    )


@blueprint.get("/<int:edition_id>/<language>.<kind>")
def file(edition_id: int, language: str, kind: str) -> Response:
    """A file of an edition, as it was made."""
    edition = _seen(edition_id)
    kept = edition.files.get(f"{language}.{kind}")
    if kept is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return _as_file(
        files.read(kept["name"]), TYPES[kind], f"report-{edition.period}-{edition.number}-{language}.{kind}"
    )


@blueprint.get("/<int:edition_id>/figures.json")
def figures(edition_id: int) -> Response:
    """The frozen figures themselves, of which the hash is taken."""
    edition = _seen(edition_id)
    return _as_file(edition.figures.encode(), "application/json", f"report-{edition.period}-{edition.number}.json")


def _seen(edition_id: int) -> ReportEdition:
    edition = editions.get(edition_id)
    _require(edition.organisation_id)
    return edition


def _require(organisation_id: str) -> None:
    """:raises NotFound: ``not-found``: to a stranger it does not exist."""
    if not any(guard.current().may(role, organisation_id) for role in ROLES):
        guard.require(BUREAU_OFFICER, organisation_id)


def _list_page(given: Mapping[str, str], faults: Mapping[str, str]) -> str:
    viewer = guard.current()
    mine = viewer.organisations(*ROLES)
    found = editions.of(mine)
    plans = training.plans(Scope(organisations=viewer.organisations(BUREAU_OFFICER)))
    bureaus = {
        body.id: pick(body.names)
        for body in issuers.named(
            {edition.organisation_id for edition in found} | {plan.organisation_id for plan in plans}
        )
    }
    over = periods.over_on(
        civil_date(clock.now()), min((plan.year for plan in plans), default=civil_date(clock.now()).year)
    )
    return render_template(
        "certificates/reports/list.html",
        editions=[(edition, periods.words(edition.period)) for edition in found],
        under_way=[(asked, periods.words(asked.period)) for asked in editions.under_way(mine)],
        bureaus=bureaus,
        own=sorted({(plan.organisation_id, bureaus[plan.organisation_id]) for plan in plans}, key=lambda pair: pair[1]),
        over=[(code, periods.words(code)) for code in over],
        request_id=new_id(),
        given=given,
        faults=faults,
    )


def _id_of_form() -> str:
    """:raises NotFound: ``not-found`` for what no form of ours sends."""
    given = request.form.get("id", "")
    if len(given) != len(new_id()):
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return given


def _as_file(data: bytes, media_type: str, name: str) -> Response:
    response = Response(data, mimetype=media_type)
    response.headers["Content-Disposition"] = attachments.disposition(name, fallback=name)
    return response
