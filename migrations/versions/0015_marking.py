"""Files of written work, second markers, appeals."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Plain ALTERs: on SQLite other tables refer to these."""
    op.add_column("course_answer", sa.Column("language", sa.String(length=2), nullable=True))
    op.add_column("course_submission", sa.Column("due_at", _MOMENT, nullable=True))
    op.add_column("course_submission", sa.Column("is_late", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("course_grade", sa.Column("role", sa.String(length=12), server_default="mark", nullable=False))
    op.add_column("course_grade", sa.Column("is_held", sa.Boolean(), server_default=sa.false(), nullable=False))
    _make_files()
    _make_appeals()
    _make_overrides()
    _make_sheets()


def downgrade() -> None:
    for name in ("course_mark_sheet", "course_result_override", "course_appeal", "course_work_file"):
        op.drop_table(name)
    for table, column in (
        ("course_grade", "is_held"),
        ("course_grade", "role"),
        ("course_submission", "is_late"),
        ("course_submission", "due_at"),
        ("course_answer", "language"),
    ):
        op.drop_column(table, column)


def _make_files() -> None:
    op.create_table(
        "course_work_file",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("submission_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["course_submission.id"],
            name=op.f("fk_course_work_file_submission_id_course_submission"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_work_file")),
        sa.UniqueConstraint("submission_id", "sha256", name=op.f("uq_course_work_file_submission_id_sha256")),
    )


def _make_appeals() -> None:
    op.create_table(
        "course_appeal",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("submission_id", sa.String(length=36), nullable=False),
        sa.Column("grade_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decider_id", sa.String(length=36), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["course_submission.id"], name=op.f("fk_course_appeal_submission_id_course_submission")
        ),
        sa.ForeignKeyConstraint(["grade_id"], ["course_grade.id"], name=op.f("fk_course_appeal_grade_id_course_grade")),
        sa.ForeignKeyConstraint(["decider_id"], ["person.id"], name=op.f("fk_course_appeal_decider_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_appeal")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_course_appeal_submission_id")),
    )


def _make_overrides() -> None:
    op.create_table(
        "course_result_override",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("completion_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("reported_before", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["completion_id"],
            ["course_completion.id"],
            name=op.f("fk_course_result_override_completion_id_course_completion"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_course_result_override_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_result_override")),
        sa.UniqueConstraint("completion_id", "number", name=op.f("uq_course_result_override_completion_id_number")),
    )


def _make_sheets() -> None:
    op.create_table(
        "course_mark_sheet",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("module_id", sa.String(length=36), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_course_mark_sheet_person_id_person")),
        sa.ForeignKeyConstraint(
            ["module_id"], ["course_module.id"], name=op.f("fk_course_mark_sheet_module_id_course_module")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_mark_sheet")),
    )
