"""Reads what a tenant sells: from its plans, its cases, and the items of its simulator.yaml."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...findings.diagnostics import SourceText
from ...findings.errors import FindingsError, ReadError
from ...mapping.files.nodes import MapNode, as_data
from ...mapping.files.parse_yaml import read_yaml
from ...mapping.load import open_folder
from ...mapping.lookups import Table
from ...mapping.plan import LiveLookup, Plan
from ...mapping.plan.compile_lookups import read_table
from ...orders.order import Order, read_order
from ...orders.order_folders import find_orders, join_path
from ...orders.samples.sample_shop import (
    STORE,
    WEB,
    SampleShop,
    ShopHints,
    read_sample_shop,
)
from ...simulator.netsuite import read_account
from ...simulator.tenants import ACCOUNT_FILE

_ITEM = "item"
_GOODS = frozenset(("InvtPart", "NonInvtPart"))
# More cases say nothing new.
_MOST_CASES = 500


@dataclass(frozen=True, slots=True)
class _Goods:
    """The active goods of the simulated account: their names, and their external ids."""

    names: frozenset[str]
    external_ids: tuple[str, ...]


def read_shop(
    root: Path, tenant: str, plans: tuple[Plan, ...], shared: Mapping[str, SourceText]
) -> SampleShop:
    """Return what the tenant sells. Raise ErpmapError that says what is missing."""
    orders = list(_list_cases(root / tenant / "cases"))
    goods = _read_goods(root, tenant)
    skus = _list_skus(plans, shared, goods) or tuple(dict.fromkeys(_list_sold(orders)))
    return read_sample_shop(
        plans, ShopHints(skus=skus, kinds=_read_kinds(orders), is_included=_is_included(orders))
    )


def _list_cases(cases: Path) -> Iterator[Order]:
    for at, (name, _) in enumerate(find_orders(cases)):
        if at >= _MOST_CASES:
            return
        try:
            yield read_order(join_path(cases, name))
        except ReadError:
            continue


def _read_goods(root: Path, tenant: str) -> _Goods | None:
    """Return the goods of the simulated account; None without one that can be read."""
    if not (root / tenant / ACCOUNT_FILE).is_file():
        return None
    try:
        node = read_yaml(open_folder(root).read(f"{tenant}/{ACCOUNT_FILE}"))
        document = as_data(node) if isinstance(node, MapNode) else {}
        assert isinstance(document, Mapping)
        account = read_account(document)
    except FindingsError:
        return None
    active = [item for item in account.items if item.kind in _GOODS and not item.is_inactive]
    external = tuple(item.external_id for item in active if item.external_id is not None)
    return _Goods(frozenset(item.itemid for item in active), external)


def _list_skus(
    plans: Iterable[Plan], shared: Mapping[str, SourceText], goods: _Goods | None
) -> tuple[str, ...]:
    """Return the SKUs that the recorded answers and the simulated account both know."""
    live = next((each for plan in plans for each in plan.live_lookups if each.name == _ITEM), None)
    if live is None:
        return goods.external_ids if goods is not None else ()
    recorded = _list_recorded(live, shared)
    return tuple(sku for sku in recorded if goods is None or sku in goods.names)


def _list_recorded(live: LiveLookup, shared: Mapping[str, SourceText]) -> list[str]:
    if _ITEM not in shared:
        return []
    table: Table = read_table(live.name, shared[_ITEM], live.options)
    return [row.key[0] for row in table.rows]


def _read_kinds(orders: Iterable[Order]) -> dict[str, str]:
    """Return the usual kind, web or store, of each channel."""
    seen: Counter[tuple[str, str]] = Counter()
    for order in orders:
        payload = _read_payload(order)
        kind = payload.get("channel_type")
        if kind in (WEB, STORE):
            seen[str(payload.get("channel")), str(kind)] += 1
    return {channel: kind for (channel, kind), _ in reversed(seen.most_common())}


def _is_included(orders: Iterable[Order]) -> bool:
    methods = Counter(_read_payload(order).get("price_method") for order in orders)
    return methods["tax_included"] > methods["tax_excluded"]


def _list_sold(orders: Iterable[Order]) -> Iterator[str]:
    for order in orders:
        items = _read_payload(order).get("items")
        for item in items if isinstance(items, list) else ():
            if isinstance(item, Mapping) and isinstance(item.get("product_id"), str):
                yield item["product_id"]


def _read_payload(order: Order) -> Mapping[str, object]:
    payload = order.event.get("payload") if isinstance(order.event, Mapping) else None
    return payload if isinstance(payload, Mapping) else {}
