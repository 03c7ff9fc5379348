"""GraphQL, really carried out: types, variables, pages, filters, orders, partial errors, bounds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from conftest import ROOT
from graphql import build_client_schema, build_schema, get_introspection_query, print_schema
from newstore_shops import GRAPHQL, TENANT, Asking, Clock, event, order, served, shop

from engine.simulator.newstore import SimulatedShop

TWO = 'order(id: "order-1", tenant: "acme-sandbox")'


def items(*numbers: int) -> dict[str, object]:
    return {"nodes": [{"id": f"item-{n}", "productId": f"SKU-{n % 3}", "tax": n} for n in numbers]}


def stocked() -> SimulatedShop:
    """Five orders, an hour after another: A, B, C, D, E; the second has items, C no channel."""
    sold = shop(Clock())
    for number, name in enumerate("ABCDE"):
        fields: dict[str, object] = {"channel": None if name == "C" else f"S{number % 2}"}
        if name == "B":
            fields["items"] = items(1, 2, 3, 4, 5)
        moment = f"2026-12-03T0{number}:00:00.000Z"
        sold.add(event(name, created_at=moment), order(name, **fields))
    return sold


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    with served(stocked()) as client:
        yield client


def ids(asking: Asking, arguments: str, **variables: object) -> list[str]:
    nodes = asking.data(f"{{ orders({arguments}) {{ nodes {{ id }} }} }}")["orders"]["nodes"]
    return [node["id"] for node in nodes]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("first: 2", "AB"),
        ("first: 0", ""),
        ("first: 2, offset: 3", "DE"),
        ("offset: 9", ""),
        ("last: 2", "DE"),
        ("orderBy: CREATED_AT_DESC, first: 2", "ED"),
        ("orderBy: [PRIMARY_KEY_DESC]", "EDCBA"),
        ("orderBy: [NATURAL]", "ABCDE"),
        ('filter: {id: {in: ["B", "D", "X"]}}', "BD"),
        ('filter: {id: {notIn: ["B", "D"]}}', "ACE"),
        ('filter: {id: {notEqualTo: "B"}, externalId: {lessThan: "EX-D"}}', "AC"),
        ('filter: {createdAt: {greaterThanOrEqualTo: "2026-12-03T03:00:00+00:00"}}', "DE"),
        ('filter: {createdAt: {lessThan: "2026-12-03T02:00:00+01:00"}}', "A"),
        ('filter: {channel: {equalTo: "S1"}}', "BD"),
        ('filter: {not: {channel: {equalTo: "S1"}}}', "AE"),
        ("filter: {channel: {isNull: true}}", "C"),
        ('filter: {or: [{id: {equalTo: "E"}}, {and: [{id: {equalTo: "A"}}]}]}', "AE"),
        ("filter: {isExchange: {isNull: true}}, first: 1", "A"),
    ],
)
def test_orders_are_filtered_ordered_and_paged(
    asking: Asking, arguments: str, expected: str
) -> None:
    assert "".join(ids(asking, arguments)) == expected


def test_cursors_lead_through_all_pages_and_back(asking: Asking) -> None:
    query = """query ($after: Cursor, $before: Cursor, $first: Int, $last: Int) {
        orders(after: $after, before: $before, first: $first, last: $last, orderBy: PRIMARY_KEY_DESC) {
            totalCount edges { cursor node { id } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    seen, cursor, pages = "", None, []
    for _ in range(3):
        pages.append(asking.data(query, first=2, after=cursor)["orders"])
        cursor = pages[-1]["pageInfo"]["endCursor"]
        assert cursor == pages[-1]["edges"][-1]["cursor"]
        seen += "".join(edge["node"]["id"] for edge in pages[-1]["edges"])
    assert seen == "EDCBA"
    assert [page["pageInfo"]["hasNextPage"] for page in pages] == [True, True, False]
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False, True, True]
    assert {page["totalCount"] for page in pages} == {5}
    back = asking.data(query, last=2, before=pages[-1]["pageInfo"]["startCursor"])["orders"]
    assert back == pages[1]


@pytest.mark.parametrize(
    "arguments",
    ["first: 1, last: 1", "offset: 1, last: 1", "first: -1", 'after: "x"', 'after: "WzEsMl0="'],
)
def test_arguments_that_do_not_go_together_are_an_error(asking: Asking, arguments: str) -> None:
    answer = asking.query(f"{{ orders({arguments}) {{ totalCount }} }}")
    assert answer["data"] == {"orders": None}
    assert len(answer["errors"]) == 1


def test_a_connection_without_first_is_capped_where_the_shop_says_so() -> None:
    sold = stocked()
    sold.settings.page_cap = 2
    query = """query { order(id: "B", tenant: "acme-sandbox") {
        capped: items { totalCount nodes { id } pageInfo { hasNextPage } }
        asked: items(first: 4) { nodes { id } } } }"""
    with served(sold) as asking:
        found = asking.data(query)["order"]
    assert found["capped"]["totalCount"] == 5
    assert found["capped"]["pageInfo"]["hasNextPage"] is True
    assert [len(found[name]["nodes"]) for name in ("capped", "asked")] == [2, 4]


def test_items_of_all_orders_are_found(asking: Asking) -> None:
    query = """{ orderItems(filter: {productId: {equalTo: "SKU-1"}}, orderBy: PRIMARY_KEY_DESC) {
        nodes { id orderId tenant } } }"""
    expected = [{"id": f"item-{n}", "orderId": "B", "tenant": TENANT} for n in (4, 1)]
    assert asking.data(query)["orderItems"]["nodes"] == expected


@pytest.mark.parametrize(("key", "tenant"), [("X", TENANT), ("A", "other"), ("", "")])
def test_an_unknown_order_and_one_of_another_tenant_are_null(
    asking: Asking, key: str, tenant: str
) -> None:
    query = """query ($id: String!, $tenant: String!) { order(id: $id, tenant: $tenant) { id }
        return(id: $id, tenant: $tenant) { id } fulfillmentRequest(id: $id, tenant: $tenant) { id } }"""
    found = asking.data(query, id=key, tenant=tenant)
    assert found == {"order": None, "return": None, "fulfillmentRequest": None}


@pytest.mark.parametrize(
    "query",
    [
        "{ orders { nodes { grandTotl } } }",
        "{ orders { nodes { items } } }",
        "{ nothing }",
        "{ orders(first: 1.5) { totalCount } }",
        '{ orders(orderBy: "NATURAL") { totalCount } }',
        "{ orders(filter: {total: {equalTo: 1}}) { totalCount } }",
        'mutation { order(id: "A", tenant: "t") { id } }',
        "query A { orders { totalCount } } { orders { totalCount } }",
        '{ orders(filter: {createdAt: {equalTo: "noon"}}) { totalCount } }',
        "{ orders(filter: {createdAt: {in: [1]}}) { totalCount } }",
        "{ orders {",
        "",
        "query ($id: String!) { order(id: $id, tenant: $id) { id } }",
    ],
)
def test_a_query_that_does_not_fit_gives_errors_and_no_data(asking: Asking, query: str) -> None:
    answer = asking.query(query)
    assert answer["errors"]
    assert not answer.get("data")


def test_variables_are_checked(asking: Asking) -> None:
    query = "query ($first: Int!) { orders(first: $first) { totalCount } }"
    assert asking.data(query, first=1) == {"orders": {"totalCount": 5}}
    for wrong in ("1", None, 1.5, 2**40, [1]):
        assert asking.query(query, first=wrong)["errors"]


def test_one_field_fails_and_the_rest_is_there() -> None:
    sold = shop()
    sold.add(event(), order(paymentAccount={}))
    sold.failing["order-1", "paymentAccount"] = "canceling statement due to statement timeout"
    with served(sold) as asking:
        answer = asking.query(f"{{ {TWO} {{ id paymentAccount {{ id }} }} }}")
        assert answer["data"] == {"order": {"id": "order-1", "paymentAccount": None}}
        (error,) = answer["errors"]
        assert error["message"] == "canceling statement due to statement timeout"
        assert error["path"] == ["order", "paymentAccount"]
        sold.failing.clear()
        assert "errors" not in asking.query(f"{{ {TWO} {{ id paymentAccount {{ id }} }} }}")


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("text", ["58.00", "4.9", "7", "n/a"]),
        ("number", [Decimal("58.00"), Decimal("4.9"), 7, "n/a"]),
        ("stored", ["58.00", Decimal("4.9"), 7, "n/a"]),
    ],
)
def test_money_is_text_or_number(way: Any, expected: list[object]) -> None:
    sold = shop()
    sold.settings.money_as = way
    amounts: dict[str, Any] = {"subtotal": "58.00", "taxTotal": Decimal("4.9"), "shippingTotal": 7}
    sold.add(event(), order(**amounts, grandTotal="n/a"))
    with served(sold) as asking:
        found = asking.data(f"{{ {TWO} {{ subtotal taxTotal shippingTotal grandTotal }} }}")[
            "order"
        ]
    assert list(found.values()) == expected
    assert [type(value) is str for value in found.values()] == [
        type(value) is str for value in expected
    ]


