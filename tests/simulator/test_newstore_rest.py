"""The REST reads: orders by either id, payment accounts when they are there, money as numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from conftest import ROOT
from newstore_shops import Clock, event, order, served, shop

from engine.documents import read_json_bytes
from engine.simulator.faults import Fault, Faults
from engine.simulator.newstore import SimulatedShop

CASES = ROOT / "mappings" / "dodici" / "cases"


def with_case(sold: SimulatedShop, name: str) -> str:
    documents: list[Any] = [
        read_json_bytes(path.name, path.read_bytes()) if path.is_file() else None
        for path in (CASES / name / file for file in ("event.json", "order.json", "account.json"))
    ]
    sold.add(*documents)
    return str(documents[0]["payload"]["id"])


def test_an_order_by_either_id() -> None:
    sold = shop()
    key = with_case(sold, "amounts-as-text")
    number = sold.orders[key].document["externalId"]
    with served(sold) as asking:
        one = asking.http.get(f"/v0/orders/{key}?id_type=internal")
        other = asking.http.get(f"/v0/orders/{number}?id_type=external")
        assert one.status_code == other.status_code == 200
        assert one.content == other.content
        for path in (f"{number}?id_type=internal", f"{key}?id_type=external"):
            assert asking.http.get(f"/v0/orders/{path}").status_code == 404
        for path in (key, f"{key}?id_type=any"):
            assert asking.http.get(f"/v0/orders/{path}").status_code == 400


def test_its_money_is_numbers_that_add_up() -> None:
    sold = shop()
    key = with_case(sold, "shipping-discount")
    with served(sold) as asking:
        response = asking.http.get(f"/v0/orders/{key}?id_type=internal")
    document: Any = read_json_bytes("the order", response.content)
    totals, (shipment,) = document["totals"], document["shipments"]
    assert all(isinstance(amount, int | Decimal) for amount in totals.values())
    items = sum((item["price"]["net"] for item in document["items"]), Decimal(0))
    shipping = shipment["price"]["base"] - shipment["price"]["discount"]
    assert shipment["price"]["discount"] > 0
    assert items + shipping + totals["tax"] == totals["total"]
    rated = sum(len(item["tax_lines"]) for item in document["items"])
    assert rated > 0


@pytest.mark.parametrize(
    ("method", "net", "gross"),
    [("tax_excluded", "108.00", "127.00"), ("tax_included", "89.00", "108.00")],
)
def test_prices_with_and_without_tax(method: str, net: str, gross: str) -> None:
    sold = shop()
    item = {"id": "i", "quantity": 2, "pricebookPrice": "60.00", "orderDiscounts": "12.00"}
    sold.add(event(), order(items={"nodes": [{**item, "tax": "19.00"}]}, priceMethod=method))
    with served(sold) as asking:
        response = asking.http.get("/v0/orders/order-1?id_type=internal")
    document: Any = read_json_bytes("the order", response.content)
    assert document["items"][0]["price"] == {
        "base": Decimal("60.00"),
        "discount": Decimal("12.00"),
        "net": Decimal(net),
        "tax": Decimal("19.00"),
        "gross": Decimal(gross),
    }


def test_amounts_that_are_none_are_null() -> None:
    sold = shop()
    key = with_case(sold, "amounts-malformed")
    with served(sold) as asking:
        document = asking.http.get(f"/v0/orders/{key}?id_type=internal").json()
    assert document["totals"]["total"] is None


def test_an_account_is_given_as_it_was_added() -> None:
    sold = shop()
    key = with_case(sold, "exchange-uneven")
    with served(sold) as asking:
        response = asking.http.get(f"/v0/c/payments/accounts/{key}")
    expected = read_json_bytes("a", (CASES / "exchange-uneven/account.json").read_bytes())
    assert read_json_bytes("b", response.content) == expected


def test_payments_come_after_a_while_in_rest_and_in_graphql() -> None:
    clock = Clock()
    sold = shop(clock)
    sold.settings.payments_delay = 30
    account = {"instruments": {"nodes": [{"paymentMethod": "cash"}]}}
    sold.add(event(), order(paymentAccount=account), {"balance": 0})
    query = """query ($t: String!) { order(id: "order-1", tenant: $t) {
        paymentAccount { instruments { nodes { paymentMethod } } }
        paymentAccountTransactions { totalCount } } }"""
    with served(sold) as asking:
        assert asking.data(query, t=sold.tenant)["order"]["paymentAccount"] is None
        assert asking.http.get("/v0/c/payments/accounts/order-1").status_code == 404
        clock.now += 30
        assert asking.data(query, t=sold.tenant)["order"]["paymentAccount"] == account
        assert asking.http.get("/v0/c/payments/accounts/order-1").status_code == 200


@pytest.mark.parametrize("path", ["/v0/orders/none?id_type=internal", "/v0/c/payments/accounts/no"])
def test_what_is_not_there_is_a_problem(path: str) -> None:
    with served(shop()) as asking:
        response = asking.http.get(path)
        assert (response.status_code, response.json()["error_code"]) == (404, "resource_not_found")
        assert response.headers["content-type"] == "application/problem+json"
        assert asking.http.post(path).status_code == 405
        del asking.http.headers["Authorization"]
        assert asking.http.get(path).status_code == 401


def test_a_throttle_says_how_long_to_wait() -> None:
    faults = Faults()
    with served(shop(), faults) as asking:
        faults.script.append(Fault.THROTTLE)
        response = asking.http.get("/v0/c/payments/accounts/none")
    assert (response.status_code, response.headers["retry-after"]) == (429, "1")
