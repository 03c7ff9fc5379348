"""A simulated NetSuite account: what exists in it, and which logins are valid. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A member of an item group: its item's id, and its quantity in one group."""

    item: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class StockItem:
    """An item that a line can refer to.

    `kind` is NetSuite's item type (InvtPart, NonInvtPart, OthCharge, Discount, Payment, GiftCert, Group, …).
    `rate` is the item's own rate: the price of one piece; for a discount a (negative) amount, or a
    percentage of the line above when `is_percent`.
    """

    id: str
    itemid: str
    kind: str = "InvtPart"
    external_id: str | None = None
    is_inactive: bool = False
    rate: Decimal | None = None
    is_percent: bool = False
    members: tuple[GroupMember, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An entry of a list of the account: a location, a class, a currency.

    A currency is named by its symbol; `precision` are its decimal places.
    """

    id: str
    name: str
    external_id: str | None = None
    subsidiary: str | None = None
    is_inactive: bool = False
    precision: int | None = None


@dataclass(frozen=True, slots=True)
class TaxCode:
    """How a line with this code is taxed: by `rate` in percent, or by the rate in the line's `column`.

    `body_field` is the field from which the script of such an account takes the rate of shipping.
    With `discounts_by`, only discounts with the line's value in this column lower its tax;
    without it, all discounts directly below the line do.
    """

    id: str
    rate: Decimal | None = None
    column: str | None = None
    body_field: str | None = None
    discounts_by: str | None = None


@dataclass(frozen=True, slots=True)
class UserScript:
    """A user-event script: what it does to a new record of one of its types.

    `line` is added as the last; `round_total_to` rounds the total to a multiple, by a line with the item
    `rounding_item`; `move_days` moves the date; `rate_places` rounds the rates of the lines.
    """

    records: frozenset[str]
    line: Mapping[str, Any] | None = None
    round_total_to: Decimal | None = None
    rounding_item: str | None = None
    move_days: int = 0
    rate_places: int | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate that an OAuth 2.0 client uploaded; `public_key` is PEM, `id` the key's `kid`."""

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
    currencies, ship_methods. `custom_fields` holds the account's own fields with their types, by
    kind (body, column, entity). No transaction is dated before `first_open_day`, nor in
    `closed_months` and `locked_months` (as 2026-11; see `periods`); months may change at runtime.
    `concurrency`: maximum concurrent requests; `tells_limits`: whether the role may read it, as
    administrators may. `may_create`: record types that the role may create; None means all.
    `mandatory`: fields that the account's forms require, by record type.
    `order_status`: the status of a sales order sent without one: A (pending approval), B (approved).
    `settings`: the `AccountSettings` at the start. `scripts` run when a record is created. `not_exposed`:
    fields in lower case that the role does not see, by record type or table in lower case. `lengths`:
    limits of text fields that differ from `text_limits`, by name. `states`: the states of a country.
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
    settings: Mapping[str, object] = field(default_factory=dict)
    scripts: tuple[UserScript, ...] = ()
    not_exposed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def list_entries(self, name: str) -> tuple[AccountEntry, ...]:
        """Return the entries of a list; an unknown list is empty."""
        return self.lists.get(name, ())

    @property
    def symbols(self) -> Mapping[str, str]:
        """The ISO 4217 symbol of each currency, by its id."""
        return {entry.id: entry.name for entry in self.list_entries("currencies")}

    def get_places(self, currency: str) -> int:
        """Return the decimal places of the currency with an id; 2 for an unknown one."""
        entries = self.list_entries("currencies")
        return next((each.precision or 0 for each in entries if each.id == currency), 2)
