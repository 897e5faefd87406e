from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update
from werkzeug.test import TestResponse

from certificates import issuing, numbering
from certificates.models import Certificate
from lms.core import files
from lms.core.db import db, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.organisations import loading as organisations
from lms.signin.roles import BUREAU_OFFICER
from tests.certificates import academy
from tests.certificates.test_verification import SUCCESSION
from tests.conftest import application
from tests.staff import sign_in


@pytest.fixture
def issued(app: Bilim) -> Certificate:
    academy.open_academy(app)
    return issuing.issue(academy.graduate().record_id)


def upload(client: FlaskClient, data: bytes, name: str = "certificate.pdf") -> TestResponse:
    return client.post("/verify/pdf", data={"file": (BytesIO(data), name)}, headers={"Accept-Language": "en"})


def test_each_page_for_staff_has_one_field_that_verifies(client: FlaskClient) -> None:
    sign_in(client, BUREAU_OFFICER)
    page = client.get("/bureau/training/").text
    answer = client.post("/verify", data={"code": "7q4m-x2dn 9tvc-z"})

    assert page.count('method="post" action="/verify"') == 1
    assert 'name="code"' in page
    assert (answer.status_code, answer.location) == (303, "/v/7Q4MX2DN9TVCZ")
    assert client.post("/verify", data={"code": " - "}).status_code == 422


def test_a_typed_code_gets_an_address_of_its_own(client: FlaskClient) -> None:
    answer = client.get("/verify?code=7q4m-x2dn 9tvc-z")

    assert (answer.status_code, answer.location) == (303, "/v/7Q4MX2DN9TVCZ")


def test_an_empty_field_is_told_at_the_field(client: FlaskClient) -> None:
    answer = client.get("/verify?code=%20-", headers={"Accept-Language": "en"})

    assert answer.status_code == 422
    assert 'href="#code"' in answer.text
    assert "Type the code from the paper." in answer.text


@pytest.mark.parametrize("path", ["/v/{code}", "/V/{code}"])
def test_a_valid_code_shows_what_is_printed_in_four_languages(
    client: FlaskClient, issued: Certificate, path: str
) -> None:
    answer = client.get(path.format(code=issued.code), headers={"Accept-Language": "en"})

    assert answer.status_code == 200
    for printed in (
        "Valid",
        "Ысакова Айгүл Өмүрбековна",
        "Aigul Ysakova",
        "Мамлекеттик башкаруу",
        "Государственное управление",
        "公共管理",
        "Public Management",
        "Көрсөтмө мамлекеттик башкаруу академиясы",
        issued.number,
        numbering.shown(issued.code),
        "21.11.2026",
    ):
        assert printed in answer.text


def test_the_result_is_not_shown_to_the_public(client: FlaskClient, issued: Certificate) -> None:
    page = client.get(f"/v/{issued.code}").text.replace(issued.code, "").replace(numbering.shown(issued.code), "")

    assert "87" not in page


@pytest.mark.parametrize(("language", "word"), [("ky", "ky"), ("ru", "ru"), ("zh", "zh"), ("en", "en")])
def test_the_verdict_speaks_the_readers_language(
    client: FlaskClient, issued: Certificate, language: str, word: str
) -> None:
    answer = client.get(f"/v/{issued.code}", headers={"Accept-Language": language})

    assert f'<html lang="{word}">' in answer.text


def test_a_verdict_may_be_kept_for_a_minute_for_readers_of_the_same_language(
    client: FlaskClient, issued: Certificate
) -> None:
    answer = client.get(f"/v/{issued.code}")

    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert {"accept-language", "cookie"} <= {name.lower() for name in answer.vary}
    assert "Set-Cookie" not in answer.headers


def test_an_answer_that_sets_a_cookie_is_not_for_shared_caches(client: FlaskClient, issued: Certificate) -> None:
    answer = client.get(f"/v/{issued.code}?lang=ru")

    assert "Set-Cookie" in answer.headers
    assert answer.headers["Cache-Control"] == "private, max-age=60"


