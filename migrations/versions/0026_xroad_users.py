"""Who of a body asked over X-Road stands apart from the lines that never change, so that its key can change."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "xroad_user",
        sa.Column("request_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("number_key", sa.String(length=8), server_default="root", nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["xroad_request.id"], name=op.f("fk_xroad_user_request_id_xroad_request")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_xroad_user")),
    )
    op.create_index("ix_xroad_user_number_key", "xroad_user", ["number_key"])
    op.execute(
        "INSERT INTO xroad_user (request_id, user_id_encrypted) "
        "SELECT id, user_id_encrypted FROM xroad_request WHERE user_id_encrypted IS NOT NULL"
    )
    op.drop_column("xroad_request", "user_id_encrypted")


def downgrade() -> None:
    """Who asked is lost: the lines of requests can be written by nobody, and what is encrypted here may have a newer key."""
    op.add_column("xroad_request", sa.Column("user_id_encrypted", sa.LargeBinary(), nullable=True))
    op.drop_index("ix_xroad_user_number_key", table_name="xroad_user")
    op.drop_table("xroad_user")
