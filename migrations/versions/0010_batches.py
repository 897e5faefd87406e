"""Verification of many certificates at once."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verification_batch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("asked_by", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("input_sha256", sa.String(length=64), nullable=False),
        sa.Column("upload_stored_as", sa.String(length=255), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("receipt_stored_as", sa.String(length=255), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_batch")),
    )
    op.create_index(op.f("ix_verification_batch_actor"), "verification_batch", ["actor"])
    op.create_index(op.f("ix_verification_batch_created_at"), "verification_batch", ["created_at"])
    op.create_table(
        "verification_batch_row",
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.Column("place", sa.JSON(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("certificate_number", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("head_event", sa.Integer(), nullable=True),
        sa.Column("head_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["verification_batch.id"], name=op.f("fk_verification_batch_row_batch_id_verification_batch")
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_verification_batch_row")),
    )


def downgrade() -> None:
    op.drop_table("verification_batch_row")
    op.drop_table("verification_batch")
