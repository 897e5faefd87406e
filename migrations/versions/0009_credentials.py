"""Open Badges credentials and status lists."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_achievement",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_achievement")),
    )
    op.create_table(
        "certificate_credential",
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("jwt", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_credential_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_certificate_credential_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_credential")),
        sa.UniqueConstraint(
            "organisation_id", "list_number", "position", name=op.f("uq_certificate_credential_organisation_id_list_number_position")
        ),
    )
    op.create_table(
        "certificate_share",
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_share_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_share")),
        sa.UniqueConstraint("token", name=op.f("uq_certificate_share_token")),
    )


def downgrade() -> None:
    op.drop_table("certificate_share")
    op.drop_table("certificate_credential")
    op.drop_table("certificate_achievement")
