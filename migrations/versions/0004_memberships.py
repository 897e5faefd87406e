"""Line items, memberships and groups as the platforms tell them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lti_context_services",
        sa.Column("context_row_id", sa.String(length=36), nullable=False),
        sa.Column("memberships_url", sa.Text(), nullable=True),
        sa.Column("groups_url", sa.Text(), nullable=True),
        sa.Column("group_sets_url", sa.Text(), nullable=True),
        _reference("lti_context_services", "context_row_id", "lti_context"),
        sa.PrimaryKeyConstraint("context_row_id", name=op.f("pk_lti_context_services")),
    )
    op.create_table(
        "lti_notice_handler",
        sa.Column("deployment_row_id", sa.String(length=36), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        _reference("lti_notice_handler", "deployment_row_id", "lti_deployment"),
        sa.PrimaryKeyConstraint("deployment_row_id", name=op.f("pk_lti_notice_handler")),
    )
    _create_memberships()
    _create_groups()
    op.create_table(
        "lti_line_item",
        sa.Column("resource_link_row_id", sa.String(length=36), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("was_made", sa.Boolean(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        _reference("lti_line_item", "resource_link_row_id", "lti_resource_link"),
        sa.PrimaryKeyConstraint("resource_link_row_id", name=op.f("pk_lti_line_item")),
    )
    op.create_table(
        "lti_seen_notice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("notice_hash", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        _reference("lti_seen_notice", "registration_id", "lti_registration"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_seen_notice")),
        sa.UniqueConstraint(
            "registration_id", "nonce_hash", name=op.f("uq_lti_seen_notice_registration_id_nonce_hash")
        ),
    )
    op.create_table(
        "lti_context_copy",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("context_row_id", sa.String(length=36), nullable=False),
        sa.Column("origin_context_id", sa.String(length=255), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        _reference("lti_context_copy", "context_row_id", "lti_context"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_context_copy")),
        sa.UniqueConstraint(
            "context_row_id", "origin_context_id", name=op.f("uq_lti_context_copy_context_row_id_origin_context_id")
        ),
    )


def downgrade() -> None:
    for table in ("lti_context_copy", "lti_seen_notice", "lti_line_item", "lti_group_member", "lti_course_group"):
        op.drop_table(table)
    for table in ("lti_roster_update", "lti_membership", "lti_notice_handler", "lti_context_services"):
        op.drop_table(table)


def _create_memberships() -> None:
    op.create_table(
        "lti_membership",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("context_row_id", sa.String(length=36), nullable=False),
        sa.Column("platform_user_id", sa.String(length=36), nullable=False),
        sa.Column("role_names", sa.JSON(), nullable=False),
        sa.Column("is_learner", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        _reference("lti_membership", "registration_id", "lti_registration"),
        _reference("lti_membership", "context_row_id", "lti_context"),
        _reference("lti_membership", "platform_user_id", "lti_platform_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_membership")),
        sa.UniqueConstraint(
            "context_row_id", "platform_user_id", name=op.f("uq_lti_membership_context_row_id_platform_user_id")
        ),
    )
    with op.batch_alter_table("lti_membership", schema=None) as batch_op:
        batch_op.create_index("ix_lti_membership_seen", ["context_row_id", "seen_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lti_membership_platform_user_id"), ["platform_user_id"], unique=False)
    op.create_table(
        "lti_roster_update",
        sa.Column("context_row_id", sa.String(length=36), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("members_read", sa.Integer(), nullable=False),
        sa.Column("next_url", sa.Text(), nullable=True),
        sa.Column("differences_url", sa.Text(), nullable=True),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        _reference("lti_roster_update", "context_row_id", "lti_context"),
        sa.PrimaryKeyConstraint("context_row_id", name=op.f("pk_lti_roster_update")),
    )


def _create_groups() -> None:
    op.create_table(
        "lti_course_group",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("context_row_id", sa.String(length=36), nullable=False),
        sa.Column("group_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("set_name", sa.String(length=255), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        _reference("lti_course_group", "context_row_id", "lti_context"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_course_group")),
        sa.UniqueConstraint("context_row_id", "group_id", name=op.f("uq_lti_course_group_context_row_id_group_id")),
    )
    op.create_table(
        "lti_group_member",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("group_row_id", sa.String(length=36), nullable=False),
        sa.Column("platform_user_id", sa.String(length=36), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        _reference("lti_group_member", "group_row_id", "lti_course_group"),
        _reference("lti_group_member", "platform_user_id", "lti_platform_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_group_member")),
        sa.UniqueConstraint(
            "group_row_id", "platform_user_id", name=op.f("uq_lti_group_member_group_row_id_platform_user_id")
        ),
    )
    with op.batch_alter_table("lti_group_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_group_member_platform_user_id"), ["platform_user_id"], unique=False)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
