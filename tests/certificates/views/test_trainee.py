from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, event, select, update

from certificates.models import Certificate
from certificates.revisions import CertificateRevision
from courses import completion
from courses.models import Enrolment
from lms.core import files, jobs
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations.models import Signer
from lms.people import names
from tests.certificates import academy
from tests.platform import MEMBERSHIP, Platform, running

AIGUL = {"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Ysakova", "Hani": ""}


@dataclass
class Visitor:
    """A browser inside a launch of the module."""

    platform: Platform
    browser: FlaskClient
    home: str

    def get(self, path: str = "") -> str:
        return self.browser.get(f"{self.home}/certificates/public-management{path}").text

    def post(self, path: str = "", **form: str) -> tuple[int, str]:
        answer = self.browser.post(f"{self.home}/certificates/public-management{path}", data=form)
        return answer.status_code, answer.text

    @property
    def record_id(self) -> str:
        with reading():
            return db.session.scalars(select(Enrolment.id)).one()

    def complete(self, score_percent: int = 87) -> None:
        with transaction():
            completion.report(
                issuer=self.platform.issuer,
                client_id=self.platform.client_id,
                user_id="person-17",
                module_slug="public-management",
                score_percent=score_percent,
                completed_at=academy.COMPLETED_AT,
                source="client:test",
            )


@pytest.fixture
def platform(app: Bilim) -> Iterator[Platform]:
    app.config["WTF_CSRF_ENABLED"] = False
    academy.open_academy(app)
    with running() as made:
        made.register()
        yield made


@pytest.fixture
def visitor(app: Bilim, platform: Platform) -> Visitor:
    return visit(app, platform)


def visit(app: Bilim, platform: Platform, **claims: object) -> Visitor:
    browser = app.test_client()
    claims = {"custom": {"module": "public-management"}, "launch_presentation": {"locale": "en"}, **claims}
    answer = platform.launch(browser, **claims)
    assert answer.status_code == 303, answer.text
    assert browser.get(answer.location, follow_redirects=True).status_code == 200
    return Visitor(platform, browser, "/".join(answer.location.split("/")[:3]))


@pytest.fixture
def holder(visitor: Visitor) -> Visitor:
    visitor.complete()
    visitor.post("/name", **AIGUL, **{"is-right": "yes"})
    jobs.run_due()
    return visitor


def test_before_completion_the_page_says_what_is_missing(visitor: Visitor) -> None:
    page = visitor.get()

    assert "The module is not completed yet." in page
    assert "You have not confirmed yet how your name is written." in page
    assert "Confirm my name" in page


def test_the_form_begins_with_what_the_platform_sent_in_its_own_script_only(visitor: Visitor) -> None:
    page = visitor.get("/name")

    assert 'name="Cyrl" type="text" value="Айгүл Токтогулова"' in page
    assert 'name="Latn" type="text" value=""' in page


def test_a_name_is_shown_as_it_will_look_before_it_is_kept(visitor: Visitor) -> None:
    status, page = visitor.post("/name", **AIGUL)

    assert status == 200
    assert "Is this right?" in page
    assert "Ысакова Айгүл Өмүрбековна" in page
    with reading():
        assert names.confirmed(db.session.scalars(select(Enrolment.person_id)).one()) == {}


def test_a_confirmed_name_is_kept_and_said(visitor: Visitor) -> None:
    status, _page = visitor.post("/name", **AIGUL, **{"is-right": "yes"})

    assert status == 303
    assert "Your name is confirmed." in visitor.get()
    assert "You have not confirmed yet" not in visitor.get()
    assert 'value="Aigul Ysakova"' in visitor.get("/name")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"Latn": ""}, "Latn", "Write your name here."),
        ({"Latn": "Айгүл"}, "Latn", "These characters do not belong here"),
        ({"Cyrl": "Ysakova"}, "Cyrl", "These characters do not belong here"),
        ({"Hani": "李𱍊"}, "Hani", "We cannot print these characters: 𱍊 (U+3134A)."),
    ],
)
def test_a_name_that_cannot_be_printed_is_told_at_once_at_its_field(
    visitor: Visitor, changes: dict[str, str], field: str, sentence: str
) -> None:
    status, page = visitor.post("/name", **(AIGUL | changes), **{"is-right": "yes"})

    assert status == 422
    assert f'<a href="#{field}">' in page
    assert sentence in page
    with reading():
        assert names.confirmed(db.session.scalars(select(Enrolment.person_id)).one()) == {}


def test_confirming_the_name_brings_the_certificate(visitor: Visitor) -> None:
    visitor.complete()
    jobs.run_due()
    visitor.post("/name", **AIGUL, **{"is-right": "yes"})

    waiting = visitor.get()
    jobs.run_due()
    issued = visitor.get()

    assert '<meta http-equiv="refresh"' in waiting
    assert "Your certificate is being made." in waiting
    assert "Download the certificate" in issued
    assert '<meta http-equiv="refresh"' not in issued


def test_the_holder_sees_the_result_and_the_code(holder: Visitor) -> None:
    page = holder.get()

    for told in ("87 %", "-KG-PM000001", "Ысакова Айгүл Өмүрбековна", "What others see"):
        assert told in page


