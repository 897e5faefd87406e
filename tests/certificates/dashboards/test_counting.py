"""Figures on a real database: what is counted, for whom, and that each number is as long as its list."""

import re
from datetime import date

from flask.testing import FlaskClient
from sqlalchemy import select

from certificates.dashboards import behind, counting
from certificates.dashboards.figures import Line
from courses.cohorts.models import Cohort, Member
from courses.training import Period, Scope
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.people.accesses import Access
from lms.signin.roles import ACADEMY_ADMINISTRATOR, AUDITOR, BUREAU_OFFICER, PLATFORM_ADMINISTRATOR
from tests.certificates.trained import Trained, open_bureau
from tests.courses.conftest import counted_queries
from tests.staff import sign_in, state_purpose


def test_people_are_counted_along_every_dimension_and_listed_behind_each_number(app: Bilim) -> None:
    trained = open_bureau(app)
    scope = Scope(organisations=frozenset({trained.bureau}))

    with reading():
        with counted_queries() as before:
            found = counting.count(scope)

        assert found.everybody == Line(
            by="all", key="", planned=6, nominated=5, selected=4, enrolled=4, begun=3, completed=2, certified=1, hours=8
        )
        assert found.offered == 2
        assert [(line.key, line.planned, line.enrolled, line.completed) for line in found.of("region")] == [
            ("KG-B", 4, 3, 2),
            ("KG-C", None, 1, 0),
        ]
        assert [(line.key, line.planned, line.begun, line.certified) for line in found.of("gender")] == [
            ("f", 3, 1, 0),
            ("m", None, 2, 1),
        ]
        assert [
            (line.by, line.nominated, line.hours) for by in ("year", "module", "cohort") for line in found.of(by)
        ] == [
            ("year", 5, 8),
            ("module", 5, 8),
            ("cohort", 5, 8),
        ]
        assert found.waiting.days == {0: 1}
        assert _numbers_that_their_lists_contradict(scope) == []
        _see_narrower_scopes(trained)
    _add_people(trained, 20)
    with reading(), counted_queries() as after:
        assert counting.count(scope).everybody.enrolled == 24
    assert len(after) == len(before) <= 10


def _numbers_that_their_lists_contradict(scope: Scope) -> list[str]:
    line = counting.count(scope).everybody
    lists = {name: behind.nominees(scope, name, 1).total for name in behind.NOMINEES}
    lists |= {name: behind.people(scope, name, 1).total for name in behind.PEOPLE}
    hours = sum(row.hours for row in behind.work(scope, "hours", 1).rows)
    return [name for name, number in {**lists, "hours": hours}.items() if number != line.figure(name)]


def _see_narrower_scopes(trained: Trained) -> None:
    mine = frozenset({trained.bureau})
    women = counting.count(Scope(organisations=mine, gender="f", region="KG-B")).everybody
    stranger = counting.count(Scope(organisations=frozenset({trained.agency}))).everybody
    spring = Scope(organisations=mine, period=Period(date(2026, 4, 1), date(2026, 6, 30)))
    autumn = Scope(organisations=mine, period=Period(date(2026, 10, 1), date(2026, 12, 31)))
    in_spring, in_autumn = counting.count(spring).everybody, counting.count(autumn).everybody

    assert (women.planned, women.nominated, women.completed) == (None, 1, 1)
    assert stranger == Line(by="all", key="", planned=0)
    assert (in_spring.nominated, in_spring.selected, in_spring.enrolled, in_spring.completed) == (0, 4, 4, 0)
    assert (in_autumn.enrolled, in_autumn.begun, in_autumn.completed, in_autumn.certified) == (0, 3, 2, 1)
    assert _numbers_that_their_lists_contradict(autumn) == []


def _add_people(trained: Trained, number: int) -> None:
    with transaction():
        cohort = db.session.get_one(Cohort, trained.cohort)
        who = {"name": "Көп", "gender": "f", "region": "KG-B", "level": "local", "agency_id": trained.agency}
        db.session.add_all(Member(cohort_id=cohort.id, **who, person_key=f"many-{place}") for place in range(number))


