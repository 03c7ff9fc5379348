"""The records as searches find them: a change appears some seconds or some searches after it was written.

Until then a new record is missing, a changed one is found as it was before, a deleted one is still found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .account_settings import AccountSettings
from .kinds import RecordKind
from .ledger import SimulatedLedger, StoredRecord


class SearchIndex:
    """The records of a ledger that searches find.

    `changed` holds the ids whose found record changed, for `Database`, which mirrors this index.
    """

    def __init__(
        self, ledger: SimulatedLedger, settings: AccountSettings, clock: Callable[[], float]
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._clock = clock
        self._records: dict[str, StoredRecord] = {}
        # For each change that does not appear yet: when it was written, and the searches since then.
        self._waiting: dict[str, tuple[float, int]] = {}
        self.changed: set[str] = set()

    def refresh(self) -> None:
        """Count a search, and let the changes appear that are old enough."""
        written = self._ledger.changed
        for id_, moment in written.items():
            self._waiting.setdefault(id_, (moment, 0))
        written.clear()
        earliest = self._clock() - self._settings.search_lag
        waiting: dict[str, tuple[float, int]] = {}
        for id_, (moment, searches) in self._waiting.items():
            if moment <= earliest and searches >= self._settings.search_lag_requests:
                self._show(id_)
            else:
                waiting[id_] = (moment, searches + 1)
        self._waiting = waiting

    def _show(self, id_: str) -> None:
        self.changed.add(id_)
        record = self._ledger.find_by_id(id_)
        if record is None:
            self._records.pop(id_, None)
        else:
            self._records[id_] = record

    def find_by_id(self, id_: str) -> StoredRecord | None:
        """Return a record as the last search found it, or None."""
        return self._records.get(id_)

    def list_records(self, kind: RecordKind) -> Iterator[StoredRecord]:
        """Return the records of a type as the last search found them, in the order of their ids."""
        found = (record for record in self._records.values() if record.kind == kind)
        return iter(sorted(found, key=lambda record: int(record.id)))
