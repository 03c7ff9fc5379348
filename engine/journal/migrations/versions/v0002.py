"""An event knows its order's number as people know it: one that was ignored has no delivery that does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add it; events that came before have none, and are shown by their order's key."""
    op.add_column("events", sa.Column("order_shown", sa.Text))
