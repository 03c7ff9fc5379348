"""Which version of a mapping the next attempt of each delivery runs, and whether the files hold a newer one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ...findings.errors import DamagedError, ErpmapError
from ...journal.claim import read_written_attempt
from ...journal.deliveries import DeliveryFilter, list_deliveries
from ...journal.mapping_versions import StoredVersion, is_stored
from ...journal.writer import Writer
from ...mapping.load import load_tenant, open_folder
from ...service.dispatch.pinned_plan import is_pinned_by, read_sent

_BATCH = 200
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class NextVersion:
    """The version that the next attempts of `count` deliveries of a mapping run.

    `pinned` is the version of the attempt that they repeat, None where they run the mapping of now.
    `files` is the version that the files hold, None when they cannot be loaded; `is_taken` says that a
    service has loaded it.
    """

    tenant: str
    mapping: str
    count: int
    pinned: str | None
    files: str | None
    is_taken: bool

    @property
    def words(self) -> str:
        """The version in words."""
        what = f"{self.count:,} of {self.tenant}/{self.mapping}"
        if self.pinned is not None:
            reason = "a record stands or may stand; `--anew` takes the mapping of now"
            return f"{what} repeat with version {self.pinned[:_SHOWN]}: {reason}"
        if self.files is None:
            reason = f"the files have findings, see `erpmap validate {self.tenant}`"
            return f"{what} run the last version that the service could load: {reason}"
        if self.is_taken:
            return f"{what} run version {self.files[:_SHOWN]}, as the files are"
        reason = f"see `erpmap validate {self.tenant}`, `erpmap test {self.tenant}` and the log"
        return f"{what} do not run the files' version {self.files[:_SHOWN]}: no service has loaded it; {reason}"

    def document(self) -> dict[str, object]:
        """Return the version as a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


def find_next_versions(
    journal: Writer, root: Path, ids: Sequence[int], *, anew: bool
) -> list[NextVersion]:
    """Return the versions that the next attempts of deliveries run, by tenant and mapping."""
    counts: Counter[tuple[str, str, str | None]] = Counter()
    for start in range(0, len(ids), _BATCH):
        batch = tuple(ids[start : start + _BATCH])
        counts += Counter(journal.run_blocking(_list_pins, batch, anew=anew))
    files = {tenant: _load_versions(root, tenant) for tenant, _, _ in counts}
    found = []
    for (tenant, mapping, pinned), count in sorted(counts.items(), key=str):
        version = files[tenant].get(mapping)
        is_taken = version is not None and journal.run_blocking(
            is_stored, StoredVersion(tenant, mapping, version)
        )
        found.append(
            NextVersion(tenant, mapping, count, pinned=pinned, files=version, is_taken=is_taken)
        )
    return found


def _list_pins(
    connection: Connection, ids: tuple[int, ...], *, anew: bool
) -> list[tuple[str, str, str | None]]:
    """Return tenant, mapping and pinned version of each delivery."""
    listed = list_deliveries(connection, DeliveryFilter(ids=ids), most=len(ids))
    return [
        (one.tenant, one.mapping, None if anew else _pinned_version(connection, one))
        for one in listed
    ]


def _pinned_version(connection: Connection, listed: Any) -> str | None:
    if not (listed.doubts or listed.posted):
        return None
    written, is_anew = read_written_attempt(connection, listed.id)
    if written is None or is_anew:
        return None
    standing = [record["name"] for record in listed.posted]
    try:
        is_pinned = is_pinned_by(read_sent(written), listed.doubts, standing)
    except DamagedError:
        return None
    return written.version if is_pinned else None


def _load_versions(root: Path, tenant: str) -> Mapping[str, str]:
    """Return the version of each mapping that the files hold; empty when they cannot be loaded."""
    try:
        loaded = load_tenant(open_folder(root), tenant)
    except ErpmapError:
        return {}
    return {plan.name: plan.version for plan in loaded.plans} if loaded.ok else {}
