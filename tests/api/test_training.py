"""The register of training, by programs."""

from flask.testing import FlaskClient
from sqlalchemy import update

from lms.core.db import db, reading, transaction
from lms.oauth.models import Client
from lms.people import accesses
from tests.api.machine import Caller
from tests.certificates.training.school import DONOR, NUMBER, open_school
from tests.lms.oauth.machine import admitted

PURPOSE = {"kind": "competition", "words": "Конкурс № 12"}
AIGUL, BAKYT = "Ысакова Айгүл Өмүрбековна", "Мисалов Бакыт"


def test_a_program_asks_for_a_purpose_and_each_person_can_read_it(client: FlaskClient) -> None:
    school = open_school()
    machine = admitted(client, name="Personnel system", scope=("register:read",))
    caller = Caller(client, machine.id, machine.token())

    by_number = caller.post("/training", {"purpose": PURPOSE, "personal_number": NUMBER})
    first = caller.get("/training?year=2026&limit=1", Purpose="report; Year%202026")
    second = caller.get(
        f"/training?year=2026&limit=1&cursor={first.get_json()['next_cursor']}", Purpose="report; Year%202026"
    )

    (line,) = by_number.get_json()["items"]
    assert (line["name"], line["hours"], line["region"], line["funded_by"]) == (AIGUL, 4, "KG-B", DONOR)
    assert line["document"] == {
        "number": school.document.number,
        "code": school.document.code,
        "state": "valid",
    }
    assert (line["organiser"]["code"], line["agency"]["code"]) == ("demonstration-academy", "city-hall")
    assert (line["programme"], line["cohort"], line["host"]) == ("china-72", "First cohort", None)
    names = [answer.get_json()["items"][0]["name"] for answer in (first, second)]
    assert (sorted(names), first.get_json()["total"]) == (sorted([AIGUL, BAKYT]), 2)
    with reading():
        seen = {(each.who, each.kind, each.purpose) for each in accesses.of(school.aigul.person_id)}
    assert seen == {
        (f"client:{machine.id}", "program", "competition: Конкурс № 12"),
        (f"client:{machine.id}", "program", "report: Year 2026"),
    }


def test_a_program_of_one_body_sees_its_people_and_nobody_is_shown_without_a_purpose(client: FlaskClient) -> None:
    school = open_school()
    machine = admitted(client, scope=("register:read",))
    reader = admitted(client, scope=("records:read",))
    caller = Caller(client, machine.id, machine.token())
    refusals = [
        caller.post("/training", {"name": "Айгүл"}),
        caller.post("/training", {"name": "Айгүл", "purpose": {"kind": "curiosity", "words": "Just so"}}),
        caller.post("/training", {"purpose": PURPOSE}),
        caller.post("/training", {"purpose": PURPOSE, "personal_number": "12"}),
        caller.get("/training?year=2026"),
        caller.get("/training?year=2026", Purpose="curiosity; Just%20so"),
        caller.get("/training?name=Aigul", Purpose="report; Year%202026"),
    ]
    stranger = Caller(client, reader.id, reader.token()).post("/training", {"name": "Айгүл", "purpose": PURPOSE})

    def seen_by(organisation_id: str) -> list[str]:
        with transaction():
            db.session.execute(update(Client).filter_by(id=machine.id).values(organisation_id=organisation_id))
        return [
            line["name"] for line in caller.post("/training", {"purpose": PURPOSE, "year": 2026}).get_json()["items"]
        ]

    assert [refusal.status_code for refusal in refusals] == [422] * 7
    assert [refusals[index].get_json()["code"] for index in (2, 5)] == ["question-empty", "purpose-missing"]
    assert (stranger.status_code, stranger.get_json()["code"]) == (403, "scope-missing")
    with reading():
        assert accesses.of(school.aigul.person_id) == []
    assert seen_by(school.other_bureau_id) == []
    assert seen_by(school.bureau_id) == [AIGUL]
    assert sorted(seen_by(school.academy_id)) == sorted([AIGUL, BAKYT])
