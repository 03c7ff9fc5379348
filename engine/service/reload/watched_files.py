"""Whether the files of tenants are as their last loads read them; asked at each poll."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...files.read_record import ReadRecord
from ...mapping.load import open_folder


@dataclass(slots=True)
class WatchedFiles:
    """What the last load of each tenant has read, by the tenant's name."""

    _records: dict[str, ReadRecord] = field(default_factory=dict)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._records))

    def remember(self, name: str, read: ReadRecord) -> None:
        """Compare the tenant's files with those of this load from now on."""
        self._records[name] = read

    def forget(self, name: str) -> None:
        """Take the tenant for changed, until it is loaded again."""
        self._records.pop(name, None)

    def has_changed(self, name: str) -> bool:
        """Whether a tenant has to be loaded. It asks for the state of each file: not on the event loop."""
        record = self._records.get(name)
        return record is None or record.has_changed()


def note_folders(root: Path, name: str) -> ReadRecord:
    """Return a record of a tenant's whole folder, where a load did not live to tell what it has read."""
    record = ReadRecord(open_folder(root).reach())
    for folder in (root / name, root / "base"):
        record.note_tree(str(folder.absolute()))
    return record
