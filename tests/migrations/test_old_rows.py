"""What stood in the tables before a step means the same behind it, and, undone, again."""

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, text

from lms.core.db import db
from lms.core.ops import copying
from lms.core.web import Bilim
from tests.filling import fill

CLIENTS = """
    INSERT INTO oauth_client (id, name, secret_hash, scope, created_at)
    VALUES ('w', 'Writes', 'hash-w', 'records:read completions:write', :at), ('r', 'Reads', 'hash-r', 'records:read', :at)
"""
OURS = "WHERE id IN ('r', 'w')"


@pytest.fixture
def before_programs_had_keys(app: Bilim) -> Bilim:
    """Revision 0011 with a row in every table, two programs besides, and a certificate that was issued and revoked."""
    downgrade(revision="0011")
    with copying.writing(db.engine) as connection:
        found = MetaData()
        found.reflect(connection, only=lambda name, _: name != "alembic_version")
        fill(connection, found.sorted_tables)
        connection.execute(text(CLIENTS), {"at": "2026-03-02 12:00:00+00:00"})
        issued = connection.execute(text("SELECT certificate_id FROM certificate_event")).scalar_one()
        events = found.tables["certificate_event"]
        row = dict(connection.execute(events.select()).mappings().one())
        for number, kind in ((101, "issued"), (102, "revoked"), (103, "reserved")):
            told = {"id": number, "kind": kind, "hash": f"h{number}", "previous_hash": f"p{number}"}
            connection.execute(events.insert().values({**row, **told, "certificate_id": issued}))
    return app


def rows(statement: str) -> list[tuple[object, ...]]:
    with copying.snapshot(db.engine) as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_programs_keep_their_secrets_and_what_they_might_do_when_they_get_keys(
    before_programs_had_keys: Bilim,
) -> None:
    upgrade(revision="0012")

    reach = f"SELECT id, auth_method, CAST(platforms AS VARCHAR), CAST(modules AS VARCHAR) FROM oauth_client {OURS} ORDER BY id"
    assert rows(reach) == [
        ("r", "client_secret_basic", "[]", "[]"),
        ("w", "client_secret_basic", '["every"]', '["every"]'),
    ]
    secrets = f"SELECT id, secret_hash FROM oauth_client_secret {OURS} ORDER BY id"
    assert rows(secrets) == [("r", "hash-r"), ("w", "hash-w")]
    told = [kind for (kind,) in rows("SELECT kind FROM change ORDER BY id")]
    assert told == ["completion.recorded", "certificate.issued", "certificate.revoked"]
    assert rows("SELECT count(*) FROM change WHERE position IS NOT NULL") == [(0,)]

    downgrade(revision="0011")

    assert rows(f"SELECT id, secret_hash FROM oauth_client {OURS} ORDER BY id") == [("r", "hash-r"), ("w", "hash-w")]
