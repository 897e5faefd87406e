"""A register of personnel reads completed records and follows what changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from certificates import issuing, lookup, register
from certificates.models import Certificate
from certificates.standing import Kind
from lms.core import clock, files
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti.models import Registration
from lms.oauth import clients
from lms.organisations import issuers
from lms.organisations.models import Organisation
from tests.api.machine import Caller
from tests.certificates import academy
from tests.certificates.academy import CLIENT, ISSUER, Learner
from tests.lms.oauth.machine import Machine

DAY = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def graduates(app: Bilim) -> list[Learner]:
    """Three people, of whom the first has a certificate."""
    academy.open_academy(app)
    made = []
    for number in range(3):
        with clock.frozen(DAY + timedelta(minutes=number)):
            made.append(academy.graduate())
    issuing.issue(made[0].record_id)
    return made


def read_all(caller: Caller, path: str) -> list[dict[str, Any]]:
    """Every page of a list, one at a time."""
    items: list[dict[str, Any]] = []
    page = caller.get(f"{path}limit=1").get_json()
    while page["items"]:
        items += page["items"]
        if page["next_cursor"] is None:
            break
        page = caller.get(f"{path}limit=1&cursor={page['next_cursor']}").get_json()
    return items


def certificate_id(learner: Learner) -> str:
    with transaction():
        found = lookup.of_record(learner.record_id)
        assert found is not None
        return found.id


def test_records_come_page_by_page_in_the_order_in_which_they_were_recorded(
    caller: Caller, graduates: list[Learner]
) -> None:
    items = read_all(caller, "/records?")

    assert [item["id"] for item in items] == [learner.record_id for learner in graduates]
    certificate = items[0].pop("certificate")
    assert (certificate["state"], items[1]["certificate"]) == ("valid", None)
    assert items[0] == {
        "id": graduates[0].record_id,
        "issuer": ISSUER,
        "client_id": CLIENT,
        "user_id": graduates[0].sub,
        "module": "public-management",
        "track": "whole",
        "titles": {
            "ky": "Мамлекеттик башкаруу",
            "ru": "Государственное управление",
            "zh": "公共管理",
            "en": "Public Management",
        },
        "hours": 4,
        "organisation": None,
        "completed_at": "2026-11-20T19:30:00+00:00",
        "recorded_at": "2026-11-21T08:00:00+00:00",
    }


def test_records_are_asked_for_by_module_day_and_organisation(caller: Caller, graduates: list[Learner]) -> None:
    def _ids(question: str) -> list[str]:
        return [item["id"] for item in caller.get(f"/records?{question}").get_json()["items"]]

    everybody = [learner.record_id for learner in graduates]
    assert _ids("module=public-management") == everybody
    assert _ids("module=e-government") == []
    assert _ids("since=2026-11-21T08:01:00Z") == everybody[1:]
    assert _ids("organisation=nobody") == []


@pytest.mark.parametrize(
    ("question", "status", "code"),
    [
        ("cursor=AAAA", 400, "cursor-not-valid"),
        ("cursor=%00", 400, "zero-byte"),
        ("limit=0", 422, "values-not-valid"),
        ("limit=201", 422, "values-not-valid"),
        ("since=2026-11-21", 422, "values-not-valid"),
        ("since=2026-11-21T08:00:00", 422, "values-not-valid"),
        ("modul=x", 422, "values-not-valid"),
    ],
)
def test_a_question_that_is_wrong_is_refused(question: str, status: int, code: str, caller: Caller) -> None:
    answer = caller.get(f"/records?{question}")

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_what_is_the_same_still_is_not_sent_again(caller: Caller, graduates: list[Learner]) -> None:
    first = caller.get("/records")
    tag = first.headers["ETag"]

    same = caller.get("/records", If_None_Match=tag)
    with transaction():
        register.change(certificate_id(graduates[0]), Kind.SUSPENDED, actor="test", reason_code="under-review")
    changed = caller.get("/records", If_None_Match=tag)

    assert (first.headers["Cache-Control"], same.status_code, same.data) == ("private, no-cache", 304, b"")
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)


def test_changes_tell_completions_and_the_life_of_certificates_in_order(
    caller: Caller, graduates: list[Learner]
) -> None:
    before = caller.get("/changes").get_json()
    with transaction():
        register.change(certificate_id(graduates[0]), Kind.REVOKED, actor="test", reason_code="fraud-or-cheating")
    after = caller.get(f"/changes?cursor={before['next_cursor']}").get_json()
    nothing = caller.get(f"/changes?cursor={after['next_cursor']}").get_json()

    assert [(item["position"], item["kind"]) for item in before["items"]] == [
        (1, "completion.recorded"),
        (2, "completion.recorded"),
        (3, "completion.recorded"),
        (4, "certificate.issued"),
    ]
    assert before["items"][3]["record"]["user_id"] == graduates[0].sub
    assert before["items"][0]["certificate"] is None
    told = after["items"][0]
    assert (told["position"], told["kind"], told["certificate"]["state"]) == (5, "certificate.revoked", "revoked")
    assert told["certificate"]["reason"] is None, "an accusation is not told"
    assert (nothing["items"], nothing["next_cursor"], nothing["has_more"]) == ([], after["next_cursor"], False)


def test_changes_come_in_pages_too(caller: Caller, graduates: list[Learner]) -> None:
    first = caller.get("/changes?limit=3").get_json()

    assert (len(first["items"]), first["has_more"]) == (3, True)
    assert [item["position"] for item in read_all(caller, "/changes?")] == [1, 2, 3, 4]


def test_a_program_of_one_organisation_sees_nothing_of_another(caller: Caller, graduates: list[Learner]) -> None:
    with transaction():
        home, foreign = (Organisation(code=code, country="KG", names={"en": code}) for code in ("home", "foreign"))
        db.session.add_all([home, foreign])
        db.session.flush()
        registration_id = db.session.scalars(select(Registration.id)).one()
        issuers.assign(registration_id, home, actor="test")
        organisation_id = db.session.scalars(
            select(Organisation.id).join(Certificate, Certificate.organisation_id == Organisation.id)
        ).one()
    readers = {}
    for name, bound_to in (("own", organisation_id), ("home", home.id), ("foreign", foreign.id)):
        with transaction():
            client, secret = clients.admit(
                name=name, scope=["records:read", "certificates:read"], actor="test", organisation_id=bound_to
            )
        machine = Machine(caller.client, client.id, str(secret))
        readers[name] = Caller(caller.client, client.id, machine.token())
    number = caller.get("/records").get_json()["items"][0]["certificate"]["number"]

    assert len(readers["home"].get("/records").get_json()["items"]) == 3
    assert readers["foreign"].get("/records").get_json()["items"] == []
    assert "certificate.issued" in [item["kind"] for item in readers["own"].get("/changes").get_json()["items"]]
    assert readers["foreign"].get("/changes").get_json()["items"] == []
    assert readers["own"].get(f"/certificates/by-number/{number}").get_json()["certificate"]["number"] == number
    told = readers["foreign"].get(f"/certificates/by-number/{number}").get_json()
    assert (told["verdict"], told["certificate"], told["outline"]["initials"]) == ("valid", None, "Ы. А. Ө.")


def test_the_scope_for_certificates_alone_tells_of_a_number_as_the_page_does(
    caller: Caller, graduates: list[Learner]
) -> None:
    number = caller.get("/records").get_json()["items"][0]["certificate"]["number"]
    with transaction():
        client, secret = clients.admit(name="Verifier", scope=["certificates:read"], actor="test")
    verifier = Caller(caller.client, client.id, Machine(caller.client, client.id, str(secret)).token())

    told = verifier.get(f"/certificates/by-number/{number}").get_json()
    refused = verifier.get("/records")

    assert (told["certificate"], told["outline"]["year"]) == (None, 2026)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "scope-missing")


def test_a_file_is_verified_whole(caller: Caller, graduates: list[Learner]) -> None:
    with reading():
        issued = lookup.of_record(graduates[0].record_id)
        assert issued is not None
        genuine = files.read(str(issued.file_name))

    verdict = caller.send_file("/certificates/verify-file", genuine).get_json()
    none = caller.send_file("/certificates/verify-file", b"nothing of ours").get_json()

    assert (verdict["verdict"], verdict["accepted"], verdict["register_status"]) == ("AUTHENTIC_EXACT", True, "valid")
    assert (none["accepted"], none["certificate"]) == (False, None)
    with reading():
        calls = db.session.scalars(select(AuditEvent).filter_by(subject="endpoint:certificates.verify_file"))
        assert len(list(calls)) == 2


def test_a_file_that_is_too_large_or_missing_is_refused(caller: Caller) -> None:
    large = caller.send_file("/certificates/verify-file", b"x" * (12 * 1024 * 1024 + 1))
    none = caller.send("/certificates/verify-file", b"", "multipart/form-data; boundary=x")

    assert (large.status_code, large.get_json()["code"]) == (413, "request-too-large")
    assert (none.status_code, none.get_json()["code"]) == (422, "values-not-valid")