def test_the_download_is_the_stored_file_with_a_name_in_the_holders_letters(holder: Visitor) -> None:
    answer = holder.browser.get(f"{holder.home}/certificates/public-management/file")

    with reading():
        issued = db.session.scalars(select(Certificate)).one()
    assert answer.data == files.read(str(issued.file_name))
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=\"{issued.number}.pdf\"; filename*=UTF-8''{issued.number}%20"
        "%D0%AB%D1%81%D0%B0%D0%BA%D0%BE%D0%B2%D0%B0%20%D0%90%D0%B9%D0%B3%D2%AF%D0%BB%20"
        "%D3%A8%D0%BC%D2%AF%D1%80%D0%B1%D0%B5%D0%BA%D0%BE%D0%B2%D0%BD%D0%B0.pdf"
    )
    assert answer.headers["Cache-Control"] == "no-store"


def test_stored_bytes_that_are_not_those_that_were_issued_are_not_handed_out(holder: Visitor) -> None:
    with transaction():
        db.session.execute(update(CertificateRevision).values(sha256="0" * 64))

    answer = holder.browser.get(f"{holder.home}/certificates/public-management/file")

    assert answer.status_code == 503
    assert "file-damaged" in answer.text


def test_there_is_nothing_to_download_before_it_is_issued(visitor: Visitor) -> None:
    answer = visitor.browser.get(f"{visitor.home}/certificates/public-management/file")

    assert answer.status_code == 404
    assert "certificate-not-ready" in answer.text


def test_another_learner_sees_nothing_of_it(app: Bilim, platform: Platform, holder: Visitor) -> None:
    stranger = visit(app, platform, sub="person-18", name="Бакыт Асанов")

    assert "The module is not completed yet." in stranger.get()
    assert stranger.browser.get(f"{stranger.home}/certificates/public-management/file").status_code == 404
    assert "Ысакова" not in stranger.get() + stranger.get("/name")


def test_another_browser_cannot_open_the_holders_page(app: Bilim, holder: Visitor) -> None:
    assert app.test_client().get(f"{holder.home}/certificates/public-management").status_code == 403


def test_a_module_that_was_never_opened_has_no_page(visitor: Visitor) -> None:
    assert visitor.browser.get(f"{visitor.home}/certificates/e-government").status_code == 404


def test_an_instructor_looking_around_is_told_that_certificates_are_for_learners(
    app: Bilim, platform: Platform
) -> None:
    teacher = visit(app, platform, roles=[f"{MEMBERSHIP}Instructor"], sub="teacher")
    teacher.browser.get(f"{teacher.home}/learn/public-management/overview")

    assert "Certificates are for learners." in teacher.get()


def test_what_only_the_academy_can_change_is_told_so(visitor: Visitor) -> None:
    visitor.complete()
    visitor.post("/name", **AIGUL, **{"is-right": "yes"})
    with transaction():
        db.session.execute(delete(Signer))

    page = visitor.get()

    assert "Your academy has to act" in page
    assert "Nobody may sign for the organisation today." in page


def test_a_job_that_stopped_is_told_as_the_academys_work(visitor: Visitor) -> None:
    visitor.complete()
    visitor.post("/name", **AIGUL, **{"is-right": "yes"})
    with transaction():
        db.session.execute(update(jobs.Job).values(needs_person=True))

    assert "Your academy has to act" in visitor.get()


def test_what_is_ready_and_was_not_asked_for_can_be_asked_for(visitor: Visitor) -> None:
    visitor.complete()
    visitor.post("/name", **AIGUL, **{"is-right": "yes"})
    with transaction():
        db.session.execute(update(jobs.Job).values(served=jobs.Job.wanted))

    page = visitor.get()
    visitor.post()
    jobs.run_due()

    assert "Make my certificate" in page
    assert "Download the certificate" in visitor.get()


def test_forms_without_their_token_are_refused(app: Bilim, visitor: Visitor) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    status, page = visitor.post("/name", **AIGUL)

    assert status == 400
    assert "form-expired" in page


def test_the_page_asks_the_database_as_often_with_many_certificates_as_with_one(
    app: Bilim, platform: Platform, holder: Visitor
) -> None:
    before = _queries_of(holder)
    for number in range(3):
        other = visit(app, platform, sub=f"other-{number}")
        other.get()

    assert _queries_of(holder) == before
    assert before <= 12


def _queries_of(visitor: Visitor) -> int:
    statements: list[str] = []

    def count(*arguments: object) -> None:
        if "FROM" in str(arguments[2]):
            statements.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        visitor.get()
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)


def test_the_holder_shares_the_certificate_and_takes_the_link_back(holder: Visitor) -> None:
    assert "Share the certificate" in holder.get()
    assert holder.get("/credential").startswith("eyJ")
    before = holder.get("/sharing")
    assert "Not shared" in before
    assert "your result: 87 %" in before

    assert holder.post("/sharing", shared="yes")[0] == 303
    assert "http://localhost:8000/c/" in holder.get("/sharing")
    assert holder.post("/sharing", shared="no")[0] == 303
    assert "Not shared" in holder.get("/sharing")
