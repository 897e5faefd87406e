"""Sealed reports."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLE = "report_edition"


def upgrade() -> None:
    op.create_table(
        "report_edition",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("figures_sha256", sa.String(length=64), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=255), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_report_edition_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_edition")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_report_edition_previous_hash")),
        sa.UniqueConstraint("hash", name=op.f("uq_report_edition_hash")),
        sa.UniqueConstraint(
            "organisation_id", "period", "number", name=op.f("uq_report_edition_organisation_id_period_number")
        ),
    )
    op.create_table(
        "report_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_by", sa.String(length=255), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("refusal", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_report_request_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["report_edition.id"], name=op.f("fk_report_request_edition_id_report_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_request")),
    )
    op.create_index(op.f("ix_report_request_organisation_id"), "report_request", ["organisation_id"])
    for statement in _guard():
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("report_request")
    op.drop_table("report_edition")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {TABLE}_append_only()")


def _guard() -> list[str]:
    """The database itself refuses to change or delete an edition (docs/adr/0048)."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER {TABLE}_no_{verb} BEFORE {verb} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE FUNCTION {TABLE}_append_only() RETURNS trigger AS $$ "
        f"BEGIN RAISE EXCEPTION '{TABLE} is append-only'; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_append_only()",
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_append_only()",
    ]
