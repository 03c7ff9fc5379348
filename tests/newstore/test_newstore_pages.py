"""Connections that were cut short are as if one big page had been answered, or as they were."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from newstore_shop import SCHEMA, Shop, app, asking
from starlette.responses import JSONResponse

from engine.findings.errors import ShopError
from engine.mapping.plan.selection import find_truncated, read_query
from engine.newstore import NewStore, QueryRead, fetch_document
from engine.simulator.serve import serve_in_thread

PAGE_INFO = "pageInfo { hasNextPage endCursor }"
BY_CURSOR = f"""query Q($id: String!, $tenant: String!, $size: Int) {{ order(id: $id, tenant: $tenant) {{
  id grandTotal items(first: $size) {{ edges {{ node {{ id name }} }} totalCount {PAGE_INFO} }} }} }}"""
BY_OFFSET = BY_CURSOR.replace(" endCursor", "").replace("totalCount", "")
NODES = """query Q($id: String!, $tenant: String!, $size: Int, $from: Int, $all: Boolean = true) {
  order(id: $id, tenant: $tenant) { ...Cart } }
fragment Cart on Order { mine: items(first: $size, offset: $from) @include(if: $all) { list: nodes { ...Thing } info: pageInfo { more: hasNextPage } } }
fragment Thing on Item { key: id name }"""
NESTED = f"""query Q($id: String!, $tenant: String!, $size: Int) {{ order(id: $id, tenant: $tenant) {{
  items(first: $size) {{ edges {{ node {{ id
    tags(first: $size) {{ nodes {{ name }} {PAGE_INFO} }} }} }} {PAGE_INFO} }} }} }}"""


def order(items: int, *, tags: tuple[int, ...] = ()) -> dict[str, Any]:
    def tagged(at: int) -> list[dict[str, Any]]:
        return [{"name": f"t{n % 3}"} for n in range(tags[at % len(tags)] if tags else 0)]

    entries = [{"id": f"i{n}", "name": f"n{n % 2}", "tags": tagged(n)} for n in range(items)]
    return {"id": "o1", "grandTotal": "19.90", "items": entries, "parcels": []}


def read(shop: Shop, query: str, size: int) -> Any:
    selection = read_query(query, SCHEMA)
    variables = {"id": "o1", "tenant": "dodici", "size": size}
    variables |= {"from": 3} if "$from" in query else {}
    return asking(
        shop, lambda newstore: fetch_document(newstore, QueryRead(query, variables, selection))
    )


def in_one_page(shop: Shop, query: str) -> Any:
    return read(Shop(order=shop.order, cap=10_000), query, 10_000)


def without_positions(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_positions(inner) for key, inner in value.items() if key != "endCursor"}
    return [without_positions(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("query", [BY_CURSOR, BY_OFFSET, NODES])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(items=st.integers(0, 40), size=st.integers(1, 45), cap=st.integers(1, 45))
def test_all_entries_come_once_and_in_order(query: str, items: int, size: int, cap: int) -> None:
    shop = Shop(order=order(items), cap=cap)
    assert read(shop, query, size) == in_one_page(shop, query)
    left = items - (3 if query == NODES else 0)
    assert len(shop.asked) == max(1, -(-left // min(size, cap)))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    items=st.integers(0, 6),
    tags=st.lists(st.integers(0, 7), min_size=1, max_size=4),
    size=st.integers(2, 8),
)
def test_connections_within_entries_are_read_too(items: int, tags: list[int], size: int) -> None:
    shop = Shop(order=order(items, tags=tuple(tags)))
    assert without_positions(read(shop, NESTED, size)) == without_positions(
        in_one_page(shop, NESTED)
    )


def test_a_page_asks_for_nothing_but_its_connection() -> None:
    shop = Shop(order=order(4, tags=(3,)))
    read(shop, NESTED, 3)
    pages = [body["query"] for body in shop.asked[1:]]
    assert len(pages) == 1
    shop = Shop(order=order(2, tags=(1, 3)))
    read(shop, NESTED, 2)
    (query,) = (" ".join(body["query"].split()) for body in shop.asked[1:])
    assert query == (
        "query Q($id: String!, $tenant: String!, $size: Int) { order(id: $id, tenant: $tenant) { "
        "items(first: 1, offset: 1) { edges { node { id "
        'tags(first: $size, after: "MQ==") { nodes { name } pageInfo { hasNextPage endCursor } } '
        "} } } } }"
    )


def test_variables_that_a_page_does_not_use_are_left_out() -> None:
    query = NODES.replace("{ ...Cart }", "{ id @skip(if: $skip) ...Cart }")
    query = query.replace("$from: Int,", "$skip: Boolean = false,").replace(", offset: $from", "")
    shop = Shop(order=order(3))
    read(shop, query, 2)
    assert "$skip" not in shop.asked[1]["query"]
    assert shop.asked[1]["variables"] == {"id": "o1", "tenant": "dodici", "size": 2}


@pytest.mark.parametrize(
    "query",
    [
        BY_OFFSET.replace("first: $size", "last: $size"),
        NESTED.replace("node { id", "node { name"),  # two entries look alike
        NESTED.replace("{ node { id", "{ node {"),  # nothing to know an entry by
        """query Q($id: String!, $tenant: String!, $size: Int) { order(id: $id, tenant: $tenant) {
          parcels { id tags(first: $size) { nodes { name } pageInfo { hasNextPage } } } } }""",
        """query Q($id: String!, $tenant: String!, $size: Int) { order(id: $id, tenant: $tenant) {
          items(first: $size) { totalCount pageInfo { hasNextPage } } } }""",
    ],
)
def test_what_cannot_be_asked_for_alone_stays_as_it_was(query: str) -> None:
    shop = Shop(
        order={**order(2, tags=(3,)), "parcels": [{"id": "p", "tags": [{"name": "t"}] * 3}]}
    )
    if "totalCount" in query or "last" in query:
        shop.order = order(5)
        shop.cap = 2
    for entry in (shop.order or {})["items"]:
        entry["name"] = "alike"
    answer = read(shop, query, 2)
    assert len(shop.asked) == 1
    assert find_truncated(answer["data"], read_query(query, SCHEMA))


def page(ids: list[str], *, more: bool, cursor: str = "x", total: int = 6) -> dict[str, Any]:
    edges = [{"node": {"id": one, "name": "n"}} for one in ids]
    info = {"hasNextPage": more, "endCursor": cursor}
    items = {"edges": edges, "totalCount": total, "pageInfo": info}
    return {"data": {"order": {"id": "o1", "grandTotal": "1", "items": items}}}


FIRST = page(["a", "b"], more=True, cursor="first")


@pytest.mark.parametrize(
    "second",
    [
        FIRST,
        page([], more=True, cursor="second"),
        page(["b", "c"], more=False),
        page(["c", "d"], more=False, total=7),
        {**page(["c", "d"], more=False), "errors": [{"message": "half of it", "locations": [{}]}]},
        {"data": None},
        {"data": {"order": None}},
        {"data": {"order": {"items": {"edges": None, "totalCount": 6, "pageInfo": {}}}}},
        {"data": {"order": {"items": {"edges": [], "totalCount": 6, "pageInfo": {}}}}},
        ["something else"],
    ],
)
def test_a_page_that_does_not_fit_leaves_the_answer_as_it_was(second: Any) -> None:
    shop = Shop(answers=[JSONResponse(FIRST), JSONResponse(second)])
    shop.tokens.append("")
    assert read(shop, BY_CURSOR, 2) == FIRST
    assert len(shop.asked) == 2


def test_a_page_with_errors_that_may_pass_is_no_answer() -> None:
    second = {**page(["c", "d"], more=False), "errors": [{"message": "half of it", "path": []}]}
    with pytest.raises(ShopError) as caught:
        read(Shop(answers=[JSONResponse(FIRST), JSONResponse(second)]), BY_CURSOR, 2)
    assert caught.value.kind == "unavailable"


def test_pages_without_end_have_an_end() -> None:
    pages = [page([str(n)], more=True, cursor=str(n)) for n in range(300)]
    shop = Shop(answers=[JSONResponse(one) for one in pages])
    assert read(shop, BY_CURSOR, 1) == pages[0]
    assert len(shop.asked) <= 101


def test_errors_that_stay_are_data_and_no_more_pages_are_read() -> None:
    answer = {**FIRST, "errors": [{"message": "x", "extensions": {"code": "FORBIDDEN"}}]}
    shop = Shop(answers=[JSONResponse(answer)])
    assert read(shop, BY_CURSOR, 2) == answer
    assert len(shop.asked) == 1


def test_without_a_selection_the_answer_is_as_it_came() -> None:
    shop = Shop(order=order(5))
    variables = {"id": "o1", "tenant": "dodici", "size": 2}

    async def ask(newstore: NewStore) -> object:
        return await newstore.query(BY_CURSOR, variables)

    answer: Any = asking(shop, ask, serve=lambda: serve_in_thread(app(shop)))
    assert answer["data"]["order"]["items"]["pageInfo"]["hasNextPage"] is True
