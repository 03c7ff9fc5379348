"""NewStore's event comes before its data: orders, payment accounts and payments that arrive later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from newstore_shops import TENANT, Asking, Clock, event, order, served, shop

from engine.simulator.newstore import SimulatedShop

ORDER = f"""{{ order(id: "order-1", tenant: "{TENANT}") {{
    taxTotal shippingTax grandTotal
    items {{ nodes {{ id tax }} }}
    paymentAccount {{ instruments {{ nodes {{ paymentAccountTransactions {{ nodes {{ transactionType amount }} }} }} }} }}
}} }}"""
PAID = ["authorize", "capture"]


def payments(*kinds: str) -> dict[str, object]:
    nodes = [{"transactionType": kind, "amount": "9.00"} for kind in kinds]
    return {"instruments": {"nodes": [{"paymentAccountTransactions": {"nodes": nodes}}]}}


@pytest.fixture
def sold() -> SimulatedShop:
    lines = {"nodes": [{"id": "item-1", "tax": "1.00", "pricebookPrice": "8.00", "quantity": 1}]}
    document = order(
        taxTotal="1.00", shippingTax="0.50", grandTotal="9.00", items=lines, paymentAccount=payments(*PAID)
    )  # fmt: skip
    account = {"instruments": [{"original_transactions": [{"reason": kind} for kind in PAID]}]}
    found = shop(Clock())
    found.add(event(), document, account)
    return found


@pytest.fixture
def asking(sold: SimulatedShop) -> Iterator[Asking]:
    with served(sold) as client:
        yield client


def kinds(document: Any) -> list[str] | None:
    """The types of an order's payments; None without an account."""
    account = document["paymentAccount"]
    if account is None:
        return None
    (instrument,) = account["instruments"]["nodes"]
    return [each["transactionType"] for each in instrument["paymentAccountTransactions"]["nodes"]]


def read(asking: Asking) -> Any:
    return asking.data(ORDER)["order"]


def test_an_order_comes_after_its_event(sold: SimulatedShop, asking: Asking) -> None:
    sold.settings.orders_delay_reads = 2
    assert [read(asking) is None for _ in range(2)] == [True, True]
    assert asking.data("{ orders { totalCount } }")["orders"]["totalCount"] == 0
    assert read(asking)["grandTotal"] == "9.00"
    assert asking.data("{ orders { totalCount } }")["orders"]["totalCount"] == 1
    sold.settings.orders_delay, moment = 30, sold.clock
    assert read(asking) is None
    assert asking.http.get("/v0/orders/order-1?id_type=internal").status_code == 404
    assert isinstance(moment, Clock)
    moment.now += 30
    assert asking.http.get("/v0/orders/order-1?id_type=internal").status_code == 200
    assert kinds(read(asking)) == PAID


def test_an_account_and_its_payments_come_later(sold: SimulatedShop, asking: Asking) -> None:
    sold.settings.payments_delay_reads = 1
    sold.settings.transactions_delay_reads = 2
    sold.settings.late_transactions = 1
    assert [kinds(read(asking)) for _ in range(3)] == [None, PAID[:1], PAID]


def test_payments_come_later_in_rest_too(sold: SimulatedShop, asking: Asking) -> None:
    sold.settings.payments_delay_reads = 1
    sold.settings.transactions_delay_reads = 2
    sold.settings.late_transactions = 5
    answers = [asking.http.get("/v0/c/payments/accounts/order-1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 200, 200]
    listed = [answer.json()["instruments"][0]["original_transactions"] for answer in answers[1:]]
    assert [len(each) for each in listed] == [0, 2]


def test_taxes_may_be_null(sold: SimulatedShop, asking: Asking) -> None:
    sold.settings.null_taxes = True
    found = read(asking)
    assert (found["taxTotal"], found["shippingTax"], found["grandTotal"]) == (None, None, "9.00")
    assert found["items"]["nodes"] == [{"id": "item-1", "tax": None}]
    rest = asking.http.get("/v0/orders/order-1?id_type=internal").json()
    assert rest["items"][0]["price"]["tax"] is None
    assert rest["totals"]["tax"] is None
    sold.settings.null_taxes = False
    assert read(asking)["items"]["nodes"] == [{"id": "item-1", "tax": "1.00"}]


@pytest.mark.parametrize("kind", ["void", "refund", "issue", "chargeback"])
def test_payments_of_any_type_arrive(sold: SimulatedShop, asking: Asking, kind: str) -> None:
    assert kinds(read(asking)) == PAID
    sold.add_transaction("order-1", {"transactionType": kind, "amount": "9.00"})
    assert kinds(read(asking)) == [*PAID, kind]


@pytest.mark.parametrize(
    ("key", "transaction", "words"),
    [
        ("order-2", {}, "'order-2' is not known"),
        ("order-1", {"kind": "void"}, "has no field kind"),
        ("bare", {}, "has no payment account"),
    ],
)
def test_a_payment_that_fits_nowhere_is_refused(
    sold: SimulatedShop, key: str, transaction: dict[str, object], words: str
) -> None:
    sold.add(event("bare"), order("bare"))
    with pytest.raises(ValueError, match=words):
        sold.add_transaction(key, transaction)
