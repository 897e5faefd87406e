"""Tracks: a module is taken whole or the short way, and each is completed once. Programmes, and packs of rules."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WHOLE = "whole"


def upgrade() -> None:
    """Plain ALTERs for enrolments: on SQLite other tables refer to them. What was completed until now was the whole."""
    op.add_column("course_enrolment", _track(server_default=WHOLE))
    with op.batch_alter_table("course_completion") as batch_op:
        batch_op.add_column(_track(server_default=WHOLE))
        batch_op.drop_constraint(op.f("uq_course_completion_enrolment_id"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_course_completion_enrolment_id_track"), ["enrolment_id", "track"])
    op.create_table(
        "course_track_record",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        _track(),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["course_enrolment.id"], name=op.f("fk_course_track_record_enrolment_id_course_enrolment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_track_record")),
        sa.UniqueConstraint("enrolment_id", "track", name=op.f("uq_course_track_record_enrolment_id_track")),
    )
    op.create_table(
        "course_plan",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_course_plan")),
    )


def downgrade() -> None:
    """Before, there was the whole module only: completions of the short way have no place there."""
    op.drop_table("course_plan")
    op.drop_table("course_track_record")
    op.execute("DELETE FROM course_completion WHERE track <> 'whole'")
    with op.batch_alter_table("course_completion") as batch_op:
        batch_op.drop_constraint(op.f("uq_course_completion_enrolment_id_track"), type_="unique")
        batch_op.drop_column("track")
        batch_op.create_unique_constraint(op.f("uq_course_completion_enrolment_id"), ["enrolment_id"])
    op.drop_column("course_enrolment", "track")


def _track(server_default: str | None = None) -> sa.Column[str]:
    return sa.Column("track", sa.String(length=20), server_default=server_default, nullable=False)
