from datetime import timedelta

from flask.testing import FlaskClient

from lms.core import clock
from lms.core.web import Bilim
from lms.signin.roles import ACADEMY_ADMINISTRATOR, BUREAU_OFFICER
from tests.staff import csrf_token, sign_in, sign_in_as, state_purpose

WHERE = "/bureau/hours/"
AS_PERSON = {"Accept": "text/html"}


def is_open(browser: FlaskClient) -> bool:
    return browser.get(WHERE, headers=AS_PERSON).status_code == 200


def test_a_purpose_is_stated_once_for_two_hours(app: Bilim, client: FlaskClient) -> None:
    sign_in(client, BUREAU_OFFICER)
    led = client.get(WHERE, headers=AS_PERSON)
    assert led.location == f"/bureau/purpose?next={WHERE}"

    state_purpose(client, "inspection", "Audit 7")

    page = client.get(f"{WHERE}?lang=en").text
    assert "For what: Inspection or audit · Audit 7." in page
    assert 'value="Audit 7"' in client.get("/bureau/purpose").text
    with clock.frozen(clock.now() + timedelta(minutes=25)):
        assert is_open(client)
        client.get("/admin/")
    with clock.frozen(clock.now() + timedelta(minutes=50)):
        client.get("/admin/")
    with clock.frozen(clock.now() + timedelta(minutes=75)):
        client.get("/admin/")
    with clock.frozen(clock.now() + timedelta(minutes=100)):
        assert is_open(client)
    with clock.frozen(clock.now() + timedelta(minutes=121)):
        assert not is_open(client)


def test_what_one_person_stated_does_not_hold_for_the_next_in_the_same_browser(client: FlaskClient) -> None:
    first = sign_in(client, BUREAU_OFFICER)
    state_purpose(client)
    client.post("/staff/sign-out", data={"csrf_token": csrf_token(client, "/bureau/purpose")})
    sign_in(client, ACADEMY_ADMINISTRATOR)
    assert not is_open(client)

    state_purpose(client)
    sign_in_as(client, first)
    assert not is_open(client)


def test_what_says_nothing_is_told_at_its_field(client: FlaskClient) -> None:
    sign_in(client, BUREAU_OFFICER)
    token = {"csrf_token": csrf_token(client, "/bureau/purpose"), "next": WHERE}
    cases: list[tuple[dict[str, str], str]] = [
        ({}, "purpose"),
        ({"purpose": "work", "words": "The usual"}, "purpose"),
        ({"purpose": "report", "words": "x"}, "words"),
    ]
    for sent, wrong in cases:
        page = client.post("/bureau/purpose", data={**sent, **token})

        assert page.status_code == 422
        assert f'href="#{wrong}"' in page.text
        assert f'value="{WHERE}"' in page.text
    assert not is_open(client)


def test_the_way_on_leads_to_pages_of_ours_only(client: FlaskClient) -> None:
    sign_in(client, BUREAU_OFFICER)
    token = csrf_token(client, "/bureau/purpose")
    stated = {"purpose": "report", "words": "Letter 12", "csrf_token": token}

    for path in ("https://evil.example/", "//evil.example", "/\\evil"):
        assert client.post("/bureau/purpose", data={**stated, "next": path}).location == "/admin/"
    assert client.post("/bureau/purpose", data={**stated, "next": WHERE}).location == WHERE


def test_a_program_is_told_and_a_form_comes_back_to_its_page(client: FlaskClient) -> None:
    sign_in(client, BUREAU_OFFICER)

    told = client.get(WHERE, headers={"Accept": "application/json"})

    assert (told.status_code, told.get_json()["code"]) == (403, "purpose-not-stated")
    token = csrf_token(client, "/bureau/purpose")
    sent = client.post(WHERE, data={"q": "Айгүл", "csrf_token": token}, headers=AS_PERSON)
    assert sent.location == f"/bureau/purpose?next={WHERE}"
