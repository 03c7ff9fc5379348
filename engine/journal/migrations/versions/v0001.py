"""The first tables: events, deliveries, attempts, shadows; what people did, versions; processes and shares."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make them."""
    _events()
    _deliveries()
    _attempts()
    _shadows()
    _note()
    _share()


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("order_key", sa.Text, nullable=False),
        sa.Column("fate", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("arrivals", sa.Integer, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.LargeBinary),
        sa.UniqueConstraint("tenant", "name", "digest"),
    )
    op.create_index("ix_events_tenant_fate", "events", ["tenant", "fate"])
    op.create_index("ix_events_received_at", "events", ["received_at"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("event_id", sa.BigInteger, sa.ForeignKey("events.id"), nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("mapping", sa.Text, nullable=False),
        sa.Column("event_name", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("order_key", sa.Text, nullable=False),
        sa.Column("order_shown", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("words", sa.Text),
        sa.Column("fingerprint", sa.Text),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("starts", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("is_unsure", sa.Boolean, nullable=False),
        sa.Column("waited", sa.Text, nullable=False),
        sa.Column("posted", sa.Text, nullable=False),
        sa.Column("anew_at", sa.BigInteger),
        sa.Column("holder", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("tenant", "mapping", "event_name", "identity"),
    )
    op.create_index(
        "ix_deliveries_state_tenant_due_at", "deliveries", ["state", "tenant", "due_at"]
    )
    suspects = sa.text("starts >= 2")
    op.create_index(
        "ix_deliveries_suspects",
        "deliveries",
        ["state", "tenant", "due_at"],
        sqlite_where=suspects,
        postgresql_where=suspects,
    )
    op.create_index("ix_deliveries_tenant_order_key", "deliveries", ["tenant", "order_key"])
    op.create_index("ix_deliveries_event_id", "deliveries", ["event_id"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("deliveries.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("version", sa.Text),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("state", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("words", sa.Text),
        sa.Column("pinned", sa.LargeBinary),
        sa.Column("payloads", sa.LargeBinary),
        sa.Column("answers", sa.LargeBinary),
        sa.Column("steps", sa.Text),
    )
    op.create_index("ix_attempts_delivery_id_number", "attempts", ["delivery_id", "number"])


def _shadows() -> None:
    op.create_table(
        "shadows",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("event_id", sa.BigInteger, sa.ForeignKey("events.id"), nullable=False),
        sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("deliveries.id")),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("mapping", sa.Text, nullable=False),
        sa.Column("live", sa.Text),
        sa.Column("shadow", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("document", sa.LargeBinary),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("event_id", "mapping", "shadow"),
    )
    of_version = ["tenant", "mapping", "shadow", "result"]
    op.create_index("ix_shadows_tenant_mapping_shadow_result", "shadows", of_version)


def _note() -> None:
    op.create_table(
        "acts",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("deliveries.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("words", sa.Text),
    )
    op.create_index("ix_acts_delivery_id", "acts", ["delivery_id"])
    op.create_table(
        "versions",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("mapping", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("texts", sa.LargeBinary, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("tenant", "mapping", "version"),
    )


def _share() -> None:
    op.create_table(
        "holders",
        sa.Column("holder", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "allowances",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("cap", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "shares",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, primary_key=True),
        sa.Column("held", sa.Integer, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
