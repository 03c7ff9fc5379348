"""The generator of orders checked by itself: it gives JSON, and reaches what is rare.

No engine here; the referee says what an order becomes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from orders import CANCELLED, Json, Sample, as_json, orders, samples
from reference.parts import customer, lines, payments, the_order, transaction

thorough = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def leaves(document: object) -> list[object]:
    """Every leaf of a document."""
    if isinstance(document, dict):
        return [leaf for value in document.values() for leaf in leaves(value)]
    if isinstance(document, list | tuple):
        return [leaf for value in document for leaf in leaves(value)]
    return [document]


@thorough
@given(orders())
def test_documents_are_json_without_floats(sample: Sample) -> None:
    for document in (sample.event, sample.order, sample.account):
        assert json.loads(as_json(document), parse_float=Decimal) == document
        assert not any(isinstance(leaf, float) for leaf in leaves(document))


REACHED: dict[str, Callable[[Sample], bool]] = {
    "a cash sale": lambda sample: "undepFunds" in transaction(sample),
    "an endless aisle": lambda sample: (
        "undepFunds" not in transaction(sample) and the_order(sample)["channelType"] == "store"
    ),
    "an exchange": lambda sample: bool(the_order(sample)["isExchange"]),
    "nothing to pay": lambda sample: not payments(sample),
    "no payment account": lambda sample: the_order(sample)["paymentAccount"] is None,
    "three payments": lambda sample: len(payments(sample)) == 3,
    "one captured, another authorised": lambda sample: (
        not the_order(sample)["isExchange"] and stages(sample) >= {"authorize", "capture"}
    ),
    "a rest of tax that is negative": lambda sample: any(
        line["item"].get("id") == "1102" and line["amount"] < 0 for line in lines(sample)
    ),
    "a tax on nothing": lambda sample: any(
        node["tax"] and Decimal(node["tax"]) and not net(node) for node in live(sample)
    ),
    "a line discounted to nothing": lambda sample: any(
        price(node) and not net(node) for node in live(sample)
    ),
    "yen": lambda sample: the_order(sample)["currency"] == "JPY",
    "dinars with tax included": lambda sample: (
        the_order(sample)["currency"] == "KWD"
        and the_order(sample)["priceMethod"] == "tax_included"
    ),
    "nordhus without included tax": lambda sample: (
        sample.tenant == "nordhus" and any("rate" in line for line in lines(sample))
    ),
    "twelve items": lambda sample: len(the_order(sample)["items"]["edges"]) == 12,
    "a cancelled item": lambda sample: len(live(sample)) < len(the_order(sample)["items"]["edges"]),
    "three service levels": lambda sample: (
        len({node["shippingServiceLevel"] for node in live(sample)}) >= 3
    ),
    "no billing address": lambda sample: "billingAddress" not in transaction(sample),
    "a placeholder customer": lambda sample: "phone" not in customer(sample),
}


def live(sample: Sample) -> list[Json]:
    nodes = (edge["node"] for edge in the_order(sample)["items"]["edges"])
    return [node for node in nodes if node["status"] not in CANCELLED]


def price(node: Json) -> Decimal:
    return Decimal(node["pricebookPrice"]) * int(node["quantity"])


def net(node: Json) -> Decimal:
    discounts = (node["itemDiscounts"] or 0, node["orderDiscounts"] or 0)
    return price(node) - sum(map(Decimal, discounts))


def stages(sample: Sample) -> set[str]:
    """For each instrument whether it has authorised, captured, or both."""
    account = the_order(sample)["paymentAccount"] or {"instruments": {"edges": []}}
    found = set()
    for instrument in account["instruments"]["edges"]:
        edges = instrument["node"]["paymentAccountTransactions"]["edges"]
        kinds = sorted({edge["node"]["transactionType"] for edge in edges})
        found.add("both" if len(kinds) == 2 else "".join(kinds))
    return found


@cache
def reached() -> frozenset[str]:
    """The names in REACHED that fit one of many samples; what is rare is looked for longer."""
    found: set[str] = set()

    @settings(thorough, max_examples=300, database=None, phases=(Phase.generate,))
    @given(samples())
    def look(sample: Sample) -> None:
        missing = REACHED.keys() - found
        found.update(name for name in missing if REACHED[name](sample))

    for number in range(8):
        if found != REACHED.keys():
            seed(number)(look)()
    return frozenset(found)


@pytest.mark.parametrize("name", REACHED)
def test_the_generator_reaches(name: str) -> None:
    assert name in reached()
