import pytest

from certificates import issuing
from certificates.badges import credential
from certificates.models import Certificate
from lms.core.db import reading
from lms.core.web import Bilim
from tests.api.machine import Caller
from tests.certificates import academy
from tests.lms.oauth.machine import admitted


@pytest.fixture
def issued(app: Bilim) -> Certificate:
    academy.open_academy(app)
    return issuing.issue(academy.graduate().record_id)


def test_a_code_of_the_register_is_answered_with_what_is_printed_except_the_result(
    caller: Caller, issued: Certificate
) -> None:
    answer = caller.get(f"/certificates/{issued.code}")

    assert answer.status_code == 200
    said = answer.get_json()
    certificate = said["certificate"]
    assert (said["verdict"], said["reasons"]) == ("valid", ["in-register"])
    assert sorted(certificate) == [
        "code",
        "completed_on",
        "holder",
        "hours",
        "issued_on",
        "issuer",
        "number",
        "successor",
        "titles",
        "verify_url",
    ]
    assert certificate["holder"] == {"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Ysakova"}
    assert certificate["titles"]["ky"] == "Мамлекеттик башкаруу"
    assert (certificate["hours"], certificate["completed_on"]) == (4, "2026-11-21")
    assert (certificate["number"], certificate["code"]) == (issued.number, issued.code)
    assert certificate["issuer"]["country"] == "KG"
    assert certificate["successor"] is None
    assert certificate["verify_url"] == f"http://localhost:8000/v/{issued.code}"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_code_is_understood_however_it_is_written(caller: Caller, issued: Certificate) -> None:
    code = str(issued.code)
    written = f"{code[:4]}-{code[4:8]}-{code[8:]}".lower()

    assert caller.get(f"/certificates/{written}").get_json()["verdict"] == "valid"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("000000000000Q", "not-in-register"),
        ("0000000000001", "check-symbol"),
        ("short", "length"),
        ("2026-KG-PM000123", "register-number"),
        ("%ff%fe", "length"),
        ("x" * 2000, "length"),
        ("%F0%9F%92%A9", "length"),
    ],
)
def test_any_other_code_is_unknown_and_says_why(code: str, reason: str, caller: Caller) -> None:
    answer = caller.get(f"/certificates/{code}")

    assert answer.status_code == 200
    assert answer.get_json() == {"verdict": "unknown", "reasons": [reason], "standing": None, "certificate": None}


def test_only_the_scope_for_reading_reads(caller: Caller, issued: Certificate) -> None:
    server = admitted(caller.client, scope=("completions:write",))
    reporter = Caller(caller.client, server.id, server.token())

    answer = reporter.get(f"/certificates/{issued.code}")

    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope-missing")
    assert str(issued.number) not in answer.text


def test_a_credential_is_answered_like_its_certificate(caller: Caller, issued: Certificate) -> None:
    with reading():
        kept = credential.of_certificate(issued.id)
    assert kept is not None

    answer = caller.post("/certificates/credential", {"credential": kept.jwt})

    assert answer.status_code == 200
    said = answer.get_json()
    assert (said["verdict"], said["accepted"], said["register_status"]) == ("AUTHENTIC_EXACT", True, "valid")
    assert said["certificate"]["number"] == issued.number
