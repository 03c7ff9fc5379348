"""The SuiteQL query of a live lookup: the columns of its answer, and the position of its keys.

Pure. Only the parts of SQL that this needs are read. An author writes the query, but a key comes
with an order: restricting the position of `{keys}` is the first protection against SQL injection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...findings.errors import ExpressionError
from ...findings.quote import quoted, shortened

KEYS = "{keys}"
# Maximum distance in characters between `IN (` and `{keys}`.
_NEAR = 80

# Strings, quoted names and comments, which are not read as SQL.
_OPAQUE = re.compile(r"'(?:[^']|'')*'?|\"[^\"]*\"?|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_SELECT = re.compile(r"\s*SELECT\b(?:\s+(?:DISTINCT|ALL)\b)?", re.IGNORECASE)
_WORD_OR_MARK = re.compile(r"[A-Za-z_]\w*|[(),]")
_COLUMN = re.compile(r"(?:\w+\.)*([A-Za-z_]\w*)\Z")
_NAMED = re.compile(r".*[\s)]AS\s+([A-Za-z_]\w*)\Z", re.IGNORECASE | re.DOTALL)
_ASKED = re.compile(r"\bIN\s*\(\s*\Z", re.IGNORECASE)
_CLOSED = re.compile(r"\s*\)")


def read_columns(query: str) -> tuple[str, ...]:
    """Return the names of the columns of a query's answer, in lower case as in NetSuite's answers.

    Raise ExpressionError for a column without name or with the name of another column (E0607), and
    for a text that is not a `SELECT` of named columns (E0221).
    """
    names: dict[str, None] = {}
    for start, text in _list_columns(_mask_strings(query)):
        name = _column_name(query, start, text)
        if name in names:
            raise ExpressionError(
                "E0607",
                f"the query selects the column {quoted(name)} twice",
                hint="rename one of them, as in `AS other_name`",
                offset=start,
                length=len(text),
            )
        names[name] = None
    return tuple(names)


def check_keys(query: str) -> None:
    """Raise ExpressionError (E0205) unless every `{keys}` is the whole list after an `IN`.

    Inside quotes a key could end the string.
    """
    readable = _mask_strings(query)
    for found in re.finditer(re.escape(KEYS), query):
        start, end = found.span()
        before = max(0, start - _NEAR)
        is_list = _ASKED.search(readable, before, start) and _CLOSED.match(readable, end)
        if readable[start:end] != KEYS or not is_list:
            raise ExpressionError(
                "E0205",
                "{keys} is not the whole list of an `IN`",
                hint="write `IN ({keys})`: erpmap puts quotes around each key",
                offset=start,
                length=len(KEYS),
            )


def _mask_strings(query: str) -> str:
    """Return the query, of equal length, with `?` for strings and quoted names, blanks for comments."""
    return _OPAQUE.sub(lambda found: ("?" if found[0][0] in "\"'" else " ") * len(found[0]), query)


def _list_columns(query: str) -> Iterator[tuple[int, str]]:
    """Yield each column as written, with its offset."""
    head = _SELECT.match(query)
    if head is None:
        message = "the query does not begin with SELECT"
        raise ExpressionError("E0221", message, hint=_FORM, length=len(query))
    start, depth = head.end(), 0
    for mark in _WORD_OR_MARK.finditer(query, start):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0 and (mark[0] == "," or mark[0].upper() == "FROM"):
            yield _trim(query, start, mark.start())
            start = mark.end()
            if mark[0] != ",":
                return
    message = "the query selects from no table"
    raise ExpressionError("E0221", message, hint=_FORM, length=len(query))


def _trim(query: str, start: int, end: int) -> tuple[int, str]:
    text = query[start:end]
    return start + len(text) - len(text.lstrip()), text.strip()


def _column_name(query: str, start: int, text: str) -> str:
    found = _COLUMN.match(text) or _NAMED.match(text)
    if found is not None:
        return found[1].lower()
    written = query[start : start + max(1, len(text))]
    is_star = text.endswith("*")
    raise ExpressionError(
        "E0221" if is_star else "E0607",
        "the query selects every column"
        if is_star
        else f"the column {shortened(written)} has no name",
        hint="name the columns: " + _FORM if is_star else "name it, as in `AS some_name`",
        offset=start,
        length=max(1, len(text)),
    )


_FORM = "as in `SELECT itemid, id FROM item WHERE itemid IN ({keys})`"
