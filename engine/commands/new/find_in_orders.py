"""Reads answers from a folder of orders: channels, payments, service levels, currencies, kinds of tax."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from ...documents import is_numeric
from ...documents.money import MINOR_UNITS
from ...findings.errors import ErpmapError, ReadError
from ...language.places import find_country
from ...orders.order import Order, read_order
from ...orders.order_folders import find_orders, join_path
from ...orders.samples.sale import HANDOVER
from ...orders.samples.sample_shop import STORE, WEB
from .answers import ANY, Answers, list_payment_key
from .answers_schema import CELL
from .zones import find_zone

_MOST_GOODS = 2_000
_MOST_NAMED = 5


@dataclass(slots=True)
class OrderFacts:
    """What the orders of one shop say, counted; `broken` are folders that are not whole orders."""

    shop: str = ""
    orders: int = 0
    others: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    countries: Counter[tuple[str, str]] = field(default_factory=Counter)
    currencies: Counter[tuple[str, str]] = field(default_factory=Counter)
    payments: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    prices: Counter[str] = field(default_factory=Counter)
    rates: Counter[tuple[str, str]] = field(default_factory=Counter)
    skus: Counter[str] = field(default_factory=Counter)
    gift_cards: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class FoundAnswers:
    """Answers that orders give; `assumed` are guesses for a person to check, `notes` what was left out."""

    answers: Answers
    assumed: tuple[str, ...]
    notes: tuple[str, ...]


def find_in_orders(folder: Path, newstore: str | None) -> FoundAnswers:
    """Return what the orders below a folder say of their shop, or of the shop `newstore`.

    Raise ErpmapError for a folder without orders, and for orders of several shops.
    """
    facts = _count_orders(folder, newstore)
    if not facts.orders:
        raise ErpmapError(_say_none(folder, facts))
    if facts.others and newstore is None:
        shops = Counter({facts.shop: facts.orders}) + facts.others
        found = ", ".join(f"{count:,} of {shop}" for shop, count in shops.most_common())
        raise ErpmapError(
            f"the orders below {str(folder)!r} are of several shops, {found}: name one with --newstore"
        )
    return FoundAnswers(_as_answers(facts), tuple(_list_guesses(facts)), tuple(_list_notes(facts)))


def _count_orders(folder: Path, newstore: str | None) -> OrderFacts:
    facts = OrderFacts(newstore or "")
    for name, _ in find_orders(folder):
        try:
            order = read_order(join_path(folder, name))
        except ReadError:
            facts.broken.append(name)
            continue
        event = order.event if isinstance(order.event, Mapping) else {}
        document = _dig(order.sources.get("order"), "data", "order")
        payload = event.get("payload")
        if not isinstance(payload, Mapping) or not isinstance(document, Mapping):
            facts.broken.append(name)
            continue
        shop = str(event.get("tenant") or "")
        facts.shop = facts.shop or shop
        if shop != facts.shop:
            facts.others[shop] += 1
            continue
        facts.orders += 1
        _count_order(facts, payload, document, order)
    return facts


def _count_order(
    facts: OrderFacts, payload: Mapping[str, Any], document: Mapping[str, Any], order: Order
) -> None:
    channel = document.get("channel") or payload.get("channel")
    currency = document.get("currency") or payload.get("currency")
    kind = document.get("channelType") or payload.get("channel_type")
    if _is_cell(channel):
        facts.kinds[channel, kind if kind in (WEB, STORE) else ""] += 1
        for node in _list_nodes(document.get("addresses")):
            country = find_country(str(node.get("country") or ""))
            if country:
                facts.countries[channel, country] += 1
        if currency in MINOR_UNITS:
            facts.currencies[channel, currency] += 1
    for method, provider in _list_payments(document, order.sources.get("account")):
        facts.payments[method, provider, str(currency)] += 1
    facts.prices[str(document.get("priceMethod") or payload.get("price_method"))] += 1
    for node in _list_nodes(document.get("items")):
        level, sku = node.get("shippingServiceLevel"), node.get("productId")
        if _is_cell(level) and level != HANDOVER:
            facts.levels[level] += 1
        if isinstance(sku, str) and sku.strip():
            facts.skus[sku] += 1
    items = payload.get("items")
    for item in items if isinstance(items, list) else ():
        _count_item(facts, channel, item)


def _count_item(facts: OrderFacts, channel: object, item: object) -> None:
    sku = _dig(item, "product_id")
    if _dig(item, "item_type") == "gift_card" and _is_cell(sku):
        facts.gift_cards[str(sku)] += 1
    details = _dig(item, "tax_provider_details")
    for detail in details if isinstance(details, list) else ():
        rate = _dig(detail, "rate")
        if rate is not None and is_numeric(str(rate)):
            facts.rates[str(channel), format((rate * 100).normalize(), "f")] += 1


def _list_payments(document: Mapping[str, Any], account: object) -> Iterator[tuple[str, str]]:
    """Yield method and provider of each instrument: of the order, and of an exchange's account."""
    nodes = _list_nodes(_dig(document, "paymentAccount", "instruments"))
    pairs = [(node.get("paymentMethod"), node.get("paymentProvider")) for node in nodes]
    listed = _dig(account, "instruments")
    entries = listed if isinstance(listed, list) else []
    pairs += [(_dig(each, "payment_method"), _dig(each, "payment_provider")) for each in entries]
    for method, provider in pairs:
        if _is_cell(method):
            yield method, provider if _is_cell(provider) and provider != method else ANY


