"""Archive time stamps over stored files: added as versions, before the last one ends, and nothing old is touched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from certificates import archiving, handing_out, issuing, revisions, verification
from certificates.models import Certificate
from certificates.revisions import CertificateRevision
from lms.core import clock, files, jobs
from lms.core.db import db, reading, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.certificates import academy, pki
from tests.certificates.pki import Pki
from tests.conftest import application

ISSUED_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def authorities() -> Iterator[Pki]:
    with pki.serving(since=ISSUED_AT) as served:
        yield served


@pytest.fixture
def settings(settings: Settings, authorities: Pki, tmp_path: Path) -> Settings:
    authorities.is_down = False
    authorities.renew_stamping(since=ISSUED_AT.replace(hour=0), days=365)
    roots = tmp_path / "time-roots.pem"
    roots.write_bytes(authorities.time_root.public_bytes(Encoding.PEM))
    return replace(settings, tsa_url=f"{authorities.address}/tsa", tsa_roots=str(roots), seal_level="B-LTA")


@pytest.fixture
def app(settings: Settings) -> Iterator[Bilim]:
    with application(settings) as made, clock.frozen(ISSUED_AT):
        academy.open_academy(made)
        yield made


def versions(certificate: Certificate) -> list[CertificateRevision]:
    with reading():
        return revisions.of(certificate.id)


def run_daily() -> None:
    jobs.queue_daily()
    jobs.run_due()


def test_a_certificate_is_issued_with_its_archive_stamp(app: Bilim, authorities: Pki) -> None:
    issued = issuing.issue(academy.graduate().record_id)

    (first,) = versions(issued)
    assert (first.number, first.level, first.sha256) == (1, "B-LTA", issued.pdf_sha256)
    assert first.renew_before == authorities.stamping.not_valid_after_utc


def test_a_stamp_is_renewed_before_it_ends_and_the_old_bytes_stay(app: Bilim, authorities: Pki) -> None:
    issued = issuing.issue(academy.graduate().record_id)
    early, late = ISSUED_AT + timedelta(days=200), ISSUED_AT + timedelta(days=300)

    with clock.frozen(early):
        run_daily()
        assert len(versions(issued)) == 1
    authorities.renew_stamping(since=late - timedelta(days=1), days=500)
    app.extensions.pop("bilim.time_authority")
    with clock.frozen(late):
        run_daily()
        run_daily()

    first, second = versions(issued)
    before, after = files.read(first.file_name), files.read(second.file_name)
    assert (first.sha256, second.level) == (issued.pdf_sha256, "B-LTA")
    assert after.startswith(before)
    assert len(after) > len(before)
    assert second.renew_before == authorities.stamping.not_valid_after_utc
    assert [verification.verify_pdf(pdf).code for pdf in (before, after)] == ["AUTHENTIC_EXACT"] * 2


def test_the_newest_version_is_handed_out(app: Bilim) -> None:
    issued = issuing.issue(academy.graduate().record_id)
    archiving.strengthen(issued.id)

    newest = versions(issued)[-1]
    with app.test_request_context(), reading():
        answer = handing_out.as_download(issued)

    assert newest.number == 2
    assert revisions.digest(answer.get_data()) == newest.sha256


def test_what_was_sealed_while_the_authority_was_away_is_stamped_when_it_is_back(app: Bilim, authorities: Pki) -> None:
    authorities.is_down = True
    issued = issuing.issue(academy.graduate().record_id)
    assert [version.level for version in versions(issued)] == ["B-B"]

    run_daily()
    assert len(versions(issued)) == 1
    authorities.is_down = False
    with clock.frozen(ISSUED_AT + timedelta(hours=3)):
        jobs.run_due()

    assert [version.level for version in versions(issued)] == ["B-B", "B-LTA"]
    verdict = verification.verify_pdf(files.read(versions(issued)[-1].file_name))
    assert (verdict.code, verdict.is_accepted) == ("AUTHENTIC_EXACT", True)


def test_one_file_that_is_lost_does_not_keep_the_others_waiting(app: Bilim, authorities: Pki) -> None:
    authorities.is_down = True
    lost, kept = (issuing.issue(academy.graduate().record_id) for _ in range(2))
    authorities.is_down = False
    system, root = app.extensions["bilim.files"]
    system.rm_file(f"{root}/{lost.file_name}")

    with clock.frozen(ISSUED_AT + timedelta(hours=3)):
        run_daily()

    assert (len(versions(lost)), len(versions(kept))) == (1, 2)
    with reading():
        state = jobs.state_of(archiving.JOB, archiving.JOB)
    assert state is not None
    assert (state.status, state.last_error) == ("needs-person", "file-missing")


def test_two_workers_make_one_version(app: Bilim) -> None:
    issued = issuing.issue(academy.graduate().record_id)
    with transaction():
        assert revisions.add(issued.id, 2, sha256="a" * 64, file_name="a", level="B-LTA", renew_before=None)
        assert not revisions.add(issued.id, 2, sha256="b" * 64, file_name="b", level="B-LTA", renew_before=None)

    with reading():
        assert len(db.session.scalars(select(CertificateRevision)).all()) == 2


def test_one_certificate_is_stamped_from_the_command_line(app: Bilim) -> None:
    issued = issuing.issue(academy.graduate().record_id)

    result = app.test_cli_runner().invoke(args=["certificates", "seals", "stamp", issued.number])
    unknown = app.test_cli_runner().invoke(args=["certificates", "seals", "stamp", "2026-KG-PM009999"])

    assert result.output.startswith(f"{issued.number} version 2 B-LTA ")
    assert (unknown.exit_code, "no file of 2026-KG-PM009999" in unknown.output) == (1, True)
