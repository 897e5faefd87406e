"""Pools of questions: what an attempt drew, its time, and the order of answers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Plain ALTERs: on SQLite other tables refer to these."""
    op.add_column("course_enrolment", sa.Column("extra_time_percent", sa.Integer(), server_default="0", nullable=False))
    op.add_column("course_attempt", sa.Column("seed", sa.String(length=32), server_default="", nullable=False))
    op.add_column("course_attempt", sa.Column("asked", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("course_attempt", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("course_answer", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("course_answer", sa.Column("page", sa.String(length=32), server_default="", nullable=False))
    op.add_column("course_answer", sa.Column("turn", sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in ("turn", "page", "revision"):
        op.drop_column("course_answer", name)
    for name in ("ends_at", "asked", "seed"):
        op.drop_column("course_attempt", name)
    op.drop_column("course_enrolment", "extra_time_percent")
