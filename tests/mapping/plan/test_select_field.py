"""A field selected in a query, as the fix of a path that reads it."""

from __future__ import annotations

import pytest

from engine.findings.diagnostics import SourceText, apply_edits
from engine.mapping.files.nodes import MapNode, Scalar
from engine.mapping.files.parse_yaml import read_yaml
from engine.mapping.plan.selection import Selection, read_query
from engine.mapping.plan.selection.graphql_types import read_schema
from engine.mapping.plan.selection.select_field import fix_selection

SCHEMA = read_schema(SourceText("s", """
type Query { order(id: ID): Order }
type Order { id: ID, total: Float, note(lang: String!): String, tags(first: Int): [String], lines: [Line!]!, line: Line, kind: Kind }
type Line { id: ID, price: Float, order: Order }
enum Kind { A, B }
"""))  # fmt: skip
CASES = {
    "behind the last leaf": ("{ order { id lines { id } } }", "order", "total", "{ order { id total lines { id } } }"),
    "an enum": ("{ order { id } }", "order", "kind", "{ order { id kind } }"),
    "a list of texts": ("{ order { id } }", "order", "tags", "{ order { id tags } }"),
    "in front where there is no leaf": ("{ order { lines { id } } }", "order", "total", "{ order { total lines { id } } }"),
    "in a fragment": ("{ order { ...f } } fragment f on Order { lines { id } }", "order.lines", "price",
                      "{ order { ...f } } fragment f on Order { lines { id price } }"),
    "of an alias": ("{ order { x: line { id(a: 1) @skip(if: false) } } }".replace("(a: 1)", ""), "order.x", "price",
                    "{ order { x: line { id @skip(if: false) price } } }"),
    "behind arguments": ("{ order { tags(first: 2), } }", "order", "total", "{ order { tags(first: 2) total, } }"),
    "fields of its own": ("{ order { id } }", "order", "line", None),
    "arguments of its own": ("{ order { id } }", "order", "note", None),
    "unknown": ("{ order { id } }", "order", "colour", None),
    "of the query": ("{ order { id } }", "", "order", None),
}  # fmt: skip
STYLES = {
    "plain": "q: |\n  {}\n",
    "folded": "q: >-\n  {}\n",
    "double": 'q: "{}"\n',
    "single": "q: '{}'\n",
    "in braces": '{{a: 1, q: "{}"}}',
}


def query_of(text: str) -> Scalar:
    root = read_yaml(SourceText("m", text))
    assert isinstance(root, MapNode)
    node = root.get("q")
    assert isinstance(node, Scalar)
    return node


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
@pytest.mark.parametrize(("query", "path", "name", "expected"), CASES.values(), ids=CASES.keys())
def test_a_field_is_selected(
    query: str, path: str, name: str, expected: str | None, style: str
) -> None:
    text = style.format(query)
    scalar = query_of(text)
    root = read_query(str(scalar.value), SCHEMA)
    within = root
    for step in filter(None, path.split(".")):
        child = within.child(step)
        assert child is not None
        within = child
    fix = fix_selection(within, name, [(scalar, root)], SCHEMA)
    assert (fix and apply_edits(text, fix.edits)) == (expected and style.format(expected))
    if fix is not None:
        new = read_query(str(query_of(apply_edits(text, fix.edits)).value), SCHEMA)
        assert name in str(new)


def test_a_selection_of_no_query_has_no_fix() -> None:
    scalar = query_of('q: "{ order { id } }"')
    root = read_query(str(scalar.value), SCHEMA)
    other = Selection("order", "Order", offset=2)
    assert fix_selection(other, "total", [(scalar, root)], SCHEMA) is None
    assert fix_selection(root, "total", [], SCHEMA) is None
