"""A NetSuite account as the simulator plays it: what exists in it, and who may come in. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class StockItem:
    """Something that a line can be about.

    `kind` is NetSuite's item type (InvtPart, NonInvtPart, OthCharge, Discount, Payment, GiftCert, …).
    `rate` is the item's own: a price for one piece, or for a discount a (negative) amount, or its
    part of the line above in percent when `is_percent`.
    """

    id: str
    itemid: str
    kind: str = "InvtPart"
    external_id: str | None = None
    is_inactive: bool = False
    rate: Decimal | None = None
    is_percent: bool = False


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An entry of a list of the account: a location, a class, a currency (named by its symbol)."""

    id: str
    name: str
    external_id: str | None = None
    subsidiary: str | None = None
    is_inactive: bool = False


@dataclass(frozen=True, slots=True)
class TaxCode:
    """How a line with this code is taxed: `rate` in percent, or what the line's `column` says.

    `body_field` is where such an account's script takes the rate of shipping from. With
    `discounts_by` only those discounts lower a line's tax that have its value in this column;
    otherwise all do that stand directly below it.
    """

    id: str
    rate: Decimal | None = None
    column: str | None = None
    body_field: str | None = None
    discounts_by: str | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a client of OAuth 2.0 has uploaded; `public_key` is PEM, `id` the key's `kid`."""

    client_id: str
    id: str
    public_key: str


@dataclass(frozen=True, slots=True)
class TokenSecrets:
    """The two keys and two secrets of token-based authentication (OAuth 1.0a)."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """A NetSuite account.

    `lists` holds entries by the name of their list: subsidiaries, locations, departments, classes,
    currencies, ship_methods. `custom_fields` holds, by kind (body, column, entity), the fields
    the account has added with their types. `first_open_day`: no transaction is dated before it, nor in
    `closed_months` and `locked_months` (as 2026-11; see `periods`), which may change while it is played.
    `concurrency`: so many requests at once; `tells_limits`: whether the role is told, as administrators
    are. `may_create`: types the role may create; None is all.
    `mandatory`: fields that the account's forms demand, by type of record.
    `order_status`: what a sales order becomes that does not say: A (pending approval), B (approved).
    """

    id: str
    items: tuple[StockItem, ...] = ()
    lists: Mapping[str, tuple[AccountEntry, ...]] = field(default_factory=dict)
    tax_codes: tuple[TaxCode, ...] = ()
    custom_fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()
    tokens: tuple[TokenSecrets, ...] = ()
    first_open_day: date | None = None
    closed_months: frozenset[str] = frozenset()
    locked_months: frozenset[str] = frozenset()
    concurrency: int = 5
    tells_limits: bool = False
    may_create: frozenset[str] | None = None
    mandatory: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order_status: str = "B"

    def list_entries(self, name: str) -> tuple[AccountEntry, ...]:
        """The entries of a list; a list that is not there is empty."""
        return self.lists.get(name, ())

    @property
    def symbols(self) -> Mapping[str, str]:
        """The ISO 4217 symbol of each currency, by its id."""
        return {entry.id: entry.name for entry in self.list_entries("currencies")}
