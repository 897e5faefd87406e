"""The page "Why no certificate yet?" for the trainee, the instructor and the staff."""

from flask.testing import FlaskClient
from sqlalchemy import delete

from certificates.models import Certificate
from lms.core import jobs
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations import loading as organisations
from lms.organisations.models import Organisation, Signer
from lms.signin.roles import ACADEMY_ADMINISTRATOR, BUREAU_OFFICER
from tests.certificates.views.test_trainee import AIGUL, Visitor, platform, visit, visitor
from tests.platform import MEMBERSHIP, Platform
from tests.staff import sign_in, state_purpose

__all__ = ["platform", "visitor"]  # fixtures


def page_of(visitor: Visitor) -> str:
    return visitor.browser.get(f"{visitor.home}/why/public-management").text


def issued() -> int:
    with reading():
        return db.session.query(Certificate).filter_by(status="valid").count()


def test_the_trainee_reads_each_line_and_confirms_the_name_from_it(visitor: Visitor) -> None:
    visitor.complete()

    page = page_of(visitor)

    assert "You act next." in page
    assert f'href="{visitor.home}/certificates/public-management/name"' in page
    assert "Confirm or correct the name" in page
    assert "The completion is recorded" in page


def test_the_module_leads_to_the_page(visitor: Visitor) -> None:
    overview = visitor.browser.get(f"{visitor.home}/learn/public-management/overview").text

    assert f'href="{visitor.home}/why/public-management"' in overview


def test_the_trainee_has_the_certificate_made_when_nothing_is_missing(visitor: Visitor) -> None:
    with transaction():
        db.session.execute(delete(Signer))
    visitor.complete()
    visitor.post("/name", **AIGUL, **{"is-right": "yes"})
    jobs.run_due()
    assert "The academy acts next." in page_of(visitor)

    with transaction():
        organisations.load(organisations.DEMO.read_text("utf-8"))
    assert "Make the certificate" in page_of(visitor)
    visitor.browser.post(f"{visitor.home}/why/public-management", data={"repair": "make"})
    jobs.run_due()

    assert issued() == 1
    assert "Everything is met." in page_of(visitor)


def test_what_is_not_offered_is_not_done(visitor: Visitor) -> None:
    answer = visitor.browser.post(
        f"{visitor.home}/why/public-management", data={"repair": "make"}, follow_redirects=True
    )

    assert "This is not needed any more." in answer.text
    with reading():
        assert jobs.state_of("record-changed", visitor.record_id) is None


def test_the_instructor_sees_trainees_of_the_course_only(app: Bilim, platform: Platform, visitor: Visitor) -> None:
    visitor.complete()
    teaching: dict[str, object] = {"sub": "teacher-1", "roles": [f"{MEMBERSHIP}Instructor"]}
    here = visit(app, platform, **teaching)
    elsewhere = visit(app, platform, **teaching, context={"id": "another-course"}, resource_link={"id": "other-link"})
    path = f"/teach/public-management/trainee/{visitor.record_id}/why"

    page = here.browser.get(here.home + path).text

    assert "The trainee acts next." in page
    assert "Why no certificate yet?" in here.browser.get(here.home + path.removesuffix("/why")).text
    assert elsewhere.browser.get(elsewhere.home + path).status_code == 404


def test_an_administrator_finds_a_person_by_name_and_repairs_what_an_officer_only_sees(
    app: Bilim, visitor: Visitor, client: FlaskClient
) -> None:
    visitor.complete()
    visitor.post("/name", **AIGUL, **{"is-right": "yes"})
    with reading():
        academy_id = db.session.query(Organisation.id).filter_by(code="demonstration-academy").scalar()
    officer, administrator = app.test_client(), client
    sign_in(officer, BUREAU_OFFICER)
    sign_in(administrator, ACADEMY_ADMINISTRATOR, academy_id)
    path = f"/bureau/why/{visitor.record_id}"
    assert administrator.get(path, headers={"Accept": "text/html"}).location == f"/bureau/purpose?next={path}"
    for browser in (officer, administrator):
        state_purpose(browser)

    found = administrator.post("/bureau/why/?lang=en", data={"q": "ысакова"}).text

    assert path in found
    assert administrator.get(path).status_code == 200
    assert officer.get(path).status_code == 200
    assert officer.post(path, data={"repair": "make"}).status_code == 404
    own = visitor.browser.get(f"{visitor.home}/accesses?lang=en").text
    assert own.count("Letter 12") == 3, "found once, opened twice"


def test_an_administrator_of_another_academy_finds_nobody(app: Bilim, visitor: Visitor, client: FlaskClient) -> None:
    visitor.complete()
    with transaction():
        other = Organisation(code="other", names={"ky": "Б", "ru": "Д", "zh": "另", "en": "Other"}, country="KG")
        db.session.add(other)
        db.session.flush()
        other_id = other.id
    sign_in(client, ACADEMY_ADMINISTRATOR, other_id)

    assert client.get(f"/bureau/why/{visitor.record_id}").status_code == 404
