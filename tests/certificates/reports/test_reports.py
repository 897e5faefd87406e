"""A report from the officer's button to the proof years later, and what happens when somebody alters it."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from certificates.reports import auditing, editions
from certificates.reports.models import ReportEdition
from courses.cohorts.models import Member
from lms.core import clock, files, jobs
from lms.core.db import db, new_id, reading, transaction
from lms.core.web import Bilim
from lms.signin.roles import AUDITOR, BUREAU_OFFICER
from tests.certificates.trained import Trained, open_bureau
from tests.staff import csrf_token, sign_in

AFTER = datetime(2027, 1, 11, 6, tzinfo=UTC)
REPORTS = "/bureau/reports/"


def ask(browser: FlaskClient, bureau: str, *, period: str = "2026", reason: str = "") -> tuple[int, str]:
    """Press the button, let the worker work; the status, and where one was led."""
    form = {"id": new_id(), "organisation": bureau, "period": period, "reason": reason}
    answer = browser.post(REPORTS, data={"csrf_token": csrf_token(browser, REPORTS), **form})
    jobs.run_due()
    return answer.status_code, browser.get(answer.headers.get("Location", REPORTS)).headers.get("Location", "")


def test_a_report_keeps_its_bytes_and_a_correction_says_what_changed(app: Bilim) -> None:
    trained = open_bureau(app)
    officer, auditor, stranger = app.test_client(), app.test_client(), app.test_client()
    with clock.frozen(AFTER):
        sign_in(officer, BUREAU_OFFICER, trained.bureau)
        sign_in(auditor, AUDITOR, trained.bureau)
        sign_in(stranger, BUREAU_OFFICER, trained.agency)
        too_early = ask(officer, trained.bureau, period="2027-Q1")
        made = ask(officer, trained.bureau)
        first = officer.get(f"{REPORTS}1/ky.pdf").data
        without_reason = ask(officer, trained.bureau)
        unchanged = ask(officer, trained.bureau, reason="Nothing really")
        clock.advance(timedelta(days=365).total_seconds())
        _leave(trained)
        for browser, role in ((officer, BUREAU_OFFICER), (auditor, AUDITOR)):
            sign_in(browser, role, trained.bureau)
        sign_in(stranger, BUREAU_OFFICER, trained.agency)
        corrected = ask(officer, trained.bureau, reason="Somebody never came")
        page, old = auditor.get(f"{REPORTS}2?lang=en").text, auditor.get(f"{REPORTS}1?lang=en").text
        again = officer.get(f"{REPORTS}1/ky.pdf").data
        second = officer.get(f"{REPORTS}2/ru.pdf").data
        _see_what_the_public_is_told(app, first, second)

        assert (too_early, made, corrected) == ((409, ""), (303, f"{REPORTS}1"), (303, f"{REPORTS}2"))
        assert (without_reason[0], unchanged) == (422, (303, ""))
        assert first == again
        assert first.startswith(b"%PDF")
        assert first != officer.get(f"{REPORTS}2/ky.pdf").data
        assert "Somebody never came" in page
        assert "Region: Chui region" in page
        assert "Replaced by a later edition" in old
        assert "Edition 2" in old
        assert (
            '"enrolled":4,"hours":8,"key":"","nominated":5,"planned":6' in officer.get(f"{REPORTS}1/figures.json").text
        )
        assert (
            '"enrolled":3,"hours":8,"key":"","nominated":5,"planned":6' in officer.get(f"{REPORTS}2/figures.json").text
        )
        assert auditor.get(f"{REPORTS}1/ru.xlsx").data.startswith(b"PK")
        assert [stranger.get(f"{REPORTS}{path}").status_code for path in ("1", "1/ky.pdf", "1/figures.json")] == [
            404
        ] * 3
        assert (
            stranger.post(
                REPORTS, data={"csrf_token": csrf_token(stranger, REPORTS), "organisation": trained.bureau}
            ).status_code
            == 404
        )
    _see_alterations(app)
    with transaction():
        db.session.execute(text(f"UPDATE report_edition SET figures_sha256 = '{'0' * 64}'"))
    answer = app.test_client().post("/verify/pdf?lang=en", data={"file": (BytesIO(second), "report.pdf")})
    assert "No edition of a report has the figures inside." in answer.text


def _see_what_the_public_is_told(app: Bilim, first: bytes, second: bytes) -> None:
    """Which edition a file is, and whether a later one holds; an altered file is no report."""
    public = app.test_client()
    public.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    def told(data: bytes) -> str:
        return public.post("/verify/pdf", data={"file": (BytesIO(data), "report.pdf")}).text

    old, holds = told(first), told(second)
    assert "A later edition holds" in old
    assert "Edition 2 of" in old
    assert "Genuine report" in holds
    assert "It is the edition that holds." in holds
    for page, number in ((old, 1), (holds, 2)):
        assert "The bureau" in page
        assert "Year 2026" in page
        assert f"<dt>Edition</dt><dd>{number}</dd>" in page
        assert "Somebody never came" not in page, "what officers write is theirs"
    assert "Genuine report" not in told(second + b"% more")
    with reading():
        figures = db.session.scalars(select(ReportEdition.figures).order_by(ReportEdition.id)).all()
        assert editions.with_figures(figures[0] + " ", "0" * 64) is None
        found = [editions.with_figures(text, sha256(second).hexdigest()) for text in figures]
        assert [edition and edition.number for edition in found] == [1, 2]


def _leave(trained: Trained) -> None:
    """The one of Chui who never came is taken off the roster."""
    with transaction():
        db.session.execute(update(Member).filter_by(region="KG-C").values(left_at=clock.now()))


def _see_alterations(app: Bilim) -> None:
    sound = app.test_cli_runner().invoke(args=["reports", "audit"])
    assert (sound.exit_code, sound.output.splitlines()[-1]) == (0, "everything agrees")
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(update(ReportEdition).filter_by(id=1).values(reason="other"))
    with reading():
        edition = db.session.scalars(select(ReportEdition).filter_by(id=2)).one()
        before = edition.hash
        edition_file = edition.files["ru.pdf"]["name"]
        assert edition.differences == [
            ["all", "", "enrolled", 4, 3],
            *([by, key, "enrolled", was, now] for by, key, was, now in _changes(edition)),
        ]
    files.remove(edition_file)
    files.store("reports/nobody/claims.pdf", b"-")
    _behind_the_back("UPDATE report_edition SET figures = '{\"lines\": []}', reason = 'x' WHERE id = 1")
    report = auditing.prove()

    assert {code for code, _subject in report.findings} >= {"figures-altered", "edition-altered", "file-missing"}
    assert ("file-missing", edition_file) in report.findings
    assert report.orphans == ["reports/nobody/claims.pdf"]
    assert before == editions.hash_of(edition)
    assert app.test_cli_runner().invoke(args=["reports", "audit", "--json"]).exit_code == 1


def _changes(edition: ReportEdition) -> list[tuple[str, str, int, int]]:
    told = [tuple(found) for found in edition.differences[1:]]
    assert {(found[0], found[3], found[4]) for found in told} == {
        ("region", 1, 0),
        ("agency", 4, 3),
        ("level", 4, 3),
        ("gender", 2, 1),
        ("module", 4, 3),
        ("cohort", 4, 3),
    }
    return [(found[0], found[1], found[3], found[4]) for found in told]


def _behind_the_back(statement: str) -> None:
    """As somebody with the keys of the database could."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    off = "DROP TRIGGER report_edition_no_UPDATE" if is_sqlite else "ALTER TABLE report_edition DISABLE TRIGGER ALL"
    with transaction():
        db.session.execute(text(off))
        db.session.execute(text(statement))


def test_an_operator_asks_too_and_is_told_what_is_wrong(app: Bilim) -> None:
    trained = open_bureau(app)
    runner = app.test_cli_runner()

    with clock.frozen(AFTER):
        unknown = runner.invoke(args=["reports", "make", "nobody", "2026"])
        wrong = runner.invoke(args=["reports", "make", "bureau", "2026-Q7"])
        asked = runner.invoke(args=["reports", "make", "bureau", "2026-Q4"])

    assert (unknown.exit_code, wrong.exit_code, asked.exit_code) == (1, 1, 0)
    assert "period-unknown" in wrong.output
    assert asked.output == "report 2026-Q4 of bureau: waiting\n"
    with reading():
        assert [request.asked_by for request in editions.under_way(frozenset({trained.bureau}))] == ["operator"]
