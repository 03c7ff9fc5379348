"""Where the cursor is, in text that is being typed: `¦` marks it."""

from __future__ import annotations

import pytest

from engine.editor.cursor import Cursor, locate_cursor


def key(path: tuple[str, ...], before: str) -> Cursor:
    return Cursor(path, is_key=True, before=before)


def value(path: tuple[str, ...], before: str, after: str = "", style: str = "") -> Cursor:
    return Cursor(path, is_key=False, before=before, after=after, style=style)


PLACES: list[tuple[str, Cursor | None]] = [
    ("fi¦", key((), "fi")),
    ("fields:\n  a: b.¦", value(("fields", "a"), "b.")),
    ("fields:\n  a: b.¦c\n  d: e", value(("fields", "a"), "b.", "c")),
    ("fields:\r\n  a: b.¦\r\n  d: e\r\n", value(("fields", "a"), "b.")),
    ("fields:\n  ¦", key(("fields",), "")),
    ("fields:\n  a: b\n  ¦\nvalues:", key(("fields",), "")),
    ("fields:\n  a:\n    pa¦", key(("fields", "a"), "pa")),
    ("fields:\n  a: {path: b.¦", value(("fields", "a", "path"), "b.")),
    ("fields:\n  a: {path: b.¦c, type: x}", value(("fields", "a", "path"), "b.", "c")),
    ("fields:\n  a: {path: b, ty¦}", key(("fields", "a"), "ty")),
    ("fields:\n  a: {path: b, type: mon¦}", value(("fields", "a", "type"), "mon")),
    ('a: {path: "b[?c == \'d\'].¦", type', value(("a", "path"), "b[?c == 'd'].", "", '"')),
    ("a: {path: 'b''c¦'}", value(("a", "path"), "b'c", "", "'")),
    ('a: "b \\" c¦"', value(("a",), 'b " c', "", '"')),
    ("a: [b, c¦]", value(("a", "[]"), "c")),
    ("a:\n  - b\n  - c¦", value(("a", "[]"), "c")),
    ("a: >-\n  b\n  c: d ¦", value(("a",), "b c: d ", "", ">")),
    ("a:\n  graphql: |\n    query {\n      order: x {\n        ¦", value(("a", "graphql"), "query {\norder: x {\n", "", "|")),
    ("a: {b: {c: d,\n     e¦", key(("a", "b"), "e")),
    ("a: !before:x \"{{ y.¦", value(("a",), "{{ y.", "", '"')),
    ('"a b":\n  c: ¦', value(("a b", "c"), "")),
    ("a: b # c¦", None),
    ("# a¦", None),
    ("a: {b: c} ¦", None),
    ('a: "b"¦', None),
    ("a:\n  b: c\n# d\n\n  e: ¦", value(("a", "e"), "")),
    ("x: 1\nfields:\n    a:\n        path: q¦", value(("fields", "a", "path"), "q")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cursor"), PLACES, ids=[text for text, _ in PLACES])
def test_the_cursor_is_found(text: str, cursor: Cursor | None) -> None:
    assert locate_cursor(text.replace("¦", ""), text.index("¦")) == cursor
