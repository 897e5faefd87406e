"""Nodes that know each other."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "network_node",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("list_text", sa.Text(), nullable=False),
        sa.Column("list_issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fault", sa.String(length=60), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_node")),
        sa.UniqueConstraint("address", name=op.f("uq_network_node_address")),
    )
    op.create_table(
        "network_status_list",
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("node_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["network_node.id"], name=op.f("fk_network_status_list_node_id_network_node")),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_network_status_list")),
    )
    op.create_index(op.f("ix_network_status_list_node_id"), "network_status_list", ["node_id"])


def downgrade() -> None:
    op.drop_table("network_status_list")
    op.drop_table("network_node")
