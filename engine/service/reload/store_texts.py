"""The texts of a tenant's mappings, stored before a delivery refers to them."""

from __future__ import annotations

from ...journal.mapping_versions import StoredVersion, store_versions
from ...journal.writer import Writer
from ...mapping.load import LoadedTenant


async def store_texts(journal: Writer, loaded: LoadedTenant, now: int) -> None:
    """Store the texts of a tenant's mappings under their versions.

    `now` is in milliseconds since 1970. Raise JournalError.
    """
    versions = [StoredVersion(loaded.name, plan.name, plan.version) for plan in loaded.plans]
    texts = {path: (text.name, text.content) for path, text in loaded.texts.items()}
    await journal.run(store_versions, versions, texts, now)
