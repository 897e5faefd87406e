"""Rows by the thousand, against the driver alone: ``script/bench bulk``.

Each piece of bulk work is done by the product as users do it - the roster of a course as its LMS lists it, rosters as
spreadsheets, tables that move or are restored (``flask ops``) - and then the very rows that it wrote are written once more by
``executemany`` of the bare driver, into the same tables with the same keys, in transactions of the same size. What counts is CPU
time: of this process and, of PostgreSQL, also of the one that serves it.
"""

import argparse
import json
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from sqlalchemy import make_url, text

from courses import loading
from courses.cohorts import identity, importing, rosters
from courses.cohorts.models import Cohort, Plan, RosterImport
from courses.models import Module
from lms.core import workbooks
from lms.core.db import db, new_id, reading, transaction
from lms.core.ops import rows
from lms.core.web import Bilim
from lms.lti import nrps_keeping
from lms.lti.models import Context, Deployment, Registration, ResourceLink
from lms.lti.nrps import Member
from lms.organisations.models import Organisation
from tests.bench import crowd, filling, installation, people
from tests.bench.cpu import cpu_seconds
from tests.bench.installation import POSTGRESQL, SQLITE
from tests.bench.people import Surroundings
from tests.certificates.academy import module

MOST_RATIO = 3.0
READING, ENCRYPTING = "reading one of the spreadsheets", "encrypting its personal numbers"
A_PAGE, A_SHEET = 1_000, rosters.LIMITS.rows - 1
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Place:
    """A database with the product on it."""

    engine: str
    url: str
    app: Bilim
    around: Surroundings
    cohort_id: str


@dataclass(frozen=True)
class Work:
    """One piece of bulk work."""

    name: str
    rows: int
    tables: tuple[str, ...]
    """Which it fills, each behind those that it points to."""
    steps: Callable[[Place], list[Callable[[], None]]]
    """Made ready before the count; each step is a transaction."""


@dataclass
class Spent:
    """Seconds of CPU in each round."""

    ours: list[float] = field(default_factory=list)
    driver: list[float] = field(default_factory=list)


def main() -> int:
    options = _options()
    measured: dict[str, dict[str, Spent]] = {}
    with TemporaryDirectory(prefix="bilim-bench-") as folder, ExitStack() as stack:
        server = stack.enter_context(installation.postgresql()) if not options.only_sqlite else None
        for engine in (SQLITE, *([POSTGRESQL] if server else [])):
            place = stack.enter_context(_place(engine, Path(folder), server, people_count=options.rows))
            measured[engine] = {work.name: _measure(place, work, options.rounds) for work in _works(options)}
            measured[engine] |= _beside(place, options)
    report = _report(measured, options)
    print(json.dumps(report, ensure_ascii=False) if options.json else _table(report))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench bulk")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--rosters", type=int, default=10_000, help="people on a roster")
    parser.add_argument("--rows", type=int, default=100_000, help="completions, and certificates")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-sqlite", action="store_true")
    return parser.parse_args()


def _works(options: argparse.Namespace) -> list[Work]:
    return [
        Work(
            "roster from the LMS",
            options.rosters,
            ("person", "lti_platform_user", "lti_membership"),
            partial(_listed, options.rosters),
        ),
        Work(
            "roster from spreadsheets, as rows",
            options.rosters,
            ("bureau_member",),
            partial(_imported, options.rosters),
        ),
        Work(
            "completions moved or restored", options.rows, ("course_completion",), partial(_loaded, "course_completion")
        ),
        Work("certificates moved or restored", options.rows, ("certificate",), partial(_loaded, "certificate")),
    ]


@contextmanager
def _place(engine: str, folder: Path, server: str | None, *, people_count: int) -> Iterator[Place]:
    """People who are enrolled stand there, because completions point to them."""
    url = installation.database(engine, folder, server)
    with installation.application(folder / new_id(), url) as app:
        with app.app_context():
            around, cohort_id = _surroundings()
        with filling.connected(url) as connection:
            people.fill(connection, range(people_count), around, certified=False)
            filling.settled(connection)
        yield Place(engine, url, app, around, cohort_id)


