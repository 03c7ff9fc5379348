"""Fields that the account's role or form does not expose: refused by name, in searches too. Pure.

The sentence is that of searches (public reports); that of the record service is chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .account import Account
from .kinds import RecordKind
from .refusals import user_error


def list_hidden(account: Account, name: str) -> frozenset[str]:
    """Return the hidden fields of a record type or table, in lower case."""
    return account.not_exposed.get(name.lower(), frozenset())


def describe_hidden(field: str, record: str, channel: str) -> str:
    """Return NetSuite's sentence on a field that is not exposed."""
    words = f"Field '{field}' for record '{record.lower()}' was not found."
    return f"{words} Reason: NOT_EXPOSED - Not available for channel {channel}"


def check_exposed(account: Account, kind: RecordKind, body: Mapping[str, Any]) -> None:
    """Raise RefusalError for a field of the body, or of its item lines, that is not exposed."""
    hidden = list_hidden(account, kind.record)
    if not hidden:
        return
    items = body.get("item")
    lines = items.get("items") if isinstance(items, Mapping) else None
    names: list[str] = [*body]
    for line in lines if isinstance(lines, list) else ():
        names += [f"item.{name}" for name in line] if isinstance(line, Mapping) else []
    for name in names:
        if name.lower() in hidden:
            raise user_error(describe_hidden(name, kind.record, "REST"), name)


def find_hidden_column(
    account: Account, tables: Iterable[str], columns: Collection[str]
) -> tuple[str, str] | None:
    """Return the first selected column that is not exposed, with its table; None when all are."""
    for table in tables:
        hidden = sorted(list_hidden(account, table) & frozenset(columns))
        if hidden:
            return hidden[0], table
    return None
