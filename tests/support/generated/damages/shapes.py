"""Documents of another shape: lists cut short, nulls, scalars for objects, answers with errors."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..documents import connection
from .damage import (
    ANY_BUT_WRONG,
    FINDING,
    FINDING_OR_RIGHT,
    NOT_RENDERED,
    Case,
    Change,
    Damage,
    sets_event,
    sets_item,
    sets_order,
)


def _answer(answer: Any) -> Change:
    def change(case: Case) -> bool:
        case.documents.answer = copy.deepcopy(answer)
        return True

    return change


def _with_errors(case: Case) -> bool:
    case.documents.answer["errors"] = [{"message": "the service is busy", "path": ["order"]}]
    return True


def _cut_short(name: str) -> Change:
    def change(case: Case) -> bool:
        case.order[name]["pageInfo"]["hasNextPage"] = True
        return True

    return change


def _page_info(name: str, value: object) -> Change:
    def change(case: Case) -> bool:
        case.order[name]["pageInfo"] = value
        return True

    return change


def _no_addresses(value: object) -> Change:
    """Without addresses nothing says a customer's name."""

    def change(case: Case) -> bool:
        case.order["addresses"] = value
        if case.sale.person.email:
            person = replace(case.sale.person, first=None, last=None)
            case.sale = replace(case.sale, person=person)
        return True

    return change


def _edge(name: str, value: object) -> Change:
    """Add an edge of another shape."""

    def change(case: Case) -> bool:
        case.order[name]["edges"].append(copy.deepcopy(value))
        return True

    return change


def _event(value: object) -> Change:
    def change(case: Case) -> bool:
        case.documents.event["payload"] = copy.deepcopy(value)
        return True

    return change


def _envelope(key: str, value: object) -> Change:
    def change(case: Case) -> bool:
        case.documents.event[key] = value
        return True

    return change


def _event_without_levels(case: Case) -> bool:
    """The event says no service level, the order has some."""
    for item in case.payload["items"]:
        item["shipping_service_level"] = None
    return case.sale.is_sales_order and not case.sale.branch.is_web


def _level_unknown(case: Case) -> bool:
    node = case.rng.choice(case.nodes())
    node["shippingServiceLevel"] = "DRONE"
    listed = next(item for item in case.payload["items"] if item["id"] == node["id"])
    listed["shipping_service_level"] = "DRONE"
    return {item.level for item in case.sale.sold} == {case.sale.sold[0].level}


def _order_values(key: str, values: Sequence[object], ends: frozenset[str]) -> dict[str, Damage]:
    return {f"{key} {value!r}": Damage(sets_order(key, value), ends) for value in values}


SHAPES: dict[str, Damage] = {
    "no order": Damage(_answer({"data": {"order": None}}), NOT_RENDERED),
    "no data": Damage(_answer({"data": None}), NOT_RENDERED),
    "an empty answer": Damage(_answer({}), NOT_RENDERED),
    "an answer that is a list": Damage(_answer([]), NOT_RENDERED),
    "an order that is a list": Damage(_answer({"data": {"order": []}}), NOT_RENDERED),
    "an order that is a text": Damage(_answer({"data": {"order": "gone"}}), NOT_RENDERED),
    "an answer with errors": Damage(_with_errors, NOT_RENDERED),
    "items cut short": Damage(_cut_short("items"), NOT_RENDERED),
    "discounts cut short": Damage(_cut_short("discounts"), FINDING_OR_RIGHT),
    "addresses cut short": Damage(_cut_short("addresses"), FINDING_OR_RIGHT),
    "the page of items null": Damage(_page_info("items", None), ANY_BUT_WRONG),
    "the page of items a text": Damage(_page_info("items", "last"), ANY_BUT_WRONG),
    "more items 'true'": Damage(_page_info("items", {"hasNextPage": "true"}), NOT_RENDERED),
    **_order_values("items", (None, [], {}, "none", {"edges": None}, {"edges": {}}), NOT_RENDERED),
    "items without edges": Damage(sets_order("items", connection([])), NOT_RENDERED),
    "an edge null": Damage(_edge("items", None), FINDING_OR_RIGHT),
    "a node null": Damage(_edge("items", {"node": None}), FINDING_OR_RIGHT),
    "a node a list": Damage(_edge("items", {"node": []}), FINDING_OR_RIGHT),
    "a node a text": Damage(_edge("items", {"node": "socks"}), FINDING),
    "a node empty": Damage(_edge("items", {"node": {}}), FINDING),
    **_order_values("discounts", (None, [], "none", {"edges": None}), FINDING_OR_RIGHT),
    **{
        f"addresses {value!r}": Damage(_no_addresses(value), FINDING_OR_RIGHT)
        for value in (None, "none", {"edges": None})
    },
    "an address null": Damage(_edge("addresses", {"node": None}), FINDING_OR_RIGHT),
    "no payload": Damage(_event(None), NOT_RENDERED),
    "a payload that is a list": Damage(_event([]), NOT_RENDERED),
    "a payload that is a text": Damage(_event("order"), NOT_RENDERED),
    "an empty payload": Damage(_event({}), frozenset(("refused", "waits", "ignored"))),
    "another event": Damage(_envelope("name", "order.created"), frozenset(("ignored",))),
    "an event's name in capitals": Damage(
        _envelope("name", "ORDER.OPENED"), ANY_BUT_WRONG - {"right"}
    ),
    "an event of another tenant": Damage(_envelope("tenant", "someone-else"), ANY_BUT_WRONG),
    "an event without items": Damage(sets_event("items", []), ANY_BUT_WRONG),
    "an event with items null": Damage(sets_event("items", None), ANY_BUT_WRONG),
    "an event with items a text": Damage(sets_event("items", "none"), ANY_BUT_WRONG),
    "an event without service levels": Damage(_event_without_levels, FINDING_OR_RIGHT),
    "a service level unknown": Damage(_level_unknown, FINDING_OR_RIGHT),
    "a service level a list": Damage(
        sets_item("shippingServiceLevel", ["GROUND"]), FINDING_OR_RIGHT
    ),
    "a status a list": Damage(sets_item("status", ["opened"]), FINDING_OR_RIGHT),
    "exchanges a text": Damage(sets_event("exchanges", "none"), FINDING_OR_RIGHT),
    "the event's channel type 'mobile'": Damage(
        sets_event("channel_type", "mobile"), FINDING_OR_RIGHT
    ),
}
