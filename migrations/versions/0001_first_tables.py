"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = ("audit_event", "certificate_event")


def _guard(table: str) -> list[str]:
    """The database itself refuses to change or delete what was recorded (docs/adr/0004, lms/core/audit.py)."""
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


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_subject", ["subject"], unique=False)

    op.create_table(
        "course_module_version",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_module_version")),
        sa.UniqueConstraint("digest", name=op.f("uq_course_module_version_digest")),
    )
    with op.batch_alter_table("course_module_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_module_version_slug"), ["slug"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.String(length=80), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("served < wanted"),
            postgresql_where=sa.text("served < wanted"),
        )
        batch_op.create_index("uq_job_kind_subject", ["kind", "subject"], unique=True)

    op.create_table(
        "lti_platform_key_set",
        sa.Column("jwks_url", sa.String(length=500), nullable=False),
        sa.Column("jwks", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jwks_url", name=op.f("pk_lti_platform_key_set")),
    )
    op.create_table(
        "lti_registration",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("auth_url", sa.Text(), nullable=False),
        sa.Column("token_url", sa.Text(), nullable=False),
        sa.Column("token_audience", sa.Text(), nullable=True),
        sa.Column("jwks_url", sa.String(length=500), nullable=False),
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("deployment_policy", sa.String(length=10), nullable=False),
        sa.Column("product_family_code", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_registration")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_lti_registration_issuer_client_id")),
    )
    op.create_table(
        "number_counter",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("series", sa.String(length=10), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("country", "year", "series", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "oauth_client",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_client")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("successor_id", sa.String(length=36), nullable=True),
        sa.Column("succession_act", sa.String(length=255), nullable=True),
        sa.Column("succession_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["organisation.id"], name=op.f("fk_organisation_successor_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "seal_key",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("certificate_pem", sa.Text(), nullable=False),
        sa.Column("root_pem", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_seal_key")),
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("use", sa.String(length=40), nullable=False),
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("private_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_key_use"), ["use"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("snapshot_sha256", sa.String(length=64), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("status_reason", sa.String(length=40), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("unsigned_sha256", sa.String(length=64), nullable=True),
        sa.Column("seal_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_certificate_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["seal_fingerprint"], ["seal_key.fingerprint"], name=op.f("fk_certificate_seal_fingerprint_seal_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("pdf_sha256", name=op.f("uq_certificate_pdf_sha256")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_certificate_record",
            ["record_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'void'"),
            postgresql_where=sa.text("status <> 'void'"),
        )

    op.create_table(
        "course_module",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("current_version_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["current_version_id"],
            ["course_module_version.id"],
            name=op.f("fk_course_module_current_version_id_course_module_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_module")),
        sa.UniqueConstraint("slug", name=op.f("uq_course_module_slug")),
    )
    op.create_table(
        "issued_token",
        sa.Column("jti", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_client.id"], name=op.f("fk_issued_token_client_id_oauth_client")
        ),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_issued_token")),
    )
    with op.batch_alter_table("issued_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issued_token_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_token_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "lti_deployment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("deployment_id", sa.String(length=255), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["lti_registration.id"],
            name=op.f("fk_lti_deployment_registration_id_lti_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_deployment")),
        sa.UniqueConstraint(
            "registration_id", "deployment_id", name=op.f("uq_lti_deployment_registration_id_deployment_id")
        ),
    )
    op.create_table(
        "lti_last_score_time",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("line_item_hash", sa.String(length=64), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("has_grade", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["lti_registration.id"],
            name=op.f("fk_lti_last_score_time_registration_id_lti_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_last_score_time")),
        sa.UniqueConstraint(
            "registration_id",
            "line_item_hash",
            "sub",
            name=op.f("uq_lti_last_score_time_registration_id_line_item_hash_sub"),
        ),
    )
    op.create_table(
        "lti_login_state",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("launch_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["lti_registration.id"],
            name=op.f("fk_lti_login_state_registration_id_lti_registration"),
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_lti_login_state")),
    )
    with op.batch_alter_table("lti_login_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_login_state_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "lti_platform_user",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lti_platform_user_person_id_person")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["lti_registration.id"],
            name=op.f("fk_lti_platform_user_registration_id_lti_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_platform_user")),
        sa.UniqueConstraint("registration_id", "sub", name=op.f("uq_lti_platform_user_registration_id_sub")),
    )
    with op.batch_alter_table("lti_platform_user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_platform_user_person_id"), ["person_id"], unique=False)

    op.create_table(
        "lti_service_token",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("scopes", sa.String(length=1000), nullable=False),
        sa.Column("token_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["lti_registration.id"],
            name=op.f("fk_lti_service_token_registration_id_lti_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_service_token")),
        sa.UniqueConstraint("registration_id", "scopes", name=op.f("uq_lti_service_token_registration_id_scopes")),
    )
    op.create_table(
        "person_name",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("script", sa.String(length=4), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_name_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_name")),
    )
    with op.batch_alter_table("person_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_name_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_person_name_current",
            ["person_id", "script", "source"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )

    op.create_table(
        "series",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_series_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("country", "code", name=op.f("uq_series_country_code")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_series_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "signer",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("post", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_signer_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signer")),
        sa.UniqueConstraint("organisation_id", "valid_from", name=op.f("uq_signer_organisation_id_valid_from")),
    )
    op.create_table(
        "certificate_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_event_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_event")),
    )
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_event_certificate_id"), ["certificate_id"], unique=False)

    op.create_table(
        "lti_context",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("deployment_id", sa.String(length=36), nullable=False),
        sa.Column("context_id", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_context_deployment_id_lti_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_context")),
        sa.UniqueConstraint("deployment_id", "context_id", name=op.f("uq_lti_context_deployment_id_context_id")),
    )
    op.create_table(
        "lti_resource_link",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("deployment_id", sa.String(length=36), nullable=False),
        sa.Column("context_id", sa.String(length=36), nullable=True),
        sa.Column("resource_link_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("module_slug", sa.String(length=80), nullable=True),
        sa.Column("line_item_url", sa.Text(), nullable=True),
        sa.Column("line_items_url", sa.Text(), nullable=True),
        sa.Column("ags_scopes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"], ["lti_context.id"], name=op.f("fk_lti_resource_link_context_id_lti_context")
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_resource_link_deployment_id_lti_deployment")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["lti_registration.id"],
            name=op.f("fk_lti_resource_link_registration_id_lti_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_resource_link")),
        sa.UniqueConstraint(
            "deployment_id", "resource_link_id", name=op.f("uq_lti_resource_link_deployment_id_resource_link_id")
        ),
    )
    op.create_table(
        "course_enrolment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("module_id", sa.String(length=36), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("context_row_id", sa.String(length=36), nullable=True),
        sa.Column("resource_link_row_id", sa.String(length=36), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("extra_attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_row_id"], ["lti_context.id"], name=op.f("fk_course_enrolment_context_row_id_lti_context")
        ),
        sa.ForeignKeyConstraint(
            ["module_id"], ["course_module.id"], name=op.f("fk_course_enrolment_module_id_course_module")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_course_enrolment_person_id_person")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["lti_registration.id"],
            name=op.f("fk_course_enrolment_registration_id_lti_registration"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_link_row_id"],
            ["lti_resource_link.id"],
            name=op.f("fk_course_enrolment_resource_link_row_id_lti_resource_link"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_enrolment")),
        sa.UniqueConstraint("person_id", "module_id", name=op.f("uq_course_enrolment_person_id_module_id")),
    )
    with op.batch_alter_table("course_enrolment", schema=None) as batch_op:
        batch_op.create_index("ix_course_enrolment_context", ["context_row_id", "module_id"], unique=False)
        batch_op.create_index("ix_course_enrolment_link", ["resource_link_row_id", "module_id"], unique=False)

    op.create_table(
        "lti_launch_session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("registration_id", sa.String(length=36), nullable=False),
        sa.Column("deployment_id", sa.String(length=36), nullable=False),
        sa.Column("platform_user_id", sa.String(length=36), nullable=False),
        sa.Column("context_row_id", sa.String(length=36), nullable=True),
        sa.Column("resource_link_row_id", sa.String(length=36), nullable=False),
        sa.Column("role_names", sa.JSON(), nullable=False),
        sa.Column("custom", sa.JSON(), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=True),
        sa.Column("return_url", sa.Text(), nullable=True),
        sa.Column("landing_path", sa.Text(), nullable=False),
        sa.Column("frame_ancestors", sa.JSON(), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_row_id"], ["lti_context.id"], name=op.f("fk_lti_launch_session_context_row_id_lti_context")
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_launch_session_deployment_id_lti_deployment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lti_launch_session_person_id_person")),
        sa.ForeignKeyConstraint(
            ["platform_user_id"],
            ["lti_platform_user.id"],
            name=op.f("fk_lti_launch_session_platform_user_id_lti_platform_user"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["lti_registration.id"],
            name=op.f("fk_lti_launch_session_registration_id_lti_registration"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_link_row_id"],
            ["lti_resource_link.id"],
            name=op.f("fk_lti_launch_session_resource_link_row_id_lti_resource_link"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_launch_session")),
    )
    with op.batch_alter_table("lti_launch_session", schema=None) as batch_op:
        batch_op.create_index("ix_lti_launch_session_again", ["platform_user_id", "resource_link_row_id"], unique=False)

    op.create_table(
        "course_attempt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("unit_code", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score_percent", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["course_enrolment.id"], name=op.f("fk_course_attempt_enrolment_id_course_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["course_module_version.id"],
            name=op.f("fk_course_attempt_version_id_course_module_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_attempt")),
        sa.UniqueConstraint(
            "enrolment_id", "unit_code", "number", name=op.f("uq_course_attempt_enrolment_id_unit_code_number")
        ),
    )
    op.create_table(
        "course_completion",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("reported_percent", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["course_enrolment.id"], name=op.f("fk_course_completion_enrolment_id_course_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["course_module_version.id"],
            name=op.f("fk_course_completion_version_id_course_module_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_completion")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_course_completion_enrolment_id")),
    )
    op.create_table(
        "course_score_delivery",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("score_percent", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["course_enrolment.id"],
            name=op.f("fk_course_score_delivery_enrolment_id_course_enrolment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_score_delivery")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_course_score_delivery_enrolment_id")),
    )
    op.create_table(
        "course_step_read",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("unit_code", sa.String(length=80), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["course_enrolment.id"], name=op.f("fk_course_step_read_enrolment_id_course_enrolment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_step_read")),
        sa.UniqueConstraint(
            "enrolment_id", "unit_code", "section", name=op.f("uq_course_step_read_enrolment_id_unit_code_section")
        ),
    )
    op.create_table(
        "course_submission",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["course_enrolment.id"], name=op.f("fk_course_submission_enrolment_id_course_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["course_module_version.id"],
            name=op.f("fk_course_submission_version_id_course_module_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_submission")),
        sa.UniqueConstraint("enrolment_id", "number", name=op.f("uq_course_submission_enrolment_id_number")),
    )
    with op.batch_alter_table("course_submission", schema=None) as batch_op:
        batch_op.create_index("ix_course_submission_at", ["submitted_at"], unique=False)

    op.create_table(
        "course_answer",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("attempt_id", sa.String(length=36), nullable=False),
        sa.Column("question_id", sa.String(length=80), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["course_attempt.id"], name=op.f("fk_course_answer_attempt_id_course_attempt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_answer")),
        sa.UniqueConstraint("attempt_id", "question_id", name=op.f("uq_course_answer_attempt_id_question_id")),
    )
    op.create_table(
        "course_grade",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("submission_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_course_grade_marker_id_person")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["course_submission.id"], name=op.f("fk_course_grade_submission_id_course_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_grade")),
        sa.UniqueConstraint("submission_id", "number", name=op.f("uq_course_grade_submission_id_number")),
    )

    for table in APPEND_ONLY:
        for statement in _guard(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("course_grade")
    op.drop_table("course_answer")
    with op.batch_alter_table("course_submission", schema=None) as batch_op:
        batch_op.drop_index("ix_course_submission_at")

    op.drop_table("course_submission")
    op.drop_table("course_step_read")
    op.drop_table("course_score_delivery")
    op.drop_table("course_completion")
    op.drop_table("course_attempt")
    with op.batch_alter_table("lti_launch_session", schema=None) as batch_op:
        batch_op.drop_index("ix_lti_launch_session_again")

    op.drop_table("lti_launch_session")
    with op.batch_alter_table("course_enrolment", schema=None) as batch_op:
        batch_op.drop_index("ix_course_enrolment_link")
        batch_op.drop_index("ix_course_enrolment_context")

    op.drop_table("course_enrolment")
    op.drop_table("lti_resource_link")
    op.drop_table("lti_context")
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_event_certificate_id"))

    op.drop_table("certificate_event")
    op.drop_table("signer")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_series_organisation_id"))

    op.drop_table("series")
    with op.batch_alter_table("person_name", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_person_name_current",
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_person_name_person_id"))

    op.drop_table("person_name")
    op.drop_table("lti_service_token")
    with op.batch_alter_table("lti_platform_user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_platform_user_person_id"))

    op.drop_table("lti_platform_user")
    with op.batch_alter_table("lti_login_state", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_login_state_expires_at"))

    op.drop_table("lti_login_state")
    op.drop_table("lti_last_score_time")
    op.drop_table("lti_deployment")
    with op.batch_alter_table("issued_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_issued_token_expires_at"))
        batch_op.drop_index(batch_op.f("ix_issued_token_client_id"))

    op.drop_table("issued_token")
    op.drop_table("course_module")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_certificate_record",
            sqlite_where=sa.text("status <> 'void'"),
            postgresql_where=sa.text("status <> 'void'"),
        )
        batch_op.drop_index(batch_op.f("ix_certificate_person_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_organisation_id"))

    op.drop_table("certificate")
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_key_use"))

    op.drop_table("signing_key")
    op.drop_table("seal_key")
    op.drop_table("person")
    op.drop_table("organisation")
    op.drop_table("oauth_client")
    op.drop_table("number_counter")
    op.drop_table("lti_registration")
    op.drop_table("lti_platform_key_set")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("uq_job_kind_subject")
        batch_op.drop_index(
            "ix_job_due", sqlite_where=sa.text("served < wanted"), postgresql_where=sa.text("served < wanted")
        )

    op.drop_table("job")
    with op.batch_alter_table("course_module_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_module_version_slug"))

    op.drop_table("course_module_version")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_subject")

    op.drop_table("audit_event")

    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_append_only()")
