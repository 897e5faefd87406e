"""Diaries of visits are handed in for a mark."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course_diary_handed_in",
        sa.Column("submission_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["course_submission.id"],
            name=op.f("fk_course_diary_handed_in_submission_id_course_submission"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["course_event.id"], name=op.f("fk_course_diary_handed_in_event_id_course_event")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_course_diary_handed_in")),
    )
    op.create_index("ix_course_diary_handed_in_event", "course_diary_handed_in", ["event_id"])


def downgrade() -> None:
    """Submissions with a number below 0 are diaries, which do not exist before."""
    diaries = "SELECT id FROM course_submission WHERE number < 0"
    op.execute(f"DELETE FROM course_appeal WHERE submission_id IN ({diaries})")
    op.execute(f"DELETE FROM course_grade WHERE submission_id IN ({diaries})")
    op.drop_table("course_diary_handed_in")
    op.execute("DELETE FROM course_submission WHERE number < 0")
