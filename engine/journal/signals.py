"""Signals between processes that share a journal on PostgreSQL: deliveries have become due.

A signal is sent with the commit of the transaction, and not at all when it is rolled back.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

DUE_CHANNEL = "erpmap_due"


def signal_due(connection: Connection, by: str) -> None:
    """Wake the processes that listen; `by` is the process that signals, which need not be woken."""
    connection.execute(select(func.pg_notify(DUE_CHANNEL, by)))
