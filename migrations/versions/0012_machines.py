"""Programs that call us: their keys, what they may report for, answers kept for repeated calls, the sequence of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EVERY = '["every"]'
TOLD = ("issued", "suspended", "reinstated", "revoked", "superseded")


def upgrade() -> None:
    _widen_clients()
    _make_secrets()
    _make_used_assertions()
    _make_kept_answers()
    _make_changes()
    _tell_what_happened_before()


def downgrade() -> None:
    op.drop_table("change_head")
    op.drop_table("change")
    op.drop_table("oauth_kept_answer")
    op.drop_table("oauth_used_assertion")
    _give_clients_one_secret()
    op.drop_table("oauth_client_secret")
    for column in (
        "last_token_at",
        "organisation_id",
        "modules",
        "platforms",
        "jwks_tried_at",
        "jwks_fetched_at",
        "jwks_uri",
        "jwks",
        "auth_method",
    ):
        op.drop_column("oauth_client", column)


def _widen_clients() -> None:
    """Plain ALTERs: on SQLite other tables refer to this one, so it cannot be built anew."""
    for column in (
        sa.Column("auth_method", sa.String(length=30), server_default="client_secret_basic", nullable=False),
        sa.Column("jwks", sa.JSON(), nullable=True),
        sa.Column("jwks_uri", sa.String(length=500), nullable=True),
        sa.Column("jwks_fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("jwks_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("platforms", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("modules", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=True),
        sa.Column("last_token_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("oauth_client", column)
    # What was granted stays granted: until now a program that reports did so for every platform and module.
    op.execute(
        f"UPDATE oauth_client SET platforms = '{EVERY}', modules = '{EVERY}' WHERE scope LIKE '%completions:write%'"  # noqa: S608
    )


def _make_secrets() -> None:
    op.create_table(
        "oauth_client_secret",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("beginning", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        _of_client("oauth_client_secret"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_client_secret")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_oauth_client_secret_secret_hash")),
    )
    op.create_index(op.f("ix_oauth_client_secret_client_id"), "oauth_client_secret", ["client_id"])
    op.execute(
        "INSERT INTO oauth_client_secret (id, client_id, secret_hash, beginning, created_at)"
        " SELECT id, id, secret_hash, '', created_at FROM oauth_client"
    )
    op.drop_column("oauth_client", "secret_hash")


def _give_clients_one_secret() -> None:
    op.add_column("oauth_client", sa.Column("secret_hash", sa.String(length=64), server_default="", nullable=False))
    op.execute(
        "UPDATE oauth_client SET secret_hash = COALESCE((SELECT MAX(secret_hash) FROM oauth_client_secret"
        " WHERE client_id = oauth_client.id AND retired_at IS NULL), '')"
    )


def _make_used_assertions() -> None:
    op.create_table(
        "oauth_used_assertion",
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("jti_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _of_client("oauth_used_assertion"),
        sa.PrimaryKeyConstraint("client_id", "jti_hash", name=op.f("pk_oauth_used_assertion")),
    )
    op.create_index(op.f("ix_oauth_used_assertion_expires_at"), "oauth_used_assertion", ["expires_at"])


def _make_kept_answers() -> None:
    op.create_table(
        "oauth_kept_answer",
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _of_client("oauth_kept_answer"),
        sa.PrimaryKeyConstraint("client_id", "key_hash", name=op.f("pk_oauth_kept_answer")),
    )
    op.create_index(op.f("ix_oauth_kept_answer_expires_at"), "oauth_kept_answer", ["expires_at"])


def _make_changes() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index("uq_change_position", "change", ["position"], unique=True)
    op.create_index("ix_change_organisation", "change", ["organisation_id", "position"])
    without_number = sa.text("position IS NULL")
    op.create_index(
        "ix_change_unnumbered", "change", ["id"], sqlite_where=without_number, postgresql_where=without_number
    )
    op.create_table(
        "change_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_head")),
    )


def _tell_what_happened_before() -> None:
    """Without numbers: the first reader gives them. Completions come first, because certificates follow from them."""
    op.execute(
        "INSERT INTO change (kind, record_id, subject, organisation_id, at)"
        " SELECT 'completion.recorded', enrolment.id, completion.id, issuer.organisation_id, completion.recorded_at"
        " FROM course_completion completion JOIN course_enrolment enrolment ON enrolment.id = completion.enrolment_id"
        " LEFT JOIN platform_issuer issuer ON issuer.registration_id = enrolment.registration_id"
        " ORDER BY completion.recorded_at, completion.id"
    )
    kinds = ", ".join(f"'{kind}'" for kind in TOLD)
    op.execute(
        "INSERT INTO change (kind, record_id, subject, organisation_id, at)"  # noqa: S608
        " SELECT 'certificate.' || event.kind, certificate.record_id, CAST(event.id AS VARCHAR),"
        " certificate.organisation_id, event.at"
        " FROM certificate_event event JOIN certificate ON certificate.id = event.certificate_id"
        f" WHERE event.kind IN ({kinds}) ORDER BY event.id"
    )


def _of_client(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["client_id"], ["oauth_client.id"], name=op.f(f"fk_{table}_client_id_oauth_client"))
