"""Certificates that stand in the register without the work of laying out and sealing: their files are some bytes."""

from datetime import UTC, date, datetime
from hashlib import sha256

from sqlalchemy import select

from certificates import numbering, register
from certificates.models import Certificate, SealKey
from certificates.register import Replacement, SealedFile
from certificates.standing import Replacing
from lms.core import files
from lms.core.db import db, insert_once, new_id, transaction
from lms.organisations import loading as organisations
from lms.organisations.models import Organisation
from tests.certificates.conftest import make_snapshot

CLERK = "staff:clerk"
SECOND = """
organisations:
  - code: second-academy
    country: KZ
    names: {ky: Экинчи академия, ru: Вторая академия, zh: 第二学院, en: Second Academy}
    series: [PM]
    signers:
      - name: {ky: Экинчи Кол, ru: Вторая Подпись, zh: 第二签, en: Second Hand}
        post: {ky: Ректор, ru: Ректор, zh: 院长, en: Rector}
        valid_from: 2025-01-01
"""


def open_register() -> str:
    """An organisation and a seal; returns the organisation's id."""
    with transaction():
        organisations.load(organisations.DEMO.read_text("utf-8"))
        insert_once(
            SealKey,
            {"fingerprint": "0" * 64},
            {"certificate_pem": "-", "root_pem": "-", "valid_from": datetime(2026, 1, 1, tzinfo=UTC)},
        )
        return db.session.scalars(select(Organisation.id).filter_by(code="demonstration-academy")).one()


def reserve(organisation_id: str, *, person_id: str = "person", **facts: object) -> Certificate:
    """A number that waits for its file."""
    with transaction():
        code = numbering.new_code()
        number = register.next_number("KG", 2026, "PM")
        snapshot = make_snapshot(certificate_id=new_id(), number=number, code=code, **facts)
        return register.reserve(
            snapshot, record_id=new_id(), person_id=person_id, organisation_id=organisation_id, actor=CLERK
        )


def replace(old: Certificate, reason: Replacing) -> Certificate:
    """Another certificate in the place of one, valid at once."""
    with transaction():
        number = register.next_number("KG", 2026, "PM")
        snapshot = make_snapshot(certificate_id=new_id(), number=number, code=numbering.new_code())
        new = register.reserve(
            snapshot,
            record_id=old.record_id,
            person_id=old.person_id,
            organisation_id=old.organisation_id,
            actor=CLERK,
            replacement=Replacement(old, reason),
        )
    return finish(new)


def finish(reserved: Certificate) -> Certificate:
    """The file is stored and the certificate valid."""
    data = f"%PDF of {reserved.number}".encode()
    digest = sha256(data).hexdigest()
    name = f"certificates/{reserved.id}/{digest}.pdf"
    files.store(name, data)
    with transaction():
        register.make_valid(reserved.id, SealedFile(name, digest, digest, "0" * 64), actor=CLERK)
        return db.session.get_one(Certificate, reserved.id, populate_existing=True)


def issue(organisation_id: str, *, valid_until: date | None = None, **facts: object) -> Certificate:
    """A valid certificate."""
    return finish(reserve(organisation_id, valid_until=valid_until, **facts))
