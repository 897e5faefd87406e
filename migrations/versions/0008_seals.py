"""Seals: time stamps, retirement, compromise."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What was issued before is the first revision of its file; it carries no proof of time.
FIRST_REVISIONS = """
INSERT INTO certificate_revision (certificate_id, number, sha256, file_name, level, stored_at, renew_before)
SELECT id, 1, pdf_sha256, file_name, 'B-B', issued_at, NULL FROM certificate
WHERE pdf_sha256 IS NOT NULL AND file_name IS NOT NULL AND issued_at IS NOT NULL
"""


def upgrade() -> None:
    with op.batch_alter_table("seal_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("compromised_at", sa.DateTime(timezone=True), nullable=True))

    op.create_table(
        "certificate_revision",
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("level", sa.String(length=5), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renew_before", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_revision_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("certificate_id", "number", name=op.f("pk_certificate_revision")),
        sa.UniqueConstraint("sha256", name=op.f("uq_certificate_revision_sha256")),
    )
    with op.batch_alter_table("certificate_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_revision_renew_before"), ["renew_before"], unique=False)
    op.execute(FIRST_REVISIONS)


def downgrade() -> None:
    op.drop_table("certificate_revision")
    # In place: a batch would drop and make the table anew, while certificates point at it.
    op.execute("ALTER TABLE seal_key DROP COLUMN compromised_at")
