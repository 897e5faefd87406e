"""The days of a bureau officer in Chromium: from the plan of places to the sealed report of the year."""

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import select

from certificates.models import Certificate
from certificates.reports.models import ReportEdition
from courses import completion
from lms.core import clock
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.people import accesses
from tests.certificates import academy
from tests.certificates.academy import Learner
from tests.journeys.album import Album
from tests.journeys.arriving import served
from tests.journeys.officer import Officer

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
BODIES = {
    "bureau": {
        "ky": "Көрсөтмө кызмат бюросу",
        "ru": "Демонстрационное бюро службы",
        "zh": "示范公务员局",
        "en": "Demonstration Service Bureau",
    },
    "city-hall": {
        "ky": "Көрсөтмө шаар мэриясы",
        "ru": "Демонстрационная мэрия",
        "zh": "示范市政府",
        "en": "Demonstration City Hall",
    },
}
MODULE = "public-management"
PLAN = {
    "title": "Кытай: 72 саат",
    "programme": "china-72",
    "modules": MODULE,
    "year": "2026",
    "places": "2",
    "least_women": "1",
    "funded_by": "Көрсөтмө фонд",
}
CALL = {
    "title": "Жаз, 2026",
    "opens_on": "2026-03-01",
    "closes_on": "2026-03-31",
    "least_service_years": "2",
    "points_per_service_year": "2",
    "most_service_points": "20",
}
NOMINEE = {
    "gender": "f",
    "region": "KG-B",
    "level": "local",
    "post_group": "senior",
    "consent_language": "ky",
    "consented_on": "2026-03-02",
}
PEOPLE = (("Мисал Сынакова", "5", "1"), ("Үлгү Нускабаева", "9", "2"), ("Нуска Мисалов", "1", "3"))
"""Names, years of service, and the last digit of a personal number that nobody has."""
LATIN = ("Misal Synakova", "Ulgu Nuskabaeva")
COHORT = {"title": "Биринчи топ", "starts_on": "2026-05-01", "ends_on": "2026-05-20", "places": "2"}
FIGURES = ["2", "3", "2", "2", "2", "1", "1", "4"]
"""Planned, nominated, selected, on the roster, begun, completed, with certificate, and hours."""
PURPOSE = {"purpose": "report", "words": "2026-жылдын отчёту"}


@pytest.fixture
def organisation_id(app: Bilim) -> Iterator[str]:
    """The bureau, beside an academy with one module and an agency that nominates, at the beginning of a year."""
    app.config["WTF_CSRF_ENABLED"] = False
    with clock.frozen(datetime(2026, 2, 1, 6, tzinfo=UTC)):
        academy.open_academy(app)
        with transaction():
            db.session.add_all(Organisation(code=code, country="KG", names=names) for code, names in BODIES.items())
            bureau = _body("bureau")
        yield bureau


@pytest.fixture
def officer(app: Bilim, organisation_id: str, browser: Browser, album: Album) -> Iterator[Officer]:
    with served(app) as address:
        somebody = Officer(app, organisation_id, browser, address, album)
        yield somebody
        somebody.goes_home()


def test_from_the_plan_to_the_sealed_report_of_the_year(officer: Officer, tmp_path: Path) -> None:
    _plans_and_calls(officer)
    _has_nominees(officer)
    cohort = _selects(officer)
    learned = _learn()
    officer.waits_for_the_worker()
    _knows_who_is_who(officer, cohort)
    certificate = _certificate_of(learned)
    _looks_into_the_register(officer, learned, certificate)
    _verifies(officer, certificate)
    _reads_figures(officer)
    _reports(officer, tmp_path)


def _plans_and_calls(officer: Officer) -> None:
    officer.begins_a_day(2026, 2, 2)
    officer.opens("/bureau/plans/")
    officer.sends(**PLAN)
    officer.sends(share="region:KG-B", places="2")
    officer.keeps("plan")
    officer.presses(officer.page.locator("a[href*='/bureau/calls/new/']"))
    officer.sends(**CALL)


def _has_nominees(officer: Officer) -> None:
    call = officer.page.url.removeprefix(officer.address)
    with reading():
        agency = _body("city-hall")
    officer.begins_a_day(2026, 3, 3)
    for name, years, digit in PEOPLE:
        officer.opens(f"{call}/nominate")
        number = digit.zfill(14)
        officer.sends(name=name, **NOMINEE, agency_id=agency, service_years=years, personal_number=number)
        expect(officer.page.locator("h1")).to_contain_text(name)
    officer.keeps("nominee")
    officer.begins_a_day(2026, 4, 1)
    officer.opens(call)


def _selects(officer: Officer) -> str:
    """Selection, order and cohort; returns the address of the cohort."""
    officer.presses(officer.page.locator("main .button.next"))
    officer.keeps("selection")
    officer.sends(number="17", on="2026-04-01")
    officer.presses(officer.page.locator("a[href*='/bureau/cohorts/new/']"))
    officer.sends(**COHORT)
    return officer.page.url.removeprefix(officer.address)


