"""What kind of body an organisation is."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A plain ALTER: on SQLite other tables refer to it. Those that were there issue, host or send; most are academies."""
    op.add_column(
        "organisation", sa.Column("kind", sa.String(length=20), nullable=False, server_default="academy")
    )


def downgrade() -> None:
    op.drop_column("organisation", "kind")
