"""Quotas and cohorts for systems of the bureau: numbers, page by page, and of one's own body alone."""

import pytest
from flask.testing import FlaskClient

from courses.cohorts.models import Plan, Quota
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.oauth.models import Client
from tests.api.machine import Caller
from tests.certificates.trained import Trained, open_bureau
from tests.courses.conftest import counted_queries
from tests.lms.oauth.machine import admitted


@pytest.fixture
def trained(app: Bilim) -> Trained:
    found = open_bureau(app)
    with transaction():
        plan = db.session.query(Plan).one()
        db.session.add(Quota(plan_id=plan.id, dimension="agency", share=found.agency, places=2))
        facts = {"programme": "other", "title": "Other", "modules": [], "offered": 1, "places": 1}
        db.session.add(Plan(organisation_id=found.agency, year=2025, **facts))
    return found


def test_plans_tell_places_quotas_and_what_is_taken(caller: Caller, trained: Trained) -> None:
    first = caller.get("/quotas?limit=1").get_json()
    rest = caller.get(f"/quotas?limit=1&cursor={first['next_cursor']}").get_json()
    this_year = caller.get("/quotas?year=2026")

    assert [plan["year"] for plan in first["items"]] == [2025]
    assert rest["next_cursor"] is None
    assert rest["items"] == this_year.get_json()["items"]
    (plan,) = rest["items"]
    del plan["id"]
    assert plan == {
        "organisation": "bureau",
        "programme": "china",
        "title": "China 2026",
        "year": 2026,
        "modules": ["public-management"],
        "offered": 2,
        "places": 6,
        "least_women": 3,
        "taken": 4,
        "taken_by_women": 2,
        "quotas": [
            {"dimension": "agency", "key": "agency", "places": 2, "taken": 4},
            {"dimension": "region", "key": "KG-B", "places": 4, "taken": 3},
        ],
    }
    assert caller.get("/quotas?year=2026", If_None_Match=this_year.headers["ETag"]).status_code == 304


def test_cohorts_tell_days_and_numbers_and_name_nobody(caller: Caller, trained: Trained) -> None:
    with reading(), counted_queries() as asked:
        answer = caller.get("/cohorts")

    (cohort,) = answer.get_json()["items"]
    assert (cohort["id"], cohort["programme"], cohort["year"]) == (trained.cohort, "china", 2026)
    assert (cohort["starts_on"], cohort["ends_on"]) == ("2026-05-04", "2026-11-30")
    assert (cohort["places"], cohort["on_roster"], cohort["arrived"]) == (5, 4, 3)
    assert "Окуучу" not in answer.get_data(as_text=True)
    assert len(asked) <= 12


def test_a_program_of_one_body_sees_its_own_alone(client: FlaskClient, trained: Trained) -> None:
    machine = admitted(client, scope=("plans:read",))
    with transaction():
        db.session.get_one(Client, machine.id).organisation_id = trained.agency
    own = Caller(client, machine.id, machine.token())

    assert [plan["organisation"] for plan in own.get("/quotas").get_json()["items"]] == ["agency"]
    assert own.get("/cohorts").get_json() == {"items": [], "next_cursor": None}


def test_what_cannot_be_asked_is_refused(caller: Caller, client: FlaskClient) -> None:
    other = admitted(client, name="Verifier", scope=("certificates:read",))
    stranger = Caller(client, other.id, other.token())

    assert caller.get("/quotas?cursor=x").get_json()["code"] == "cursor-not-valid"
    assert caller.get("/cohorts?cursor=WzEsMl0").get_json()["code"] == "cursor-not-valid"
    assert caller.get("/quotas?year=1").status_code == 422
    assert stranger.get("/quotas").get_json()["code"] == "scope-missing"
