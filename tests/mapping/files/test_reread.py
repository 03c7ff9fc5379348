"""A text read again after a change is the same as the text read whole, to the last place."""

from __future__ import annotations

import random

import pytest
from conftest import ROOT
from scale import IS_FULL

from engine.findings.diagnostics import Place, SourceText
from engine.findings.errors import ReadError
from engine.mapping.files.nodes import MapNode, Node, Scalar
from engine.mapping.files.parse_yaml import read_yaml
from engine.mapping.files.reread import reread_yaml

ORDER = (ROOT / "mappings/base/order.yaml").read_text(encoding="utf-8")
PIECES = (
    "x",
    "\n",
    "\n  a: b\n",
    '"',
    "'",
    "{",
    "}",
    ": ",
    "# c\n",
    "a: |\n  b\n\n",
    "---\n",
    "\r\n",
    " ",
    "\t",
    "é",
)
EDITS = 3_000 if IS_FULL else 60


def read(content: str) -> MapNode | None:
    try:
        root = read_yaml(SourceText("a.yaml", content))
    except ReadError:
        return None
    return root if isinstance(root, MapNode) else None


def flat(node: Node) -> list[object]:
    """Everything of a tree but the identity of its text."""
    found: list[object] = [_place(node.place)]
    if node.directive is not None:
        found += [str(node.directive), _place(node.directive.place)]
    if isinstance(node, Scalar):
        return [*found, node.value, node.text, node.style, node.span]
    parts = (
        [part for entry in node.entries for part in (entry.key, entry.value)]
        if isinstance(node, MapNode)
        else node.items
    )
    return [*found, type(node), *(flat(part) for part in parts)]


def _place(place: Place) -> tuple[str, int, int, int]:
    return place.text.content, place.line, place.column, place.length


def edited(content: str, by: random.Random) -> str:
    start = by.randrange(len(content))
    end = start + by.choice((0, 0, 1, 30, 300))
    return content[:start] + by.choice(PIECES) + content[by.choice((start, end)) :]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_any_edit_gives_the_same(line_end: str) -> None:
    by = random.Random(7)
    content = ORDER.replace("\n", line_end)
    before, reread = read(content), 0
    assert before is not None
    for _ in range(EDITS):
        new = edited(content, by)
        text = SourceText("a.yaml", new)
        found = reread_yaml(text, before)
        whole = read(new)
        if found is not None:
            reread += 1
            assert whole is not None, "what is no YAML is not taken for some"
            assert flat(found) == flat(whole)
            assert found.place.text is text
    assert reread >= EDITS // 10


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\nb: 2\nc: 3\n", "a: 1\nb: 2\nb2: 5\nc: 3\n"),
        ("a: 1\nb: 2\nc: 3\n", "a: 1\nc: 3\n"),
        ("a: 1\nb: 2\nc: 3", "a: 1\nb: 2\nc: 34"),
        ("a: 1\nb:\nc: 3", "a: 1\nb:\n  d: e\nc: 3"),
    ],
)
def test_blocks_come_and_go(before: str, after: str) -> None:
    root, whole = read(before), read(after)
    assert root is not None
    assert whole is not None
    found = reread_yaml(SourceText("a.yaml", after), root)
    assert found is not None
    assert flat(found) == flat(whole)


def test_a_key_that_appears_twice_is_left_to_the_reader() -> None:
    root = read("a: 1\nb: 2\nc: 3\n")
    assert root is not None
    assert reread_yaml(SourceText("a.yaml", "a: 1\nb: 2\nc: 3\na: 4\n"), root) is None
