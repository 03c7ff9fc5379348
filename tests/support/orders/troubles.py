"""One thing wrong with an order. TROUBLES maps its name to a change of a sample; none edits it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from .graphql import connection
from .markets import Draw, Market, among
from .purchase import Json
from .samples import Sample, samples

Trouble = Callable[[Sample], Sample]


@st.composite
def orders(draw: Draw, market: Market | None = None) -> Sample:
    """Samples of one market, or any, one in three with one thing wrong."""
    trouble = draw(among((None,) * 2 * len(TROUBLES) + (*TROUBLES, _ALL_CANCELLED)))
    sample = draw(samples(market, is_cancelled=trouble == _ALL_CANCELLED))
    return TROUBLES.get(trouble, _unchanged)(sample)


def _unchanged(sample: Sample) -> Sample:
    return sample


def _edited(change: Callable[[Json], object]) -> Trouble:
    """A change of the order within GraphQL's answer."""

    def trouble(sample: Sample) -> Sample:
        order = copy.deepcopy(sample.order)
        change(order["data"]["order"])
        return replace(sample, order=order)

    return trouble


def _event_with(**members: object) -> Trouble:
    return lambda sample: replace(sample, event=sample.event | members)


def _answer(answer: Json) -> Trouble:
    return lambda sample: replace(sample, order=copy.deepcopy(answer))


def _order_with(**members: object) -> Trouble:
    return _edited(lambda order: order.update(members))


def _item_with(place: int, **members: object) -> Trouble:
    return _edited(lambda order: order["items"]["edges"][place]["node"].update(members))


def _told_item_with(place: int, told: Json, **members: object) -> Trouble:
    """A change of an item in the event and in the order."""

    def trouble(sample: Sample) -> Sample:
        payload = copy.deepcopy(sample.event["payload"])
        payload["items"][place].update(told)
        return _item_with(place, **members)(_event_with(payload=payload)(sample))

    return trouble


def _historical(sample: Sample) -> Sample:
    return _event_with(payload=sample.event["payload"] | {"is_historical": True})(sample)


def _no_account(sample: Sample) -> Sample:
    return replace(sample, account=None)


def _paid_in_another_currency(sample: Sample) -> Sample:
    def change(order: Json) -> None:
        for edge in _instrument_edges(order):
            for paid in edge["node"]["paymentAccountTransactions"]["edges"]:
                paid["node"]["currency"] = "CHF"

    return _edited(change)(_paid_by({}, {"currency": "CHF"})(sample))


def _paid_twice(sample: Sample) -> Sample:
    """Every instrument has a twin, as when a second card is charged for the same goods."""

    def change(order: Json) -> None:
        edges = _instrument_edges(order)
        edges += copy.deepcopy(edges)

    account = copy.deepcopy(sample.account)
    if account:
        account["instruments"] += copy.deepcopy(account["instruments"])
    return replace(_edited(change)(sample), account=account)


def _instrument_edges(order: Json) -> list[Json]:
    account = order["paymentAccount"]
    edges: list[Json] = account["instruments"]["edges"] if account else []
    return edges


def _paid_by(graphql: Json, account: Json) -> Trouble:
    """Every instrument with other members, in GraphQL and in the account."""

    def change(order: Json) -> None:
        for edge in _instrument_edges(order):
            edge["node"] |= graphql

    def trouble(sample: Sample) -> Sample:
        twin = copy.deepcopy(sample.account)
        for instrument in twin["instruments"] if twin else ():
            instrument.update(account)
        return replace(_edited(change)(sample), account=twin)

    return trouble


def _price_too_fine(order: Json) -> None:
    """Half a cent more: with two places it becomes a cent, with none it is lost."""
    node = order["items"]["edges"][0]["node"]
    node["pricebookPrice"] = Decimal(str(node["pricebookPrice"])) + Decimal("0.005")


def _total_off_by(units: int) -> Trouble:
    def change(order: Json) -> None:
        order["grandTotal"] = Decimal(str(order["grandTotal"])) + units

    return _edited(change)


def _cut_short(order: Json) -> None:
    order["items"]["pageInfo"]["hasNextPage"] = True


def _payments_cut_short(order: Json) -> None:
    account = order["paymentAccount"] or {"instruments": connection([])}
    account["instruments"]["pageInfo"]["hasNextPage"] = True
    order["paymentAccount"] = account


_ALL_CANCELLED = "all cancelled"
_PROBLEM: Json = {"message": "the service is busy", "path": ["order", "items"]}
TROUBLES: dict[str, Trouble] = {
    "historical": _historical,
    "another event": _event_with(name="order.created"),
    "no payload": _event_with(payload=None),
    "no order": _answer({"data": {"order": None}}),
    "no data": _answer({"data": None}),
    "errors": _answer({"data": {"order": None}, "errors": [_PROBLEM]}),
    "no account": _no_account,
    "no items": _order_with(items=connection([])),
    "another order": _order_with(id="7f0c1b52-3f0e-4a44-9d1e-0d4f3c2b1a90"),
    "items cut short": _edited(_cut_short),
    "payments cut short": _edited(_payments_cut_short),
    "no number": _order_with(externalId=None),
    "no price": _item_with(0, pricebookPrice=None, status="opened"),
    "a broken amount": _order_with(taxTotal="12,50"),
    "unknown channel": _order_with(channel="ATLANTIS"),
    "unknown currency": _order_with(currency="SEK"),
    "unknown level": _told_item_with(
        0, {"shipping_service_level": "DRONE"}, shippingServiceLevel="DRONE"
    ),
    "unknown sku": _told_item_with(-1, {"product_id": "NO-SUCH-SKU"}, productId="NO-SUCH-SKU"),
    "unknown method": _paid_by({"paymentMethod": "barter"}, {"payment_method": "barter"}),
    "another currency": _paid_in_another_currency,
    "price too fine": _edited(_price_too_fine),
    "paid twice": _paid_twice,
    "total too high": _total_off_by(1),
    "total too low": _total_off_by(-1),
}