@pytest.mark.parametrize(
    ("recorded", "plain"),
    [
        ("2026-12-03T18:41:06.110", "2026-12-03T18:41:06.110"),
        ("2026-12-03T18:41:06Z", "2026-12-03T18:41:06"),
        ("2026-12-04T00:41:06.5+06:00", "2026-12-03T18:41:06.5"),
    ],
)
def test_moments_have_no_offset_unless_it_is_forced(recorded: str, plain: str) -> None:
    sold = shop()
    sold.add(event(), order(placedAt=recorded))
    query = {"query": f"{{ {TWO} {{ placedAt }} }}"}
    with served(sold) as asking:
        usual = asking.http.post(GRAPHQL, json=query)
        forced = asking.http.post(GRAPHQL, json=query, headers={"Force-Render-Timezone": "true"})
    assert usual.json()["data"]["order"]["placedAt"] == plain
    assert forced.json()["data"]["order"]["placedAt"] == f"{plain}Z"


def test_what_was_not_recorded_is_made_up_and_stays_the_same() -> None:
    sold = shop()
    instrument = {"nodes": [{"paymentMethod": "cash", "paymentAccountTransactions": {
        "edges": [{"node": {"amount": "1.00"}}, {"node": {"amount": "2.00"}}]}}]}  # fmt: skip
    sold.add(event(), order(paymentAccount={"instruments": instrument}))
    query = f"""{{ {TWO} {{ nodeId tenant createdAt customerEmail isExchange discounts {{ totalCount }}
        paymentAccountTransactions {{ nodes {{ id nodeId amount paymentAccountId instrumentId }} }}
        paymentAccount {{ id transactions {{ nodes {{ id instrument {{ id paymentMethod }} }} }} }} }} }}"""
    with served(sold) as asking:
        found = asking.data(query)["order"]
        assert asking.data(query)["order"] == found
    assert found["tenant"] == TENANT
    assert found["createdAt"] == "2026-12-03T11:59:00.000"
    assert (found["customerEmail"], found["isExchange"]) == (None, None)
    assert found["discounts"] == {"totalCount": 0}
    transactions = found["paymentAccountTransactions"]["nodes"]
    account = found["paymentAccount"]
    assert [each["amount"] for each in transactions] == ["1.00", "2.00"]
    assert account["id"] == transactions[0]["paymentAccountId"] == "order-1"
    assert [each["id"] for each in account["transactions"]["nodes"]] == [
        each["id"] for each in transactions
    ]
    (used,) = {each["instrument"]["id"] for each in account["transactions"]["nodes"]}
    assert {each["instrumentId"] for each in transactions} == {used}
    assert len({each["nodeId"] for each in transactions}) == 2


