"""The host abroad tells how it receives a cohort, and what became of each person."""

from datetime import date
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from courses.cohorts import demo, groups, hosting, stays
from courses.cohorts.hosting_models import HostPlan, Stay
from courses.cohorts.models import Cohort
from lms.core.archives import NotRead
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.signin.roles import HOST_COORDINATOR
from tests.certificates.batches import uploads
from tests.staff import csrf_token, sign_in

HEADING = list(stays.HEADING)
MEMBERS = {"a": "MISALOV ULGU", "b": "SYNAKOV MISAL"}


@pytest.fixture
def cohort(app: Bilim) -> Cohort:
    with transaction():
        demo.load()
        return db.session.scalars(select(Cohort)).one()


def told(*rows: list[str]) -> stays.Reading:
    return stays.read(uploads.sheet(HEADING, *rows), MEMBERS)


def test_a_right_row_is_told_and_what_is_empty_is_nothing() -> None:
    found = told(["a", "MISALOV ULGU", "48", "91", "2024-11-30"], ["b", "SYNAKOV MISAL", "", "", ""])

    assert found.told == {
        "a": stays.Told(48, 91, date(2024, 11, 30)),
        "b": stays.Told(None, None, None),
    }
    assert (found.rows, found.faults) == (2, [])


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (["z", "MISALOV ULGU", "1"], "key", "not-in-cohort"),
        (["a", "SYNAKOV MISAL", "1"], "name", "another-name"),
        (["a", "MISALOV ULGU", "401"], "hours", "not-hours"),
        (["a", "MISALOV ULGU", "-1"], "hours", "not-hours"),
        (["a", "MISALOV ULGU", "٤٨"], "hours", "not-hours"),
        (["a", "MISALOV ULGU", "1", "101"], "result", "not-a-result"),
        (["a", "MISALOV ULGU", "1", "1", "soon"], "back", "not-a-day"),
    ],
)
def test_a_row_that_is_not_right_is_left_out_with_its_reason(row: list[str], column: str, code: str) -> None:
    found = told(row, ["b", "SYNAKOV MISAL", "8"])

    assert [(fault.row, fault.column, fault.code) for fault in found.faults] == [(2, column, code)]
    assert list(found.told) == ["b"]


def test_the_same_person_twice_is_told_once() -> None:
    found = told(["a", "MISALOV ULGU", "1"], ["a", "MISALOV ULGU", "2"])

    assert [fault.code for fault in found.faults] == ["twice"]
    assert found.told["a"].hours == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7", "upload-unknown"),
        (uploads.sheet(["Name", "Hours"], ["x", "1"]), "sheet-without-heading"),
        (uploads.sheet(HEADING), "nothing-asked"),
    ],
    ids=["not a sheet", "no heading", "no rows"],
)
def test_what_is_not_the_sheet_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(NotRead) as refused:
        stays.read(data, MEMBERS)

    assert refused.value.code == code


def _upload(rows: list[list[str]]) -> BytesIO:
    return BytesIO(uploads.sheet(HEADING, *rows))


def test_the_host_takes_the_sheet_fills_it_in_and_sends_it_twice(client: FlaskClient, cohort: Cohort) -> None:
    host_id = cohort.host_id
    sign_in(client, HOST_COORDINATOR, host_id)
    page = f"/bureau/host/{cohort.id}"
    taken = client.get(f"{page}/results.xlsx")
    with reading():
        first, second = groups.members(cohort)[:2]
    rows = [
        [first.id, first.latin_name or first.name, "48", "90", "2024-11-30"],
        [second.id, "Somebody Else", "48"],
    ]
    form = {"csrf_token": csrf_token(client, page)}

    answers = [
        client.post(f"{page}/results?lang=en", data={**form, "file": (_upload(rows), "results.xlsx")}) for _ in (1, 2)
    ]
    refused = client.post(f"{page}/results?lang=en", data={**form, "file": (BytesIO(b"no"), "results.xlsx")})

    assert taken.data.startswith(b"PK")
    assert [answer.status_code for answer in answers] == [200, 200]
    assert "Taken: 1 of 2 rows." in answers[1].text
    assert "Another name belongs to this key" in answers[1].text
    assert (refused.status_code, "This is not a spreadsheet in XLSX." in refused.text) == (422, True)
    with reading():
        stay = db.session.scalars(select(Stay)).one()
    assert (stay.member_id, stay.hours, stay.result, stay.came_back_on) == (first.id, 48, 90, date(2024, 11, 30))
    assert hosting.tally(cohort) == hosting.Tally(people=500, told=1, came_back=1)


def test_the_host_says_how_a_cohort_lives_and_who_teaches_it(client: FlaskClient, cohort: Cohort) -> None:
    sign_in(client, HOST_COORDINATOR, cohort.host_id)
    page = f"/bureau/host/{cohort.id}"
    form = {"csrf_token": csrf_token(client, page), "faculty": "老师", "offered": "Urban governance"}

    kept = client.post(page, data={**form, "lodging": "House 1"})
    client.post(page, data={**form, "lodging": "House 2"})
    too_long = client.post(page, data={**form, "lodging": "x" * 4001})

    assert (kept.status_code, too_long.status_code) == (303, 422)
    row = db.session.scalars(select(HostPlan)).one()
    assert (row.lodging, row.faculty, row.offered) == ("House 2", "老师", "Urban governance")


def test_another_house_sees_nothing_of_it(client: FlaskClient, cohort: Cohort) -> None:
    with transaction():
        other = Organisation(code="other-host", country="CN", names={"en": "Other"})
        db.session.add(other)
        db.session.flush()
        other_id = other.id
    sign_in(client, HOST_COORDINATOR, other_id)

    asked = [client.get(f"/bureau/host/{cohort.id}{end}").status_code for end in ("", "/results.xlsx")]

    assert asked == [404, 404]
