"""What hosts abroad tell."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bureau_host_plan",
        sa.Column("cohort_id", sa.String(length=36), nullable=False),
        sa.Column("lodging", sa.Text(), nullable=False),
        sa.Column("faculty", sa.Text(), nullable=False),
        sa.Column("offered", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(length=80), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["bureau_cohort.id"], name=op.f("fk_bureau_host_plan_cohort_id_bureau_cohort")),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("pk_bureau_host_plan")),
    )
    op.create_table(
        "bureau_stay",
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("result", sa.Integer(), nullable=True),
        sa.Column("came_back_on", sa.Date(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["bureau_member.id"], name=op.f("fk_bureau_stay_member_id_bureau_member")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_bureau_stay")),
    )


def downgrade() -> None:
    op.drop_table("bureau_stay")
    op.drop_table("bureau_host_plan")
