"""What a SuiteQL query of a live lookup says: which columns it answers, and where its keys stand.

Pure. Only as much of the language is read as that takes. A query is written by an author, a key
comes with an order: that no key can be taken for SQL begins with where `{keys}` may stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...findings.errors import ExpressionError
from ...findings.quote import quoted, shortened

KEYS = "{keys}"
# How far before `{keys}` its `IN (` may stand.
_NEAR = 80

# What is text, a quoted name or a comment, and not read as SQL.
_OPAQUE = re.compile(r"'(?:[^']|'')*'?|\"[^\"]*\"?|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_SELECT = re.compile(r"\s*SELECT\b(?:\s+(?:DISTINCT|ALL)\b)?", re.IGNORECASE)
_WORD_OR_MARK = re.compile(r"[A-Za-z_]\w*|[(),]")
_COLUMN = re.compile(r"(?:\w+\.)*([A-Za-z_]\w*)\Z")
_NAMED = re.compile(r".*[\s)]AS\s+([A-Za-z_]\w*)\Z", re.IGNORECASE | re.DOTALL)
_ASKED = re.compile(r"\bIN\s*\(\s*\Z", re.IGNORECASE)
_CLOSED = re.compile(r"\s*\)")


def read_columns(query: str) -> tuple[str, ...]:
    """The names of the columns a query answers, as NetSuite has them: in lower case.

    Raise ExpressionError at the column that has no name or the name of another one (E0607), and for
    what is no `SELECT` of named columns (E0221).
    """
    names: dict[str, None] = {}
    for start, text in _selected(_readable(query)):
        name = _name(query, start, text)
        if name in names:
            raise ExpressionError(
                "E0607",
                f"the query answers the column {quoted(name)} twice",
                hint="give one of them another name, as in `AS other_name`",
                offset=start,
                length=len(text),
            )
        names[name] = None
    return tuple(names)


def check_keys(query: str) -> None:
    """Raise ExpressionError (E0205) unless every `{keys}` is the whole of a list behind `IN`.

    In quotes, a key could end the text it stands in.
    """
    readable = _readable(query)
    for found in re.finditer(re.escape(KEYS), query):
        start, end = found.span()
        before = max(0, start - _NEAR)
        is_list = _ASKED.search(readable, before, start) and _CLOSED.match(readable, end)
        if readable[start:end] != KEYS or not is_list:
            raise ExpressionError(
                "E0205",
                "{keys} is not the whole of a list",
                hint="write `IN ({keys})`: each key gets its own quotes",
                offset=start,
                length=len(KEYS),
            )


def _readable(query: str) -> str:
    """The query, as long as it was, with marks for texts and quoted names, blanks for comments."""
    return _OPAQUE.sub(lambda found: ("?" if found[0][0] in "\"'" else " ") * len(found[0]), query)


def _selected(query: str) -> Iterator[tuple[int, str]]:
    """Each column as it is written, with its offset."""
    head = _SELECT.match(query)
    if head is None:
        message = "the query does not begin with SELECT"
        raise ExpressionError("E0221", message, hint=_FORM, length=len(query))
    start, depth = head.end(), 0
    for mark in _WORD_OR_MARK.finditer(query, start):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0 and (mark[0] == "," or mark[0].upper() == "FROM"):
            yield _trimmed(query, start, mark.start())
            start = mark.end()
            if mark[0] != ",":
                return
    message = "the query selects from no table"
    raise ExpressionError("E0221", message, hint=_FORM, length=len(query))


def _trimmed(query: str, start: int, end: int) -> tuple[int, str]:
    text = query[start:end]
    return start + len(text) - len(text.lstrip()), text.strip()


def _name(query: str, start: int, text: str) -> str:
    found = _COLUMN.match(text) or _NAMED.match(text)
    if found is not None:
        return found[1].lower()
    written = query[start : start + max(1, len(text))]
    is_star = text.endswith("*")
    raise ExpressionError(
        "E0221" if is_star else "E0607",
        "the query asks for every column"
        if is_star
        else f"the column {shortened(written)} has no name",
        hint="name the columns: " + _FORM if is_star else "name it, as in `AS some_name`",
        offset=start,
        length=max(1, len(text)),
    )


_FORM = "as in `SELECT itemid, id FROM item WHERE itemid IN ({keys})`"
