"""What was issued before the chain of events existed gets its place in it, and keeps everything else."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from certificates import auditing, chain, register
from certificates.standing import Kind
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from tests.certificates.conftest import make_snapshot

AT = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=UTC)
FILE = "5" * 64


@pytest.fixture
def installed(app: Bilim) -> None:
    """A register as revision 0005 kept it: one certificate with its two events."""
    downgrade(revision="0005")
    snapshot = make_snapshot()
    with transaction():
        for statement, values in (
            ("INSERT INTO organisation (id, code, country, names) VALUES ('o', 'old', 'KG', '{}')", {}),
            (
                "INSERT INTO seal_key (fingerprint, certificate_pem, root_pem, valid_from) VALUES ('s', '-', '-', :at)",
                {"at": AT},
            ),
            (
                "INSERT INTO certificate (id, record_id, person_id, organisation_id, number, code, snapshot,"
                " snapshot_sha256, template_version, status, file_name, pdf_sha256, unsigned_sha256, seal_fingerprint,"
                " reserved_at, issued_at) VALUES (:id, 'r', 'p', 'o', :number, :code, :snapshot, :sha256, 1, 'valid',"
                " 'certificates/x.pdf', :file, :file, 's', :at, :at)",
                {
                    "id": snapshot.certificate_id,
                    "number": "2026-KG-PM000001",
                    "code": snapshot.code,
                    "snapshot": snapshot.canonical_json(),
                    "sha256": snapshot.sha256(),
                    "file": FILE,
                    "at": AT,
                },
            ),
            ("INSERT INTO number_counter (country, year, series, last) VALUES ('KG', 2026, 'PM', 1)", {}),
            (
                "INSERT INTO certificate_event (id, certificate_id, at, kind, actor, facts)"
                " VALUES (3, :id, :at, 'reserved', 'system:issuing', '{}')",
                {"id": snapshot.certificate_id, "at": AT},
            ),
            (
                "INSERT INTO certificate_event (id, certificate_id, at, kind, actor, facts)"
                " VALUES (7, :id, :at, 'issued', 'system:issuing', :facts)",
                {"id": snapshot.certificate_id, "at": AT, "facts": f'{{"pdf_sha256": "{FILE}"}}'},
            ),
        ):
            db.session.execute(text(statement), values)
    upgrade()


def test_old_events_are_chained_in_their_order_and_the_register_is_sound(installed: None) -> None:
    with reading():
        links = list(chain.links())
    report = auditing.prove(with_files=False)

    assert [(link.id, link.kind, link.at) for link in links] == [(3, "reserved", AT), (7, "issued", AT)]
    assert report.is_sound, report.findings
    assert (report.events, report.certificates) == (2, 1)


def test_what_happens_next_follows_the_old_events(installed: None) -> None:
    with transaction():
        register.change(str(UUID(make_snapshot().certificate_id)), Kind.REVOKED, actor="operator", reason_code="other")

    assert auditing.prove(with_files=False).is_sound
    with reading():
        assert [link.id for link in chain.links()] == [3, 7, 8]


def test_old_certificates_are_found_by_the_name_on_them(installed: None) -> None:
    with reading():
        key = db.session.scalars(text("SELECT holder_key FROM certificate")).one()

    assert "ысакова айгүл" in key
    assert "aigul ysakova" in key


def test_the_step_can_be_undone_with_certificates_in_the_register(installed: None) -> None:
    downgrade(revision="0005")
    upgrade()

    assert auditing.prove(with_files=False).is_sound
