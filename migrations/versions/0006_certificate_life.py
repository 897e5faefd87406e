"""The life of a certificate: chained events, states, bulk issue, corrections, exports, mail."""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NO_EVENT = "0" * 64
APPEND_ONLY = ("certificate_event", "register_signed_head")


def upgrade() -> None:
    _upgrade_certificate()
    _chain_events()
    _make_register_tables()
    _make_work_tables()
    _make_people_tables()
    for table in APPEND_ONLY:
        for statement in _guard(table):
            op.execute(statement)


def downgrade() -> None:
    for table in (
        "platform_issuer",
        "mail_address",
        "outgoing_mail",
        "certificate_export",
        "certificate_correction",
        "issue_batch_item",
        "issue_batch",
        "certificate_event_note",
    ):
        op.drop_table(table)
    for table in APPEND_ONLY:
        _unguard(table)
    op.drop_table("register_signed_head")
    op.drop_table("register_head")
    op.drop_column("series", "valid_for_months")
    with op.batch_alter_table("certificate_event") as batch_op:
        batch_op.drop_constraint(op.f("uq_certificate_event_hash"), type_="unique")
        batch_op.drop_constraint(op.f("uq_certificate_event_previous_hash"), type_="unique")
        batch_op.drop_column("hash")
        batch_op.drop_column("previous_hash")
    _number_events_by_themselves()
    _downgrade_certificate()
    for statement in _guard("certificate_event"):
        op.execute(statement)


def _upgrade_certificate() -> None:
    """Plain ALTERs: on SQLite other tables refer to this one, so it cannot be built anew."""
    op.add_column("certificate", sa.Column("generation", sa.Integer(), server_default="1", nullable=False))
    op.add_column("certificate", sa.Column("replaces_id", sa.String(length=36), nullable=True))
    op.add_column("certificate", sa.Column("replaces_reason", sa.String(length=20), nullable=True))
    op.add_column("certificate", sa.Column("holder_key", sa.Text(), server_default="", nullable=False))
    op.add_column("certificate", sa.Column("valid_until", sa.Date(), nullable=True))
    op.create_index(op.f("ix_certificate_replaces_id"), "certificate", ["replaces_id"])
    op.create_index(op.f("ix_certificate_reserved_at"), "certificate", ["reserved_at", "id"])
    op.drop_index("uq_certificate_record", table_name="certificate")
    _once_for("record_id", "generation")
    certificate = sa.table("certificate", sa.column("id"), sa.column("snapshot"), sa.column("holder_key"))
    keep = sa.update(certificate).where(certificate.c.id == sa.bindparam("of")).values(holder_key=sa.bindparam("key"))
    for rows in _in_parts(sa.select(certificate.c.id, certificate.c.snapshot)):
        op.get_bind().execute(
            keep, [{"of": row.id, "key": "|".join(json.loads(row.snapshot)["holder"].values()).casefold()} for row in rows]
        )