def test_officers_see_names_auditors_numbers_and_strangers_nothing(app: Bilim) -> None:
    trained = open_bureau(app)
    officer, auditor, stranger = app.test_client(), app.test_client(), app.test_client()
    sign_in(officer, BUREAU_OFFICER, trained.bureau)
    sign_in(auditor, AUDITOR, trained.bureau)
    sign_in(stranger, BUREAU_OFFICER, trained.agency)

    auditor.get("/bureau/figures/?lang=en")
    page = officer.get("/bureau/figures/?lang=en")
    unnamed = _read(officer, "completed?region=KG-B")
    assert "Окуучу" not in unnamed
    assert 'href="/bureau/purpose?next=/bureau/figures/behind/completed?region%3DKG-B"' in unnamed
    for browser in (officer, auditor, stranger):
        state_purpose(browser)
    named, numbered = _read(officer, "completed"), _read(auditor, "completed")

    assert page.status_code == 200
    assert '<a href="/bureau/figures/behind/completed?region=KG-B">2</a>' in page.text
    assert "Half took 0 days or fewer" in page.text
    assert len(page.data) < 60_000
    assert "Окуучу 1" in named
    assert "Окуучу 2" in named
    assert "Окуучу 3" not in named
    with reading():
        lines = [(line.service, line.purpose) for line in db.session.scalars(select(Access))]
    assert lines == [("figures", "report: Letter 12")] * 2, "of those who are named, to those who are named"
    assert "Окуучу 5" in _read(officer, "nominated")
    with reading():
        assert len(db.session.scalars(select(Access)).all()) == 2 + 3, "of five nominees three are known here"
    assert "Окуучу" not in numbered + _read(auditor, "nominated")
    assert "Name not shown" in numbered
    assert "There is nothing to count yet" in stranger.get("/bureau/figures/?lang=en").text
    assert "Окуучу" not in _read(stranger, "enrolled")
    assert "2026-KG-PM000001" in _read(officer, "waiting?from=0&to=0")
    assert "China 2026" in _read(officer, "planned?region=KG-B")
    assert officer.get("/bureau/figures/behind/nothing").status_code == 404
    assert officer.get("/bureau/figures/figures.xlsx").data.startswith(b"PK")
    assert officer.get("/bureau/figures/?year=abc&region=%3Cx&module=none").status_code == 200


def test_an_academy_sees_its_own_cohorts_with_their_records_and_no_others(app: Bilim) -> None:
    trained = open_bureau(app)
    with transaction():
        academy = db.session.scalars(select(Organisation.id).filter_by(code="demonstration-academy")).one()
        cohort = db.session.get_one(Cohort, trained.cohort)
        cohort.academy_id = academy
        days = {"starts_on": cohort.starts_on, "ends_on": cohort.ends_on}
        db.session.add(Cohort(plan_id=cohort.plan_id, academy_id=trained.agency, title="Elsewhere", **days, places=1))
    own, other, empty, everywhere = (app.test_client() for _place in range(4))
    sign_in(own, ACADEMY_ADMINISTRATOR, academy)
    sign_in(other, ACADEMY_ADMINISTRATOR, trained.agency)
    sign_in(empty, ACADEMY_ADMINISTRATOR, trained.bureau)
    sign_in(everywhere, PLATFORM_ADMINISTRATOR)

    page = own.get("/bureau/figures/?lang=en").text

    assert "Spring 2026" in page
    assert "Elsewhere" not in page
    assert _numbers_of(page) == [("planned", "5"), *OF_ALL]
    assert _numbers_of(everywhere.get("/bureau/figures/?lang=en").text) == [("planned", "6"), *OF_ALL]
    assert _numbers_of(other.get("/bureau/figures/?lang=en").text) == [("planned", "1")]
    assert "There is nothing to count yet" in empty.get("/bureau/figures/?lang=en").text
    assert "Окуучу" not in _read(own, "completed")
    state_purpose(own)
    assert "Окуучу 1" in _read(own, "completed")
    assert "/bureau/calls/" not in (nominated := _read(own, "nominated"))
    assert "Окуучу" not in nominated
    assert "China 2026" in (plans := _read(own, "planned"))
    assert "/bureau/plans/" not in plans.partition("<main")[2]
    assert "Окуучу" not in _read(other, "completed")
    assert own.get("/bureau/reports/").status_code == 403


OF_ALL = [
    ("nominated", "5"),
    ("selected", "4"),
    ("enrolled", "4"),
    ("begun", "3"),
    ("completed", "2"),
    ("certified", "1"),
    ("hours", "8"),
]


def _numbers_of(page: str) -> list[tuple[str, str]]:
    """The figures of all, each with what stands behind it."""
    first: str = page.partition("</section>")[0]
    return re.findall(r'/behind/(\w+)">(\d+)</a>', first)


def _read(browser: FlaskClient, what: str) -> str:
    answer = browser.get(f"/bureau/figures/behind/{what}")
    assert answer.status_code == 200
    return answer.text
