import pytest
from sqlalchemy import select

from certificates import issuing, register, seal_keys
from certificates.models import Certificate, CertificateEvent, SealKey
from certificates.seal import Seal
from lms.core import jobs
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict
from lms.core.web import Bilim
from tests.certificates import academy, registered
from tests.certificates.academy import Learner


@pytest.fixture
def stuck(app: Bilim) -> tuple[Learner, Certificate]:
    """A number that is reserved and waits for a seal."""
    academy.open_academy(app)
    learner = academy.graduate()
    seal = seal_keys.seal_path()
    seal.rename(seal.with_suffix(".away"))
    with pytest.raises(jobs.TryLater):
        issuing.issue(learner.record_id)
    seal.with_suffix(".away").rename(seal)
    with reading():
        return learner, db.session.scalars(select(Certificate)).one()


def test_a_number_given_up_says_why_and_the_record_gets_the_next_one(stuck: tuple[Learner, Certificate]) -> None:
    learner, reserved = stuck
    with transaction():
        register.give_up(db.session.get_one(Certificate, reserved.id), reason_code="wrong-title", actor="operator")

    issued = issuing.issue(learner.record_id)

    assert (reserved.number[-6:], issued.number[-6:]) == ("000001", "000002")
    with reading():
        void = db.session.get_one(Certificate, reserved.id)
        assert (void.status, void.status_reason) == ("void", "wrong-title")
        told = db.session.execute(
            select(CertificateEvent.kind, CertificateEvent.reason_code).filter_by(certificate_id=reserved.id)
        ).all()
    assert set(told) == {("reserved", None), ("void", "wrong-title")}


def test_an_issued_certificate_cannot_be_given_up(app: Bilim) -> None:
    issued = registered.finish(registered.reserve(registered.open_register()))

    with pytest.raises(Conflict) as refusal, transaction():
        register.give_up(db.session.get_one(Certificate, issued.id), reason_code="x", actor="operator")
    assert refusal.value.code == "certificate-issued"


def test_a_retired_seal_is_still_answered_for(app: Bilim) -> None:
    academy.make_seal(app)
    seal = Seal.load(seal_keys.seal_path(), "tests-only")
    with transaction():
        db.session.get_one(SealKey, seal.fingerprint).retired_at = seal.certificate.not_valid_after_utc

    with reading():
        assert [trusted.fingerprint for trusted in seal_keys.trusted()] == [seal.fingerprint]


def test_a_seal_is_entered_once(app: Bilim) -> None:
    academy.make_seal(app)
    seal = Seal.load(seal_keys.seal_path(), "tests-only")

    with transaction():
        assert not seal_keys.know(seal)
