"""The register of training, by the pages of the bureau."""

import io
import json
from zipfile import ZipFile

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.core.audit import AuditEvent
from lms.core.db import db, reading
from lms.core.web import Bilim
from lms.people import accesses
from lms.signin.roles import ACADEMY_ADMINISTRATOR, AUDITOR, BUREAU_OFFICER
from tests.certificates.training.school import DONOR, NUMBER, School, open_school
from tests.staff import sign_in

PURPOSE = {"purpose": "competition", "words": "Конкурс № 12"}
AIGUL, BAKYT = "Ысакова Айгүл Өмүрбековна", "Мисалов Бакыт"


def asked(client: FlaskClient, path: str = "", **fields: str) -> TestResponse:
    return client.post(f"/bureau/training/{path}?lang=en", data=PURPOSE | fields)


def looks_at(person_id: str) -> list[tuple[str, str, str]]:
    with reading():
        return [(line.who, line.purpose, line.service) for line in accesses.of(person_id)]


def test_an_officer_finds_who_was_trained_and_the_person_can_read_that(app: Bilim, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    school = open_school()
    officer = sign_in(client, BUREAU_OFFICER, school.bureau_id)

    by_name = asked(client, name="айгүл")
    lines = asked(client, "file", name="Айгүл", format="json").get_json()

    assert (by_name.status_code, by_name.headers["Cache-Control"]) == (200, "no-store")
    for words in (AIGUL, str(school.document.number), "Public Management", "First cohort", "Batken", "city-hall en"):
        assert words in by_name.text
    assert [(line["name"], line["hours"], line["funded_by"]) for line in lines["lines"]] == [(AIGUL, 4, DONOR)]
    assert lines["lines"][0]["document"]["state"] == "valid"
    assert lines["lines"][0]["organiser"]["code"] == "demonstration-academy"
    assert (lines["purpose"], lines["asked_by"]) == ("competition: Конкурс № 12", "Мисал Үлгүбаева")
    assert (
        looks_at(school.aigul.person_id) == [(f"staff:{officer}", "competition: Конкурс № 12", "training-register")] * 2
    )
    assert looks_at(school.bakyt.person_id) == []
    with reading():
        events = db.session.scalars(select(AuditEvent).filter_by(action="training.searched")).all()
    assert [event.facts for event in events] == [
        {"purpose": "competition", "asked_by": ["name"], "people": 1, "reference": None}
    ] * 2


def test_each_part_of_the_question_finds_and_each_right_ends_at_its_organisation(
    app: Bilim, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    school = open_school()
    sign_in(client, AUDITOR)

    questions: list[tuple[dict[str, str], list[str]]] = [
        ({"personal_number": NUMBER}, [AIGUL]),
        ({"personal_number": "00000000000018"}, []),
        ({"number": str(school.document.number).lower()}, [AIGUL]),
        ({"number": "2026-KG-PM999999"}, []),
        ({"programme": "china-72"}, [AIGUL]),
        ({"region": "KG-B"}, [AIGUL]),
        ({"region": "KG-N"}, []),
        ({"agency_id": school.agency_id}, [AIGUL]),
        ({"year": "2026"}, [AIGUL, BAKYT]),
        ({"year": "2025"}, []),
        ({"name": "Мисалов", "year": "2026"}, [BAKYT]),
        ({"name": "50%"}, []),
    ]
    found = [([line["name"] for line in _lines(client, **fields)], names) for fields, names in questions]

    assert [sorted(names) for names, _wanted in found] == [sorted(wanted) for _names, wanted in found]
    assert _seen(app, school.bureau_id) == [AIGUL]
    assert _seen(app, school.academy_id) == [BAKYT, AIGUL]
    assert _seen(app, school.other_bureau_id) == []


def _seen(app: Bilim, organisation_id: str) -> list[str]:
    officer = app.test_client()
    sign_in(officer, BUREAU_OFFICER, organisation_id)
    return sorted(line["name"] for line in _lines(officer, year="2026"))


def _lines(client: FlaskClient, **fields: str) -> list[dict[str, str]]:
    answer = asked(client, "file", format="json", **fields)
    assert answer.status_code == 200, answer.text
    lines: list[dict[str, str]] = answer.get_json()["lines"]
    return lines


def test_without_a_purpose_nobody_is_shown_and_nobody_is_noted(app: Bilim, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    school = open_school()
    sign_in(client, BUREAU_OFFICER)

    for fields, sentence in (
        ({"purpose": ""}, "Choose for what you need this"),
        ({"purpose": "curiosity"}, "Choose for what you need this"),
        ({"words": "x"}, "Choose for what you need this"),
        ({"name": ""}, "fill in at least one field"),
        ({"name": "А"}, "Write at least 2 letters."),
        ({"personal_number": "12"}, "A personal number has 14 digits."),
        ({"year": "1999"}, "Write a year, such as 2026."),
    ):
        for path in ("", "file"):
            refused = asked(client, path, **({"name": "Айгүл"} | fields))
            assert (refused.status_code, sentence in refused.text, AIGUL in refused.text) == (422, True, False), fields
    assert client.get("/bureau/training/?name=Айгүл&lang=en").text.count(AIGUL) == 0
    assert looks_at(school.aigul.person_id) == []
    administrator = app.test_client()
    sign_in(administrator, ACADEMY_ADMINISTRATOR, school.academy_id)
    assert administrator.post("/bureau/training/", data=PURPOSE | {"name": "Айгүл"}).status_code == 403


def test_a_long_answer_has_pages_and_the_spreadsheet_carries_the_purpose_and_no_formula(
    app: Bilim, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    school: School = open_school()
    sign_in(client, BUREAU_OFFICER)

    second_page = asked(client, year="2026", page="2")
    shown_before = looks_at(school.aigul.person_id)
    answer = asked(client, "file", year="2026", words="=cmd|' /C calc'!A0", format="xlsx")

    assert ("Found: 2" in second_page.text, AIGUL in second_page.text, shown_before) == (True, False, [])
    with ZipFile(io.BytesIO(answer.data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=training-")
    assert AIGUL in sheet
    assert "Competition for a post" in sheet
    assert "'=cmd|" in sheet
    assert "'=HYPERLINK(0)" in sheet
    assert "<f>" not in sheet
    assert json.dumps(DONOR) not in sheet
