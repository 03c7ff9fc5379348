"""The search for a key in a table. Pure."""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from difflib import SequenceMatcher
from heapq import nlargest

from ...findings.errors import ExpressionError, LookupMissingError
from ...findings.quote import quoted
from .table import NO_DEFAULT, Key, KeyPattern, Row, Table, key_text

# The hint of a miss compares only this many keys on each side of the missing key's position in the
# sorted keys, and only their first characters: a miss may be routine, and tables are large.
_NEIGHBOURS = 20
_COMPARED = 40
_HINTS = 3
_CLOSE = 0.6
_LONGEST_ROW = 120


def look_up(table: Table, key: tuple[object, ...]) -> object:
    """Return the table's value for a key; the row with the most exact cells wins.

    Between equally specific rows the one that is exact in an earlier key column
    wins. Raise LookupMissingError (E0601) when no row matches and there is no
    default, AbsentError (E0604) for a null key, ExpressionError (E0604, E0612)
    for other keys that are not allowed.
    """
    wanted = tuple(key_text(part, ignore_case=table.options.ignore_case) for part in key)
    prefix = table.options.prefix
    for pattern in find_patterns(table, len(wanted)):
        for candidate in (wanted, _cut_to_prefix(wanted, prefix)):
            cells = tuple(candidate[column] for column in pattern.exact)
            if cells in pattern.rows:
                return pattern.rows[cells].value
    if table.options.default is not NO_DEFAULT:
        return table.options.default
    as_given = tuple(key_text(part, ignore_case=False) for part in key)
    message = f"the lookup {quoted(table.name)} has no entry for {format_key(as_given)}"
    remark = table.remarks.get(wanted)
    raise LookupMissingError(
        table.name,
        message,
        hint=remark or (lambda: _nearest_hint(table, as_given)),
        table=None if table.remedy else table.origin.place,
    )


def find_row(table: Table, key: tuple[object, ...]) -> Row | None:
    """Return the row that `look_up` finds for a key; None for a key that is missing."""
    wanted = tuple(key_text(part, ignore_case=table.options.ignore_case) for part in key)
    for pattern in find_patterns(table, len(wanted)):
        for candidate in (wanted, _cut_to_prefix(wanted, table.options.prefix)):
            found = pattern.rows.get(tuple(candidate[column] for column in pattern.exact))
            if found is not None:
                return found
    return None


def format_key(key: Key) -> str:
    """Return a key as in a message: `'credit_card', 'adyen', 'USD'`."""
    return ", ".join(map(quoted, key))


def find_patterns(table: Table, count: int) -> tuple[KeyPattern, ...]:
    """Return the patterns for `count` keys; a map without declared keys ignores deeper keys.

    Raise ExpressionError (E0612) for a number of keys that the table does not take.
    """
    most = max(table.patterns)
    used = count if table.keys else min(count, most)
    if used in table.patterns:
        return table.patterns[used]
    takes = f"{most} keys ({', '.join(table.keys)})" if table.keys else "at least one key"
    raise ExpressionError(
        "E0612",
        f"the lookup {quoted(table.name)} takes {takes}, not {count}",
        hint="give one value for each key, in the order of the key columns",
    )


def _cut_to_prefix(key: Key, prefix: int | None) -> Key:
    return key if prefix is None else (key[0][:prefix], *key[1:])


def _nearest_hint(table: Table, wanted: Key) -> str:
    position = bisect_left(table.known, wanted)
    around = table.known[max(0, position - _NEIGHBOURS) : position + _NEIGHBOURS]
    matcher = SequenceMatcher(b=_comparable(wanted), autojunk=False)

    def likeness(known: Key) -> float:
        matcher.set_seq1(_comparable(known))
        return matcher.ratio() if matcher.quick_ratio() > _CLOSE else 0.0

    close = [known for known in nlargest(_HINTS, around, key=likeness) if likeness(known) > _CLOSE]
    remedy = table.remedy or _describe_row(table, wanted)
    if not close:
        return f"{remedy}, or give a default"
    meant = f"did you mean {' or '.join(format_key(known) for known in close)}?"
    return meant if table.home is None else f"{meant} otherwise {remedy}"


def _describe_row(table: Table, wanted: Key) -> str:
    """Return what to add, and where; a row of a CSV file as it is to be written."""
    home = table.home or f"the lookup {quoted(table.name)}"
    cells = dict(zip(table.keys, wanted, strict=False))
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow(
        cells.get(column, f"<{column}>") for column in table.origin.columns
    )
    is_known = cells.keys() <= set(table.origin.columns)
    text = row.getvalue() if is_known else ""
    is_short = 0 < len(text) <= _LONGEST_ROW and text.isprintable()
    return f"add the row `{text}` to {home}" if is_short else f"add it to {home}"


def _comparable(key: Key) -> str:
    return "\n".join(part[:_COMPARED] for part in key)
