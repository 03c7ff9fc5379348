"""Opens the documents that the journal stores with a delivery. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...findings.diagnostics import Finding
from ...findings.errors import DamagedError, ReadError
from ...journal.deliveries import DeliveryHistory
from ...journal.pack import unpack


def has_documents(history: DeliveryHistory) -> bool:
    """Return whether an attempt stored the documents, and they are not erased."""
    return history.event["document"] is not None and _find_stored(history) is not None


def open_documents(history: DeliveryHistory) -> tuple[object, Mapping[str, Any]]:
    """Return the event, and the inputs of the last attempt that stored them: its sources and tables.

    `history` has documents. Raise ReadError (E1104) for documents that are damaged.
    """
    try:
        event, inputs = unpack(history.event["document"]), unpack(_find_stored(history) or b"")
    except (DamagedError, ReadError) as error:
        raise _damaged(history) from error
    if not isinstance(inputs, Mapping) or not {"sources", "tables"} <= inputs.keys():
        raise _damaged(history)
    return event, inputs


def _find_stored(history: DeliveryHistory) -> bytes | None:
    stored = (attempt["pinned"] for attempt in reversed(history.attempts))
    return next((each for each in stored if each is not None), None)


def _damaged(history: DeliveryHistory) -> ReadError:
    words = f"the stored documents of delivery {history.listed.id} are damaged"
    return ReadError(words, [Finding("E1104", words)])