def _downgrade_certificate() -> None:
    """Of a record that was issued anew, only the newest fits below the older constraint."""
    op.drop_index("uq_certificate_record", table_name="certificate")
    op.execute(
        "UPDATE certificate SET record_id = substr(record_id, 1, 30) || '~' || generation WHERE status = 'superseded'"
    )
    op.drop_index(op.f("ix_certificate_reserved_at"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_replaces_id"), table_name="certificate")
    for column in ("valid_until", "holder_key", "replaces_reason", "replaces_id", "generation"):
        op.drop_column("certificate", column)
    _once_for("record_id")


def _once_for(*columns: str) -> None:
    op.create_index(
        "uq_certificate_record",
        "certificate",
        list(columns),
        unique=True,
        sqlite_where=sa.text("status <> 'void'"),
        postgresql_where=sa.text("status <> 'void'"),
    )


def _chain_events() -> None:
    """What happened before gets its hashes now, in its old order."""
    _unguard("certificate_event")
    op.add_column("certificate_event", sa.Column("previous_hash", sa.String(length=64), nullable=True))
    op.add_column("certificate_event", sa.Column("hash", sa.String(length=64), nullable=True))
    _hash_events()
    with op.batch_alter_table("certificate_event") as batch_op:
        batch_op.alter_column("previous_hash", existing_type=sa.String(length=64), nullable=False)
        batch_op.alter_column("hash", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_certificate_event_previous_hash"), ["previous_hash"])
        batch_op.create_unique_constraint(op.f("uq_certificate_event_hash"), ["hash"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE certificate_event ALTER COLUMN id DROP DEFAULT")


def _number_events_by_themselves() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('certificate_event_id_seq', (SELECT coalesce(max(id), 1) FROM certificate_event))")
        op.execute(
            "ALTER TABLE certificate_event ALTER COLUMN id SET DEFAULT nextval('certificate_event_id_seq'::regclass)"
        )


def _hash_events() -> None:
    events = _events()
    keep = (
        sa.update(events)
        .where(events.c.id == sa.bindparam("of"))
        .values(previous_hash=sa.bindparam("previous"), hash=sa.bindparam("own"))
    )
    previous = NO_EVENT
    for rows in _in_parts(sa.select(events).order_by(events.c.id)):
        hashes = []
        for row in rows:
            own = _digest(row, previous)
            hashes.append({"of": row.id, "previous": previous, "own": own})
            previous = own
        op.get_bind().execute(keep, hashes)


def _events() -> sa.TableClause:
    return sa.table(
        "certificate_event",
        sa.column("id", sa.Integer()),
        sa.column("certificate_id", sa.String()),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("kind", sa.String()),
        sa.column("reason_code", sa.String()),
        sa.column("actor", sa.String()),
        sa.column("facts", sa.JSON()),
        sa.column("previous_hash", sa.String()),
        sa.column("hash", sa.String()),
    )


def _digest(row: sa.Row, previous: str) -> str:
    """As certificates.chain does it; a copy, so that this step stays what it was."""
    content = {
        "actor": row.actor,
        "at": _aware(row.at).isoformat(timespec="microseconds"),
        "certificate_id": row.certificate_id,
        "facts": row.facts,
        "id": row.id,
        "kind": row.kind,
        "previous": previous,
        "reason_code": row.reason_code,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _in_parts(statement: sa.Select) -> list[list[sa.Row]]:
    rows = op.get_bind().execute(statement).all()
    return [rows[start : start + 1000] for start in range(0, len(rows), 1000)]


def _make_register_tables() -> None:
    op.create_table(
        "register_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_head")),
    )
    op.execute(
        "INSERT INTO register_head (id, event_id, hash, at) "
        "SELECT 1, id, hash, at FROM certificate_event ORDER BY id DESC LIMIT 1"
    )
    op.execute(
        "INSERT INTO register_head (id, event_id, hash, at) "
        f"SELECT 1, 0, '{NO_EVENT}', '1970-01-01 00:00:00' WHERE NOT EXISTS (SELECT 1 FROM register_head)"
        if op.get_bind().dialect.name == "sqlite"
        else "INSERT INTO register_head (id, event_id, hash, at) "
        f"SELECT 1, 0, '{NO_EVENT}', TIMESTAMPTZ '1970-01-01 00:00:00+00' "
        "WHERE NOT EXISTS (SELECT 1 FROM register_head)"
    )
    op.create_table(
        "register_signed_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timestamp_token", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_register_signed_head")),
    )
    op.create_table(
        "certificate_event_note",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["certificate_event.id"],
            name=op.f("fk_certificate_event_note_event_id_certificate_event"),
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_certificate_event_note")),
    )


def _make_work_tables() -> None:
    op.create_table(
        "issue_batch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("cohort_id", sa.String(length=36), nullable=False),
        sa.Column("module_slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_issue_batch_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_batch")),
    )
    op.create_index(op.f("ix_issue_batch_cohort_id"), "issue_batch", ["cohort_id"])
    op.create_table(
        "issue_batch_item",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=80), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["issue_batch.id"], name=op.f("fk_issue_batch_item_batch_id_issue_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_batch_item")),
        sa.UniqueConstraint("batch_id", "record_id", name=op.f("uq_issue_batch_item_batch_id_record_id")),
    )
    op.create_table(
        "certificate_correction",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("about", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("name_forms", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=255), nullable=True),
        sa.Column("ground", sa.String(length=500), nullable=False),
        sa.Column("replacement_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_correction_certificate_id_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_correction")),
    )
    op.create_index(
        "uq_certificate_correction_open",
        "certificate_correction",
        ["certificate_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_certificate_correction_state"), "certificate_correction", ["state"])
    op.create_table(
        "certificate_export",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("cohort_id", sa.String(length=36), nullable=False),
        sa.Column("module_slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certificates", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_certificate_export_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_export")),
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
        sa.UniqueConstraint(
            "kind", "subject_id", "person_id", name=op.f("uq_outgoing_mail_kind_subject_id_person_id")
        ),
    )


def _make_people_tables() -> None:
    op.create_table(
        "mail_address",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_address_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_address")),
    )
    op.create_table(
        "platform_issuer",
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_platform_issuer_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_platform_issuer")),
    )
    op.add_column("series", sa.Column("valid_for_months", sa.Integer(), nullable=True))


def _guard(table: str) -> list[str]:
    """The database itself refuses to change or delete what was recorded (docs/adr/0004, docs/adr/0019)."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} is append-only'; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
    ]


def _unguard(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}")
    else:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        if table != "certificate_event":
            op.execute(f"DROP FUNCTION {table}_append_only()")
