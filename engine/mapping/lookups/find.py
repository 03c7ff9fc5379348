"""One question to a table, and its answer. Pure."""

from __future__ import annotations

from bisect import bisect_left
from difflib import SequenceMatcher
from heapq import nlargest

from ...findings.errors import ExpressionError, LookupMissingError
from ...findings.quote import quoted
from .table import NO_DEFAULT, Key, KeyPattern, Table, key_text

# The hint of a miss compares with so many keys around the place where the wanted one would
# stand, and only by their beginnings: a miss may be routine, and tables are large.
_NEIGHBOURS = 20
_COMPARED = 40
_HINTS = 3
_CLOSE = 0.6


def look_up(table: Table, key: tuple[object, ...]) -> object:
    """What the table has for a key; the row with the most exact cells wins.

    Between rows as specific as each other the one that is exact in an earlier
    key column wins. Raise LookupMissingError (E0601) when nothing fits and
    there is no default, AbsentError (E0604) for a null key, ExpressionError
    (E0604, E0612) for other keys that cannot be asked.
    """
    wanted = tuple(key_text(part, ignore_case=table.options.ignore_case) for part in key)
    prefix = table.options.prefix
    for pattern in _patterns(table, len(wanted)):
        for candidate in (wanted, _shortened(wanted, prefix)):
            cells = tuple(candidate[column] for column in pattern.exact)
            if cells in pattern.rows:
                return pattern.rows[cells].value
    if table.options.default is not NO_DEFAULT:
        return table.options.default
    asked = tuple(key_text(part, ignore_case=False) for part in key)
    message = f"the lookup {quoted(table.name)} has no entry for {format_key(asked)}"
    hint = table.remarks.get(wanted) or _nearest(table, asked)
    raise LookupMissingError(table.name, message, hint=hint)


def format_key(key: Key) -> str:
    """A key in a message: `'credit_card', 'adyen', 'USD'`."""
    return ", ".join(map(quoted, key))


def _patterns(table: Table, count: int) -> tuple[KeyPattern, ...]:
    """The patterns for that many keys; a map without declared keys answers for any deeper ones."""
    most = max(table.patterns)
    asked = count if table.keys else min(count, most)
    if asked in table.patterns:
        return table.patterns[asked]
    takes = f"{most} keys ({', '.join(table.keys)})" if table.keys else "at least one key"
    raise ExpressionError(
        "E0612",
        f"the lookup {quoted(table.name)} takes {takes}, not {count}",
        hint="give one value for each key, in the order of the key columns",
    )


def _shortened(key: Key, prefix: int | None) -> Key:
    return key if prefix is None else (key[0][:prefix], *key[1:])


def _nearest(table: Table, wanted: Key) -> str:
    position = bisect_left(table.known, wanted)
    around = table.known[max(0, position - _NEIGHBOURS) : position + _NEIGHBOURS]
    matcher = SequenceMatcher(b=_comparable(wanted), autojunk=False)

    def likeness(known: Key) -> float:
        matcher.set_seq1(_comparable(known))
        return matcher.ratio() if matcher.quick_ratio() > _CLOSE else 0.0

    close = [known for known in nlargest(_HINTS, around, key=likeness) if likeness(known) > _CLOSE]
    if not close:
        remedy = table.remedy or f"add it to the lookup {quoted(table.name)}"
        return f"{remedy}, or give a default"
    return f"did you mean {' or '.join(format_key(known) for known in close)}?"


def _comparable(key: Key) -> str:
    return "\n".join(part[:_COMPARED] for part in key)
