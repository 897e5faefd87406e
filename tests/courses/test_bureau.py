"""The bureau plans, calls, selects and follows: by pages, in the officer's order."""

import time
from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from courses.cohorts import calls, demo, draws, groups, importing, plans, protocol
from courses.cohorts.models import Call, Cohort, Member, Nomination, Plan, RosterImport
from courses.cohorts.plans import QuotaExceeded
from lms.core import clock, jobs
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.signin.roles import ACADEMY_ADMINISTRATOR, AUDITOR, BUREAU_OFFICER, HOST_COORDINATOR
from tests.certificates.batches import uploads
from tests.courses.conftest import counted_queries
from tests.staff import csrf_token, sign_in

CALL = {
    "title": "Spring",
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
    "service_years": "5",
    "consent_language": "ky",
    "consented_on": "2026-03-02",
}
PLAN = {"programme": "china-72", "title": "China", "year": "2026", "places": "2", "least_women": "1"}
HEADING = ("Name", "Gender", "Region", "Level", "Agency", "E-mail", "Personal number", "Passport")


def body(code: str) -> str:
    with transaction():
        made = Organisation(code=code, country="KG", names={"en": code, "ky": code, "ru": code, "zh": code})
        db.session.add(made)
        db.session.flush()
        return made.id


def send(client: FlaskClient, path: str, page: str, **fields: object) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf_token(client, page), **fields})


def the(model: type[Plan] | type[Call] | type[Cohort]) -> str:
    with reading():
        return db.session.scalars(select(model.id)).one()


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, 6, tzinfo=UTC)


def test_an_officer_walks_from_the_plan_to_the_cohort(client: FlaskClient) -> None:
    bureau, agency = body("bureau"), body("agency")
    with clock.frozen(day(2, 1)):
        sign_in(client, BUREAU_OFFICER, bureau)
        made = send(client, "/bureau/plans/", "/bureau/plans/?lang=en", organisation=bureau, **PLAN)
        plan = f"/bureau/plans/{the(Plan)}"
        too_many = send(client, f"{plan}/quotas", plan, share="region:KG-B", places="3")
        send(client, f"{plan}/quotas", plan, share="region:KG-B", places="2")
        published = send(client, f"/bureau/calls/new/{the(Plan)}", f"/bureau/calls/new/{the(Plan)}", **CALL)
    call = f"/bureau/calls/{the(Call)}"
    public = f"/selection/{the(Call)}"
    with clock.frozen(day(3, 3)):
        sign_in(client, BUREAU_OFFICER, bureau)
        for number, years in ((1, "5"), (2, "5"), (3, "9"), (4, "1")):
            name = {"name": f"Мисал Сынаков{'абвг'[number - 1]}", "personal_number": f"{number:014d}"}
            given = NOMINEE | name | {"service_years": years, "agency_id": agency}
            assert send(client, f"{call}/nominate", f"{call}/nominate", **given).status_code == 303
        again = send(client, f"{call}/nominate", f"{call}/nominate", **given)
        before = client.get(public).text
    with clock.frozen(day(4, 1)):
        sign_in(client, BUREAU_OFFICER, bureau)
        send(client, f"{call}/selection", call)
        send(client, f"{call}/order", call, number="17", on="2026-04-01")
        twice = send(client, f"{call}/order", f"/bureau/calls/new/{the(Plan)}", number="18", on="2026-04-01")
        protocol_page = client.get(public).text
        cohort = {"title": "First", "starts_on": "2026-05-01", "ends_on": "2026-05-20", "places": "2"}
        address = f"/bureau/cohorts/new/{the(Plan)}?call={the(Call)}"
        send(client, address, address, **cohort)
        status = client.get(f"/bureau/cohorts/{the(Cohort)}?lang=en")

    assert (made.status_code, published.status_code, again.status_code, twice.status_code) == (303, 303, 409, 409)
    assert too_many.status_code == 409
    assert "Asked: 3, left: 2." in too_many.text
    with reading():
        kept = db.session.scalars(select(Call)).one()
        rows = {row.number: row for row in db.session.scalars(select(Nomination))}
    tied = min((1, 2), key=lambda number: draws.lot(kept.seed or "", number))
    assert {number: row.outcome for number, row in rows.items()} == {
        3: "selected",
        tied: "selected",
        3 - tied: "reserve",
        4: "not-eligible",
    }
    assert draws.is_opened_by(kept.seed_commitment, kept.seed or "")
    assert kept.seed
    assert kept.seed not in before
    assert kept.seed in protocol_page
    assert "Сынаков" not in protocol_page
    assert status.status_code == 200
    with reading():
        assert db.session.scalar(select(func.count(Member.id))) == 2
        actions = set(db.session.scalars(select(AuditEvent.action)))
    assert {"plan.made", "call.published", "nomination.made", "selection.made", "selection.ordered"} <= actions


