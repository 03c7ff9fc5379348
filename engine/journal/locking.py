"""What must not be done by two transactions at once. On SQLite there is only one at a time."""

from __future__ import annotations

from sqlalchemy import Connection, text

from .tables import POSTGRESQL

_ORDER = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def hold_order(connection: Connection, tenant: str, order_key: str) -> None:
    """Until the transaction ends nobody else begins or releases deliveries of this order.

    Otherwise one could be held behind another that ends at the same moment, and never go on.
    """
    if connection.dialect.name == POSTGRESQL:
        connection.execute(_ORDER, {"key": f"{tenant}\n{order_key}"})