def _surroundings() -> tuple[Surroundings, str]:
    with transaction():
        names = dict.fromkeys(("ky", "ru", "zh", "en"), "Invented academy")
        body = Organisation(id=new_id(), code="invented-academy", country="KG", names=names)
        registration = Registration(
            id=new_id(), issuer="https://lms.example", client_id="c", auth_url="-", token_url="-", jwks_url="-"
        )
        deployment = Deployment(id=new_id(), registration_id=registration.id, deployment_id="1", is_approved=True)
        context = Context(id=new_id(), deployment_id=deployment.id, context_id="course-1")
        link = ResourceLink(
            id=new_id(), registration_id=registration.id, deployment_id=deployment.id, resource_link_id="link-1"
        )
        for row in (body, registration, deployment, context, link):
            db.session.add(row)
            db.session.flush()
        loading.load([module()])
        db.session.flush()
        taught = db.session.query(Module).one()
        cohort_id = _cohort(body.id)
        return (
            Surroundings(
                registration.id, deployment.id, [context.id], [link.id], taught.id, taught.current_version_id, body.id
            ),
            cohort_id,
        )


def _cohort(body_id: str) -> str:
    plan = Plan(
        id=new_id(),
        organisation_id=body_id,
        programme="c",
        title="2026",
        modules=["public-management"],
        year=2026,
        offered=100_000,
        places=100_000,
    )
    db.session.add(plan)
    db.session.flush()
    cohort = Cohort(
        id=new_id(),
        plan_id=plan.id,
        title="2026",
        starts_on=date(2026, 4, 15),
        ends_on=date(2026, 11, 30),
        places=100_000,
    )
    db.session.add(cohort)
    db.session.flush()
    return cohort.id


# The product's work, made ready


def _listed(count: int, place: Place) -> list[Callable[[], None]]:
    """As the job ``roster`` keeps each page that the platform tells."""
    members = [Member(f"listed-{n}", ("learner",), True, crowd.name_of(n)["Cyrl"], ()) for n in range(count)]

    def _keep(page: Sequence[Member]) -> None:
        with transaction():
            nrps_keeping.keep_members(place.around.registration_id, place.around.context_ids[0], page, at=AT)

    return [partial(_keep, members[start : start + A_PAGE]) for start in range(0, count, A_PAGE)]


def _imported(count: int, place: Place) -> list[Callable[[], None]]:
    """As the job ``roster-import`` writes what it has read; a spreadsheet holds so many rows at most.

    People known by their addresses: to encrypt a number is work that no driver does, and is told apart.
    """
    with place.app.app_context():
        agencies = {"invented-academy": place.around.organisation_id}
        sheets = [rosters.read(_sheet(numbers, with_numbers=False), agencies) for numbers in _sheets(count)]
    assert sum(len(sheet.entries) for sheet in sheets) == count

    def _take(sheet: rosters.Reading) -> None:
        with transaction():
            found = RosterImport(cohort_id=place.cohort_id, made_by="bench", is_trial=False)
            db.session.add(found)
            db.session.flush()
            importing._take(found, sheet)
            assert found.refusal is None

    return [partial(_take, sheet) for sheet in sheets]


def _loaded(table: str, place: Place) -> list[Callable[[], None]]:
    """As ``flask ops restore`` and ``move`` write a table from its lines."""
    with filling.connected(place.url) as connection:
        numbers = range(int(connection.execute("SELECT count(*) FROM course_enrolment").fetchone()[0]))  # type: ignore[index]
        if table == "certificate":
            drawn = crowd.certificates(numbers, organisation_id=place.around.organisation_id)
            filling.fill(connection, table, crowd.CERTIFICATE, drawn)
        else:
            (made,) = (one for one in people.DONE if one.name == table)
            drawn = (row for number in numbers for row in made.rows(number, crowd.drawn(number), place.around))
            filling.fill(connection, table, made.columns.split(), drawn)
    with place.app.app_context(), reading():
        lines = list(rows.lines(db.session.connection(), db.metadata.tables[table]))
    _clear(place, (table,))

    def _load() -> None:
        with transaction():
            rows.load(db.session.connection(), db.metadata.tables[table], lines)

    return [_load]