def _as_answers(facts: OrderFacts) -> Answers:
    codes = list(dict.fromkeys(code for (_, code), _ in facts.currencies.most_common()))
    stores = [_as_store(facts, channel) for channel in sorted({each for each, _ in facts.kinds})]
    is_included = facts.prices["tax_included"] > facts.prices["tax_excluded"]
    answers: Answers = {
        "newstore": facts.shop,
        "currencies": dict.fromkeys(codes),
        "tax": "included" if is_included else "line",
        "stores": stores,
        "payments": [_as_payment(each, codes) for each in sorted(facts.payments)],
        "service_levels": dict.fromkeys(sorted(facts.levels)),
        "gift_cards": sorted(facts.gift_cards),
        "goods": dict.fromkeys(
            sku for sku, _ in facts.skus.most_common(_MOST_GOODS) if sku not in facts.gift_cards
        ),
    }
    if is_included:
        answers["tax_rates"] = _find_rates(facts, stores)
    payments = {
        tuple(map(str.casefold, list_payment_key(each))): each for each in answers["payments"]
    }
    answers["payments"] = list(payments.values())
    return {key: value for key, value in answers.items() if value or key == "gift_cards"}


def _as_store(facts: OrderFacts, channel: str) -> Answers:
    kind = _find_usual(facts.kinds, channel)
    country = _find_usual(facts.countries, channel)
    store: Answers = {"channel": channel, "kind": kind or None, "country": country}
    store["currencies"] = sorted(code for name, code in facts.currencies if name == channel)
    if country is not None:
        store["timezone"] = find_zone(country)
    return {key: value for key, value in store.items() if value}


def _as_payment(key: tuple[str, str, str], codes: list[str]) -> Answers:
    method, provider, currency = key
    payment: Answers = {"method": method}
    payment |= {} if provider == ANY else {"provider": provider}
    return payment if len(codes) < 2 or currency not in codes else payment | {"currency": currency}


def _find_rates(facts: OrderFacts, stores: Iterable[Answers]) -> dict[str, Any]:
    """Return the usual rate of each country."""
    rates: Counter[tuple[str, str]] = Counter()
    for store in stores:
        for (channel, rate), count in facts.rates.items():
            if channel == store["channel"] and "country" in store:
                rates[store["country"], rate] += count
    countries = dict.fromkeys(country for country, _ in rates)
    return {country: _find_usual(rates, country) for country in countries}


def _find_usual(counter: Counter[tuple[str, str]], name: str) -> str | None:
    """Return the value that is most common for a name."""
    found = [(count, value) for (key, value), count in counter.items() if key == name]
    return max(found)[1] if found else None


def _list_guesses(facts: OrderFacts) -> Iterator[str]:
    channels = sorted({channel for channel, _ in facts.kinds})
    yield f"country and time zone of {', '.join(channels)}: guessed from addresses of customers"
    if facts.prices["tax_included"] and facts.prices["tax_excluded"]:
        counts = f"{facts.prices['tax_included']:,} orders with, {facts.prices['tax_excluded']:,} without"
        yield f"tax: prices are with and without tax ({counts}); the mappings take both, see `tax`"


def _list_notes(facts: OrderFacts) -> Iterator[str]:
    if facts.broken:
        named = ", ".join(facts.broken[:_MOST_NAMED])
        more = " …" if len(facts.broken) > _MOST_NAMED else ""
        yield f"{len(facts.broken):,} folders are no whole orders, and were left out: {named}{more}"
    if facts.others:
        yield f"{sum(facts.others.values()):,} orders of other shops were left out"
    if len(facts.skus) > _MOST_GOODS:
        yield f"the {_MOST_GOODS:,} most common of {len(facts.skus):,} SKUs were taken"


def _say_none(folder: Path, facts: OrderFacts) -> str:
    shown = str(folder)
    if facts.others:
        known = ", ".join(facts.others)
        return f"no order below {shown!r} is of the shop {facts.shop!r}; there are: {known}"
    if facts.broken:
        named = ", ".join(facts.broken[:_MOST_NAMED])
        words = "an order is a folder with event.json and order.json"
        return f"no folder below {shown!r} holds a whole order ({named}); {words}"
    return f"there is no event.json below {shown!r}"


def _dig(value: object, *keys: str) -> Any:
    """Return a member of nested maps; None where it is absent."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _list_nodes(connection: object) -> list[Mapping[str, Any]]:
    edges = _dig(connection, "edges")
    nodes = [_dig(edge, "node") for edge in edges] if isinstance(edges, list) else []
    return [node for node in nodes if isinstance(node, Mapping)]


def _is_cell(value: object) -> TypeGuard[str]:
    """Whether a value can stand in a table."""
    return isinstance(value, str) and re.fullmatch(CELL, value) is not None and len(value) <= 200
