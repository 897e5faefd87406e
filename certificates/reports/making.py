"""The job that makes a report: count, freeze, print in each language, seal, keep.

Nothing is promised before the edition stands in the chain: a worker that is killed leaves files that nobody claims, and the
next one counts again.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError

from certificates import lookup
from certificates.dashboards import counting
from certificates.dashboards import wording as figure_words
from certificates.reports import editions, paper, periods, snapshot, workbook
from certificates.reports.models import ReportEdition, ReportRequest
from courses import training
from courses.training import Scope, TrainingPlan
from lms.core import audit, clock, files, jobs
from lms.core.db import db, reading, transaction
from lms.core.errors import Unavailable
from lms.core.i18n import LANGUAGES, use_language
from lms.organisations.models import Organisation

UNCHANGED = "report-unchanged"


@jobs.handles(editions.JOB)
def make(request_id: str) -> None:
    """One request, once."""
    with reading():
        request = editions.request_of(request_id)
        if request.edition_id is not None or request.refusal is not None:
            return
        end, last = editions.end_of_chain(), editions.latest(request.organisation_id, request.period)
        figures = _frozen(request)
    text = snapshot.canonical(figures)
    if last is not None and last.figures == text:
        _refuse(request_id)
        return
    changed = snapshot.differences(json.loads(last.figures), figures) if last else []
    draft: dict[str, Any] = {
        "organisation_id": request.organisation_id,
        "period": request.period,
        "number": last.number + 1 if last else 1,
        "figures": text,
        "figures_sha256": snapshot.digest(text),
        "differences": [list(difference) for difference in changed],
        "reason": request.reason if last else "",
        "made_at": clock.now(),
        "made_by": request.asked_by,
    }
    try:
        draft["files"] = _written(request_id, ReportEdition(**draft), figures)
    except Unavailable as busy:
        raise jobs.TryLater(busy.code) from busy
    _keep(request_id, draft, end)


def _frozen(request: ReportRequest) -> dict[str, Any]:
    """The figures as they are now."""
    period = periods.days_of(request.period)
    scope = Scope(organisations=frozenset({request.organisation_id}), period=period)
    figures = counting.count(scope)
    body = db.session.get_one(Organisation, request.organisation_id)
    return snapshot.document(
        figures,
        organisation={"code": body.code, "names": body.names},
        code=request.period,
        period=period,
        plans=_plans_of(scope, period.first.year),
        names=figure_words.in_all_languages(figures, scope),
    )


def _plans_of(scope: Scope, year: int) -> Sequence[TrainingPlan]:
    return [plan for plan in training.plans(scope) if plan.year == year]


def _written(request_id: str, draft: ReportEdition, figures: dict[str, Any]) -> dict[str, Any]:
    """Every file, stored; under its hash, so that two tries never overwrite each other."""
    kept = {}
    for language in LANGUAGES:
        with use_language(language):
            made = {"pdf": paper.make(draft, figures, language), "xlsx": workbook.make(draft, figures)}
        for kind, data in made.items():
            sha256 = lookup.digest(data)
            name = f"reports/{request_id}/{sha256}.{kind}"
            files.store(name, data)
            kept[f"{language}.{kind}"] = {"name": name, "sha256": sha256, "bytes": len(data)}
    return kept


def _keep(request_id: str, draft: dict[str, Any], end: ReportEdition | None) -> None:
    try:
        with transaction():
            editions.add(editions.request_of(request_id), draft, after=end)
    except IntegrityError as faster:
        raise jobs.TryLater("report-chain-moved", after_seconds=1) from faster


def _refuse(request_id: str) -> None:
    with transaction():
        request = editions.request_of(request_id)
        request.refusal = UNCHANGED
        audit.record("report.unchanged", subject=f"report:{request_id}", actor=request.asked_by)