@pytest.fixture
def told(app: Bilim) -> Cohort:
    """The demonstration programme."""
    with transaction():
        db.session.add(Organisation(code=demo.ACADEMY, country="KG", names={"en": "Academy"}))
        db.session.flush()
        demo.load()
        return db.session.scalars(select(Cohort)).one()


def test_the_demonstration_tells_of_50_500_and_700_places(app: Bilim) -> None:
    begun = time.perf_counter()
    first = app.test_cli_runner().invoke(args=["courses", "load-demo-cohorts"])
    took = time.perf_counter() - begun
    again = app.test_cli_runner().invoke(args=["courses", "load-demo-cohorts"])

    assert (first.output, again.output) == (
        "demonstration cohorts: 500 people on rosters\n",
        "demonstration cohorts: unchanged\n",
    )
    assert took < 6
    with reading():
        found = {plan.year: (plan.offered, plan.places) for plan in db.session.scalars(select(Plan))}
        call = db.session.scalars(select(Call).where(Call.ordered_on.is_not(None))).one()
        rows = calls.nominations(call)
        repeated = protocol.repeated(call, rows)
        women = sum(row.gender == "f" for row in rows if row.outcome == "selected")
        regions = {fill.share: (fill.taken, fill.places) for fill in plans.fills(plans.get(call.plan_id))}
    assert found == {2024: (50, 500), 2025: (500, 700)}
    assert [(each.number, each.rank, each.points) for each in repeated if each.rank] == [
        (row.number, row.rank, row.points) for row in rows if row.rank
    ]
    assert women >= 200
    assert all(taken <= places for taken, places in regions.values())


def test_after_the_order_a_place_changes_hands_by_a_decision_only(told: Cohort) -> None:
    with transaction():
        call, plan = calls.get(told.call_id or "")
        rows = calls.nominations(call)
        leaver = next(row for row in rows if row.outcome == "selected")
        heir = next(row for row in rows if row.outcome == "reserve" and row.region == leaver.region)
        with pytest.raises(QuotaExceeded):
            protocol.decide(call, plan, heir, reason="Asked", act="18", actor="staff:1")
        protocol.decide(call, plan, leaver, reason="Fell ill", act="18", actor="staff:1")
        db.session.flush()
        protocol.decide(call, plan, heir, reason="A place is free", act="19", actor="staff:1")
        db.session.flush()
        with pytest.raises(Conflict):
            protocol.select_by_criteria(call, plan, actor="staff:1")
        groups.fill(told, call, actor="staff:1")
        db.session.flush()
        keys = {member.person_key for member in groups.members(told)}
        changes = sorted((row.before, row.after, number) for row, number in protocol.decisions(call))

    assert changes == [("reserve", "selected", heir.number), ("selected", "declined", leaver.number)]
    assert len(keys) == 500
    assert (heir.person_key in keys, leaver.person_key in keys) == (True, False)


def roster(count: int) -> list[tuple[str, ...]]:
    agency = "demonstration-ministry"
    return [
        (
            f"Мисал Сынаков{'абвгдежзик'[n % 10]}",
            "f",
            "KG-N",
            "central",
            agency,
            "",
            f"{n + 5_000_000:014d}",
            f"XX{n:07d}",
        )
        for n in range(count)
    ]


def test_a_roster_of_1000_with_7_wrong_rows_takes_993_and_explains_7(app: Bilim, told: Cohort) -> None:
    rows = roster(1000)
    wrong = {
        10: (0, "Мisал", "name", "not-a-name"),
        20: (1, "x", "gender", "not-a-gender"),
        30: (2, "KG-X", "region", "not-a-region"),
        40: (4, "nobody", "agency", "not-an-agency"),
        50: (6, "123", "personal_number", "not-a-number"),
        60: (6, rows[0][6], "", "twice"),
        70: (0, "", "name", "empty"),
    }
    for place, (column, text, _column, _code) in wrong.items():
        rows[place] = (*rows[place][:column], text, *rows[place][column + 1 :])
    data = uploads.sheet(HEADING, *rows)
    with transaction():
        plan = Plan(organisation_id=_bureau(), programme="x", title="X", modules=[], year=2030, offered=0, places=1000)
        db.session.add(plan)
        db.session.flush()
        values = {"title": "X", "starts_on": date(2030, 1, 1), "ends_on": date(2030, 2, 1), "places": 1000}
        cohort = groups.make(plan, values, actor="staff:1")
    reports = []
    for name, is_trial in (("trial", True), ("once", False), ("again", False)):
        with transaction():
            importing.start(name, cohort, data, is_trial=is_trial, actor="staff:1")
        jobs.run_due()
        with reading():
            found = db.session.get_one(RosterImport, name)
            there = db.session.scalar(select(func.count(Member.id)).filter_by(cohort_id=cohort.id))
        reports.append((found.rows, found.added, found.changed, found.same, there))

    assert reports == [(1000, 993, 0, 0, 0), (1000, 993, 0, 0, 993), (1000, 0, 0, 993, 993)]
    assert [(fault["row"], fault["column"], fault["code"]) for fault in found.faults] == [
        (place + 2, column, code) for place, (_index, _text, column, code) in wrong.items()
    ]