def test_transactions_recorded_flat_are_found_by_their_instrument() -> None:
    sold = shop()
    cash, card = {"id": "i-1", "paymentMethod": "cash"}, {"id": "i-2", "paymentMethod": "card"}
    flat = [
        {"amount": amount, "instrumentId": used["id"], "instrument": used}
        for amount, used in (("1.00", cash), ("2.00", card), ("3.00", cash))
    ]
    sold.add(event(), order(paymentAccount={"transactions": {"nodes": flat}}))
    query = f"""{{ {TWO} {{ paymentAccount {{ instruments {{ nodes {{ paymentMethod
        paymentAccountTransactions {{ nodes {{ amount }} }} }} }} }} }} }}"""
    with served(sold) as asking:
        found = asking.data(query)["order"]["paymentAccount"]["instruments"]["nodes"]
    amounts = [
        [each["amount"] for each in used["paymentAccountTransactions"]["nodes"]] for used in found
    ]
    assert [used["paymentMethod"] for used in found] == ["cash", "card"]
    assert amounts == [["1.00", "3.00"], ["2.00"]]


def test_an_answer_with_aliases_is_kept_under_the_fields_own_names() -> None:
    query = """query ($id: String!, $t: String!) { sale: order(id: $id, tenant: $t) { number: externalId
        ...Lines } }
        fragment Lines on Order { ones: items(filter: {productId: {equalTo: "1"}}) { nodes { sku: productId } }
            twos: items { lines: edges { one: node { sku: productId } } } }"""
    recorded = {"data": {"sale": {"number": "EX-9", "ones": {"nodes": [{"sku": "1"}]},
        "twos": {"lines": [{"one": {"sku": "2"}}]}}}}  # fmt: skip
    sold = shop()
    with pytest.raises(ValueError, match="alias"):
        sold.add(event(), {"data": {"order": {"number": "EX-9"}}})
    assert not sold.stream.events
    sold.add(event(), recorded, query=query)
    with served(sold) as asking:
        found = asking.data(f"{{ {TWO} {{ externalId items {{ nodes {{ productId }} }} }} }}")
    assert found["order"]["externalId"] == "EX-9"
    assert found["order"]["items"]["nodes"] == [{"productId": "1"}, {"productId": "2"}]


