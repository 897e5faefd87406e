"""The pages of the ledger of hours: for the person, and for staff of the organisation that issues."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from courses import plans
from courses.programmes import Programme, Taken
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.people.models import Person
from lms.signin.roles import ACADEMY_ADMINISTRATOR, BUREAU_OFFICER
from tests.certificates.test_eligibility import FOUR
from tests.certificates.views.test_trainee import Visitor, holder, platform, visitor
from tests.staff import sign_in, state_purpose

__all__ = ["holder", "platform", "visitor"]  # fixtures


def load_programme() -> None:
    taken = (Taken(slug="public-management", track="whole"), Taken(slug="urban-governance", track="whole"))
    with transaction():
        plans.load(plans.Plans((Programme(slug="two", titles=FOUR, hours=48, modules=taken),), ()))


@pytest.fixture
def person_id(holder: Visitor) -> str:
    with reading():
        return db.session.scalars(select(Person.id)).one()


def test_a_person_sees_hours_documents_and_programmes(holder: Visitor) -> None:
    load_programme()

    page = holder.browser.get(f"{holder.home}/hours/").text

    assert "In all: 4 academic hours" in page
    assert "that is 3 hours of the clock" in page
    assert "2026-KG-PM000001" in page
    assert "1 of 2 modules are completed" in page


def test_before_anything_is_completed_the_page_says_so(visitor: Visitor) -> None:
    assert "No hours yet" in visitor.browser.get(f"{visitor.home}/hours/").text


def test_a_person_takes_the_hours_along_as_pdf_and_json(holder: Visitor) -> None:
    pdf = holder.browser.get(f"{holder.home}/hours/hours.pdf")
    told = holder.browser.get(f"{holder.home}/hours/hours.json").get_json()

    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    assert (told["name"], told["total_hours"]) == ("Ысакова Айгүл Өмүрбековна", 4)
    assert told["entries"][0]["document"]["state"] == "valid"


def test_staff_find_a_person_of_their_organisation(
    app: Bilim, holder: Visitor, person_id: str, client: FlaskClient
) -> None:
    with reading():
        academy_id = db.session.scalars(select(Organisation.id)).one()
    sign_in(client, ACADEMY_ADMINISTRATOR, academy_id)
    officer = app.test_client()
    sign_in(officer, BUREAU_OFFICER)
    first = client.get("/bureau/hours/", headers={"Accept": "text/html"})
    assert (first.status_code, first.location) == (303, "/bureau/purpose?next=/bureau/hours/")
    assert officer.get(f"/bureau/hours/{person_id}/hours.json").location.startswith("/bureau/purpose?")
    state_purpose(client)
    state_purpose(officer, "request", "Complaint 4")

    found = client.post("/bureau/hours/?lang=en", data={"q": "Айгүл"}).text

    assert f"/bureau/hours/{person_id}" in found
    assert "2026-KG-PM000001" in client.get(f"/bureau/hours/{person_id}").text
    assert officer.get(f"/bureau/hours/{person_id}/hours.json").get_json()["total_hours"] == 4
    assert officer.get(f"/bureau/hours/{person_id}/hours.pdf").data[:5] == b"%PDF-"
    own = holder.browser.get(f"{holder.home}/accesses").text
    assert (own.count("Report required by law"), own.count("Letter 12")) == (2, 2), "found, then opened"
    assert own.count("Complaint 4") == 2
    assert own.count("Мисал Үлгүбаева") == 4


def test_staff_of_another_organisation_learn_nothing(holder: Visitor, person_id: str, client: FlaskClient) -> None:
    with transaction():
        other = Organisation(code="other", names=FOUR, country="KG")
        db.session.add(other)
        db.session.flush()
        other_id = other.id
    sign_in(client, ACADEMY_ADMINISTRATOR, other_id)
    state_purpose(client)

    assert [
        client.get(f"/bureau/hours/{person_id}{page}").status_code for page in ("", "/hours.pdf", "/hours.json")
    ] == [
        404,
        404,
        404,
    ]
    assert person_id not in client.post("/bureau/hours/", data={"q": "Айгүл"}).text