def test_more_people_than_places_are_refused_whole_with_the_numbers(app: Bilim, told: Cohort) -> None:
    with transaction():
        importing.start("full", told, uploads.sheet(HEADING, *roster(3)), is_trial=False, actor="staff:1")
    jobs.run_due()

    with reading():
        found = db.session.get_one(RosterImport, "full")
        assert found.refusal == {"code": "quota-exceeded", "asked": 3, "left": 0, "places": 500}
        assert db.session.scalar(select(func.count(Member.id)).filter_by(cohort_id=told.id)) == 500


def _bureau() -> str:
    return db.session.scalars(select(Organisation.id).filter_by(code=demo.BUREAU)).one()


def test_to_strangers_nothing_of_the_bureau_exists(client: FlaskClient, told: Cohort) -> None:
    stranger = body("elsewhere")
    with reading():
        plan, call, row = told.plan_id, told.call_id, db.session.scalars(select(Nomination.id)).first()
    pages = [f"/bureau/plans/{plan}", f"/bureau/calls/new/{plan}", f"/bureau/cohorts/new/{plan}"]
    pages += [f"/bureau/cohorts/{told.id}", f"/bureau/cohorts/{told.id}/people"]
    pages += [f"/bureau/calls/{call}/nominations/{row}", f"/bureau/host/{told.id}/travel.xlsx"]
    answers = {}
    for role in (BUREAU_OFFICER, AUDITOR, ACADEMY_ADMINISTRATOR, HOST_COORDINATOR):
        if role is HOST_COORDINATOR:
            continue
        sign_in(client, role, stranger)
        answers[role] = {client.get(page).status_code for page in pages}

    assert answers[BUREAU_OFFICER] == {404}
    assert answers[AUDITOR] <= {403, 404}
    assert answers[ACADEMY_ADMINISTRATOR] <= {403, 404}


def test_an_agency_sees_its_own_nominees_only(client: FlaskClient, told: Cohort) -> None:
    with reading():
        agency = db.session.scalars(select(Organisation.id).filter_by(code="demonstration-district")).one()
        rows = db.session.scalars(select(Nomination).filter_by(call_id=told.call_id)).all()
    own = sum(row.agency_id == agency for row in rows)
    foreign = next(row.id for row in rows if row.agency_id != agency)
    sign_in(client, BUREAU_OFFICER, agency)

    page = client.get(f"/bureau/calls/{told.call_id}?lang=en").text

    assert f"Nominated: {own}" in page
    assert client.get(f"/bureau/calls/{told.call_id}/nominations/{foreign}").status_code == 404


def test_pages_of_a_cohort_cost_a_fixed_number_of_queries(client: FlaskClient, told: Cohort) -> None:
    with reading():
        bureau = _bureau()
    sign_in(client, BUREAU_OFFICER, bureau)
    counts = []
    for page in (f"/bureau/cohorts/{told.id}", f"/bureau/calls/{told.call_id}", f"/bureau/plans/{told.plan_id}"):
        with counted_queries() as statements:
            assert client.get(page).status_code == 200
        counts.append(len(statements))

    assert max(counts) < 25


def test_the_host_gets_what_a_journey_needs_and_no_formula(client: FlaskClient, told: Cohort) -> None:
    with transaction():
        member = groups.members(db.session.merge(told))[0]
        member.latin_name = "=cmd"
        db.session.flush()
        host = told.host_id
    sign_in(client, BUREAU_OFFICER)

    answer = client.get(f"/bureau/host/{told.id}/travel.xlsx")

    text = uploads_text(answer.data)
    assert host is not None
    assert "'=cmd" in text
    assert "XX0000001" in text
    assert "@demonstration.example" not in text
    assert "00000000000" not in text
    with reading():
        assert db.session.scalar(select(func.count()).where(AuditEvent.action == "cohort.travel-list")) == 1


def uploads_text(data: bytes) -> str:
    return ZipFile(BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