def test_a_return_knows_its_order_and_a_fulfillment_is_found() -> None:
    sold = shop()
    requests = {"nodes": [{"id": "f-1", "items": {"nodes": [{"productId": "TEE"}]}}]}
    sold.add(event(), order(fulfillmentRequests=requests, grandTotal="5.00"))
    told = event("return-1", "return.processed", order_id="order-1")
    sold.add(told, {"data": {"return": {"totalRefundAmount": "5.00"}}})
    query = """query ($t: String!) {
        return(id: "return-1", tenant: $t) { id totalRefundAmount order { id grandTotal } }
        fulfillmentRequest(id: "f-1", tenant: $t) { orderId items { nodes { productId } } } }"""
    with served(sold) as asking:
        found = asking.data(query, t=TENANT)
    assert found["return"] == {
        "id": "return-1",
        "totalRefundAmount": "5.00",
        "order": {"id": "order-1", "grandTotal": "5.00"},
    }
    assert found["fulfillmentRequest"]["orderId"] == "order-1"
    assert found["fulfillmentRequest"]["items"]["nodes"] == [{"productId": "TEE"}]


def test_introspection_gives_the_schema_back(asking: Asking) -> None:
    query = get_introspection_query(schema_description=True)
    given = build_client_schema(asking.data(query))
    ours = build_schema((ROOT / "schemas" / "newstore.graphql").read_text(encoding="utf-8"))
    assert print_schema(given) == print_schema(ours)