def _sheets(count: int) -> list[range]:
    return [range(start, min(start + A_SHEET, count)) for start in range(0, count, A_SHEET)]


def _sheet(numbers: range, *, with_numbers: bool) -> bytes:
    heading = ["name", "latin name", "gender", "region", "level", "agency", "e-mail", "personal number"]
    columns = len(heading) - (not with_numbers)
    return workbooks.packed([heading[:columns], *(_line(number)[:columns] for number in numbers)])


def _line(number: int) -> list[str]:
    name = crowd.name_of(number)
    latin = "".join(sign for sign in name["Latn"] if not sign.isdigit()).strip()
    mail = f"invented-{number}@example.kg"
    return [name["Cyrl"], latin, "fm"[number % 2], "KG-C", "local", "invented-academy", mail, f"{number:014}"]


# The count


def _measure(place: Place, work: Work, rounds: int) -> Spent:
    spent = Spent()
    steps = work.steps(place)
    for _round in range(rounds):
        spent.ours.append(_cost_of_ours(place, steps))
        written = {table: _written(place, table) for table in work.tables}
        assert len(written[work.tables[-1]][1]) == work.rows, (work.name, len(written[work.tables[-1]][1]))
        _clear(place, work.tables)
        spent.driver.append(_cost_of_driver(place, written, parts=len(steps)))
        _clear(place, work.tables)
    return spent


def _cost_of_ours(place: Place, steps: list[Callable[[], None]]) -> float:
    with place.app.app_context():
        with reading():
            is_served = place.engine == POSTGRESQL
            pid = db.session.scalar(text("SELECT pg_backend_pid()")) if is_served else None
        before = time.process_time() + cpu_seconds(pid)
        for step in steps:
            step()
        return time.process_time() + cpu_seconds(pid) - before


def _cost_of_driver(place: Place, written: dict[str, tuple[list[str], list[Any]]], *, parts: int) -> float:
    """As many transactions as ours, each of as many rows; a table is filled before those that point to it."""
    pieces = [piece for table in written for piece in _pieces(table, *written[table], parts)]
    with _driver(place) as connection:
        pid = connection.info.backend_pid if isinstance(connection, psycopg.Connection) else None
        before = time.process_time() + cpu_seconds(pid)
        for start in range(0, len(pieces), len(written)):
            connection.execute("BEGIN")
            for table, columns, values in pieces[start : start + len(written)]:
                filling.execute_many(connection, table, columns, values)
            connection.execute("COMMIT")
        return time.process_time() + cpu_seconds(pid) - before


