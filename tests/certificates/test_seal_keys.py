"""A seal's life: retired, compromised, expired; and what that does to certificates that it sealed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from certificates import authority, issuing, seal_keys, verification
from certificates.models import Certificate
from certificates.seal import Seal
from lms.core import audit, clock, files
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict, NotFound, Unavailable
from lms.core.web import Bilim
from tests.certificates import academy

ISSUED_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LATER = ISSUED_AT + timedelta(days=100)


@pytest.fixture
def issued(app: Bilim) -> Iterator[Certificate]:
    with clock.frozen(ISSUED_AT):
        academy.open_academy(app)
        certificate = issuing.issue(academy.graduate().record_id)
    with clock.frozen(LATER):
        yield certificate


@pytest.fixture
def seal(issued: Certificate) -> Seal:
    return Seal.load(seal_keys.seal_path(), "tests-only")


def sealed_again(issued: Certificate, seal: Seal, at: datetime) -> bytes:
    """A file under our seal whose bytes the register does not hold."""
    with clock.frozen(at):
        return seal.seal(academy.printed_again(issued))


def run(app: Bilim, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["certificates", "seals", *words])
    return result.exit_code, result.output


def compromise(seal: Seal, since: datetime) -> None:
    with transaction():
        seal_keys.compromise(seal.fingerprint, since, reason="laptop stolen", actor="operator")


def test_what_a_seal_made_before_it_was_retired_stays_genuine(issued: Certificate, seal: Seal) -> None:
    other_copy = sealed_again(issued, seal, ISSUED_AT)
    with transaction():
        seal_keys.retire(seal.fingerprint, LATER, actor="operator")

    assert verification.verify_pdf(files.read(str(issued.file_name))).code == "AUTHENTIC_EXACT"
    assert verification.verify_pdf(other_copy).code == "AUTHENTIC_BY_SIGNATURE"


def test_what_a_seal_made_after_it_was_retired_is_refused(issued: Certificate, seal: Seal) -> None:
    with transaction():
        seal_keys.retire(seal.fingerprint, ISSUED_AT + timedelta(days=1), actor="operator")

    verdict = verification.verify_pdf(sealed_again(issued, seal, ISSUED_AT + timedelta(days=2)))

    assert (verdict.code, verdict.reasons) == ("TAMPERED", ("sealed-after-retirement",))
    assert not verdict.is_accepted


def test_a_retired_seal_makes_no_more_certificates(issued: Certificate, seal: Seal) -> None:
    with transaction():
        seal_keys.retire(seal.fingerprint, LATER, actor="operator")

    with reading(), pytest.raises(Unavailable) as refusal:
        seal_keys.current()

    assert refusal.value.code == "seal-retired"


def test_a_seal_is_not_retired_later_than_was_said_before(issued: Certificate, seal: Seal) -> None:
    with transaction():
        seal_keys.retire(seal.fingerprint, ISSUED_AT, actor="operator")

    with pytest.raises(Conflict), transaction():
        seal_keys.retire(seal.fingerprint, LATER, actor="operator")


def test_a_certificate_issued_before_the_key_was_stolen_is_vouched_for_by_the_register(
    issued: Certificate, seal: Seal
) -> None:
    compromise(seal, ISSUED_AT + timedelta(days=1))

    verdict = verification.verify_pdf(files.read(str(issued.file_name)))

    assert (verdict.code, verdict.is_accepted) == ("AUTHENTIC_EXACT", True)


def test_a_certificate_issued_after_the_key_was_stolen_is_not_accepted(issued: Certificate, seal: Seal) -> None:
    compromise(seal, ISSUED_AT - timedelta(days=1))

    verdict = verification.verify_pdf(files.read(str(issued.file_name)))

    assert (verdict.code, verdict.reasons) == ("UNKNOWN_SIGNER", ("seal-compromised",))
    assert not verdict.is_accepted


def test_a_file_that_only_a_stolen_seal_vouches_for_is_not_accepted_whatever_date_it_names(
    issued: Certificate, seal: Seal
) -> None:
    compromise(seal, ISSUED_AT + timedelta(days=1))

    verdict = verification.verify_pdf(sealed_again(issued, seal, ISSUED_AT))

    assert (verdict.code, verdict.is_accepted) == ("UNKNOWN_SIGNER", False)


def test_a_theft_is_only_ever_found_to_be_earlier(issued: Certificate, seal: Seal) -> None:
    compromise(seal, ISSUED_AT)
    compromise(seal, LATER)

    with reading():
        (key,) = seal_keys.everything()
    assert (key.state, key.compromised_at) == ("compromised", ISSUED_AT)
    assert key.retired_at == LATER


def test_declaring_a_theft_stands_in_the_audit_with_its_reason(issued: Certificate, seal: Seal) -> None:
    compromise(seal, ISSUED_AT)

    with reading():
        told = db.session.query(audit.AuditEvent).filter_by(action="seal.compromised").one()
    assert (told.actor, told.facts["reason"]) == ("operator", "laptop stolen")


def test_a_seal_whose_certificate_has_ended_is_expired_and_seals_no_more(issued: Certificate, seal: Seal) -> None:
    with clock.frozen(datetime(2030, 1, 1, tzinfo=UTC)), reading():
        assert [key.state for key in seal_keys.everything()] == ["expired"]
        with pytest.raises(Unavailable):
            seal_keys.current()


def test_a_fingerprint_may_be_shortened_but_not_to_nothing(issued: Certificate, seal: Seal) -> None:
    with transaction():
        assert seal_keys.retire(seal.fingerprint[:12], LATER, actor="operator").fingerprint == seal.fingerprint

    for unknown in ("", "%", seal.fingerprint[:4], "0" * 64):
        with pytest.raises(NotFound), transaction():
            seal_keys.retire(unknown, LATER, actor="operator")


def test_another_seal_takes_over_and_the_old_one_stays_trusted(
    app: Bilim, issued: Certificate, seal: Seal, tmp_path: Path
) -> None:
    fresh = tmp_path / "next" / "seal.p12"
    with clock.frozen(LATER):
        made = authority.make_authority(fresh, "tests-only", organisation="Academy", country="KG")

    code, output = run(app, "add", str(fresh))
    following = issuing.issue(academy.graduate().record_id)

    assert (code, output.startswith(f"{made.seal_fingerprint} in force 2027-03-01..2030-02-28")) == (0, True)
    assert following.seal_fingerprint == made.seal_fingerprint
    assert verification.verify_pdf(files.read(str(issued.file_name))).is_accepted
    assert [path.name for path in seal_keys.seal_path().parent.glob("seal-until-*")] == [
        "seal-until-20270301T093000.p12"
    ]
    assert seal_keys.seal_path().stat().st_mode & 0o777 == 0o600


def test_the_list_tells_each_seal_with_its_state(app: Bilim, issued: Certificate, seal: Seal) -> None:
    assert run(app, "list")[1].startswith(f"{seal.fingerprint} in force 2026-11-21..2029-11-20 ")

    assert run(app, "retire", seal.fingerprint[:16])[0] == 0
    assert " retired 2027-03-01T09:30:00+00:00" in run(app, "list")[1]

    assert run(app, "compromise", seal.fingerprint[:16], "--since", "2026-12-01T09:00+06:00", "--reason", "x")[0] == 0
    assert " compromised 2026-12-01T03:00:00+00:00" in run(app, "list")[1]


@pytest.mark.parametrize(
    ("since", "told"),
    [("yesterday", "write it like"), ("2026-12-01T09:00", "a zone is missing"), ("2099-01-01T00:00+00:00", "to come")],
)
def test_a_moment_is_told_with_its_zone_and_is_not_in_the_future(
    app: Bilim, issued: Certificate, seal: Seal, since: str, told: str
) -> None:
    code, output = run(app, "compromise", seal.fingerprint, "--since", since, "--reason", "x")

    assert (code, told in output) == (2, True)


def test_neither_an_unknown_seal_nor_a_locked_one_is_taken(app: Bilim, issued: Certificate, tmp_path: Path) -> None:
    with clock.frozen(LATER):
        authority.make_authority(tmp_path / "other.p12", "other", organisation="Academy", country="KG")
    with clock.frozen(ISSUED_AT - timedelta(days=4000)):
        authority.make_authority(tmp_path / "old" / "seal.p12", "tests-only", organisation="Academy", country="KG")

    assert "seal-unknown" in run(app, "retire", "0" * 64)[1]
    assert "seal-locked" in run(app, "add", str(tmp_path / "other.p12"))[1]
    assert "not in force today" in run(app, "add", str(tmp_path / "old" / "seal.p12"))[1]
    assert "name a PKCS#12 file" in run(app, "add")[1]


def test_a_seal_that_the_register_has_never_seen_may_be_opened(app: Bilim, issued: Certificate) -> None:
    with transaction():
        db.session.execute(update(Certificate).values(seal_fingerprint=None))

    with reading():
        assert seal_keys.is_beyond_doubt(db.session.get_one(Certificate, issued.id))
