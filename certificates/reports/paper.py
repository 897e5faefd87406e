"""A report on paper: PDF/A with the frozen figures attached, sealed as certificates are. It names no trainee."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from certificates import glyphs, papers
from certificates.dashboards import wording as figure_words
from certificates.dashboards.figures import FIGURES
from certificates.finishing import Attachment
from certificates.layout import Layout
from certificates.reports import periods, snapshot, wording
from certificates.reports.models import ReportEdition
from certificates.verification import REPORT_NAME
from lms.core import settings
from lms.core.i18n import _, civil_date, format_date, format_moment, pick

_FOLDER = Path(__file__).parents[1] / "templates" / "report"
_TAGS = {"zh": "zh-Hans"}
_BY = ("region", "agency", "level", "gender", "module", "cohort")
MOST_CHANGES = 400
"""That are printed; the spreadsheet has them all."""


def make(edition: ReportEdition, figures: Mapping[str, Any], language: str) -> bytes:
    """The sealed PDF in the language that is spoken now, which our own verifier has looked at.

    :raises Unavailable: the seal cannot be used now.
    """
    attached = Attachment(
        REPORT_NAME, edition.figures.encode(), "application/json", "The figures of this report (JSON)", "Source"
    )
    return papers.sealed(
        page(edition, figures, language),
        _layout(),
        attached=attached,
        identifier=sha256(f"{edition.figures_sha256} {edition.number} {language}".encode()).hexdigest()[:32],
        day=civil_date(edition.made_at),
    )


def page(edition: ReportEdition, figures: Mapping[str, Any], language: str) -> str:
    """The page as XML."""
    names = figures["names"]
    text = _template().render(
        edition=edition,
        lang=_TAGS.get(language, language),
        title=_("Report on training"),
        organisation=pick(figures["organisation"]["names"]),
        period=periods.words(edition.period),
        issuer=settings.current().public_url,
        made_on=civil_date(edition.made_at).isoformat(),
        facts=_facts(edition, figures),
        steps=[
            (figure_words.TITLES[name], wording.MEANINGS[name], wording.number(snapshot.everybody(figures)[name]))
            for name in FIGURES
        ],
        heads=[_("Hours") if name == "hours" else figure_words.TITLES[name] for name in FIGURES],
        number=_("Edition %(number)s", number=edition.number),
        tables=[table for by in _BY if (table := _table(figures, by))],
        days=_days(figures),
        changes=[_change(names, found) for found in edition.differences[:MOST_CHANGES]],
        left_out=max(len(edition.differences) - MOST_CHANGES, 0),
        words=_words(),
        notes=_notes(),
    )
    lacking = {sign for sign in glyphs.missing(text) if not sign.isspace()}
    return text.translate({ord(sign): f"[U+{ord(sign):04X}]" for sign in lacking})


def _facts(edition: ReportEdition, figures: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    period = periods.days_of(edition.period)
    plans = "; ".join(
        _(
            "%(title)s: offered %(offered)s, planned %(places)s",
            title=plan["title"],
            offered=plan["offered"],
            places=plan["places"],
        )
        for plan in figures["plans"]
    )
    found = [
        (_("Bureau"), pick(figures["organisation"]["names"]), False),
        (_("Days"), f"{format_date(period.first)} – {format_date(period.last)}", False),
        (_("Plans of the year"), plans or "–", False),
        (_("Edition"), str(edition.number), False),
        (_("Counted at"), f"{format_moment(edition.made_at, 'medium')} ({settings.current().time_zone})", False),
        (_("SHA-256 of the figures"), edition.figures_sha256, True),
    ]
    return [*found, (_("Why there is another edition"), edition.reason, False)] if edition.reason else found


def _table(figures: Mapping[str, Any], by: str) -> tuple[str, str, list[tuple[str, list[str]]]] | None:
    lines = [
        (wording.line(figures["names"], by, found["key"]), [wording.number(found[name]) for name in FIGURES])
        for found in snapshot.lines_of(figures, by)
    ]
    return (str(figure_words.BY[by]), str(figure_words.NAMES[by]), lines) if lines else None


def _days(figures: Mapping[str, Any]) -> list[str]:
    return [
        _(
            "%(what)s: half took %(half)s or fewer, nine of ten %(most)s or fewer.",
            what=figure_words.TITLES[name],
            half=found["half"],
            most=found["nine_of_ten"],
        )
        for name, found in figures["days"].items()
        if found["half"] is not None
    ]


def _change(names: Mapping[str, Any], found: list[Any]) -> tuple[str, str, str, str]:
    by, key, figure, before, after = found
    title = str(figure_words.TITLES[figure])
    return wording.place(names, by, key), title, wording.number(before), wording.number(after)


def _words() -> dict[str, str]:
    return {
        "steps": _("In the period"),
        "changes": _("What changed since the edition before"),
        "none": _("No figure changed, but names or titles did."),
        "line": _("Line"),
        "figure": _("Figure"),
        "before": _("Before"),
        "after": _("Now"),
        "number": _("How many"),
    }


def _notes() -> list[str]:
    return [
        _("Figures are counted once and stay as they are. A correction is another edition, which says what changed."),
        _("Whoever was in two cohorts is counted in each."),
        _("This file is sealed. The same figures are attached to it as %(name)s.", name=REPORT_NAME),
    ]


@cache
def _layout() -> Layout:
    return Layout(page="", style=(_FOLDER / "report.css").read_text("utf-8"), frame="", pictures={})


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string((_FOLDER / "report.html.jinja").read_text("utf-8"))
