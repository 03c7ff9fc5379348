"""A delivery knows which of its records may stand, in place of only whether any may."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Name every record of the deliveries in doubt: earlier versions did not record which."""
    op.add_column("deliveries", sa.Column("doubts", sa.Text, nullable=False, server_default="[]"))
    rows = sa.table("deliveries", sa.column("doubts"), sa.column("is_unsure"))
    op.execute(rows.update().where(rows.c.is_unsure.is_(sa.true())).values(doubts='["*"]'))
    op.drop_column("deliveries", "is_unsure")
