"""Rights of the person: one queue for requests and complaints, and which text was agreed to."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WITH_NUMBERS = ("bureau_member", "bureau_nomination")
MOVED = "id, person_id, asked_by, asked_at, due_at, decision, decided_by, decided_at, answer"


def upgrade() -> None:
    op.create_table(
        "person_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("ground", sa.String(length=40), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_request_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_request")),
    )
    with op.batch_alter_table("person_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_request_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_request_due_at"), ["due_at"], unique=False)
    moved = f"INSERT INTO person_request ({MOVED}, kind, text, language) SELECT {MOVED}, 'deletion', '', 'ky'"
    op.execute(f"{moved} FROM deletion_request")
    op.drop_table("deletion_request")
    op.create_table(
        "people_key",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("secret_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_key")),
    )
    for table in WITH_NUMBERS:
        op.add_column(table, sa.Column("number_key", sa.String(length=8), server_default="root", nullable=False))
    op.add_column(
        "mail_address", sa.Column("consent_version", sa.String(length=20), server_default="2026-1", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("mail_address", "consent_version")
    for table in WITH_NUMBERS:
        op.drop_column(table, "number_key")
    op.drop_table("people_key")
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
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_deletion_request_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion_request")),
    )
    with op.batch_alter_table("deletion_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deletion_request_person_id"), ["person_id"], unique=False)
    moved = f"INSERT INTO deletion_request ({MOVED}) SELECT {MOVED}"
    op.execute(f"{moved} FROM person_request WHERE kind = 'deletion'")
    op.drop_table("person_request")
