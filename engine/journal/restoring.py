"""A journal that was restored from a backup: it may not know of what was written since.

Whatever is on its way in it may have been written after the backup was made: it is unsure, and the
next attempt looks before it writes. Events that the backup does not have are sent again by
NewStore (`replay`), and their records are known by their external ids.
"""

from __future__ import annotations

from sqlalchemy import Connection, update

from .changing import Changed, DueNow
from .recovering import recover
from .states import State
from .tables import DELIVERIES


def restored(connection: Connection, now: int) -> Changed:
    """Make all that is on its way unsure, and what was under way due: nobody holds it any more."""
    recovered = recover(connection, now)
    row = update(DELIVERIES).where(DELIVERIES.c.state.not_in(State.ended()))
    unsure = connection.execute(
        row.values(is_unsure=True).returning(DELIVERIES.c.id, DELIVERIES.c.tenant)
    ).all()
    tenants = {row_.id: str(row_.tenant) for row_ in unsure}
    due = tuple(DueNow(id_, tenants[id_]) for id_ in recovered)
    return Changed(tuple(sorted(tenants)), due)
