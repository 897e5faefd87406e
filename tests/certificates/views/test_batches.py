"""The page on which the bureau verifies many certificates, for people and by the API for programs."""

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from joserfc import jws
from werkzeug.test import TestResponse

from certificates.models import Certificate
from lms.core import clock, jobs
from lms.core.db import db, transaction
from lms.core.web import Bilim
from lms.oauth.models import Client
from lms.oauth.scopes import CERTIFICATES_READ
from lms.signin.roles import (
    ACADEMY_ADMINISTRATOR,
    AUDITOR,
    BUREAU_OFFICER,
    HOST_COORDINATOR,
    PLATFORM_ADMINISTRATOR,
    Role,
)
from tests import staff
from tests.api.machine import Caller
from tests.certificates.batches import uploads
from tests.certificates.batches.conftest import Register
from tests.certificates.batches.conftest import held as held
from tests.lms.oauth.machine import admitted

ROOT = "/bureau/verify-many/"
NOBODY = "7Q4MX2DN9TVCZ"
LATER = clock.now() + timedelta(days=9)


@pytest.fixture
def issued(held: Register) -> Certificate:
    return held.issue()


@pytest.fixture
def officer(app: Bilim, client: FlaskClient, held: Register) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    staff.sign_in(client, BUREAU_OFFICER, held.organisation_id)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def send(officer: FlaskClient, text: str = "", file: bytes | None = None) -> TestResponse:
    page = officer.get(ROOT).text
    form: dict[str, object] = {"text": text, "id": re.findall(r'name="id" value="([^"]+)"', page)[0]}
    if file is not None:
        form["file"] = (BytesIO(file), "list.xlsx")
    return officer.post(ROOT, data=form)


