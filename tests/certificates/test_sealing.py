"""Seals with time: what is embedded, what a validator of others says, and what happens when an authority is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext

from certificates import capped, examining, sealing
from certificates.sealing import Level, Sealed
from certificates.verdicts import TrustedSeal, Verdict
from lms.core import clock
from lms.core.errors import RemoteFailure, Unavailable
from tests.certificates import pki
from tests.certificates.pki import Pki
from tests.conftest import application, make_settings

SEALED_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def authorities() -> Iterator[Pki]:
    with pki.serving(since=SEALED_AT) as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path, authorities: Pki) -> Path:
    (tmp_path / "time-roots.pem").write_bytes(authorities.time_root.public_bytes(Encoding.PEM))
    authorities.is_down, authorities.revoked = False, set()
    return tmp_path


@contextmanager
def installation(folder: Path, authorities: Pki, level: str = "B-LTA") -> Iterator[None]:
    settings = replace(
        make_settings(folder, f"sqlite:///{folder / 'unused.sqlite3'}"),
        tsa_url=f"{authorities.address}/tsa",
        tsa_roots=str(folder / "time-roots.pem"),
        seal_level=level,
    )
    with application(settings):
        yield


def sealed_at_level(folder: Path, authorities: Pki, unsealed: bytes, level: str) -> Sealed:
    with installation(folder, authorities, level), clock.frozen(SEALED_AT):
        return sealing.seal(unsealed, authorities.seal)


def examined(pdf: bytes, authorities: Pki) -> Verdict:
    seal = authorities.seal
    return capped.examine(
        pdf,
        seals=[TrustedSeal(seal.fingerprint, seal.root.public_bytes(Encoding.DER))],
        time_roots=[authorities.time_root.public_bytes(Encoding.DER)],
    )


def by_pyhanko(pdf: bytes, authorities: Pki, moment: datetime = SEALED_AT):  # type: ignore[no-untyped-def]
    reader = PdfFileReader(BytesIO(pdf))
    roots = [pki.asn1(authorities.root), pki.asn1(authorities.time_root)]
    context = ValidationContext(trust_roots=roots, moment=moment, allow_fetching=False)
    return reader, validate_pdf_signature(reader.embedded_regular_signatures[0], context)


@pytest.mark.parametrize(("level", "stamps", "has_proofs"), [("B-T", 0, False), ("B-LT", 0, True), ("B-LTA", 1, True)])
def test_each_level_holds_what_it_promises(
    folder: Path, authorities: Pki, unsealed: bytes, level: str, stamps: int, has_proofs: bool
) -> None:
    sealed = sealed_at_level(folder, authorities, unsealed, level)

    reader, status = by_pyhanko(sealed.pdf, authorities)
    assert sealed.level == level
    assert sealed.pdf.startswith(unsealed)
    assert status.bottom_line
    assert status.timestamp_validity.valid
    assert status.timestamp_validity.timestamp == SEALED_AT
    assert len(reader.embedded_timestamp_signatures) == stamps
    assert reader.embedded_signatures[-1].evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE
    assert ("/DSS" in reader.root) is has_proofs


def test_proofs_for_every_chain_are_inside(folder: Path, authorities: Pki, unsealed: bytes) -> None:
    authorities.asked.clear()
    sealed = sealed_at_level(folder, authorities, unsealed, "B-LT")

    store = DocumentSecurityStore.read_dss(PdfFileReader(BytesIO(sealed.pdf)))
    assert (len(store.ocsps), len(store.crls)) == (1, 2)
    assert {path: authorities.asked[path] for path in ("/ocsp", "/root.crl", "/time.crl", "/issuing.crl")} == {
        "/ocsp": 1,
        "/root.crl": 1,
        "/time.crl": 1,
        "/issuing.crl": 0,
    }


def test_an_archive_stamp_is_no_change_in_the_eyes_of_the_certification(
    folder: Path, authorities: Pki, unsealed: bytes
) -> None:
    sealed = sealed_at_level(folder, authorities, unsealed, "B-LTA")

    _, status = by_pyhanko(sealed.pdf, authorities)

    assert status.docmdp_ok
    assert status.modification_level is ModificationLevel.LTA_UPDATES


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_our_verifier_calls_every_level_authentic(folder: Path, authorities: Pki, unsealed: bytes, level: str) -> None:
    verdict = examined(sealed_at_level(folder, authorities, unsealed, level).pdf, authorities)

    assert (verdict.code, verdict.reasons) == ("AUTHENTIC_BY_SIGNATURE", ("sealed-by-us", "file-not-registered"))
    assert verdict.proved_at == (None if level == "B-B" else SEALED_AT)


def test_a_stamp_of_an_authority_that_we_do_not_trust_is_room_for_a_stranger(
    folder: Path, authorities: Pki, unsealed: bytes
) -> None:
    sealed = sealed_at_level(folder, authorities, unsealed, "B-LTA")
    seal = authorities.seal

    verdict = examining.examine(
        sealed.pdf, seals=[TrustedSeal(seal.fingerprint, seal.root.public_bytes(Encoding.DER))], time_roots=[]
    )

    assert (verdict.code, verdict.reasons) == ("MODIFIED_CONTAINER", ("time-stamp-not-trusted",))


@pytest.mark.parametrize("level", ["B-T", "B-LT", "B-LTA"])
def test_an_authority_that_is_away_delays_nobody(folder: Path, authorities: Pki, unsealed: bytes, level: str) -> None:
    authorities.is_down = True

    sealed = sealed_at_level(folder, authorities, unsealed, level)

    assert (sealed.level, sealed.renew_before) == (Level.B_B, SEALED_AT)
    assert examined(sealed.pdf, authorities).code == "AUTHENTIC_BY_SIGNATURE"


def test_after_a_failure_nobody_waits_for_the_authority_for_a_minute(
    folder: Path, authorities: Pki, unsealed: bytes
) -> None:
    with installation(folder, authorities), clock.frozen(SEALED_AT):
        authorities.is_down = True
        sealing.seal(unsealed, authorities.seal)
        authorities.is_down = False
        authorities.asked.clear()

        at_once = sealing.seal(unsealed, authorities.seal)
        clock.advance(61)
        later = sealing.seal(unsealed, authorities.seal)

    assert at_once.level is Level.B_B
    assert later.level is Level.B_LTA


def test_what_was_sealed_without_time_gets_its_archive_stamp_later(
    folder: Path, authorities: Pki, unsealed: bytes
) -> None:
    first = sealed_at_level(folder, authorities, unsealed, "B-B")

    with installation(folder, authorities), clock.frozen(SEALED_AT + timedelta(hours=2)):
        second = sealing.strengthen(first.pdf)

    verdict = examined(second.pdf, authorities)
    assert second.pdf.startswith(first.pdf)
    assert second.level is Level.B_LTA
    assert second.renew_before == authorities.stamping.not_valid_after_utc
    assert (verdict.code, verdict.proved_at) == ("AUTHENTIC_BY_SIGNATURE", SEALED_AT + timedelta(hours=2))


def test_an_archive_stamp_is_renewed_over_and_over_and_the_file_holds_for_decades(
    folder: Path, authorities: Pki, unsealed: bytes
) -> None:
    pdf = sealed_at_level(folder, authorities, unsealed, "B-LTA").pdf
    before = authorities.stamping
    try:
        for year in (2027, 2028, 2029):
            moment = datetime(year, 10, 1, tzinfo=UTC)
            authorities.renew_stamping(since=moment - timedelta(days=1), days=420)
            with installation(folder, authorities), clock.frozen(moment):
                stamped = sealing.strengthen(pdf).pdf
            assert stamped.startswith(pdf)
            pdf = stamped
    finally:
        authorities.stamping = before

    reader, status = by_pyhanko(pdf, authorities)
    assert len(reader.embedded_timestamp_signatures) == 4
    assert status.docmdp_ok
    assert reader.embedded_signatures[-1].evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE
    with clock.frozen(datetime(2050, 1, 1, tzinfo=UTC)):
        assert examined(pdf, authorities).code == "AUTHENTIC_BY_SIGNATURE"


def test_while_the_authority_is_away_a_renewal_is_for_later(folder: Path, authorities: Pki, unsealed: bytes) -> None:
    first = sealed_at_level(folder, authorities, unsealed, "B-B")
    authorities.is_down = True

    with (
        installation(folder, authorities),
        clock.frozen(SEALED_AT),
        pytest.raises(RemoteFailure) as failure,
    ):
        sealing.strengthen(first.pdf)

    assert failure.value.retryable


def test_a_seal_that_its_authority_revoked_seals_nothing(folder: Path, authorities: Pki, unsealed: bytes) -> None:
    authorities.revoked = {authorities.seal_certificate.serial_number}

    with installation(folder, authorities), clock.frozen(SEALED_AT), pytest.raises(Unavailable) as refusal:
        sealing.seal(unsealed, authorities.seal)

    assert refusal.value.code == "seal-revoked"


def test_an_authority_that_answers_nonsense_is_an_authority_that_is_away(
    folder: Path, authorities: Pki, unsealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authorities, "stamp", lambda question: b"not a time stamp")

    sealed = sealed_at_level(folder, authorities, unsealed, "B-T")

    assert sealed.level is Level.B_B
