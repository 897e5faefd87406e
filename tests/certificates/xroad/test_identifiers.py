import pytest
from werkzeug.datastructures import Headers

from certificates.xroad.identifiers import client_of, message_of


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("KG/GOV/70000001/hr", "KG/GOV/70000001/hr"),
        ("KG/GOV/70000001", "KG/GOV/70000001"),
        ("KG/GOV/70000001/%D0%BA%D0%B0%D0%B4%D1%80%D1%8B", "KG/GOV/70000001/%D0%BA%D0%B0%D0%B4%D1%80%D1%8B"),
        ("KG/GOV/70000001/h%72", "KG/GOV/70000001/hr"),
        ("KG/GOV/70000001/a%2Fb", "KG/GOV/70000001/a%2Fb"),
    ],
)
def test_a_client_has_one_spelling(text: str, client: str) -> None:
    assert client_of(text) == client


@pytest.mark.parametrize(
    "text", ["", "KG", "KG/GOV", "KG//1/x", "KG/GOV/1/x/y", "KG/GOV/1/%FF", "KG/GOV/1/%00", "K" * 300]
)
def test_anything_else_is_none(text: str) -> None:
    assert client_of(text) is None


def test_what_the_security_server_says_is_kept_short_and_on_one_line() -> None:
    headers = Headers({"x-road-client": "KG/GOV/1/hr", "x-road-id": "a" * 200, "x-road-issue": " K\t12 "})

    found = message_of(headers)

    assert found is not None
    assert (found.client, len(found.id), found.user_id, found.issue) == ("KG/GOV/1/hr", 80, "", "K 12")
    assert message_of(Headers({"X-Road-Id": "1"})) is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Case of 00000000000017, 2026", "Case of …0017, 2026"),
        ("000101300123", "…0123"),
        ("K-12 of 2026-01-23", "K-12 of 2026-01-23"),
        ("1234567890123", "1234567890123"),
    ],
)
def test_what_could_be_a_personal_number_is_not_kept_in_a_case(said: str, kept: str) -> None:
    found = message_of(Headers({"X-Road-Client": "KG/GOV/1/hr", "X-Road-Issue": said}))

    assert found is not None
    assert found.issue == kept