def test_pasted_lines_become_answers_and_a_receipt(officer: FlaskClient, issued: Certificate) -> None:
    sent = send(officer, f"{issued.code}\n{issued.number}\n{NOBODY}\n=1")
    assert (sent.status_code, "refresh" in officer.get(sent.location).text) == (303, True)
    jobs.run_due()

    page = officer.get(sent.location).text

    assert "refresh" not in page
    assert "Ысакова Айгүл Өмүрбековна" in page
    assert "Ы. А. Ө." in page
    assert "This is a formula. Keep its value only." in page
    assert "Demonstration Academy of Public Administration" in page
    attention = officer.get(f"{sent.location}?show=attention").text
    assert "Ысакова" not in attention
    assert NOBODY in attention
    for name, kind in (
        ("receipt.pdf", "application/pdf"),
        ("receipt.jws", "application/jose"),
        ("answers.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ):
        answer = officer.get(f"{sent.location}/{name}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
    assert sent.location in officer.get(ROOT).text


def test_everybody_can_check_a_receipt_on_the_public_page(
    app: Bilim, officer: FlaskClient, issued: Certificate
) -> None:
    sent = send(officer, f"{issued.code}\n{NOBODY}")
    jobs.run_due()
    receipt = officer.get(f"{sent.location}/receipt.jws").data
    paper = officer.get(f"{sent.location}/receipt.pdf").data
    public = app.test_client()
    public.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    uploaded = public.post("/verify/pdf", data={"file": (BytesIO(receipt), "receipt.jws")}).text
    pasted = public.post("/verify/credential", data={"credential": receipt.decode()}).text
    changed = public.post("/verify/credential", data={"credential": receipt.decode()[:-6] + "AAAAAA"}).text

    printed = public.post("/verify/pdf", data={"file": (BytesIO(paper), "receipt.pdf")}).text
    extended = public.post("/verify/pdf", data={"file": (BytesIO(paper + b"% more"), "receipt.pdf")}).text

    assert "It is not a certificate." in printed
    assert "Demonstration Academy" in printed
    assert "Genuine receipt" not in extended
    for page in (uploaded, pasted, printed):
        assert "Genuine receipt" in page
        assert "1 of 2" in page
        assert "<div>Valid<br>" in page
        assert "<div>Not found<br>" in page
        assert issued.number in page
    assert "Altered" in changed
    assert issued.number not in changed


def test_a_spreadsheet_that_cannot_be_read_says_why(officer: FlaskClient) -> None:
    sent = send(officer, file=uploads.workbook("", sheets='<sheet name="x" sheetId="2" state="hidden" r:id="r"/>'))
    jobs.run_due()

    page = officer.get(sent.location).text

    assert "The spreadsheet has a hidden sheet." in page
    assert "sheet-hidden" in page
    assert officer.get(f"{sent.location}/receipt.pdf").status_code == 404


def test_what_is_wrong_at_a_glance_is_told_at_its_field(officer: FlaskClient) -> None:
    empty, wrong = send(officer, " \n"), send(officer, file=b"code;name")

    assert (empty.status_code, wrong.status_code) == (422, 422)
    assert 'href="#text"' in empty.text
    assert 'href="#file"' in wrong.text
    assert "neither a spreadsheet (XLSX) nor a ZIP file" in wrong.text


def test_more_than_twelve_megabytes_may_be_sent_here_and_not_elsewhere(officer: FlaskClient) -> None:
    large = uploads.archive({f"{n}.pdf": b"%PDF" for n in range(3)}) + bytes(13 * 1024 * 1024)

    assert send(officer, file=large).status_code in (303, 422)
    assert officer.post("/verify/pdf", data={"file": (BytesIO(large), "x.pdf")}).status_code == 413


@pytest.mark.parametrize(
    ("role", "status"),
    [(AUDITOR, 200), (ACADEMY_ADMINISTRATOR, 200), (PLATFORM_ADMINISTRATOR, 200), (HOST_COORDINATOR, 403)],
)
def test_the_page_opens_to_those_who_may_verify(client: FlaskClient, held: Register, role: Role, status: int) -> None:
    everywhere = role in (AUDITOR, PLATFORM_ADMINISTRATOR)
    staff_id = staff.make_staff(
        role, None if everywhere else held.organisation_id, ends_at=LATER if role is HOST_COORDINATOR else None
    )
    staff.sign_in_as(client, staff_id)

    assert client.get(ROOT).status_code == status


def test_nobody_sees_the_list_of_another(app: Bilim, officer: FlaskClient, held: Register) -> None:
    sent = send(officer, NOBODY)
    other = app.test_client()
    staff.sign_in(other, BUREAU_OFFICER, held.organisation_id)

    assert other.get(sent.location).status_code == 404
    assert app.test_client().get(sent.location).status_code in (302, 303, 401)


def test_a_program_asks_for_many_and_gets_what_it_would_get_one_by_one(
    client: FlaskClient, issued: Certificate
) -> None:
    machine = admitted(client, scope=(CERTIFICATES_READ,))
    with transaction():
        db.session.get_one(Client, machine.id).organisation_id = issued.organisation_id
    caller = Caller(client, machine.id, machine.token())
    asked = {"items": [issued.code, issued.number, NOBODY, "=1"], "id": "5d0f7f3e-6c1f-4f7c-9a57-2f3c6d5e8b10"}

    taken = caller.post("/certificates/batches", asked)
    again = caller.post("/certificates/batches", asked)
    early = caller.get(f"/certificates/batches/{asked['id']}/receipt.jws")
    jobs.run_due()
    done = caller.get(f"/certificates/batches/{asked['id']}").get_json()
    alone = caller.get(f"/certificates/{issued.code}").get_json()

    assert (taken.status_code, again.status_code, taken.get_json()["state"]) == (202, 202, "running")
    assert (early.status_code, early.get_json()["code"]) == (404, "receipt-not-ready")
    assert (done["state"], done["rows"], done["answered"], done["accepted"]) == ("done", 4, 4, 2)
    by_code, by_number, unknown, formula = done["results"]
    assert (by_code["certificate"], by_code["standing"]) == (alone["certificate"], alone["standing"])
    assert (by_code["verdict"], by_code["title"], by_code["accepted"]) == ("VALID", "Valid", True)
    assert (by_number["certificate"], by_number["outline"]["initials"]) == (None, "Ы. А. Ө.")
    assert (unknown["verdict"], unknown["reasons"]) == ("UNKNOWN", ["not-in-register"])
    assert (formula["verdict"], formula["fault"]) == (None, "formula")
    receipt = caller.get(f"/certificates/batches/{asked['id']}/receipt.jws")
    paper = caller.get(f"/certificates/batches/{asked['id']}/receipt.pdf")
    said = json.loads(jws.extract_compact(receipt.data).payload)
    assert said["asked_by"]["en"] == "Demonstration Academy of Public Administration"
    assert paper.data.startswith(b"%PDF-")
    keys = client.get("/verify/receipts/jwks.json").get_json()["keys"]
    assert [key["alg"] for key in keys] == ["ES256"]
    assert "d" not in keys[0]


def test_a_program_sends_a_file_and_another_program_does_not_find_it(client: FlaskClient, issued: Certificate) -> None:
    first, second = (admitted(client, name=name, scope=(CERTIFICATES_READ,)) for name in ("Register", "Another"))
    data = uploads.sheet(["Code"], [issued.code])
    headers = {"Authorization": f"Bearer {first.token()}"}

    taken = client.post(
        "/api/v1/certificates/batches/files", data={"file": (BytesIO(data), "list.xlsx")}, headers=headers
    )
    jobs.run_due()
    path = f"/api/v1/certificates/batches/{taken.get_json()['id']}"
    done = client.get(path, headers=headers).get_json()
    other = client.get(path, headers={"Authorization": f"Bearer {second.token()}"})

    assert (taken.status_code, taken.get_json()["state"]) == (202, "reading")
    assert (done["state"], done["results"][0]["row"], done["results"][0]["verdict"]) == ("done", 2, "VALID")
    assert (other.status_code, other.get_json()["code"]) == (404, "batch-unknown")
