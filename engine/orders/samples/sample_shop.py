"""What a tenant sells where and how it is paid: the facts that sampled orders are drawn from. Pure.

They are read from the tables and settings of its plans, by the names that the base mappings give them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ...documents.money import LEDGER_PLACES, MINOR_UNITS
from ...documents.numbers import is_numeric
from ...findings.errors import ErpmapError
from ...mapping.lookups import Table
from ...mapping.plan import Plan

WEB: Final = "web"
STORE: Final = "store"
STORE_CREDIT: Final = "store_credit"
GIFT_CARD: Final = "gift_card"
CASH: Final = "cash"
_ANY = "*"
# A rate of sales tax for tenants that post any, and one of included tax where no table has rates.
_SALES_TAX, _INCLUDED_TAX = Decimal("8.25"), Decimal(20)


@dataclass(frozen=True, slots=True)
class SampleMethod:
    """A payment method with its provider, and the currency that it is for; `*` is any."""

    method: str
    provider: str
    currency: str


@dataclass(frozen=True, slots=True)
class SampleBranch:
    """A store or a web shop: its channel, its country, the currencies that it sells in.

    `kind` is `web` or `store`; an empty text is either.
    """

    channel: str
    kind: str
    country: str
    currencies: tuple[str, ...]
    has_customer: bool


@dataclass(frozen=True, slots=True)
class SampleShop:
    """The facts of one tenant. `rates` are the included tax rates by country, none for sales tax."""

    tenant: str
    newstore: str
    branches: tuple[SampleBranch, ...]
    methods: tuple[SampleMethod, ...]
    levels: tuple[str, ...]
    skus: tuple[str, ...]
    gift_cards: tuple[str, ...]
    places: Mapping[str, int]
    is_included: bool = False
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    def find_rate(self, country: str) -> Decimal:
        """Return the tax rate of a country in per cent."""
        if not self.is_included:
            return _SALES_TAX
        return self.rates.get(country, self.rates.get(_ANY, _INCLUDED_TAX))

    def list_methods(self, currency: str, *methods: str) -> list[SampleMethod]:
        """Return the methods for a currency, all or only those of these names."""
        return [
            each
            for each in self.methods
            if each.currency in (currency, _ANY) and (not methods or each.method in methods)
        ]


@dataclass(frozen=True, slots=True)
class ShopHints:
    """What tables do not say: SKUs, the kind of each channel, whether prices include tax."""

    skus: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    is_included: bool = False


def read_sample_shop(plans: Sequence[Plan], hints: ShopHints) -> SampleShop:
    """Return the facts of a tenant's plans. Raise ErpmapError that names what is missing."""
    plan = plans[0]
    tables = {name: table for each in plans for name, table in each.tables.items()}
    currencies = _list_keys(tables.get("currency"))
    branches = tuple(_read_branches(tables.get("location"), currencies, hints))
    methods = tuple(_read_methods(tables.get("payment_item")))
    wanted = {
        "a currency in the lookup 'currency'": currencies,
        "a location in the lookup 'location' that sells in one of these currencies": branches,
        "a method in the lookup 'payment_item'": methods,
        "an item: in cases/lookups/item.json, simulator.yaml or an order of its cases": hints.skus,
    }
    missing = [words for words, found in wanted.items() if not found]
    if missing:
        what = "; ".join(missing)
        raise ErpmapError(f"orders of {plan.tenant} cannot be sampled, it lacks {what}")
    rates = {key: Decimal(str(value)) for key, value in _list_values(tables.get("vat_rate"))}
    newstore = plan.tenant_facts.get("newstore")
    return SampleShop(
        tenant=plan.tenant,
        newstore=str(newstore.get("tenant")) if isinstance(newstore, Mapping) else "",
        branches=branches,
        methods=methods,
        levels=tuple(_list_keys(tables.get("shipping_method"))),
        skus=hints.skus,
        gift_cards=_read_gift_cards(plan),
        places={code: _read_places(plan, code) for code in currencies},
        is_included=bool(rates) or hints.is_included,
        rates=rates,
    )


def _list_keys(table: Table | None) -> list[str]:
    keys = [row.key[0] for row in table.rows] if table is not None else []
    return [key for key in dict.fromkeys(keys) if key != _ANY]


def _list_values(table: Table | None) -> Iterable[tuple[str, object]]:
    for row in table.rows if table is not None else ():
        if is_numeric(str(row.value)):
            yield row.key[0], row.value


def _read_branches(
    table: Table | None, currencies: Sequence[str], hints: ShopHints
) -> Iterable[SampleBranch]:
    for row in table.rows if table is not None else ():
        columns = row.value if isinstance(row.value, Mapping) else {}
        listed = str(columns.get("currencies") or _ANY).split()
        sold = tuple(code for code in currencies if code in listed or _ANY in listed)
        if sold and row.key[0] != _ANY:
            name = str(columns.get("customer_name") or row.key[0])
            guess = WEB if "web" in f"{row.key[0]} {name}".lower() else ""
            yield SampleBranch(
                channel=row.key[0],
                kind=hints.kinds.get(row.key[0], guess),
                country=str(columns.get("country") or "US"),
                currencies=sold,
                has_customer=bool(columns.get("customer_email")),
            )


def _read_methods(table: Table | None) -> Iterable[SampleMethod]:
    """Yield the rows of a table by method, provider and currency; a provider `*` is the method's name."""
    for row in table.rows if table is not None else ():
        named = dict(zip(table.keys if table is not None else (), row.key, strict=False))
        method = named.get("method", _ANY)
        if method != _ANY:
            provider = named.get("provider", _ANY)
            yield SampleMethod(
                method=method,
                provider=method if provider == _ANY else provider,
                currency=named.get("currency", _ANY),
            )


def _read_gift_cards(plan: Plan) -> tuple[str, ...]:
    cards = plan.settings.get("gift_cards")
    has_item = plan.settings.get("gift_card_item") is not None
    return tuple(map(str, cards)) if has_item and isinstance(cards, list | tuple) else ()


def _read_places(plan: Plan, currency: str) -> int:
    """Return the places that both the shop and the account have."""
    ledger = plan.places.get(currency, LEDGER_PLACES.get(currency, 2))
    return min(MINOR_UNITS.get(currency, 2), ledger)