def _learn() -> Learner:
    """Both open the module, and the first completes it."""
    learners = [academy.enrol(), academy.enrol()]
    for learner, (name, _years, _digit), latin in zip(learners, PEOPLE, LATIN, strict=False):
        learner.confirm_name(Cyrl=name, Latn=latin)
    clock.advance((datetime(2026, 5, 20, 6, tzinfo=UTC) - clock.now()).total_seconds())
    with transaction():
        completion.report(
            issuer=academy.ISSUER,
            client_id=academy.CLIENT,
            user_id=learners[0].sub,
            module_slug=MODULE,
            score_percent=87,
            completed_at=clock.now(),
            source="client:test",
        )
    return learners[0]


def _knows_who_is_who(officer: Officer, cohort: str) -> None:
    officer.begins_a_day(2026, 5, 25)
    officer.sits_down()
    officer.opens(f"{cohort}/people")
    officer.keeps("who-is-who")
    for name, _years, _digit in PEOPLE[:2]:
        alike = officer.page.locator("tbody tr", has=officer.page.get_by_role("cell", name=name, exact=True))
        officer.presses(alike.first.locator("button[value=same]"))
    officer.opens(cohort)
    expect(officer.page.locator("main")).to_contain_text("2 из 2")
    officer.keeps("cohort")


def _looks_into_the_register(officer: Officer, learned: Learner, certificate: Certificate) -> None:
    """Without a purpose nothing is shown; with one, the person can read it."""
    number = str(certificate.number)
    officer.opens("/bureau/training/")
    officer.page.locator("main [name=name]").fill("Сынакова")
    officer.page.locator("main .button.next").click()
    expect(officer.page.locator(".error-summary")).to_be_visible()
    expect(officer.page.locator("main")).not_to_contain_text(number)
    for window, seat in ((officer.phone, "ky-phone"), (officer.desk, "ru-desktop")):
        officer.page = window
        officer.opens("/bureau/training/")
        officer.sends(**PURPOSE, name="Сынакова")
        expect(window.locator("tbody")).to_contain_text(number)
        officer.keeps_one(f"trained-{seat}", window)
    assert "Мисал Сынакова" in _sheet(officer.takes(officer.page.locator("button[value=xlsx]")))
    with reading():
        assert [look.purpose for look in accesses.of(learned.person_id)] == ["report: 2026-жылдын отчёту"] * 3


def _verifies(officer: Officer, certificate: Certificate) -> None:
    for path in ("/bureau/why/", "/bureau/hours/"):
        officer.opens(path)
    officer.opens("/bureau/verify-many/")
    officer.sends(text=f"{certificate.code}\n{certificate.number}\n7Q4MX2DN9TVCZ")
    officer.waits_for_the_worker()
    officer.page.reload()
    expect(officer.page.locator("main")).to_contain_text("Мисал Сынакова")
    officer.keeps("verified")


def _reads_figures(officer: Officer) -> None:
    """Each number leads to the records behind it."""
    officer.opens("/bureau/figures/")
    officer.keeps("figures")
    funnel = officer.page.locator("section").first.locator("tbody tr")
    assert _numbers(funnel) == FIGURES
    officer.presses(funnel.locator("a[href*='/behind/completed']"))
    assert officer.page.locator("tbody th").all_inner_texts() == ["Мисал Сынакова"]
    officer.keeps("behind")


def _numbers(rows: Locator) -> list[str]:
    return [row.locator("td").first.inner_text() for row in rows.all()]


def _reports(officer: Officer, folder: Path) -> None:
    """The report of the year: made, sealed, the same bytes as when it was made, and the figures that were seen."""
    officer.begins_a_day(2027, 1, 11)
    officer.opens("/bureau/reports/")
    officer.sends(period="2026", reason="")
    officer.waits_for_the_worker()
    officer.page.reload()
    expect(officer.page.locator("h1")).to_contain_text("2026")
    officer.keeps("report")
    with reading():
        edition = db.session.scalars(select(ReportEdition)).one()
    for kind in ("pdf", "xlsx"):
        data = officer.takes(officer.page.locator(f"a[href$='/ky.{kind}']"))
        assert sha256(data).hexdigest() == edition.files[f"ky.{kind}"]["sha256"]
        (folder / f"report.{kind}").write_bytes(data)
    figures = officer.takes(officer.page.locator("a[href$='/figures.json']"))
    expect(officer.page.locator("main")).to_contain_text(sha256(figures).hexdigest())
    _is_sealed_and_says(folder, figures)


def _is_sealed_and_says(folder: Path, figures: bytes) -> None:
    """By other people's programs."""
    told = subprocess.run(["pdfsig", "-nocert", folder / "report.pdf"], capture_output=True, text=True, check=False)
    assert "Signature Validation: Signature is Valid." in told.stdout
    assert "Total document signed" in told.stdout
    attached = folder / "attached.json"
    subprocess.run(["pdfdetach", "-savefile", "figures.json", "-o", attached, folder / "report.pdf"], check=True)
    assert attached.read_bytes() == figures
    everybody = _sheet((folder / "report.xlsx").read_bytes()).split("<row")[2]
    assert re.findall("<v>([0-9]+)</v>", everybody) == ["1", *FIGURES]


def _sheet(data: bytes) -> str:
    with ZipFile(BytesIO(data)) as packed:
        return packed.read("xl/worksheets/sheet1.xml").decode()


def _body(code: str) -> str:
    return db.session.scalars(select(Organisation.id).filter_by(code=code)).one()


def _certificate_of(learned: Learner) -> Certificate:
    with reading():
        return db.session.scalars(select(Certificate).filter_by(person_id=learned.person_id)).one()
