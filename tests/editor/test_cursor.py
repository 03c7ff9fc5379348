"""Where the cursor is, in text that is being typed: `¦` marks it."""

from __future__ import annotations

import pytest

from engine.editor.cursor import Cursor, locate_cursor

PLACES: list[tuple[str, Cursor | None]] = [
    ("fi¦", Cursor((), True, "fi")),
    ("fields:\n  a: b.¦", Cursor(("fields", "a"), False, "b.")),
    ("fields:\n  a: b.¦c\n  d: e", Cursor(("fields", "a"), False, "b.", "c")),
    ("fields:\r\n  a: b.¦\r\n  d: e\r\n", Cursor(("fields", "a"), False, "b.")),
    ("fields:\n  ¦", Cursor(("fields",), True, "")),
    ("fields:\n  a: b\n  ¦\nvalues:", Cursor(("fields",), True, "")),
    ("fields:\n  a:\n    pa¦", Cursor(("fields", "a"), True, "pa")),
    ("fields:\n  a: {path: b.¦", Cursor(("fields", "a", "path"), False, "b.")),
    ("fields:\n  a: {path: b.¦c, type: x}", Cursor(("fields", "a", "path"), False, "b.", "c")),
    ("fields:\n  a: {path: b, ty¦}", Cursor(("fields", "a"), True, "ty")),
    ("fields:\n  a: {path: b, type: mon¦}", Cursor(("fields", "a", "type"), False, "mon")),
    ('a: {path: "b[?c == \'d\'].¦", type', Cursor(("a", "path"), False, "b[?c == 'd'].", "", '"')),
    ("a: {path: 'b''c¦'}", Cursor(("a", "path"), False, "b'c", "", "'")),
    ('a: "b \\" c¦"', Cursor(("a",), False, 'b " c', "", '"')),
    ("a: [b, c¦]", Cursor(("a", "[]"), False, "c")),
    ("a:\n  - b\n  - c¦", Cursor(("a", "[]"), False, "c")),
    ("a: >-\n  b\n  c: d ¦", Cursor(("a",), False, "b c: d ", "", ">")),
    ("a:\n  graphql: |\n    query {\n      order: x {\n        ¦", Cursor(("a", "graphql"), False, "query {\norder: x {\n", "", "|")),
    ("a: {b: {c: d,\n     e¦", Cursor(("a", "b"), True, "e")),
    ("a: !before:x \"{{ y.¦", Cursor(("a",), False, "{{ y.", "", '"')),
    ('"a b":\n  c: ¦', Cursor(("a b", "c"), False, "")),
    ("a: b # c¦", None),
    ("# a¦", None),
    ("a: {b: c} ¦", None),
    ('a: "b"¦', None),
    ("a:\n  b: c\n# d\n\n  e: ¦", Cursor(("a", "e"), False, "")),
    ("x: 1\nfields:\n    a:\n        path: q¦", Cursor(("fields", "a", "path"), False, "q")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cursor"), PLACES, ids=[text for text, _ in PLACES])
def test_the_cursor_is_found(text: str, cursor: Cursor | None) -> None:
    assert locate_cursor(text.replace("¦", ""), text.index("¦")) == cursor
