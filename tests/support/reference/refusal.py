"""Why there is no payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """No payload; `kind` is ignored, not_ready or finding."""

    kind: str
    why: str


class RefusedError(Exception):
    """Ends the work on one order."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.refusal = Refusal(kind, why)


def known(table: Mapping[str, Any], key: str, what: str) -> Any:
    """What the table says, else a finding."""
    if key not in table:
        raise RefusedError("finding", f"no {what} for {key}")
    return table[key]


def needed(document: Mapping[str, Any], key: str) -> Any:
    """The value, else a finding; null is no value."""
    if document[key] is None:
        raise RefusedError("finding", f"{key} is null")
    return document[key]
