"""Thousands of random edits and requests: the server answers each, logs nothing, and is right at the end.

300 edits by default, 10,000 with --full; the seed is fixed, so that a failure can be repeated.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from editor_client import Editor, RefusedRequestError, copy_mappings
from marked_text import read
from scale import IS_FULL

EDITS = 10_000 if IS_FULL else 300
FILES = ("base/order.yaml", "dodici/sales_order.yaml", "dodici/common.yaml", "dodici/tenant.yaml")
PIECES = (
    *"\"'{}[]()|>&*!?:,.#-@`~%=\n\t \\", "\r\n", "{{ ", " }}", ": ", "- ", "|\n  ", "!remove", "!before:tax ",
    "order.", "items[].", "lookup('", "| map('", " is ", "😀", "\u2028", "é", "\x00", "null", "fields:\n", "  after:\n",
    "settings.", "<<: *a", "&a ", "event.payload.", "checks.", "9" * 50, "lines.item", "body:\n", "\ud83d",
)  # fmt: skip
# The code of a refusal that an editor shows to its author.
IN_WORDS = -32803
METHODS = (
    "completion",
    "hover",
    "definition",
    "documentSymbol",
    "references",
    "prepareRename",
    "codeAction",
)


def edited(text: str, by: random.Random) -> str:
    """The text after one edit: something typed, cut, moved or repeated."""
    start = by.randrange(len(text) + 1)
    end = min(len(text), start + by.choice((0, 0, 1, 3, 40, 400)))
    kind = by.randrange(4)
    if kind == 0:
        return text[:start] + text[end:]
    if kind == 1:
        return text[:start] + text[start:end] * 2 + text[end:]
    if kind == 2:
        other = by.randrange(len(text) + 1)
        return text[:start] + text[other : other + 60] + text[start:]
    return f"{text[:start]}{by.choice(PIECES)}{text[start:]}"


def ask_something(editor: Editor, path: str, text: str, by: random.Random) -> None:
    offset = by.randrange(len(text) + 1)
    line = text.count("\n", 0, offset)
    where = editor.at(path, line, offset - text.rfind("\n", 0, offset) - 1)
    method = by.choice(METHODS)
    both = {"start": {"line": 0, "character": 0}, "end": where["position"]}
    more = {
        "references": {"context": {"includeDeclaration": True}},
        "codeAction": {"range": both, "context": {"diagnostics": []}},
    }
    try:
        editor.ask(f"textDocument/{method}", {**where, **more.get(method, {})})
    except RefusedRequestError as error:
        if error.code != IN_WORDS:
            raise


@pytest.mark.parametrize("seed", [1])
def test_random_edits_never_end_the_server(tmp_path: Path, seed: int) -> None:
    by = random.Random(seed)
    root = copy_mappings(tmp_path)
    texts = {path: read(root, path) for path in FILES}
    with Editor(root) as editor:
        for path in FILES:
            editor.open(path)
        for number in range(EDITS):
            path = by.choice(FILES)
            texts[path] = read(root, path) if by.randrange(12) == 0 else edited(texts[path], by)
            editor.change(path, texts[path])
            ask_something(editor, path, texts[path], by)
            if number % 20 == 0:
                editor.checked()
        for path in FILES:
            editor.change(path, read(root, path))
        assert [editor.found(path) for path in FILES] == [[]] * len(FILES)
        assert not editor.said()
