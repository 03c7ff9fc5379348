"""Queries are checked against NewStore's types, and answers are whole and exact or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from engine.findings.diagnostics import Place, SourceText
from engine.findings.errors import ExpressionError, SpecError
from engine.mapping.files.nodes import MapNode, Scalar
from engine.mapping.files.parse_yaml import read_yaml
from engine.mapping.plan.selection import (
    Selection,
    check_page_sizes,
    check_query,
    exact_money,
    find_truncated,
    load_newstore_schema,
    read_query,
    read_response,
    read_schema,
)

QUERY = """query ErpOrder($id: String!, $tenant: String!) {
  order(id: $id, tenant: $tenant) {
    ...Head
    total: grandTotal
    items(first: 10) {
      info: pageInfo { more: hasNextPage }
      edges { node { sku: productId tax ... on OrderItem { pricebookPrice tax } } }
    }
    discounts { nodes { couponCode } }
  }
}
fragment Head on Order { __typename externalId placedAt subtotal isExchange }
"""

MAPPINGS = ROOT / "mappings"


def order(text: str) -> str:
    """A query for parts of one order."""
    return '{ order(id: "1", tenant: "t") { ' + text + " } }"


def found(query: str) -> list[tuple[str, str]]:
    """Code of every error, and the text it points at."""
    return [
        (error.code, query[error.offset : error.offset + error.length])
        for error in check_query(query)
    ]


def at(selection: Selection, path: str) -> Selection:
    for name in path.split("."):
        child = selection.child(name)
        assert child is not None, path
        selection = child
    return selection


@pytest.mark.parametrize("name", ["base/order"])
def test_the_shipped_queries_are_valid_and_cannot_be_cut_short_unseen(name: str) -> None:
    path = MAPPINGS / f"{name}.yaml"
    node = read_yaml(SourceText(path.name, path.read_text(encoding="utf-8")))
    assert isinstance(node, MapNode)
    sources = node.get("sources")
    assert isinstance(sources, MapNode)
    for entry in sources.entries:
        query = entry.value.get("graphql") if isinstance(entry.value, MapNode) else None
        if isinstance(query, Scalar):
            assert check_page_sizes(read_query(str(query.value))) == ()


@pytest.mark.parametrize(
    ("path", "type_name", "is_money", "nullable", "is_list"),
    [
        ("order", "Order", False, True, False),
        ("order.__typename", "String", False, False, False),
        ("order.externalId", "String", False, True, False),
        ("order.isExchange", "Boolean", False, True, False),
        ("order.subtotal", "BigFloat", True, True, False),
        ("order.total", "BigFloat", True, True, False),
        ("order.items", "OrderItemConnection", False, False, False),
        ("order.items.edges", "OrderItemEdge", False, False, True),
        ("order.items.edges.node.pricebookPrice", "BigFloat", True, True, False),
        ("order.items.edges.node.sku", "String", False, True, False),
    ],
)
def test_the_shape_of_an_answer(
    path: str, type_name: str, is_money: object, nullable: object, is_list: object
) -> None:
    selection = at(read_query(QUERY), path)
    assert selection.type_name == type_name
    assert (selection.is_money, selection.nullable, selection.is_list) == (
        is_money,
        nullable,
        is_list,
    )
    assert QUERY[selection.offset :].startswith(selection.name)


def test_what_is_not_selected_is_not_there() -> None:
    selection = at(read_query(QUERY), "order")
    assert selection.child("grandTotal") is None
    assert set(selection.children) == {
        "__typename",
        "externalId",
        "placedAt",
        "subtotal",
        "isExchange",
        "total",
        "items",
        "discounts",
    }


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (QUERY, []),
        (order("items { totalCount nodes { id } }"), []),
        (
            '{ orders(first: 1, offset: 2, orderBy: CREATED_AT_DESC, filter: {channelType: {in: ["web"]}}) { nodes { id } } }',
            [],
        ),
        (
            '{ return(id: "1", tenant: "t") { totalRefundAmount items { nodes { refundAmount } } } }',
            [],
        ),
        ("", [("E1001", "")]),
        ("{ order", [("E1001", "")]),
        ('{ order(id: "1', [("E1001", "")]),
        ("{ é }", [("E1001", "é")]),
        (order("idd grandTotl"), [("E1002", "idd"), ("E1002", "grandTotl")]),
        (order("items"), [("E1002", "items")]),
        ("{ order { id } }", [("E1002", "order")] * 2),
        (order("items(frist: 3) { totalCount }"), [("E1002", "frist")]),
        ("type A { b: Int } { __typename }", [("E1002", "type")]),
        ("mutation { a }", [("E1003", "mutation"), ("E1002", "mutation")]),
        ("query A { __typename } query B { __typename }", [("E1003", "query")]),
        ("fragment F on Order { id }", [("E1003", "fragment"), ("E1002", "fragment")]),
        ("# nothing but words", [("E1001", "")]),
    ],
)
def test_every_error_points_at_its_word(query: str, errors: list[tuple[str, str]]) -> None:
    assert found(query) == errors


def test_an_error_suggests_what_was_meant() -> None:
    with pytest.raises(ExpressionError) as caught:
        read_query(order("grandTotl"))
    assert caught.value.message == "cannot query field 'grandTotl' on type 'Order'"
    assert caught.value.hint == "did you mean 'grandTotal'?"


NESTED = "type Query { a: Query b: Query c: Int }"
DOUBLED = "{ ...F0 } " + " ".join(
    f"fragment F{n} on Query {{ a {{ ...F{n + 1} }} b {{ ...F{n + 1} }} }}" for n in range(40)
)


@pytest.mark.parametrize(
    "query",
    [
        "{" * 100_000,
        "{a" * 51 + "}" * 51,
        "{ a(x: " + "[" * 5_000 + ") }",
        "{" + "c " * 20_000 + "}",
        "{ c } #" + "x" * 50_000,
        "{" + "zzz " * 1_900 + "}",
        DOUBLED + " fragment F40 on Query { c }",
        "{ ...F0 } fragment F0 on Query { a { ...F0 } }",
        '{ c(x: "' + "{" * 49_000,
        "{ c(x: \ud800) }",
    ],
    ids=lambda query: query[:30],
)
def test_hostile_queries_end_in_an_error(query: str) -> None:
    schema = read_schema(SourceText("nested.graphql", NESTED))
    with pytest.raises(ExpressionError) as caught:
        read_query(query, schema)
    assert caught.value.code in {"E1001", "E1002", "E1007"}
    assert len(caught.value.message) <= 160


def test_brackets_in_texts_and_comments_are_not_structure() -> None:
    assert read_query('{ order(id: "' + "[{(" * 60 + '", tenant: "t") { id } } # {{{{').children


@pytest.mark.parametrize(
    "sdl", ["", "type Query {", "type A { b: C }", "type Query { a: Missing }"]
)
def test_a_schema_that_cannot_be_read(sdl: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_query("{ a }", read_schema(SourceText("own.graphql", sdl)))
    assert [finding.code for finding in caught.value.findings] == ["E1008"]


def test_money_becomes_exact_and_nothing_else_changes() -> None:
    items = {
        "info": {"more": False},
        "edges": [
            {"node": {"sku": "1.50", "tax": "4.94", "pricebookPrice": Decimal("58.00")}},
            None,
        ],
    }
    head = {"externalId": "007", "subtotal": 58, "total": None, "unknown": {"total": "x"}}
    data = {"order": {**head, "items": items}}
    exact = exact_money(data, read_query(QUERY))
    assert exact == {
        "order": {
            **head,
            "items": {
                **items,
                "edges": [
                    {
                        "node": {
                            "sku": "1.50",
                            "tax": Decimal("4.94"),
                            "pricebookPrice": Decimal("58.00"),
                        }
                    },
                    None,
                ],
            },
        }
    }
    assert items["edges"] == data["order"]["items"]["edges"]  # type: ignore[index] # as the answer is


@pytest.mark.parametrize(
    "amount",
    ["", "19,99", "NaN", " 1", "1e99", "1_0", "９", True, [], {}, "9" * 50, Decimal("NaN")],
)
def test_an_amount_that_is_no_number_is_refused_with_its_path(amount: object) -> None:
    edges = [{"node": {"tax": "1.00"}}, {"node": {"tax": amount}}]
    data = {"order": {"total": amount, "items": {"edges": edges}}}
    with pytest.raises(ExpressionError) as caught:
        read_response({"data": data}, read_query(QUERY))
    assert caught.value.code == "E0510"
    assert caught.value.message.startswith("order.")
    assert caught.value.message.endswith(", not an amount, and 1 more like it")


@given(st.decimals(-(10**12), 10**12, places=4))
def test_text_and_number_mean_the_same_amount(amount: Decimal) -> None:
    selection = read_query(order("grandTotal items { edges { node { tax } } }"))
    answers = [
        exact_money(
            {"order": {"grandTotal": sent, "items": {"edges": [{"node": {"tax": sent}}]}}},
            selection,
        )
        for sent in (amount, format(amount, "f"))
    ]
    assert answers[0] == answers[1]
    assert repr(answers[0]) == repr(answers[1])


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["order", "items", "edges", "node", "tax", "total"]), inner
        )
    ),
    max_leaves=30,
)


@given(DATA)
def test_answers_of_any_shape_are_exact_or_refused(data: object) -> None:
    selection = read_query(QUERY)
    find_truncated(data, selection)
    try:
        read_response({"data": data}, selection)
    except ExpressionError as error:
        assert error.code in {"E0510", "E1006"}  # noqa: PT017


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (None, "E1006"),
        ([], "E1006"),
        ("x" * 1000, "E1006"),
        ({}, "E1006"),
        ({"data": None}, "E1006"),
        ({"data": []}, "E1006"),
        (
            {
                "data": {"order": {"id": "1"}},
                "errors": [{"message": "m" * 1000, "path": ["order", 0]}],
            },
            "E1005",
        ),
        ({"data": {"order": None}, "errors": [{}, {}]}, "E1005"),
        ({"data": {}, "errors": "no"}, "E1005"),
        ({"data": {}, "errors": [{"message": {"a": 1}, "path": ["x" * 100_000] * 1000}]}, "E1005"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_answers_that_are_no_success(document: object, code: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_response(document, read_query(QUERY))
    assert caught.value.code == code
    assert len(caught.value.message) < 160


@pytest.mark.parametrize("errors", [None, []])
def test_an_order_that_is_not_there_is_an_answer(errors: object) -> None:
    answer = {"data": {"order": None}, "errors": errors}
    assert read_response(answer, read_query(QUERY)) == {"order": None}


def test_connections_cut_short_are_named() -> None:
    query = """{ orders(first: 2) { pageInfo { hasNextPage } nodes {
        items(first: 1) { pageInfo { hasNextPage } nodes { id } } } } }"""
    more, all_there = {"pageInfo": {"hasNextPage": True}}, {"pageInfo": {"hasNextPage": False}}
    nodes = [{"items": all_there}, {"items": more}, {"items": None}, None]
    data = {"orders": {**more, "nodes": nodes}}
    assert find_truncated(data, read_query(query)) == ("orders", "orders.nodes[1].items")
    aliased = {"order": {"items": {"info": {"more": True}}}}
    assert find_truncated(aliased, read_query(QUERY)) == ("order.items",)


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        ("items(first: 5) { pageInfo { hasNextPage } nodes { id } }", None),
        ("items(last: 5) { pageInfo { hasNextPage } nodes { id } }", None),
        (
            "items(first: 5) { nodes { id } }",
            "order.items does not select `hasNextPage`, so missing entries would go unnoticed",
        ),
        (
            "items { pageInfo { hasNextPage } nodes { id } }",
            "order.items has no page size, so entries may be missing",
        ),
        (
            "goods: items { nodes { id } }",
            "order.goods has no page size, so entries may be missing",
        ),
    ],
)
def test_connections_that_could_be_cut_short_unseen(connection: str, message: str | None) -> None:
    query = order(connection)
    text = SourceText("order.yaml", query)
    findings = check_page_sizes(
        read_query(query), lambda offset, length: Place(text, 1, offset + 1, length)
    )
    assert [finding.message for finding in findings] == ([message] if message else [])
    for finding in findings:
        assert finding.place is not None
        assert query[finding.place.column - 1 :][: finding.place.length] == "items"
        assert (finding.code, finding.is_error) == ("W1004", False)


def test_every_type_of_the_schema_says_what_an_amount_is() -> None:
    amounts = {
        (name, field)
        for name, kind in load_newstore_schema().type_map.items()
        for field, definition in getattr(kind, "fields", {}).items()
        if str(definition.type) == "BigFloat"
    }
    assert len(amounts) == 17
