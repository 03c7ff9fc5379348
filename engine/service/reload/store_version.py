"""What a tenant's mappings were made of is kept, before anything is delivered or noted by them."""

from __future__ import annotations

from ...journal.mapping_versions import StoredVersion, store_versions
from ...journal.writer import Writer
from ...mapping.load import LoadedTenant


async def remembered(journal: Writer, loaded: LoadedTenant, now: int) -> None:
    """Keep the texts of a tenant under its mappings' versions; `now` as the journal counts.

    Raise JournalError.
    """
    versions = [StoredVersion(loaded.name, plan.name, plan.version) for plan in loaded.plans]
    texts = {path: (text.name, text.content) for path, text in loaded.texts.items()}
    await journal.run(store_versions, versions, texts, now)
