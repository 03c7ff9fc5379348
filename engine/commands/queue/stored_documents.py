"""The stored documents of an attempt: why one is missing, and which dates were moved. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...journal.deliveries import DeliveryHistory
from ...journal.pack import unpack
from . import time_text

# The inputs of an attempt are stored with it; only `purge` and `erase` remove them.
_NOT_WRITTEN = "nothing was written yet"


def explain_absence(history: DeliveryHistory) -> str:
    """Explain why a delivery lacks a document: erased, purged, or never written."""
    erased = [act for act in history.acts if act["act"] == "erase"]
    if erased:
        return f"its order was erased at {time_text.format_moment(erased[-1]['at'])}"
    if history.event["document"] is None:
        return "its documents were purged"
    return _NOT_WRITTEN


def list_moved_dates(attempt: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the records whose tranDate is not the payload's: `record`, `from` and `to` of each.

    The payload is stored as it was rendered: a delivery moves the day after NetSuite has refused it.
    """
    answers: Any = [] if attempt["answers"] is None else unpack(attempt["answers"])
    return [
        {"record": str(record["record"]), **record["moved"]}
        for record in answers
        if record.get("moved")
    ]


def describe_moved_dates(moved: list[dict[str, str]]) -> str:
    """Describe them: `salesOrder's tranDate was sent as 2026-12-01 instead of 2026-11-30`."""
    return ", ".join(
        f"{record['record']}'s tranDate was sent as {record['to']} instead of {record['from']}"
        for record in moved
    )
