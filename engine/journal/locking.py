"""What must not be done by two transactions at once. On SQLite there is only one at a time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from .tables import POSTGRESQL

# Sorted, so that two transactions that want the same ones wait for each other in one order.
_ORDERS = text(
    "select pg_advisory_xact_lock(number) from"
    " (select distinct hashtextextended(key, 0) as number from unnest(cast(:keys as text[])) as key"
    " order by number) as numbers"
)


def hold_orders(connection: Connection, orders: Iterable[tuple[str, str]]) -> None:
    """Until the transaction ends nobody else begins or releases deliveries of these orders.

    Each is a tenant and an order's key. Otherwise a delivery could be held behind another that ends at
    the same moment, and never go on.
    """
    keys = [f"{tenant}\n{key}" for tenant, key in orders]
    if keys and connection.dialect.name == POSTGRESQL:
        connection.execute(_ORDERS, {"keys": keys})
