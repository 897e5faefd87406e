"""Registrations: state, policies, settings of their own, invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _new_settings() -> list[sa.Column]:
    return [
        sa.Column("leeway_seconds", sa.Integer(), nullable=False, server_default="120"),
        sa.Column("allows_anonymous", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("family_override", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False, server_default="active"),
        sa.Column("scopes", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("messages", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("proposed", sa.JSON(), nullable=True),
        sa.Column("configuration_url", sa.Text(), nullable=True),
        sa.Column("invitation_id", sa.String(length=36), nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "lti_invitation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.Column("deployment_policy", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_lti_invitation_secret_hash")),
    )
    with op.batch_alter_table("lti_registration", schema=None) as batch_op:
        batch_op.alter_column(
            "algorithm",
            new_column_name="algorithms",
            existing_type=sa.String(length=10),
            type_=sa.String(length=100),
            existing_nullable=False,
        )
        for column in _new_settings():
            batch_op.add_column(column)
        batch_op.create_foreign_key(
            op.f("fk_lti_registration_invitation_id_lti_invitation"), "lti_invitation", ["invitation_id"], ["id"]
        )
    with op.batch_alter_table("lti_registration", schema=None) as batch_op:
        for column in _new_settings():
            if column.server_default is not None:
                batch_op.alter_column(column.name, existing_type=column.type, server_default=None)
    with op.batch_alter_table("lti_deployment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("DELETE FROM lti_service_token")  # they are asked for anew
    with op.batch_alter_table("lti_service_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deployment_id", sa.String(length=255), nullable=False))
        batch_op.drop_constraint(op.f("uq_lti_service_token_registration_id_scopes"), type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_lti_service_token_registration_id_deployment_id_scopes"),
            ["registration_id", "deployment_id", "scopes"],
        )


def downgrade() -> None:
    op.execute("DELETE FROM lti_service_token")
    with op.batch_alter_table("lti_service_token", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_lti_service_token_registration_id_deployment_id_scopes"), type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_lti_service_token_registration_id_scopes"), ["registration_id", "scopes"]
        )
        batch_op.drop_column("deployment_id")
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_column("withdrawn_at")
    with op.batch_alter_table("lti_deployment", schema=None) as batch_op:
        batch_op.drop_column("refused_at")
    with op.batch_alter_table("lti_registration", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_lti_registration_invitation_id_lti_invitation"), type_="foreignkey")
        for column in reversed(_new_settings()):
            batch_op.drop_column(column.name)
        batch_op.alter_column(
            "algorithms",
            new_column_name="algorithm",
            existing_type=sa.String(length=100),
            type_=sa.String(length=10),
            existing_nullable=False,
        )
    op.drop_table("lti_invitation")
