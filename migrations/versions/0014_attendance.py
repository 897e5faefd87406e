"""Study visits and seminars: sessions, codes, who was there."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = "course_attendance"


def upgrade() -> None:
    op.create_table(
        "course_visit_programme",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_course_visit_programme")),
    )
    op.create_table(
        "course_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("module_id", sa.String(length=36), nullable=False),
        sa.Column("context_row_id", sa.String(length=36), nullable=True),
        sa.Column("resource_link_row_id", sa.String(length=36), nullable=False),
        sa.Column("programme", sa.String(length=80), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        *_foreign("course_event", "module_id", "course_module"),
        *_foreign("course_event", "context_row_id", "lti_context"),
        *_foreign("course_event", "resource_link_row_id", "lti_resource_link"),
        *_foreign("course_event", "made_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_event")),
    )
    op.create_index("ix_course_event_context", "course_event", ["context_row_id", "module_id"])
    op.create_index("ix_course_event_link", "course_event", ["resource_link_row_id", "module_id"])
    op.create_table(
        "course_event_session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        *_foreign("course_event_session", "event_id", "course_event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_event_session")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_course_event_session_event_id_number")),
    )
    op.create_table(
        TABLE,
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("made_by_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        *_foreign(TABLE, "session_id", "course_event_session"),
        *_foreign(TABLE, "person_id", "person"),
        *_foreign(TABLE, "made_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_attendance")),
        sa.UniqueConstraint(
            "session_id", "person_id", "number", name=op.f("uq_course_attendance_session_id_person_id_number")
        ),
    )
    op.create_index("ix_course_attendance_person", TABLE, ["person_id"])
    for statement in _guard(TABLE):
        op.execute(statement)
    op.create_table(
        "course_diary_day",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        *_foreign("course_diary_day", "event_id", "course_event"),
        *_foreign("course_diary_day", "enrolment_id", "course_enrolment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_diary_day")),
        sa.UniqueConstraint(
            "event_id", "enrolment_id", "day", name=op.f("uq_course_diary_day_event_id_enrolment_id_day")
        ),
    )


def downgrade() -> None:
    op.drop_table("course_diary_day")
    op.drop_table(TABLE)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {TABLE}_append_only()")
    op.drop_table("course_event_session")
    op.drop_table("course_event")
    op.drop_table("course_visit_programme")


def _foreign(table: str, column: str, other: str) -> list[sa.ForeignKeyConstraint]:
    return [sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))]


def _guard(table: str) -> list[str]:
    """What was recorded about attendance is corrected by another entry (docs/adr/0038), never changed."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} is append-only'; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
    ]
