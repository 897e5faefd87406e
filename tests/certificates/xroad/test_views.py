"""The service for X-Road, asked through a stand-in Security Server. Cases carry the sections of PR-REST 1.0."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator
from sqlalchemy import select

from certificates.xroad import rights
from certificates.xroad.models import XroadRequest, XroadUser
from certificates.xroad.rights import Service
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.people import accesses
from tests.certificates.training.school import DONOR, NUMBER, School, open_school
from tests.certificates.xroad.security_server import ADDRESS, Answer, SecurityServer, running
from tests.conftest import application

HR, STRANGER = "KG/GOV/70000001/hr", "KG/GOV/70000009/other"
QUERY = "/v1/training-records/query"
ASKED = {
    "X_Road_Id": "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb",
    "X_Road_UserId": "KG00000000000042",
    "X_Road_Issue": "K-12",
}


@pytest.fixture
def app(settings: Settings) -> Iterator[Bilim]:
    with application(settings, xroad_security_servers=frozenset({ADDRESS})) as made:
        yield made


@pytest.fixture
def school(app: Bilim) -> School:
    found = open_school()
    with transaction():
        for service in Service:
            purposes = ("competition",) if service is Service.TRAINING_RECORDS else ()
            rights.allow(HR, service, ground="Agreement 1", actor="test:setup", purposes=purposes)
    return found


@pytest.fixture
def server(app: Bilim, school: School) -> Iterator[SecurityServer]:
    with running(app) as made:
        yield made


def described(app: Bilim, schema: str) -> OAS30Validator:
    document = app.test_client().get("/xroad/openapi.json").get_json()
    return OAS30Validator({"$ref": f"#/components/schemas/{schema}", "components": document["components"]})


def test_a_body_with_the_right_asks_about_a_person_who_can_read_it(
    app: Bilim, server: SecurityServer, school: School
) -> None:
    asked = {"pin": NUMBER, "purpose": "competition"}
    answer = server.ask("POST", QUERY, HR, body=asked, **ASKED)
    later = server.ask("POST", QUERY, HR, body=asked | {"since": "2027-01-01"}, **ASKED)
    unknown = server.ask("POST", QUERY, HR, body=asked | {"pin": "00000000000099"}, **ASKED)

    (record,) = answer.json["records"]
    assert answer.status == 200
    assert (record["module"], record["hours"], record["funded_by"]) == ("public-management", 4, DONOR)
    assert record["document"] == {"number": school.document.number, "state": "valid"}
    assert record["organizer"]["code"] == "demonstration-academy"
    assert (later.json, unknown.json) == ({"records": []}, {"records": []})
    described(app, "TrainingRecords").validate(answer.json)
    assert "Айгүл" not in answer.body.decode()
    assert answer.headers["X-Road-Id"] == ASKED["X_Road_Id"]
    with reading():
        (line,) = accesses.of(school.aigul.person_id)
        requests = db.session.scalars(select(XroadRequest)).all()
        told = [event.facts for event in db.session.scalars(select(AuditEvent).filter_by(action="xroad-call"))]
        everything = str([event.facts for event in db.session.scalars(select(AuditEvent))])
        kept = [each.user_id_encrypted for each in db.session.scalars(select(XroadUser))]
    assert (line.who, line.kind, line.purpose) == (f"xroad:{HR}", "xroad", "competition: K-12")
    assert (line.service, line.reference) == ("xroad-training-records", ASKED["X_Road_Id"])
    assert {(each.message_id, each.client, each.issue) for each in requests} == {(ASKED["X_Road_Id"], HR, "K-12")}
    assert len(kept) == 3
    assert b"KG00000000000042" not in b" ".join(kept)
    assert {fact["message_id"] for fact in told} == {ASKED["X_Road_Id"]}
    assert NUMBER not in everything
    assert "KG00000000000042" not in everything


def test_certificates_sums_and_changes_name_nobody(app: Bilim, server: SecurityServer, school: School) -> None:
    certificate = server.ask("GET", f"/v1/certificates/{school.document.number}", HR)
    summary = server.ask("GET", "/v1/organizations/demonstration-academy/summary", HR)
    first = server.ask("GET", "/v1/changes?limit=1", HR)
    rest = server.ask("GET", f"/v1/changes?limit=500&cursor={first.json['next_cursor']}", HR)

    assert (certificate.json["state"], certificate.json["year"], certificate.json["initials"]) == (
        "valid",
        2026,
        "Ы. А. Ө.",
    )
    (year,) = summary.json["years"]
    assert (year["year"], [(each["module"], each["people"], each["hours"]) for each in year["programmes"]]) == (
        2026,
        [("public-management", 2, 8)],
    )
    changes = first.json["changes"] + rest.json["changes"]
    assert [(each["kind"], each["number"]) for each in changes] == [("certificate.issued", school.document.number)]
    assert (first.json["has_more"], rest.json["has_more"]) == (True, False)
    for answer, schema in (
        (certificate, "CertificateStatus"),
        (summary, "OrganizationSummary"),
        (first, "Changes"),
        (rest, "Changes"),
    ):
        assert answer.status == 200
        assert not {"Айгүл", "Бакыт", "Aigul"} & set(answer.body.decode().replace('"', " ").split())
        described(app, schema).validate(answer.json)


def test_refusals_are_problem_details_and_nothing_ever_leads_elsewhere(
    app: Bilim, server: SecurityServer, school: School
) -> None:
    good = {"pin": NUMBER, "purpose": "competition"}

    def refused(method: str, path: str, client: str = HR, body: Any = None) -> tuple[int, str]:
        answer = server.ask(method, path, client, body=body)
        assert answer.headers["Content-Type"] == "application/problem+json"
        described(app, "Problem").validate(answer.json)
        return answer.status, answer.json["code"]

    assert refused("POST", QUERY, STRANGER, good) == (403, "xroad-not-allowed")
    assert refused("GET", "/v1/changes", STRANGER) == (403, "xroad-not-allowed")
    assert refused("POST", QUERY, "KG/GOV", good) == (400, "xroad-client-not-valid")
    assert refused("POST", QUERY, HR, good | {"purpose": "report"}) == (403, "xroad-purpose-not-allowed")
    assert refused("POST", QUERY, HR, good | {"pin": "1"}) == (422, "values-not-valid")
    assert refused("POST", QUERY, HR, {**good, "name": "Айгүл"}) == (422, "values-not-valid")
    assert refused("POST", QUERY, HR, b"[" * 100_000) == (400, "body-not-json")
    assert refused("POST", QUERY, HR, ["pin"]) == (400, "body-not-json")
    assert refused("GET", "/v1/certificates/2026-KG-PM999999") == (404, "certificate-unknown")
    assert refused("GET", "/v1/organizations/nobody/summary") == (404, "organisation-unknown")
    assert refused("GET", "/v1/changes?cursor=x") == (400, "cursor-not-valid")
    assert refused("GET", "/v1/changes?limit=0") == (422, "values-not-valid")
    assert refused("GET", QUERY) == (405, "method-not-allowed")
    for path in ("/v1/changes/", "/v1//changes", f"{QUERY}/", "/v1/certificates/", "/v1/", "/v1/certificates//1"):
        assert refused("GET", path) in [(404, "page-not-found")], path
    assert server.ask("GET", f"/v1/certificates/{school.document.number}?lang=ru", HR).status == 200
    assert not [status for status in server.seen if 300 <= status < 400]
    with reading():
        assert accesses.of(school.aigul.person_id) == []
        assert {line.is_allowed for line in db.session.scalars(select(XroadRequest).filter_by(client=STRANGER))} == {
            False
        }


def test_whoever_goes_past_the_security_server_finds_nothing(
    app: Bilim, server: SecurityServer, school: School
) -> None:
    def statuses() -> list[tuple[int, str]]:
        headers = {"X_Road_Client": HR, "X_Forwarded_For": ADDRESS, "Forwarded": f"for={ADDRESS}", **ASKED}
        number = school.document.number
        answers: list[Answer] = [
            server.asked_directly("POST", QUERY, body={"pin": NUMBER, "purpose": "competition"}, **headers),
            server.asked_directly("GET", f"/v1/certificates/{number}", **headers),
            server.asked_directly("GET", "/v1/organizations/demonstration-academy/summary", **headers),
            server.asked_directly("GET", "/v1/changes", **headers),
        ]
        return [(answer.status, answer.json["code"]) for answer in answers]

    assert statuses() == [(404, "page-not-found")] * 4
    with reading():
        assert db.session.scalars(select(XroadRequest)).all() == []
    assert server.ask("GET", "/v1/changes", None).status == 400


def test_a_client_sees_the_body_that_it_was_admitted_for(server: SecurityServer, school: School) -> None:
    with transaction():
        for service in Service:
            purposes = ("competition",) if service is Service.TRAINING_RECORDS else ()
            rights.allow(
                HR,
                service,
                ground="Agreement 2",
                actor="test:setup",
                purposes=purposes,
                organisation_code="other-bureau",
            )

    asked = {"pin": NUMBER, "purpose": "competition"}
    assert server.ask("POST", QUERY, HR, body=asked).json == {"records": []}
    assert server.ask("GET", f"/v1/certificates/{school.document.number}", HR).status == 404
    assert server.ask("GET", "/v1/organizations/demonstration-academy/summary", HR).status == 404
    assert server.ask("GET", "/v1/changes", HR).json["changes"] == []
    with transaction():
        rights.withdraw(HR, Service.CHANGES, actor="test:setup")
    assert server.ask("GET", "/v1/changes", HR).status == 403


def test_where_a_certificate_is_asked_for_the_address_alone_opens_nothing(settings: Settings) -> None:
    der = b"the certificate of the Security Server"
    opened: dict[str, object] = {
        "xroad_security_servers": frozenset({"127.0.0.1"}),
        "xroad_certificates": frozenset({sha256(der).hexdigest()}),
    }
    with application(settings, **opened) as made:
        client = made.test_client()

        def status(certificate: bytes | None) -> int:
            passed_on = {"Client-Cert": f":{b64encode(certificate).decode()}:"} if certificate else {}
            return client.get("/xroad/v1/changes", headers={"X-Road-Client": HR} | passed_on).status_code

        assert (status(None), status(b"another"), status(der)) == (404, 404, 403)


def test_without_the_setting_there_is_no_service_and_its_description_is_valid(settings: Settings) -> None:
    with application(settings) as made:
        client = made.test_client()
        closed = [
            client.get("/xroad/v1/changes", headers={"X-Road-Client": HR}),
            client.post(
                f"/xroad{QUERY}", json={"pin": NUMBER, "purpose": "competition"}, headers={"X-Road-Client": HR}
            ),
        ]
        document = client.get("/xroad/openapi.json").get_json()
        rules = {rule.rule for rule in made.url_map.iter_rules() if rule.rule.startswith("/xroad/v1")}

    assert [answer.status_code for answer in closed] == [404, 404]
    OpenAPIV30SpecValidator(document).validate()
    assert document["openapi"] == "3.0.3"
    assert {f"/xroad{path}".replace("{", "<").replace("}", ">") for path in document["paths"]} == rules
