"""Codes looked up among few certificates and among very many: ``script/bench lookup``.

The databases stand beside each other, and the same process asks them in turn, in blocks, so that a busy machine slows all of
them alike. Asked is what a phone asks that read a QR code, ``/v/<CODE>``, from the first byte of the request to the last
of the page, each time another code drawn from all there are; and within it, apart, the one look into the register. What counts
is CPU time: of this process and, of PostgreSQL, also of the one that serves it.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, insert, text

from certificates import lookup
from lms.core.db import db, new_id, reading, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from tests.bench import crowd, filling, installation
from tests.bench.cpu import cpu_seconds
from tests.bench.installation import POSTGRESQL, SQLITE

MOST_RATIO, MOST_QUERIES = 1.25, 1
FEW, MANY = 10_000, 1_000_000
PAGE, LOOK = "page /v/CODE", "look into the register"


@dataclass
class Register:
    """A database with so many certificates."""

    engine: str
    certificates: int
    app: Bilim
    server_pid: int | None = None
    """Of the process of PostgreSQL that serves our only connection."""
    drawn: random.Random = field(default_factory=lambda: random.Random(7))
    costs: dict[str, list[float]] = field(default_factory=lambda: {PAGE: [], LOOK: []})
    """Milliseconds of each block."""
    queries: dict[str, int] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        """A browser without script, which keeps nothing."""
        return self.app.test_client(use_cookies=False)

    def next_code(self) -> str:
        """Of one of all, each as likely."""
        return crowd.code_of(crowd.drawn(self.drawn.randrange(self.certificates)))


def main() -> int:
    options = _options()
    with TemporaryDirectory(prefix="bilim-bench-") as folder, ExitStack() as stack:
        server = stack.enter_context(installation.postgresql()) if not options.only_sqlite else None
        registers = [
            stack.enter_context(_register(engine, number, Path(folder), server))
            for engine in (SQLITE, *([POSTGRESQL] if server else []))
            for number in (options.few, options.many)
        ]
        _measure(registers, blocks=options.blocks, codes=options.codes)
        report = _report(registers, codes=options.codes)
    print(json.dumps(report, ensure_ascii=False) if options.json else _table(report))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench lookup")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--few", type=int, default=FEW, help="certificates of the small register")
    parser.add_argument("--many", type=int, default=MANY, help="certificates of the large register")
    parser.add_argument("--blocks", type=int, default=15)
    parser.add_argument("--codes", type=int, default=200, help="asked of each register in each block")
    parser.add_argument("--only-sqlite", action="store_true")
    return parser.parse_args()


@contextmanager
def _register(engine: str, certificates: int, folder: Path, server: str | None) -> Iterator[Register]:
    """Filled before it is asked: the driver writes the rows, then the database takes stock of them."""
    url = installation.database(engine, folder, server)
    started = time.perf_counter()
    with installation.application(folder / new_id(), url) as app:
        with app.app_context():
            organisation_id = _organisation()
            db.engine.dispose()
        with filling.connected(url, alone=True) as connection:
            rows = crowd.certificates(range(certificates), organisation_id=organisation_id)
            with filling.without_indexes(connection, "certificate"):
                filling.fill(connection, "certificate", crowd.CERTIFICATE, rows, at_once=filling.ALL)
            filling.settled(connection)
        print(f"{engine}: {certificates} rows in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
        yield Register(engine, certificates, app)


def _organisation() -> str:
    with transaction():
        names = dict.fromkeys(("ky", "ru", "zh", "en"), "Invented academy")
        made = {"id": new_id(), "code": "invented-academy", "country": "KG", "names": names}
        db.session.execute(insert(Organisation), [made])
        return str(made["id"])


def _server_pid(register: Register) -> int | None:
    """The pool keeps one connection as long as one thread asks."""
    if register.engine != POSTGRESQL:
        return None
    with register.app.app_context(), reading():
        return int(db.session.scalar(text("SELECT pg_backend_pid()")) or 0)


def _measure(registers: list[Register], *, blocks: int, codes: int) -> None:
    for register in registers:
        register.queries = {name: queries(register, ask) for name, ask in ASKED.items()}
        register.server_pid = _server_pid(register)
        _block(register, _ask_page, codes)  # everything is warm
    for _block_number in range(blocks):
        for register in registers:
            for name, ask in ASKED.items():
                register.costs[name].append(_block(register, ask, codes))


def _block(register: Register, ask: Callable[[Register], None], codes: int) -> float:
    """Milliseconds of CPU for one code."""
    before = time.process_time() + cpu_seconds(register.server_pid)
    for _code in range(codes):
        ask(register)
    return 1000 * (time.process_time() + cpu_seconds(register.server_pid) - before) / codes


def _ask_page(register: Register) -> None:
    code = register.next_code()
    answer = register.client.get(f"/v/{code}")
    assert answer.status_code == 200, (code, answer.status_code)


def _look(register: Register) -> None:
    with register.app.app_context(), reading():
        found = lookup.by_code(register.next_code())
    assert found is not None


ASKED = {PAGE: _ask_page, LOOK: _look}


def queries(register: Register, ask: Callable[[Register], None]) -> int:
    """Statements that the database was sent, without those that begin and end a transaction."""
    sent: list[str] = []

    def _note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    ask(register)
    with register.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", _note)
    ask(register)
    event.remove(engine, "before_cursor_execute", _note)
    return len(sent)


def _report(registers: list[Register], *, codes: int) -> dict[str, Any]:
    pairs = list(zip(registers[::2], registers[1::2], strict=True))
    ratios = {few.engine: {name: _ratio(many.costs[name], few.costs[name]) for name in ASKED} for few, many in pairs}
    queries = max(register.queries[LOOK] for register in registers)
    return {
        "bench": "lookup",
        "unit": "CPU milliseconds for one code, of PostgreSQL with its own",
        "codes_a_block": codes,
        "registers": [
            {
                "engine": register.engine,
                "certificates": register.certificates,
                **{name: {**_summary(register.costs[name]), "queries": register.queries[name]} for name in ASKED},
            }
            for register in registers
        ],
        "ratios": ratios,
        "load": [round(one, 1) for one in os.getloadavg()],
        "goal": {
            "ratio": MOST_RATIO,
            "queries_for_the_look": MOST_QUERIES,
            "met": queries <= MOST_QUERIES and all(one[PAGE]["median"] <= MOST_RATIO for one in ratios.values()),
        },
    }


def _summary(costs: list[float]) -> dict[str, Any]:
    return {"median": round(statistics.median(costs), 3), "worst": round(max(costs), 3)}


def _ratio(many: list[float], few: list[float]) -> dict[str, float]:
    """Block by block, so that the machine's moods cancel; ``worst`` is the least flattering block."""
    ratios = [large / small for large, small in zip(many, few, strict=True)]
    return {"median": round(statistics.median(ratios), 2), "worst": round(max(ratios), 2)}


def _table(report: dict[str, Any]) -> str:
    lines = [
        f"{'one code, CPU ms':<40}{'certificates':>13}{'median':>9}{'worst':>9}{'queries':>9}{'x few':>7}{'worst':>7}"
    ]
    for register in report["registers"]:
        for name in ASKED:
            ratio = report["ratios"][register["engine"]][name]
            is_many = register is not next(r for r in report["registers"] if r["engine"] == register["engine"])
            told = f"{ratio['median']:>7}{ratio['worst']:>7}" if is_many else ""
            lines.append(
                f"{register['engine'] + ', ' + name:<40}{register['certificates']:>13}{register[name]['median']:>9}"
                f"{register[name]['worst']:>9}{register[name]['queries']:>9}{told}"
            )
    goal = report["goal"]
    lines.append(
        f"goal: page among many <= {goal['ratio']} x among few, one query for the look: "
        f"{'met' if goal['met'] else 'NOT MET'} (load {report['load'][0]})"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
