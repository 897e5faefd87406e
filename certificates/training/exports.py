"""The result of a look-up as a file to take along: it carries the purpose for which it was taken."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from certificates import wording
from certificates.training.search import Line
from courses.records import REGIONS
from lms.core import workbooks
from lms.core.errors import Sentence
from lms.core.i18n import _, _l, pick
from lms.core.workbooks import Cell
from lms.organisations.models import Organisation
from lms.people import purposes

_HEADING: tuple[Sentence, ...] = (
    *(_l("No."), _l("Name"), _l("Region"), _l("Agency"), _l("Module"), _l("Hours"), _l("Completed on")),
    *(_l("Document"), _l("State"), _l("Organiser"), _l("Host"), _l("Programme"), _l("Paid for by")),
)


def workbook(lines: Sequence[Line], *, purpose: str, by: str, at: datetime) -> bytes:
    """As a spreadsheet, in the reader's language; purpose, asker and moment stand below the lines."""
    kind, words = purposes.in_words(purpose)
    below: list[list[Cell]] = [
        [],
        [None, str(_("For what")), str(kind), words],
        [None, str(_("Asked by")), by],
        [None, str(_("Asked at")), at.isoformat(timespec="seconds")],
    ]
    heading: list[Cell] = [str(cell) for cell in _HEADING]
    return workbooks.packed([heading, *(_cells(number, line) for number, line in enumerate(lines, 1)), *below])


def document(lines: Sequence[Line], *, purpose: str, by: str, at: datetime) -> dict[str, Any]:
    """As JSON; names in all languages, dates as ISO 8601."""
    return {
        "purpose": purpose,
        "asked_by": by,
        "asked_at": at.isoformat(timespec="seconds"),
        "lines": [as_json(line) for line in lines],
    }


def as_json(line: Line) -> dict[str, Any]:
    """One line for programs."""
    trained, document = line.trained, line.document
    return {
        "record_id": trained.record_id,
        "name": line.name,
        "region": trained.region,
        "agency": _named(line.agency),
        "module": trained.module,
        "track": trained.track,
        "titles": dict(trained.titles),
        "hours": trained.hours,
        "completed_on": line.completed_on.isoformat(),
        "document": {"number": document.number, "code": document.code, "state": document.state} if document else None,
        "organiser": _named(line.organiser),
        "host": _named(line.host),
        "programme": trained.programme,
        "cohort": trained.cohort,
        "funded_by": trained.funded_by or None,
    }


def _cells(number: int, line: Line) -> list[Cell]:
    trained, document = line.trained, line.document
    return [
        number,
        line.name,
        str(REGIONS.get(trained.region or "", "")),
        _name(line.agency),
        pick(trained.titles),
        trained.hours,
        line.completed_on.isoformat(),
        document.number if document else None,
        str(wording.of_state(document.state)) if document else None,
        _name(line.organiser),
        _name(line.host),
        trained.programme,
        trained.funded_by or None,
    ]


def _name(body: Organisation | None) -> str | None:
    return pick(body.names) if body else None


def _named(body: Organisation | None) -> dict[str, Any] | None:
    return {"code": body.code, "names": dict(body.names)} if body else None