@pytest.mark.parametrize("path", ["/verify", "/v/7Q4MX2DN9TVCZ", "/v/nonsense"])
def test_no_search_engine_keeps_a_page_of_verification(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text


def test_a_reserved_number_answers_exactly_like_an_unknown_code(client: FlaskClient, issued: Certificate) -> None:
    with transaction():
        db.session.execute(update(Certificate).values(status="reserved"))
    stranger = numbering.new_code()

    reserved, unknown = (
        client.get(f"/v/{code}", headers={"Accept-Language": "en"}) for code in (issued.code, stranger)
    )

    assert reserved.status_code == unknown.status_code == 404
    assert "Not found" in reserved.text
    assert _timeless(reserved.text.replace(issued.code, stranger)) == _timeless(unknown.text)


def test_a_mistyped_code_stays_in_the_field_to_be_corrected(client: FlaskClient) -> None:
    answer = client.get("/v/7Q4MX2DN9TVC0", headers={"Accept-Language": "en"})

    assert answer.status_code == 404
    assert "Check the code" in answer.text
    assert "One letter or digit is wrong, or two have changed places." in answer.text
    assert 'value="7Q4MX2DN9TVC0"' in answer.text


def test_a_register_number_in_the_field_is_told_where_the_code_stands(client: FlaskClient) -> None:
    answer = client.get("/verify?code=2026-KG-PM000123", headers={"Accept-Language": "en"}, follow_redirects=True)

    assert "This is the register number." in answer.text


def test_markup_in_a_code_stays_text(client: FlaskClient) -> None:
    assert "<b>x" not in client.get("/v/%3Cb%3Ex").text


def test_an_old_certificate_names_the_body_that_answers_today(client: FlaskClient, issued: Certificate) -> None:
    with transaction():
        organisations.load(SUCCESSION)

    page = client.get(f"/v/{issued.code}", headers={"Accept-Language": "en"}).text

    for told in ("Demonstration Academy", "Today this organisation is", "New Academy", "Decree 1 (invented)"):
        assert told in page


def test_the_untouched_file_is_genuine(client: FlaskClient, issued: Certificate) -> None:
    answer = upload(client, files.read(str(issued.file_name)))

    assert answer.status_code == 200
    assert "Genuine" in answer.text
    assert issued.number in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_altered_file_is_told_so_with_the_reason(client: FlaskClient, issued: Certificate) -> None:
    page = upload(client, files.read(str(issued.file_name)) + b"more").text

    assert "Altered" in page
    assert "Data was added behind the seal." in page
    assert issued.number not in page


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"no pdf at all", "The file is not a PDF."), (b"%PDF-1.7 broken", "The file is damaged or was not finished.")],
)
def test_a_file_that_is_no_certificate_is_told_so(client: FlaskClient, data: bytes, words: str) -> None:
    answer = upload(client, data)

    assert answer.status_code == 200
    assert "Cannot be read" in answer.text
    assert words in answer.text


def test_a_file_over_ten_megabytes_is_not_read(client: FlaskClient) -> None:
    assert "The file is larger than 10 MB." in upload(client, b"%PDF-" + bytes(10 * 1024 * 1024)).text
    assert upload(client, bytes(13 * 1024 * 1024)).status_code == 413


def test_sending_no_file_is_told_at_the_field(client: FlaskClient) -> None:
    answer = client.post("/verify/pdf", headers={"Accept-Language": "en"})

    assert answer.status_code == 422
    assert 'href="#file"' in answer.text


def test_an_uploaded_file_is_not_kept(client: FlaskClient, app: Bilim, settings: Settings) -> None:
    upload(client, b"%PDF-1.7 the database opens its files")
    before = sorted(settings.instance.rglob("*"))
    upload(client, b"%PDF-1.7 nothing of ours")

    assert sorted(settings.instance.rglob("*")) == before


def test_guessing_codes_and_uploading_are_slowed_down(settings: Settings) -> None:
    with application(settings, rate_limits=True) as app:
        client = app.test_client()
        guesses = [client.get(f"/v/{number}").status_code for number in range(61)]
        uploads = [upload(client, b"x").status_code for _ in range(21)]

    assert (guesses[:60], guesses[60]) == ([404] * 60, 429)
    assert (uploads[:20], uploads[20]) == ([200] * 20, 429)


def test_a_verdict_page_asks_the_database_twice(client: FlaskClient, issued: Certificate) -> None:
    statements: list[str] = []

    def count(*arguments: object) -> None:
        if str(arguments[2]).startswith("SELECT"):
            statements.append(str(arguments[2]))

    client.get(f"/v/{issued.code}")
    event.listen(db.engine, "before_cursor_execute", count)
    client.get(f"/v/{issued.code}")
    event.remove(db.engine, "before_cursor_execute", count)

    assert len([line for line in statements if "FROM" in line]) == 2


def _timeless(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "Checked on" not in line)
