"""A day of all audiences at all doors, also of those who type what they should not: no line of the log names anybody."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from certificates.models import Certificate, SealKey
from certificates.xroad import rights
from certificates.xroad.rights import Service
from courses.cohorts import importing
from courses.cohorts.models import Cohort
from lms.core import files, jobs
from lms.core.db import db, reading, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.signin.roles import ACADEMY_ADMINISTRATOR, BUREAU_OFFICER
from tests.api.machine import Caller
from tests.certificates import academy
from tests.certificates.batches import uploads
from tests.certificates.training.school import NUMBER, School, open_school
from tests.certificates.xroad.security_server import ADDRESS, running
from tests.conftest import application
from tests.lms.oauth.machine import admitted
from tests.staff import csrf_token, sign_in, state_purpose

HR = "KG/GOV/70000001/hr"
PASSPORT, ADDRESS_OF_MAIL, OFFICIAL = "AN7654321", "aigul.ysakova@mail.example", "KG00000000000042"
NAMED = ("Айгүл", "Ысакова", "Aigul", "Ysakova", "Мисалов", "Бакыт", "Misalov", "Сынакова", "Мисал Үлгүбаева")
SECRET = (NUMBER, "22801199900017", PASSPORT, ADDRESS_OF_MAIL, OFFICIAL)
HEADING = ("Name", "Gender", "Region", "Level", "Agency", "E-mail", "Personal number", "Passport")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_line_of_a_day_at_all_doors_names_anybody(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    with application(settings, xroad_security_servers=frozenset({ADDRESS})) as app:
        school = open_school()
        seal(app)
        certificate = issued()
        verifiers(app.test_client(), certificate)
        programs(app.test_client(), certificate)
        other_bodies(app, certificate)
        officers(app.test_client(), school)
        administrators(app.test_client(), certificate)
        jobs.run_due()

    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    told = [json.loads(line) for line in lines]
    assert [(word, line) for word in (*NAMED, *SECRET) for line in lines if word in line] == []
    assert {"problem", "job"} <= {line["event"] for line in told}
    assert all({"job", "kind", "result"} <= set(line) for line in told if line["event"] == "job")


def seal(app: Bilim) -> None:
    """A real one, also in the place of the one that stands in for it."""
    academy.make_seal(app)
    with transaction():
        real = db.session.scalars(select(SealKey).where(SealKey.certificate_pem != "-")).one()
        for stand_in in db.session.scalars(select(SealKey).filter_by(certificate_pem="-")):
            stand_in.certificate_pem, stand_in.root_pem = real.certificate_pem, real.root_pem


def issued() -> Certificate:
    """Of somebody whose number and name are known to all who ask below."""
    learner = academy.graduate()
    jobs.run_due()
    with reading():
        return db.session.scalars(select(Certificate).filter_by(record_id=learner.record_id)).one()


def verifiers(client: FlaskClient, certificate: Certificate) -> None:
    pdf = files.read(str(certificate.file_name))
    asked = [
        client.get(f"/v/{certificate.code}"),
        client.post("/verify", data={"code": "Ысакова Айгүл"}),
        client.post("/verify", data={"code": NUMBER}),
        client.get(f"/v/{NUMBER}"),
        client.get("/v/Айгүл"),
        client.get("/verify?code=Айгүл&number=22801199900017"),
        uploaded(client, pdf, "Ысакова Айгүл.pdf"),
        uploaded(client, pdf.replace(b"/Type", b"/Tyqe", 1), f"{NUMBER}.pdf"),
        uploaded(client, b"Aigul Ysakova" * 9, f"{PASSPORT}.pdf"),
    ]
    assert [answer.status_code for answer in asked if answer.status_code >= 500] == []
    assert "VALID" in asked[0].text or asked[0].status_code == 200


def uploaded(client: FlaskClient, data: bytes, name: str) -> TestResponse:
    return client.post("/verify/pdf", data={"file": (BytesIO(data), name)})


def programs(client: FlaskClient, certificate: Certificate) -> None:
    machine = admitted(client, name="Кадрлар Мисалов")
    caller = Caller(client, machine.id, machine.token())
    purpose = {"kind": "competition", "words": "Айгүл Ысакованын иши"}
    statuses = [
        caller.get(f"/certificates/{certificate.code}").status_code,
        caller.get("/certificates/Айгүл").status_code,
        caller.post("/training", {"purpose": purpose, "personal_number": NUMBER}).status_code,
        caller.post("/training", {"purpose": purpose, "personal_number": "Айгүл"}).status_code,
        caller.post("/training", {"purpose": purpose, "personal_numbr": NUMBER}).status_code,
        caller.send("/training", f'{{"personal_number": "{NUMBER}"', "application/json").status_code,
        caller.post("/completions", {"user_id": NUMBER, "name": "Айгүл"}).status_code,
        client.get("/api/v1/training", headers={"Authorization": f"Bearer {NUMBER}"}).status_code,
        client.post("/oauth/token", data={"client_id": "Айгүл", "client_secret": PASSPORT}).status_code,
    ]
    assert statuses == [200, 200, 200, 422, 422, 400, 422, 401, 400]


def other_bodies(app: Bilim, certificate: Certificate) -> None:
    with transaction():
        rights.allow(HR, Service.TRAINING_RECORDS, ground="Agreement 1", actor="test:setup", purposes=("competition",))
    headers = {"X_Road_UserId": OFFICIAL, "X_Road_Issue": "K-12"}
    path = "/v1/training-records/query"
    with running(app) as server:
        answers = [
            server.ask("POST", path, HR, body={"pin": NUMBER, "purpose": "competition"}, **headers),
            server.ask("POST", path, HR, body={"pin": "Ысакова", "purpose": "competition"}, **headers),
            server.ask("POST", path, HR, body={"pin": NUMBER, "purpose": "Aigul"}, **headers),
            server.ask("POST", path, "KG/GOV/70000009/Aigul", body={"pin": NUMBER, "purpose": "x"}, **headers),
            server.ask("GET", f"/v1/certificates/{NUMBER}", HR, **headers),
            server.asked_directly("POST", path, body={"pin": NUMBER}, **headers),
        ]
    assert answers[0].status == 200
    assert {answer.status for answer in answers[1:]} <= {400, 401, 403, 404, 422}


def officers(client: FlaskClient, school: School) -> None:
    """A roster with rows that are refused, and a search for people."""
    with reading():
        cohort = db.session.scalars(select(Cohort)).one()
    rows: list[tuple[Any, ...]] = [
        ("Сынакова Айгүл", "f", "KG-B", "local", "city-hall", ADDRESS_OF_MAIL, "22801199900017", PASSPORT),
        ("Сынакова Айгүл", "Айгүл", "Ысакова", "local", "city-hall", "", NUMBER, ""),
        ("Сынакова Бакыт", "f", "KG-B", "local", "Misalov", "no address Aigul", "Ысакова", PASSPORT),
    ]
    with transaction():
        importing.start("Айгүл Ысакова.xlsx", cohort, uploads.sheet(HEADING, *rows), is_trial=False, actor="staff:1")
    jobs.run_due()
    sign_in(client, BUREAU_OFFICER, school.bureau_id)
    state_purpose(client, words="Айгүл Ысакова")
    page = "/bureau/training/"
    asked = {"csrf_token": csrf_token(client, page), "purpose": "report", "words": "Айгүл Ысакова"}
    typed = ({"name": "Ысакова"}, {"personal_number": NUMBER}, {"personal_number": "Айгүл"}, {"year": "Aigul"})
    found = [client.post(page, data=asked | fields) for fields in typed]
    assert (found[0].status_code, "Ысакова" in found[0].text) == (200, True)
    assert [answer.status_code for answer in found if answer.status_code >= 500] == []


def administrators(client: FlaskClient, certificate: Certificate) -> None:
    sign_in(client, ACADEMY_ADMINISTRATOR, certificate.organisation_id)
    page = f"/admin/certificates/{certificate.id}"
    sent = {"csrf_token": csrf_token(client, f"{page}/suspend"), "reason": "Айгүл", "note": f"Ысакова {NUMBER}"}
    answers = [
        client.get("/admin/certificates/?q=Ысакова"),
        client.get(f"/admin/certificates/{NUMBER}"),
        client.post(f"{page}/revoke", data=sent),
        client.post(f"{page}/suspend", data={**sent, "reason": "under-review"}),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
