"""Whose order it is: ids, numbers, items, quantities, statuses, flags, channels, currencies, dates."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

from ..ledger import ANY_NUMBER
from ..markets import CANADA, GERMANY, JAPAN, MARKETS, UNITED_STATES
from .damage import (
    ANY_BUT_WRONG,
    FINDING,
    FINDING_OR_RIGHT,
    IGNORED,
    NOT_RENDERED,
    WAITS,
    Case,
    Change,
    Damage,
    any_item,
    as_amount,
    drops,
    sets_event,
    sets_item,
    sets_order,
)

ON, OFF = True, False
ANOTHER_ID = "7f0c1b52-3f0e-4a44-9d1e-0d4f3c2b1a90"
NOT_TAKEN = frozenset((IGNORED, WAITS, "refused"))
DOLLARS = (UNITED_STATES, CANADA)
NO_NUMBERS = {"empty": "", "a blank": " ", "null": None, "a list": ["DO1001"]}
STRANGE_NUMBERS = {
    "that is no text": 1001,
    "with a pipe": "DO|1001",
    "with a hash": "#1001",
    "with a slash": "DO/1001",
    "with a newline": "DO1001\n",
    "with a control character": "DO\x001001",
    "with an emoji": "DO1001🎉",
    "with a quote": "DO'1001",
    "of 300 characters": "D" * 300,
}


def _both_numbers(value: object) -> Change:
    def change(case: Case) -> bool:
        case.order["externalId"] = case.payload["external_id"] = value
        case.sale = replace(case.sale, number=ANY_NUMBER)
        return True

    return change


def _same_ids(case: Case) -> bool:
    nodes = case.nodes()
    if len(nodes) < 2:
        return False
    nodes[1]["id"] = nodes[0]["id"]
    case.payload["items"][1]["id"] = case.payload["items"][0]["id"]
    return True


def _twice(case: Case) -> bool:
    """A node stands twice; the totals count it once."""
    edges = case.order["items"]["edges"]
    edges.append(copy.deepcopy(case.rng.choice(edges)))
    return bool(edges[-1]["node"]["status"] == "opened")


def _free_twice(case: Case) -> bool:
    """A node without a price stands twice: no total shows it."""
    edges = case.order["items"]["edges"]
    free = [edge for edge in edges if not as_amount(edge["node"]["pricebookPrice"])]
    free = [edge for edge in free if edge["node"]["status"] == "opened"]
    edges += copy.deepcopy(free[:1])
    return bool(free)


def _lost(case: Case) -> bool:
    """One of several items is not in the document."""
    edges = case.order["items"]["edges"]
    found = [
        at
        for at, edge in enumerate(edges)
        if edge["node"]["status"] == "opened" and as_amount(edge["node"]["pricebookPrice"])
    ]
    if len(case.nodes()) < 2 or not found:
        return False
    del edges[found[0]]
    return True


def _swapped(case: Case) -> bool:
    """An item that was swapped for another one after the event."""
    items = [
        replace(item, id=ANOTHER_ID) if item == case.sale.sold[0] else item
        for item in case.sale.items
    ]
    case.nodes()[0]["id"] = ANOTHER_ID
    case.sale = replace(case.sale, items=tuple(items))
    return True


def _sku(value: object) -> Change:
    def change(case: Case) -> bool:
        node = any_item(case)
        node["productId"] = value
        next(item for item in case.payload["items"] if item["id"] == node["id"])["product_id"] = (
            value
        )
        return True

    return change


def _another_sku(case: Case) -> bool:
    """The order says another product than the event, at the same price."""
    node = any_item(case)
    node["productId"] = case.rng.choice(sorted(set(case.sale.market.skus) - {node["productId"]}))
    return True


def _sku_in_small_letters(case: Case) -> bool:
    node = any_item(case)
    lower = node["productId"].lower()
    is_other = lower != node["productId"]
    node["productId"] = lower
    return bool(is_other)


def _spelled(status: object) -> Change:
    """A cancelled item whose status is spelled otherwise; the totals do not count it."""

    def change(case: Case) -> bool:
        edges = case.order["items"]["edges"]
        gone = [edge["node"] for edge in edges if edge["node"]["status"] != "opened"]
        for node in gone:
            node["status"] = status
        return any(as_amount(node["pricebookPrice"]) for node in gone)

    return change


def _cancelled_still_counted(kind: str) -> Change:
    """An item is cancelled, and the totals and the payment still count it.

    What was authorised may become less; what was captured is more than the rest costs.
    """

    def change(case: Case) -> bool:
        found, gone = case.simple_payment(), case.sale.sold[0]
        if found is None or len(case.sale.sold) < 2 or not gone.charge.paid:
            return False
        found["transactionType"] = kind
        case.nodes()[0]["status"] = "cancelled"
        items = tuple(
            replace(item, cancelled="cancelled") if item.id == gone.id else item
            for item in case.sale.items
        )
        case.sale = replace(case.sale, items=items)
        paid = replace(case.sale.instruments[0], pays=case.sale.total)
        case.sale = replace(case.sale, instruments=(paid,))
        return True

    return change


def _free_by_its_total(case: Case) -> bool:
    """The total is zero and nothing was paid, for goods with a price."""
    case.order.update(grandTotal=0, paymentAccount=None)
    case.documents.account = None
    return case.sale.total > 0


def _exempt_with_tax(value: object) -> Change:
    def change(case: Case) -> bool:
        case.order["taxExempt"] = value
        return as_amount(case.order["taxTotal"]) > 0

    return change


def _flag_in_exchange(key: str, value: object) -> Change:
    def change(case: Case) -> bool:
        holder = case.payload if key.startswith("is_") else case.order
        holder[key] = value
        return case.sale.is_exchange and case.sale.total > 0

    return change


def _flag_in_sale(key: str, value: object) -> Change:
    def change(case: Case) -> bool:
        holder = case.payload if key.startswith("is_") else case.order
        holder[key] = value
        return not case.sale.is_exchange

    return change


def _other_price_method(value: object) -> Change:
    def change(case: Case) -> bool:
        case.order["priceMethod"] = value
        return as_amount(case.order["taxTotal"]) > 0

    return change


def _the_other_price_method(case: Case) -> bool:
    swapped = {"tax_included": "tax_excluded", "tax_excluded": "tax_included"}
    case.order["priceMethod"] = swapped[case.order["priceMethod"]]
    return as_amount(case.order["taxTotal"]) > 0


def _currency(code: object) -> Change:
    """Set the currency everywhere."""

    def change(case: Case) -> bool:
        case.order["currency"] = case.payload["currency"] = code
        for row in (*case.transactions(), *case.account_rows()):
            row["currency"] = code
        for one in case.documents.account["instruments"] if case.documents.account else ():
            one["currency"] = code
        return case.sale.market.currency != code

    return change


def _small_currency(case: Case) -> bool:
    return _currency(case.sale.market.currency.lower())(case)


def _channel_of_another_subsidiary(case: Case) -> bool:
    """The order names a branch that sells in another currency."""
    others = [
        market
        for market in MARKETS
        if market.tenant == case.sale.market.tenant
        and market.subsidiary != case.sale.market.subsidiary
    ]
    branch = case.rng.choice(case.rng.choice(others).branches)
    for key in ("channel", "demandLocationId"):
        case.order[key] = branch.channel
    case.payload["channel"] = branch.channel
    case.sale = replace(case.sale, branch=branch)
    return True


def _channel_type(value: object) -> Change:
    def change(case: Case) -> bool:
        case.order["channelType"] = case.payload["channel_type"] = value
        return True

    return change


def _types_differ(case: Case) -> bool:
    """The event says web, the order says store, or the other way round."""
    swapped = {"web": "store", "store": "web"}
    case.order["channelType"] = swapped[case.order["channelType"]]
    return True


def _placed_at(value: object) -> Damage:
    return Damage(sets_order("placedAt", value), FINDING)


def _date_only(case: Case) -> bool:
    case.order["placedAt"] = case.sale.placed_at[:10]
    return True


QUANTITIES = {
    "zero": 0,
    "negative": -1,
    "a fraction": 1.5,
    "huge": 10**12,
    "null": None,
    "true": True,
    "in words": "one",
    "a list": [1],
}
FINE_QUANTITIES: dict[str, Callable[[int], str]] = {
    "as a text": str,
    "with a point": lambda number: f"{number}.0",
}


def _fine_quantity(form: str) -> Change:
    def change(case: Case) -> bool:
        node = any_item(case)
        node["quantity"] = FINE_QUANTITIES[form](node["quantity"])
        return True

    return change


IDENTITY: dict[str, Damage] = {
    "another order's document": Damage(sets_order("id", ANOTHER_ID)),
    "the order's id null": Damage(sets_order("id", None), NOT_RENDERED),
    "another order's number": Damage(sets_order("externalId", "DO999999999")),
    "another order's number in the event": Damage(sets_event("external_id", "DO999999999")),
    "the event's id null": Damage(sets_event("id", None), NOT_RENDERED),
    "the event's id empty": Damage(sets_event("id", ""), NOT_RENDERED),
    **{f"a number {name}": Damage(_both_numbers(value)) for name, value in NO_NUMBERS.items()},
    **{
        f"a number {name}": Damage(_both_numbers(value), FINDING_OR_RIGHT)
        for name, value in STRANGE_NUMBERS.items()
    },
    "two items with one id": Damage(_same_ids),
    "an item twice": Damage(_twice),
    "a free item twice": Damage(_free_twice),
    "an item missing": Damage(_lost),
    "an item's id null": Damage(sets_item("id", None)),
    "an item's id empty": Damage(sets_item("id", "")),
    "an item swapped": Damage(_swapped, FINDING_OR_RIGHT),
    "a SKU unknown": Damage(_sku("NO-SUCH-SKU"), FINDING, DOLLARS),
    "a SKU empty": Damage(_sku("")),
    "a SKU blank": Damage(_sku(" ")),
    "a SKU null": Damage(_sku(None)),
    "a SKU a list": Damage(_sku(["TEE-BLACK-M"])),
    "a SKU no longer sold": Damage(_sku("COAT-OLD"), FINDING, DOLLARS),
    "another SKU than the event's": Damage(_another_sku),
    "a SKU in small letters": Damage(_sku_in_small_letters, FINDING_OR_RIGHT, DOLLARS),
    **{
        f"a quantity {name}": Damage(sets_item("quantity", value))
        for name, value in QUANTITIES.items()
    },
    **{
        f"a quantity {name}": Damage(_fine_quantity(name), FINDING_OR_RIGHT)
        for name in FINE_QUANTITIES
    },
    "a quantity absent": Damage(drops(any_item, "quantity")),
    **{
        f"cancelled spelled {status!r}": Damage(_spelled(status), FINDING_OR_RIGHT)
        for status in ("CANCELLED", "Canceled", "void", "rejected", "returned", "", None)
    },
    **{
        f"the status {status!r}": Damage(sets_item("status", status), FINDING_OR_RIGHT)
        for status in ("melted", None, 7)
    },
    "a cancelled item still counted": Damage(
        _cancelled_still_counted("authorize"), FINDING_OR_RIGHT | {WAITS}
    ),
    "a cancelled item still counted and captured": Damage(
        _cancelled_still_counted("capture"), NOT_RENDERED
    ),
    "free by its total": Damage(_free_by_its_total, NOT_RENDERED),
    "historical only in GraphQL": Damage(sets_order("isHistorical", ON), NOT_TAKEN),
    "historical only in the event": Damage(sets_event("is_historical", ON), NOT_TAKEN),
    "historical 'true' in the event": Damage(sets_event("is_historical", "true"), NOT_TAKEN),
    "historical 'false' in the event": Damage(
        sets_event("is_historical", "false"), FINDING_OR_RIGHT
    ),
    "historical 'true' in GraphQL": Damage(sets_order("isHistorical", "true"), NOT_TAKEN),
    "historical 'false' in GraphQL": Damage(sets_order("isHistorical", "false"), FINDING_OR_RIGHT),
    "historical 1 in the event": Damage(sets_event("is_historical", 1), NOT_TAKEN),
    "exchange only in the event": Damage(_flag_in_exchange("isExchange", OFF), ANY_BUT_WRONG),
    "exchange only in GraphQL": Damage(_flag_in_exchange("is_exchange", OFF), ANY_BUT_WRONG),
    "exchange null in GraphQL": Damage(_flag_in_exchange("isExchange", None), ANY_BUT_WRONG),
    "exchange 'true'": Damage(_flag_in_exchange("isExchange", "true"), ANY_BUT_WRONG),
    "exchange 'false'": Damage(_flag_in_sale("isExchange", "false"), ANY_BUT_WRONG),
    "no exchange, only in GraphQL one": Damage(_flag_in_sale("isExchange", ON), ANY_BUT_WRONG),
    "exempt with tax": Damage(_exempt_with_tax(ON)),
    "exempt 'true' with tax": Damage(_exempt_with_tax("true")),
    "exempt 'false'": Damage(_exempt_with_tax("false"), FINDING_OR_RIGHT),
    "exempt a number": Damage(_exempt_with_tax(1)),
    "exempt only in the event": Damage(sets_event("tax_exempt", "true"), FINDING_OR_RIGHT),
    "the other price method": Damage(_the_other_price_method, FINDING | {WAITS}),
    **{
        f"the price method {value!r}": Damage(_other_price_method(value), FINDING_OR_RIGHT)
        for value in ("TAX_INCLUDED", "vat_included", "", None, "net")
    },
    "a channel unknown": Damage(sets_order("channel", "ATLANTIS")),
    "a channel null": Damage(sets_order("channel", None)),
    "a channel empty": Damage(sets_order("channel", "")),
    "a channel of another subsidiary": Damage(_channel_of_another_subsidiary),
    "another channel than the event's": Damage(
        sets_order("channel", "TOR1"), FINDING, (UNITED_STATES,)
    ),
    **{
        f"the channel type {value!r}": Damage(_channel_type(value))
        for value in ("mobile", "wholesale", "WEB", "", None, 1)
    },
    "channel types that differ": Damage(_types_differ),
    **{
        f"the currency {code!r}": Damage(_currency(code), FINDING)
        for code in ("GBP", "XXX", "", None, "US dollar", 840, ["USD"], "EUR ")
    },
    "the currency of another subsidiary": Damage(_currency("CAD"), FINDING, (UNITED_STATES,)),
    "yen in Germany": Damage(_currency("JPY"), FINDING, (GERMANY,)),
    "euros in Japan": Damage(_currency("EUR"), FINDING, (JAPAN,)),
    "euros in America": Damage(_currency("EUR"), FINDING, DOLLARS),
    "the currency in small letters": Damage(_small_currency, FINDING_OR_RIGHT),
    "another currency in the event": Damage(sets_event("currency", "GBP"), FINDING),
    **{
        f"placed at {value!r}": _placed_at(value)
        for value in (
            "yesterday",
            "",
            None,
            "2026-13-45T00:00:00",
            "2027-02-29T00:00:00",
            "0000-00-00T00:00:00",
            1_796_320_866,
            "03/12/2026 18:41",
            "2026-12-03T25:00:00",
            ["2026-12-03T18:41:06"],
            "0001-01-01T00:00:00",
        )
    },
    "placed at a day without a time": Damage(_date_only, FINDING_OR_RIGHT),
}
