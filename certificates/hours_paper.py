"""The extract of hours as PDF. It has no seal of its own: each line names a document that anybody can verify."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from certificates import finishing, glyphs, typesetting, wording
from certificates.hours import Entry, Ledger, Progress
from certificates.layout import Layout
from lms.core import settings
from lms.core.db import new_id
from lms.core.i18n import _, locale, pick

_FOLDER = Path(__file__).parent / "templates" / "hours"
_TAGS = {"zh": "zh-Hans"}
Cell = tuple[str, bool]
"""A text, and whether it is a number."""


def make(found: Ledger, *, name: str) -> bytes:
    """The PDF, in the language that is spoken now. Behind the end of any transaction."""
    text = page(found, name=name)
    with typesetting.one_at_a_time:
        document = typesetting.Page(text, _layout(), {}).laid_out()

        def finish(_document: Any, pdf: Any) -> None:
            finishing.finish(document, pdf, frame="", addresses={}, attachments=())
            finishing.encode(pdf)

        identifier = new_id().replace("-", "").encode()
        written: bytes = document.write_pdf(finisher=finish, pdf_variant="pdf/a-3a", pdf_identifier=identifier)
    return written


def page(found: Ledger, *, name: str) -> str:
    """The page as XML."""
    heads: list[Cell] = [
        (_("Completed on"), False),
        (_("Module"), False),
        (_("Document"), False),
        (_("Hours"), True),
        (_("Counted"), True),
    ]
    text = _template().render(
        lang=_TAGS.get(locale(), locale()),
        title=_("Hours of study"),
        name=name,
        issuer=settings.current().public_url,
        made_on=found.day.isoformat(),
        heads=heads,
        lines=[_line(entry) for entry in found.entries],
        total=_("In all: %(hours)s academic hours", hours=found.total_hours),
        programmes=[f"{pick(each.programme.titles)}: {programme_words(each)}" for each in found.programmes],
        notes=_notes(found),
    )
    lacking = {sign for sign in glyphs.missing(text) if not sign.isspace()}
    return text.translate({ord(sign): f"[U+{ord(sign):04X}]" for sign in lacking})


def programme_words(progress: Progress) -> str:
    """How far a programme is, beside its title."""
    if progress.is_complete:
        complete: str = _("All modules are completed")
        return complete
    every = len(progress.programme.modules)
    some: str = _("%(done)s of %(all)s modules are completed", done=every - len(progress.missing), all=every)
    return some


def _line(entry: Entry) -> list[Cell]:
    return [
        (f"{entry.completed_on:%d.%m.%Y}", False),
        (pick(entry.titles), False),
        (_document(entry), False),
        (str(entry.hours), True),
        (str(entry.counted_hours), True),
    ]


def _document(entry: Entry) -> str:
    if entry.document is None:
        return "–"
    state = "" if entry.document.state == "valid" else f" ({wording.of_state(entry.document.state)})"
    return f"{entry.document.number}{state}"


def _notes(found: Ledger) -> list[str]:
    return [
        _("As of %(day)s.", day=f"{found.day:%d.%m.%Y}"),
        _("An academic hour has %(minutes)s minutes here.", minutes=found.academic_hour_minutes),
        _("A unit that belongs to two completions is counted once."),
        _(
            "This extract has no seal. Each document can be verified by its number at %(address)s.",
            address=f"{settings.current().public_url}/verify",
        ),
    ]


@cache
def _layout() -> Layout:
    return Layout(page="", style=(_FOLDER / "hours.css").read_text("utf-8"), frame="", pictures={})


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string((_FOLDER / "hours.html.jinja").read_text("utf-8"))
