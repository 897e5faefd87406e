"""Further messages: deep linking, links to parts of a module, reviews, requests about personal data."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lti_launch_session", schema=None) as batch_op:
        batch_op.alter_column("resource_link_row_id", existing_type=sa.String(length=36), nullable=True)
        batch_op.add_column(
            sa.Column("message_type", sa.String(length=40), nullable=False, server_default="LtiResourceLinkRequest")
        )
        batch_op.add_column(sa.Column("asked", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("lti_launch_session", schema=None) as batch_op:
        batch_op.alter_column("message_type", existing_type=sa.String(length=40), server_default=None)
        batch_op.alter_column("asked", existing_type=sa.JSON(), server_default=None)
    with op.batch_alter_table("lti_resource_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("part", sa.String(length=80), nullable=True))
    op.create_table(
        "course_part_score",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("resource_link_row_id", sa.String(length=36), nullable=False),
        sa.Column("told", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("score_percent", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        _reference("course_part_score", "enrolment_id", "course_enrolment"),
        _reference("course_part_score", "resource_link_row_id", "lti_resource_link"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_part_score")),
        sa.UniqueConstraint(
            "enrolment_id",
            "resource_link_row_id",
            name=op.f("uq_course_part_score_enrolment_id_resource_link_row_id"),
        ),
    )
    _create_requests()


def downgrade() -> None:
    op.drop_table("deletion_request")
    op.drop_table("course_part_score")
    with op.batch_alter_table("lti_resource_link", schema=None) as batch_op:
        batch_op.drop_column("part")
    op.execute("DELETE FROM lti_launch_session WHERE resource_link_row_id IS NULL")
    with op.batch_alter_table("lti_launch_session", schema=None) as batch_op:
        batch_op.drop_column("asked")
        batch_op.drop_column("message_type")
        batch_op.alter_column("resource_link_row_id", existing_type=sa.String(length=36), nullable=False)


def _create_requests() -> None:
    op.create_table(
        "deletion_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        _reference("deletion_request", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion_request")),
    )
    with op.batch_alter_table("deletion_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deletion_request_person_id"), ["person_id"], unique=False)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
