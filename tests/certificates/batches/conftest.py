"""A register in which some certificates stand, and somebody who asks about many."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select, update

from certificates.batches import asking
from certificates.batches.answers import Answered, answered
from certificates.batches.asking import Asker
from certificates.batches.models import VerificationBatch
from certificates.models import Certificate, SealKey
from lms.core import jobs
from lms.core.db import db, new_id, reading, transaction
from lms.core.web import Bilim
from tests.certificates import academy, registered

BUREAU = Asker(
    "staff:officer", {"ky": "Агенттик", "ru": "Агентство", "zh": "署", "en": "Agency (invented)"}, language="en"
)


@dataclass
class Register:
    """Certificates whose files are some bytes; the seal is real, so that receipts can be sealed."""

    organisation_id: str

    def issue(self) -> Certificate:
        return registered.issue(self.organisation_id)


@pytest.fixture
def held(app: Bilim) -> Register:
    organisation_id = registered.open_register()
    academy.make_seal(app)
    with transaction():
        seal = db.session.scalars(select(SealKey).where(SealKey.fingerprint != "0" * 64)).one()
        invented = update(SealKey).where(SealKey.fingerprint == "0" * 64)
        db.session.execute(invented.values(root_pem=seal.root_pem, certificate_pem=seal.certificate_pem))
    return Register(organisation_id)


def ask(items: list[str], *, asker: Asker = BUREAU, batch_id: str | None = None) -> VerificationBatch:
    with transaction():
        return asking.start(batch_id or new_id(), asking.of_items(items), asker)


def upload(data: bytes, *, asker: Asker = BUREAU) -> VerificationBatch:
    with transaction():
        return asking.start_upload(new_id(), data, asker)


def as_it_is(batch: VerificationBatch) -> VerificationBatch:
    with reading():
        return db.session.get_one(VerificationBatch, batch.id, populate_existing=True)


def answers(batch: VerificationBatch) -> list[Answered]:
    with reading():
        return answered(asking.rows_of(batch))


def verdicts(batch: VerificationBatch) -> list[str | None]:
    """What came out of each row: the code of its verdict, or of its fault."""
    return [one.verdict.code.value if one.verdict else one.row.fault for one in answers(batch)]


def finished(batch: VerificationBatch) -> VerificationBatch:
    jobs.run_due()
    return as_it_is(batch)
