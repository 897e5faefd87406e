"""The register of training, and who looked."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

APPEND_ONLY = ("person_access", "xroad_request")


def upgrade() -> None:
    op.create_table(
        "person_access",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_access_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_access")),
    )
    with op.batch_alter_table("person_access", schema=None) as batch_op:
        batch_op.create_index("ix_person_access_person_id_at", ["person_id", "at"], unique=False)
    _make_xroad()
    # A plain ALTER: on SQLite other tables refer to this one.
    op.add_column("bureau_plan", sa.Column("funded_by", sa.String(length=255), server_default="", nullable=False))
    for table in APPEND_ONLY:
        for statement in _guard(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("xroad_right")
    op.drop_column("bureau_plan", "funded_by")
    for table in APPEND_ONLY:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_append_only()")


def _make_xroad() -> None:
    op.create_table(
        "xroad_right",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("client", sa.String(length=255), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=True),
        sa.Column("ground", sa.String(length=255), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_xroad_right_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xroad_right")),
        sa.UniqueConstraint("client", "service", name=op.f("uq_xroad_right_client_service")),
    )
    op.create_table(
        "xroad_request",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("client", sa.String(length=255), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.Column("user_id_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("issue", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xroad_request")),
    )
    with op.batch_alter_table("xroad_request", schema=None) as batch_op:
        batch_op.create_index("ix_xroad_request_message_id", ["message_id"], unique=False)


def _guard(table: str) -> list[str]:
    """The database itself refuses to change or delete what was recorded."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} is append-only'; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
    ]
