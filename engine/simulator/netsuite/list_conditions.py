"""The conditions of a list's `q`: `email IS "a@example.com" AND isInactive IS false`. Pure.

Only IS and AND are simulated, over the fields of a record; a reference is compared by its id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .ledger import StoredRecord
from .refusals import RefusalError, invalid_parameter

_CONDITION = re.compile(r'\s*(\w+)\s+IS\s+(?:"([^"]*)"|(true|false))\s*', re.IGNORECASE)
_AND = re.compile(r"AND\s", re.IGNORECASE)


def parse_conditions(text: str | None) -> Callable[[StoredRecord], bool]:
    """Return the test of `q`; without one, all records pass. Raise RefusalError for any other syntax."""
    if text is None:
        return lambda _: True
    conditions: dict[str, str] = {}
    at = 0
    while True:
        match = _CONDITION.match(text, at)
        if match is None:
            raise _invalid()
        conditions[match[1].lower()] = match[2] if match[2] is not None else match[3].lower()
        if match.end() == len(text):
            return lambda record: _holds(record, conditions)
        link = _AND.match(text, match.end())
        if link is None:
            raise _invalid()
        at = link.end()


def _invalid() -> RefusalError:
    example = 'email IS "a@example.com"'
    return invalid_parameter(f"Invalid q: write conditions as in {example}, joined by AND")


def _holds(record: StoredRecord, conditions: Mapping[str, str]) -> bool:
    fields = {name.lower(): value for name, value in record.fields.items()}
    fields["id"] = record.id
    return all(_format(fields.get(name)) == value for name, value in conditions.items())


def _format(value: Any) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("id")
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