def _pieces(
    table: str, columns: list[str], values: list[Any], parts: int
) -> Iterator[tuple[str, list[str], list[Any]]]:
    size = -(-len(values) // parts)
    for part in range(parts):
        yield table, columns, values[part * size : (part + 1) * size]


@contextmanager
def _driver(place: Place) -> Iterator[filling.Connection]:
    """Set up as the product's own connections are."""
    if place.engine == SQLITE:
        bare = sqlite3.connect(make_url(place.url).database or "", isolation_level=None)
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000", "synchronous=NORMAL"):
            bare.execute(f"PRAGMA {pragma}")
        with closing(bare):
            yield bare
    else:
        with closing(psycopg.connect(place.url, autocommit=True)) as served:
            yield served


def _written(place: Place, table: str) -> tuple[list[str], list[Any]]:
    """Columns and rows as the driver reads them; JSON as its text. Of people, only those who have no enrolment."""
    known = db.metadata.tables[table].c
    columns = [column.name for column in known]
    asked = [
        f"{column.name}::text" if place.engine == POSTGRESQL and str(column.type) == "JSON" else column.name
        for column in known
    ]
    with filling.connected(place.url) as connection:
        found = connection.execute(f"SELECT {', '.join(asked)} FROM {table}{_ONLY_NEW.get(table, '')}").fetchall()
    return columns, found


def _clear(place: Place, tables: Sequence[str]) -> None:
    with filling.connected(place.url) as connection:
        for table in reversed(tables):
            connection.execute(f"DELETE FROM {table}{_ONLY_NEW.get(table, '')}")
        filling.settled(connection)


_ONLY_NEW = {
    "person": " WHERE NOT EXISTS (SELECT 1 FROM course_enrolment WHERE course_enrolment.person_id = person.id)",
    "lti_platform_user": " WHERE sub LIKE 'listed-%'",
}


def _beside(place: Place, options: argparse.Namespace) -> dict[str, Spent]:
    """What no driver does: unpacking a spreadsheet, judging its cells, a keyed hash for each person; encrypting the numbers."""
    data = _sheet(_sheets(options.rosters)[0], with_numbers=True)
    agencies = {"invented-academy": place.around.organisation_id}
    spent = {name: Spent() for name in (READING, ENCRYPTING)}
    with place.app.app_context():
        for _round in range(options.rounds):
            before = time.process_time()
            found = rosters.read(data, agencies)
            between = time.process_time()
            for entry in found.entries.values():
                identity.encrypted_number(entry.personal_number)
            spent[READING].ours.append(between - before)
            spent[ENCRYPTING].ours.append(time.process_time() - between)
    return spent


# What it says


def _report(measured: dict[str, dict[str, Spent]], options: argparse.Namespace) -> dict[str, Any]:
    counts = {work.name: work.rows for work in _works(options)}
    told = {
        engine: {
            name: _told(spent, counts.get(name, len(_sheets(options.rosters)[0]))) for name, spent in works.items()
        }
        for engine, works in measured.items()
    }
    ratios = [one["times_driver"] for works in told.values() for one in works.values() if "times_driver" in one]
    return {
        "bench": "bulk",
        "unit": "seconds of CPU, of PostgreSQL with its own",
        "works": told,
        "load": [round(one, 1) for one in os.getloadavg()],
        "goal": {"times_driver": MOST_RATIO, "met": all(ratio <= MOST_RATIO for ratio in ratios)},
    }


def _told(spent: Spent, count: int) -> dict[str, Any]:
    ours = statistics.median(spent.ours)
    found = {
        "rows": count,
        "seconds": round(ours, 2),
        "worst": round(max(spent.ours), 2),
        "rows_a_second": round(count / ours),
    }
    if not spent.driver:
        return found
    ratios = [own / bare for own, bare in zip(spent.ours, spent.driver, strict=True)]
    return {
        **found,
        "driver_seconds": round(statistics.median(spent.driver), 2),
        "times_driver": round(statistics.median(ratios), 2),
        "worst_times": round(max(ratios), 2),
    }


def _table(report: dict[str, Any]) -> str:
    lines = [f"{'CPU seconds':<50}{'rows':>8}{'ours':>8}{'worst':>8}{'driver':>8}{'x driver':>10}{'worst':>7}"]
    for engine, works in report["works"].items():
        for name, one in works.items():
            bare = (
                f"{one['driver_seconds']:>8}{one['times_driver']:>10}{one['worst_times']:>7}"
                if "times_driver" in one
                else ""
            )
            lines.append(f"{engine + ', ' + name:<50}{one['rows']:>8}{one['seconds']:>8}{one['worst']:>8}{bare}")
    goal = report["goal"]
    lines.append(
        f"goal: <= {goal['times_driver']} x the driver: {'met' if goal['met'] else 'NOT MET'} (load {report['load'][0]})"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
