"""Plans of places, calls, nominations, selection, cohorts."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

IN_FORCE = "undone_at IS NULL AND verdict = 'same'"


def upgrade() -> None:
    op.create_table(
        "bureau_plan",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("programme", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("modules", sa.JSON(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("least_women", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_foreign("bureau_plan", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_plan")),
        sa.UniqueConstraint(
            "organisation_id", "programme", "year", name=op.f("uq_bureau_plan_organisation_id_programme_year")
        ),
    )
    op.create_table(
        "bureau_call",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("seed_commitment", sa.String(length=64), nullable=False),
        sa.Column("seed_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("limits", sa.JSON(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("selected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_number", sa.String(length=60), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        *_foreign("bureau_call", "plan_id", "bureau_plan"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_call")),
    )
    op.create_index(op.f("ix_bureau_call_plan_id"), "bureau_call", ["plan_id"])
    op.create_table(
        "bureau_quota",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("dimension", sa.String(length=10), nullable=False),
        sa.Column("share", sa.String(length=36), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        *_foreign("bureau_quota", "plan_id", "bureau_plan"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_quota")),
        sa.UniqueConstraint("plan_id", "dimension", "share", name=op.f("uq_bureau_quota_plan_id_dimension_share")),
    )
    op.create_table(
        "bureau_cohort",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column("academy_id", sa.String(length=36), nullable=True),
        sa.Column("host_id", sa.String(length=36), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_foreign("bureau_cohort", "plan_id", "bureau_plan"),
        *_foreign("bureau_cohort", "call_id", "bureau_call"),
        *_foreign("bureau_cohort", "academy_id", "organisation"),
        *_foreign("bureau_cohort", "host_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_cohort")),
        sa.UniqueConstraint("call_id", name=op.f("uq_bureau_cohort_call_id")),
    )
    op.create_index(op.f("ix_bureau_cohort_plan_id"), "bureau_cohort", ["plan_id"])
    op.create_table(
        "bureau_nomination",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("service_years", sa.Integer(), nullable=False),
        sa.Column("post_group", sa.String(length=20), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("last_training_on", sa.Date(), nullable=True),
        sa.Column("consent_version", sa.String(length=20), nullable=False),
        sa.Column("consent_language", sa.String(length=2), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(length=255), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("protocol", sa.JSON(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("latin_name", sa.String(length=120), nullable=True),
        sa.Column("gender", sa.String(length=1), nullable=False),
        sa.Column("region", sa.String(length=5), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("agency_id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("number_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("person_key", sa.String(length=64), nullable=False),
        *_foreign("bureau_nomination", "call_id", "bureau_call"),
        *_foreign("bureau_nomination", "agency_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_nomination")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_bureau_nomination_call_id_number")),
        sa.UniqueConstraint("call_id", "person_key", name=op.f("uq_bureau_nomination_call_id_person_key")),
    )
    op.create_table(
        "bureau_member",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("cohort_id", sa.String(length=36), nullable=False),
        sa.Column("nomination_id", sa.String(length=36), nullable=True),
        sa.Column("passport_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("passport_until", sa.Date(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("latin_name", sa.String(length=120), nullable=True),
        sa.Column("gender", sa.String(length=1), nullable=False),
        sa.Column("region", sa.String(length=5), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("agency_id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("number_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("person_key", sa.String(length=64), nullable=False),
        *_foreign("bureau_member", "cohort_id", "bureau_cohort"),
        *_foreign("bureau_member", "nomination_id", "bureau_nomination"),
        *_foreign("bureau_member", "agency_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_member")),
        sa.UniqueConstraint("cohort_id", "person_key", name=op.f("uq_bureau_member_cohort_id_person_key")),
    )
    op.create_table(
        "bureau_roster_import",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("cohort_id", sa.String(length=36), nullable=False),
        sa.Column("made_by", sa.String(length=255), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("stored_as", sa.String(length=255), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.JSON(), nullable=True),
        sa.Column("faults", sa.JSON(), nullable=False),
        *_foreign("bureau_roster_import", "cohort_id", "bureau_cohort"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_roster_import")),
    )
    op.create_index(op.f("ix_bureau_roster_import_cohort_id"), "bureau_roster_import", ["cohort_id"])
    op.create_table(
        "bureau_selection_decision",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("nomination_id", sa.String(length=36), nullable=False),
        sa.Column("before", sa.String(length=12), nullable=False),
        sa.Column("after", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("decided_by", sa.String(length=255), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        *_foreign("bureau_selection_decision", "nomination_id", "bureau_nomination"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_selection_decision")),
    )
    op.create_index(op.f("ix_bureau_selection_decision_nomination_id"), "bureau_selection_decision", ["nomination_id"])
    op.create_table(
        "bureau_binding",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("cohort_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.String(length=255), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(length=255), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        *_foreign("bureau_binding", "cohort_id", "bureau_cohort"),
        *_foreign("bureau_binding", "member_id", "bureau_member"),
        *_foreign("bureau_binding", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_binding")),
    )
    op.create_index(op.f("ix_bureau_binding_member_id"), "bureau_binding", ["member_id"])
    op.create_index(op.f("ix_bureau_binding_person_id"), "bureau_binding", ["person_id"])
    op.create_index(
        "uq_bureau_binding_member",
        "bureau_binding",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text(IN_FORCE),
        postgresql_where=sa.text(IN_FORCE),
    )
    op.create_index(
        "uq_bureau_binding_person",
        "bureau_binding",
        ["cohort_id", "person_id"],
        unique=True,
        sqlite_where=sa.text(IN_FORCE),
        postgresql_where=sa.text(IN_FORCE),
    )


def downgrade() -> None:
    op.drop_table("bureau_binding")
    op.drop_table("bureau_selection_decision")
    op.drop_table("bureau_roster_import")
    op.drop_table("bureau_member")
    op.drop_table("bureau_nomination")
    op.drop_table("bureau_cohort")
    op.drop_table("bureau_quota")
    op.drop_table("bureau_call")
    op.drop_table("bureau_plan")


def _foreign(table: str, column: str, other: str) -> list[sa.ForeignKeyConstraint]:
    return [sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))]
