"""Texts that mean less than they say: a template where none is read, a value cut by a comment, a word that no answer has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ...bundled import bundled
from ...findings.quote import nearest, quoted
from ..files.nodes import ListNode, MapNode, Node, Scalar, entries_of, list_scalars
from .expressions import Expressions

# What an answer can be named by, beside an HTTP status and the ledger's error codes.
CLASSES = ("connect", "timeout", "3xx", "4xx", "5xx")
VERDICTS = ("refused", "throttled", "unavailable", "unknown", "unsettled", "duplicate")
_STATUS = range(100, 600)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,99}\Z")
_KNOWN_CODE = re.compile(r"\b[A-Z][A-Z0-9_]{2,}\b")
_CUT = re.compile(r"[ \t]+#[^\s#!]")
_WHERE = "templates are read in `values`, in bodies, ids and checks; a `path` reads the event and the sources"
_ON = "an HTTP status (429), a class (connect, timeout, 4xx, 5xx), or an error code of NetSuite"


def check_written(node: MapNode, expressions: Expressions) -> None:
    """Report templates that are never read (E0243), and values that a comment cuts (W0244)."""
    for scalar in _list_unread(node):
        if isinstance(scalar.value, str) and "{{" in scalar.value:
            offset = scalar.text.find("{{")
            message = "no template is read here: the text is taken as it is written"
            expressions.report("E0243", message, scalar.place_at(offset, 2), _WHERE)
    for scalar in list_scalars(node):
        end = scalar.span[1]
        cut = _CUT.match(scalar.place.text.content, end) if scalar.style == "" and end else None
        if cut is not None:
            message = "` #` begins a comment here: the value ends before it"
            hint = "put quotes around the whole value, or a blank behind the `#` of a comment"
            expressions.report("W0244", message, scalar.place, hint)


def check_retry_words(node: Node | None, expressions: Expressions) -> None:
    """Report words under `on` of a retry rule that no answer has (E0245), or nearly has (W0246)."""
    for entry in entries_of(node):
        words = entry.value.get("on") if isinstance(entry.value, MapNode) else None
        for item in words.items if isinstance(words, ListNode) else ():
            if isinstance(item, Scalar):
                _check_word(item, expressions)


def _check_word(item: Scalar, expressions: Expressions) -> None:
    word = str(item.value)
    if word in CLASSES or word in VERDICTS or (word.isdecimal() and int(word) in _STATUS):
        return
    if word.lower() in (*CLASSES, *VERDICTS):
        hint = f"did you mean {word.lower()}?"
    elif _CODE.match(word):
        near = None if word in _list_codes() else nearest(word, _list_codes())
        if near is not None and len(near) == len(word):
            message = f"{quoted(word)} is no error code that is known"
            expressions.report("W0246", message, item.place, f"did you mean {near}?")
        return
    else:
        near = nearest(word, (*CLASSES, *VERDICTS))
        hint = f"did you mean {near}?" if near else _ON
    message = f"{quoted(word)} is neither a status nor a class nor an error code: no answer has it"
    expressions.report("E0245", message, item.place, hint)


@cache
def _list_codes() -> tuple[str, ...]:
    """Return every error code that the catalogue of refusals names."""
    path = bundled("schemas") / "netsuite" / "refusals.yaml"
    return tuple(sorted(set(_KNOWN_CODE.findall(path.read_text(encoding="utf-8")))))


def _list_unread(node: MapNode) -> Iterator[Scalar]:
    """Yield the scalars in which authors may expect a template, and none is read."""
    for field in entries_of(node.get("fields")):
        yield from _list_defaults(field.value)
        inner = field.value.get("fields") if isinstance(field.value, MapNode) else None
        for each in entries_of(inner):
            yield from _list_defaults(each.value)
    for setting in entries_of(node.get("settings")):
        yield from _list_defaults(setting.value)
    for lookup in entries_of(node.get("lookups")):
        yield from list_scalars(lookup.value)
    for source in entries_of(node.get("sources")):
        query = source.value.get("graphql") if isinstance(source.value, MapNode) else None
        yield from () if query is None else list_scalars(query)
    for record in entries_of(node.get("records")):
        found = record.value.get("find") if isinstance(record.value, MapNode) else None
        yield from () if found is None else list_scalars(found)


def _list_defaults(node: Node) -> Iterator[Scalar]:
    default = node.get("default") if isinstance(node, MapNode) else None
    yield from () if default is None else list_scalars(default)
