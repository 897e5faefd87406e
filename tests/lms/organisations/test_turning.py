"""The page that tells people without a learning system where to turn."""

import pytest

from lms.core.settings import Settings
from lms.organisations import turning
from tests.certificates import registered
from tests.conftest import application


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("data@academy.example", "mailto:data@academy.example"),
        ("https://academy.example/ask", "https://academy.example/ask"),
        ("+996 312 000 000", None),
        ("javascript:alert(1)", None),
        ("http://academy.example", None),
        ("a@b?bcc=c", None),
        ("", None),
    ],
)
def test_a_contact_opens_only_what_it_says(contact: str, link: str | None) -> None:
    assert turning.link_to(contact) == link


def test_whoever_has_no_learning_system_is_told_where_to_turn(settings: Settings) -> None:
    with application(settings, contact="data@academy.example", privacy_url="https://academy.example/privacy") as app:
        registered.open_register()
        browser = app.test_client()

        page = browser.get("/rights?lang=en").text

        assert '<a href="mailto:data@academy.example">' in page
        assert "Demonstration Academy" in page
        assert "https://academy.example/privacy" in page
        assert "complaints within 5 working days" in page
        assert '<a href="/rights">' in browser.get("/verify").text


def test_without_a_contact_the_bodies_are_named(settings: Settings) -> None:
    with application(settings) as app:
        page = app.test_client().get("/rights?lang=en").text

        assert "Write to the body that issued your certificate" in page
        assert "mailto:" not in page
