"""How many deliveries stand where: what is counted for people and for those who watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from .states import State
from .tables import DELIVERIES

# Databases take so many values in one question.
_AT_ONCE = 500


def parked_between(connection: Connection, tenant: str, since: int, until: int) -> dict[str, int]:
    """The tenant's deliveries parked after `since` and up to `until` (milliseconds), by reason."""
    rows = connection.execute(
        select(DELIVERIES.c.reason, func.count())
        .where(DELIVERIES.c.tenant == tenant, DELIVERIES.c.state == State.PARKED)
        .where(DELIVERIES.c.changed_at > since, DELIVERIES.c.changed_at <= until)
        .group_by(DELIVERIES.c.reason)
    )
    return {str(reason or "?"): int(count) for reason, count in rows}


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """Where the delivery of an order stands in one mapping, for people."""

    mapping: str
    state: str
    reason: str | None


def of_orders(
    connection: Connection, tenant: str, orders: Sequence[str]
) -> dict[str, list[OrderStanding]]:
    """The deliveries of orders by their ids (`order_key`), in the order they were begun."""
    found: dict[str, list[OrderStanding]] = {}
    for start in range(0, len(orders), _AT_ONCE):
        rows = connection.execute(
            select(
                DELIVERIES.c.order_key,
                DELIVERIES.c.mapping,
                DELIVERIES.c.state,
                DELIVERIES.c.reason,
            )
            .where(DELIVERIES.c.tenant == tenant)
            .where(DELIVERIES.c.order_key.in_(orders[start : start + _AT_ONCE]))
            .order_by(DELIVERIES.c.id)
        )
        for order, mapping, state, reason in rows:
            found.setdefault(order, []).append(OrderStanding(mapping, state, reason))
    return found
