"""A file of which only the SHA-256 is known, and a certificate of which only the number is: page, program, command line."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from certificates import cli, life, revisions, verification
from certificates.models import Certificate, SealKey
from certificates.standing import ReasonCode
from lms.core import clock
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.oauth.scopes import CERTIFICATES_READ
from tests.api.machine import Caller
from tests.certificates import registered
from tests.lms.oauth.machine import admitted

NOBODY = "ab" * 32


@pytest.fixture
def issued(app: Bilim) -> Certificate:
    return registered.issue(registered.open_register())


def by_hash(typed: str) -> verification.Verdict:
    with reading():
        return verification.verify_hash(typed)


def by_number(typed: str) -> verification.Verdict:
    with reading():
        return verification.verify_number(typed)


def test_the_hash_of_a_file_of_the_register_answers_like_the_file(issued: Certificate) -> None:
    verdict = by_hash(str(issued.pdf_sha256))

    assert (verdict.code, verdict.reasons, verdict.register_status) == (
        "AUTHENTIC_EXACT",
        ("registered-hash",),
        "valid",
    )
    assert verdict.is_accepted
    assert verdict.facts is not None
    assert verdict.facts.code == issued.code


def test_every_later_version_of_a_file_counts(issued: Certificate) -> None:
    later = sha256(b"the same with an archive time stamp").hexdigest()
    with transaction():
        revisions.add_first(issued, level="B-B", renew_before=None)
        revisions.add(issued.id, 2, sha256=later, file_name="later.pdf", level="B-LTA", renew_before=clock.now())

    assert [by_hash(one).code for one in (str(issued.pdf_sha256), later)] == ["AUTHENTIC_EXACT", "AUTHENTIC_EXACT"]


def test_a_hash_is_understood_as_programs_write_it(issued: Certificate) -> None:
    digest = str(issued.pdf_sha256).upper()
    in_pairs = ":".join(digest[place : place + 2] for place in range(0, 64, 2))

    assert [by_hash(typed).code for typed in (digest, in_pairs, f" {digest} \n")] == ["AUTHENTIC_EXACT"] * 3


def test_a_hash_that_the_register_does_not_hold_proves_nothing(issued: Certificate) -> None:
    verdict = by_hash(NOBODY)

    assert (verdict.code, verdict.reasons, verdict.facts) == ("UNKNOWN", ("hash-not-in-register",), None)
    assert not verdict.is_accepted


def test_the_genuine_file_of_a_revoked_certificate_is_not_accepted_by_its_hash(issued: Certificate) -> None:
    with transaction():
        life.revoke(issued.id, reason=ReasonCode.WRONG_DATA, note="", actor="operator")

    verdict = by_hash(str(issued.pdf_sha256))

    assert (verdict.code, verdict.register_status) == ("AUTHENTIC_EXACT", "revoked")
    assert not verdict.is_accepted


def test_a_hash_does_not_vouch_for_what_was_sealed_while_the_key_was_in_other_hands(issued: Certificate) -> None:
    with transaction():
        db.session.execute(update(SealKey).values(compromised_at=datetime(2026, 1, 2, tzinfo=UTC)))

    verdict = by_hash(str(issued.pdf_sha256))

    assert (verdict.code, verdict.reasons, verdict.facts) == ("UNKNOWN_SIGNER", ("seal-compromised",), None)


@pytest.mark.parametrize("typed", ["{number}", " {number} ", "{lower}", "{joined}", "{cyrillic}"])
def test_a_register_number_tells_module_year_and_initials_but_no_name_and_no_code(
    issued: Certificate, typed: str
) -> None:
    written = {
        "number": issued.number,
        "lower": issued.number.lower(),
        "joined": issued.number.replace("-", ""),
        "cyrillic": issued.number.replace("P", "Р").replace("-", "–"),
    }

    verdict = by_number(typed.format(**written))

    assert (verdict.code, verdict.reasons, verdict.facts) == ("VALID", ("number-in-register",), None)
    assert verdict.outline is not None
    assert (verdict.outline.number, verdict.outline.year) == ("2026-KG-PM000001", 2026)
    assert verdict.outline.initials == "Ы. А. Ө."
    assert issued.code not in str(verdict)
    assert "Ысакова" not in str(verdict)


def test_a_number_that_was_only_reserved_answers_like_one_of_nobody(app: Bilim) -> None:
    reserved = registered.reserve(registered.open_register())

    assert by_number(reserved.number) == by_number("2026-KG-PM999999")
    assert by_number(reserved.number).reasons == ("number-not-in-register",)


def test_the_one_field_of_the_page_takes_a_hash(client: FlaskClient, issued: Certificate) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    digest = str(issued.pdf_sha256)

    asked = client.get(f"/verify?code={digest.upper()}")
    found, unknown = client.get(asked.location), client.get(f"/v/{NOBODY}")

    assert (asked.status_code, asked.location) == (303, f"/v/{digest}")
    assert (found.status_code, unknown.status_code) == (200, 404)
    assert "Genuine" in found.text
    assert "Ысакова Айгүл Өмүрбековна" in found.text
    assert "Compare with the paper" not in found.text
    assert "upload the file itself" in unknown.text
    assert 'action="/verify/pdf"' in unknown.text


def test_the_api_answers_a_hash_and_anything_else_in_its_place(client: FlaskClient, issued: Certificate) -> None:
    machine = admitted(client, scope=(CERTIFICATES_READ,))
    caller = Caller(client, machine.id, machine.token())

    found = caller.get(f"/certificates/by-hash/{issued.pdf_sha256}").get_json()
    unknown, wrong = caller.get(f"/certificates/by-hash/{NOBODY}"), caller.get("/certificates/by-hash/abc")

    assert (found["verdict"], found["accepted"], found["register_status"]) == ("AUTHENTIC_EXACT", True, "valid")
    assert found["certificate"]["number"] == issued.number
    assert (unknown.status_code, unknown.get_json()["reasons"]) == (200, ["hash-not-in-register"])
    assert (wrong.get_json()["verdict"], wrong.get_json()["reasons"]) == ("MISTYPED", ["hash-form"])
    assert client.get(f"/api/v1/certificates/by-hash/{NOBODY}").status_code == 401


def test_the_command_takes_a_hash_and_says_what_is_neither(app: Bilim, issued: Certificate) -> None:
    found = app.test_cli_runner().invoke(cli.cli, ["verify", str(issued.pdf_sha256)])
    unknown = app.test_cli_runner().invoke(cli.cli, ["verify", NOBODY])
    neither = app.test_cli_runner().invoke(cli.cli, ["verify", "no-such-file.pdf"])

    assert found.exit_code == 0
    assert found.output.startswith("AUTHENTIC_EXACT: Genuine.")
    assert (unknown.exit_code, neither.exit_code) == (1, 1)
    assert unknown.output.startswith("UNKNOWN: Not found. The register holds no file with this hash.")
    assert "neither a file nor a SHA-256" in neither.output
