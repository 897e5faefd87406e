"""Templates with versions, for each organisation; joint issue; pictures of signatures."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FIXED = ("organisation_id", "number", "page", "style", "frame", "pictures", "sha256")
"""Of a version that was published, these never change."""


def upgrade() -> None:
    op.create_table(
        "template_version",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("style", sa.Text(), nullable=False),
        sa.Column("frame", sa.Text(), nullable=False),
        sa.Column("pictures", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=255), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_template_version_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_version")),
        sa.UniqueConstraint("organisation_id", "number", name=op.f("uq_template_version_organisation_id_number")),
    )
    op.create_index(op.f("ix_template_version_sha256"), "template_version", ["sha256"])
    op.create_index(
        "uq_template_version_in_use",
        "template_version",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_table(
        "joint_issuer",
        sa.Column("series_id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_joint_issuer_series_id_series")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_joint_issuer_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("series_id", "organisation_id", name=op.f("pk_joint_issuer")),
    )
    op.add_column("series", sa.Column("has_transcript", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("signer", sa.Column("signature_sha256", sa.String(length=64), nullable=True))
    for statement in _guard():
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("signer", "signature_sha256")
    op.drop_column("series", "has_transcript")
    op.drop_table("joint_issuer")
    op.drop_table("template_version")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION template_version_fixed()")


def _guard() -> list[str]:
    """The database itself refuses to change or delete what certificates were printed with (docs/adr/0021)."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = "WHEN OLD.sha256 IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a published template never changes'); END"
        return [
            f"CREATE TRIGGER template_version_no_update BEFORE UPDATE OF {', '.join(FIXED)} ON template_version {refuse}",
            f"CREATE TRIGGER template_version_no_delete BEFORE DELETE ON template_version {refuse}",
        ]
    return [
        "CREATE FUNCTION template_version_fixed() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION 'a published template never changes'; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER template_version_no_update BEFORE UPDATE OF {', '.join(FIXED)} ON template_version "
        "FOR EACH ROW WHEN (OLD.sha256 IS NOT NULL) EXECUTE FUNCTION template_version_fixed()",
        "CREATE TRIGGER template_version_no_delete BEFORE DELETE ON template_version "
        "FOR EACH ROW WHEN (OLD.sha256 IS NOT NULL) EXECUTE FUNCTION template_version_fixed()",
    ]
