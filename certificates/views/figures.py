"""For the bureau and for academies: how far places are filled and what became of the people; behind each number stand its records."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates.dashboards import asking, behind, counting, drawing, wording
from certificates.dashboards.figures import DIMENSIONS, FIGURES, STAGES, Figures, Line
from courses import training
from courses.training import Scope
from lms.core import workbooks
from lms.core.errors import NotFound
from lms.core.i18n import _, _l
from lms.core.web import writes
from lms.signin import guard, stating
from lms.signin.roles import ACADEMY_ADMINISTRATOR, AUDITOR, BUREAU_OFFICER

OF_BUREAUS = (BUREAU_OFFICER, AUDITOR)
ROLES = (*OF_BUREAUS, ACADEMY_ADMINISTRATOR)
SERVICE = "figures"
MOST_LINES = 15
"""Of one dimension on the page; the spreadsheet has them all."""

blueprint = Blueprint("figures", __name__, template_folder="../templates")


@blueprint.get("/")
def dashboard() -> str:
    """The figures of one's bureaus or academies, with a chart and a table for each question."""
    scope = _scope()
    found = counting.count(scope)
    names = wording.names(scope, {line.key for line in found.of("agency")})
    return render_template(
        "certificates/figures/dashboard.html",
        found=found,
        scope=scope,
        names=names,
        sections=_sections(found, names),
        funnel=drawing.funnel(found),
        steps=_steps(found),
        spreads=[
            (name, getattr(found, name), drawing.spread(name, getattr(found, name))) for name in ("waiting", "learning")
        ],
        filters=_filters(scope, names),
        words=wording,
        figures=FIGURES,
        of_bureau=scope.academies is None,
        ranges=drawing.RANGES,
        here=asking.query_of(scope),
        query=lambda **changed: asking.query_of(scope, **changed),
    )


@blueprint.get("/figures.xlsx")
def workbook() -> ResponseReturnValue:
    """Every line of every table."""
    scope = _scope()
    found = counting.count(scope)
    names = wording.names(scope, {line.key for line in found.of("agency")})
    lines = [[_("By"), _("Line"), *(str(wording.TITLES[name]) for name in FIGURES)]]
    rows: list[list[workbooks.Cell]] = [*lines, [_("In all"), "", *_cells(found.everybody)]]
    for by in DIMENSIONS:
        rows += [
            [str(wording.NAMES[by]), names[by].get(line.key, line.key), *_cells(line)]
            for line in found.of(by, names[by])
        ]
    return workbooks.packed(rows), {
        "Content-Type": workbooks.MEDIA_TYPE,
        "Content-Disposition": "attachment; filename=figures.xlsx",
    }


@blueprint.get("/behind/<what>")
@writes
def records_behind(what: str) -> str:
    """The records of one number; names only for officers of the bureau whose plan it is and for the academy whose cohort it is,
    once they have said for what.

    Everybody who is named, and of whom it is known who of the learning system that is, can read it.
    """
    scope, page = _scope(), request.args.get("page", 1, type=int)
    given: dict[str, Any] = {"what": what, "scope": scope, "words": wording, "here": asking.query_of(scope)}
    given |= {"names": wording.names(scope), "of_bureau": scope.academies is None}
    if what == "planned":
        return render_template("certificates/figures/places.html", plans=behind.places(scope), **given)
    if what in behind.NOMINEES:
        listed, kind = behind.nominees(scope, what, page), "nominees"
    elif what in behind.PEOPLE:
        listed, kind = behind.people(scope, what, page), "people"
    elif what in behind.WORK:
        listed, kind = behind.work(scope, what, page, days=_days()), "work"
    else:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    named_in = _plans_with_names(scope, kind)
    shown = named_in if stating.stated() else frozenset()
    _note([row for row in listed.rows if row.plan_id in shown], kind)
    return render_template(
        f"certificates/figures/{kind}.html",
        listed=listed,
        shown=shown,
        may_name=bool(named_in),
        page_address=lambda number: url_for(request.endpoint or "", what=what, **{**request.args, "page": number}),
        **given,
    )


def _plans_with_names(scope: Scope, kind: str) -> frozenset[str]:
    """Of whose people the reader may see names. Whom agencies nominated is no matter of academies."""
    if scope.academies is not None:
        return frozenset(plan.id for plan in training.plans(scope)) if kind != "nominees" else frozenset()
    mine = guard.current().organisations(BUREAU_OFFICER)
    return frozenset(plan.id for plan in training.plans(scope) if mine is None or plan.organisation_id in mine)


def _note(named: Sequence[Any], kind: str) -> None:
    """One line for each, however many modules stand in the list."""
    if kind == "nominees":
        people = training.nominated_people(row.nomination_id for row in named)
    else:
        people = [row.person_id for row in named]
    for person_id in dict.fromkeys(people):
        if person_id:
            stating.note(person_id, service=SERVICE)


def _scope() -> Scope:
    """Of whoever is of both, the bureau's."""
    viewer = guard.current()
    if viewer.holds(*OF_BUREAUS):
        return asking.scope_of(request.args, viewer.organisations(*OF_BUREAUS))
    mine = viewer.organisations(ACADEMY_ADMINISTRATOR)
    return asking.scope_of(request.args, None, academies=training.academies() if mine is None else mine)


def _days() -> tuple[int, int | None]:
    return request.args.get("from", 0, type=int), request.args.get("to", type=int)


def _sections(found: Figures, names: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """What stands on the page for each dimension: the chart, the lines, and how many more there are."""
    made = []
    for by in DIMENSIONS:
        lines = found.of(by, names[by])
        if by in ("agency", "cohort") and len(lines) > MOST_LINES:
            lines = sorted(lines, key=lambda line: -max(line.enrolled, line.nominated or 0))
        shown = lines[:MOST_LINES]
        chart = drawing.years(shown) if by == "year" and len(shown) > 1 else drawing.dimension(by, shown, names[by])
        made.append({"by": by, "lines": shown, "more": len(lines) - len(shown), "chart": chart})
    return [section for section in made if section["lines"]]


def _steps(found: Figures) -> list[tuple[str, int | None, str]]:
    """Each stage with its number and its share of the last number before it."""
    steps, before = [], None
    for stage in STAGES:
        number = found.everybody.figure(stage)
        steps.append((stage, number, drawing.share(number, before) if number is not None else ""))
        before = before if number is None else number
    return steps


def _filters(scope: Scope, names: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str, Sequence[tuple[str, str]]]]:
    """Name, chosen value and choices of each list above the figures."""
    plans = training.plans(scope)
    years = sorted({str(plan.year) for plan in plans}, reverse=True)
    choices: dict[str, Sequence[tuple[str, str]]] = {by: list(names[by].items()) for by in asking.FILTERS}
    choices["year"] = [(year, year) for year in years]
    choices["module"] = [
        (slug, names["module"].get(slug, slug)) for slug in sorted({slug for plan in plans for slug in plan.modules})
    ]
    chosen = asking.query_of(scope)
    return [(by, chosen.get(by, ""), [("", _("All")), *choices[by]]) for by in asking.FILTERS]


def _cells(line: Line) -> list[int | None]:
    return [line.figure(name) for name in FIGURES]
