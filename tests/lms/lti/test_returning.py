"""The way back to the platform, and what it says there."""

from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from lms.lti import returning
from tests.platform import Platform, rsa_key

BACK = {
    "launch_presentation": {
        "locale": "en",
        "return_url": "https://lms.academy.example/return.php?course=5&sesskey=k%2Bey",
    }
}


def link_back(answer: Any) -> str | None:
    """The address behind the button of a refusal."""
    _, found, rest = answer.text.partition('<a class="button" href="')
    return unescape(rest.split('"')[0]) if found else None


@pytest.mark.parametrize(
    ("return_url", "expected"),
    [
        ("https://lms.example/r", "https://lms.example/r?lti_msg=All%20done"),
        ("https://lms.example/r?a=1&b=%2F&c", "https://lms.example/r?a=1&b=%2F&c&lti_msg=All%20done"),
        ("http://lms.example/r?lti_msg=old&a=1", "http://lms.example/r?a=1&lti_msg=All%20done"),
        ("https://lms.example/r?a=1#part", "https://lms.example/r?a=1&lti_msg=All%20done#part"),
        ("HTTPS://lms.example", "https://lms.example?lti_msg=All%20done"),
        ("javascript:alert(1)", None),
        ("//lms.example/", None),
        ("https://[lms/", None),
        ("", None),
        (None, None),
    ],
)
def test_a_message_is_added_and_the_platforms_own_query_stays_as_it_was(
    return_url: str | None, expected: str | None
) -> None:
    assert returning.with_message(return_url, "All done") == expected


def test_a_message_for_the_log_stands_beside_the_one_for_the_person() -> None:
    address = returning.with_error("https://lms.example/r", "Нет", log="code 7")

    assert parse_qs(urlsplit(str(address)).query) == {"lti_errormsg": ["Нет"], "lti_errorlog": ["code 7"]}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"roles": None}, "roles-missing"),
        ({"sub": ""}, "subject-missing"),
        ({"exp": 1}, "expired"),
        ({"nonce": "another"}, "nonce-wrong"),
        ({"deployment_id": "unknown"}, "deployment-unknown"),
        ({"target_link_uri": "https://elsewhere.example/"}, "target-not-ours"),
    ],
)
def test_a_refusal_behind_a_proved_token_leads_back_to_the_course_with_the_reason(
    client: FlaskClient, platform: Platform, changes: dict[str, Any], code: str
) -> None:
    answer = platform.launch(client, **BACK, name="Айгүл Токтогулова", **changes)

    address = urlsplit(str(link_back(answer)))
    said = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://lms.academy.example/return.php"
    assert address.query.startswith("course=5&sesskey=k%2Bey&lti_errormsg=")
    assert code in said["lti_errorlog"][0]
    assert answer.headers["X-Request-Id"] in said["lti_errorlog"][0]
    assert "person-17" not in address.query
    assert "%D0%90%D0%B9" not in address.query


@pytest.mark.parametrize("changes", [{"iss": "https://other.example"}, {"aud": "somebody"}, {"azp": "somebody"}])
def test_a_token_that_is_not_proved_to_be_the_platforms_leads_nowhere(
    client: FlaskClient, platform: Platform, changes: dict[str, Any]
) -> None:
    assert link_back(platform.launch(client, **BACK, **changes)) is None


def test_a_token_of_a_stranger_leads_nowhere(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)

    answer = platform.send(client, question, platform.token(platform.claims(question, **BACK), key=rsa_key(1)))

    assert link_back(answer) is None


def test_a_refusal_without_a_way_back_shows_none(client: FlaskClient, platform: Platform) -> None:
    assert link_back(platform.launch(client, launch_presentation={"return_url": "javascript:x"}, roles=None)) is None
