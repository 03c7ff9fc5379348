"""One thing wrong with a good order: its name, the change, and the ends that are right for it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from ..documents import Documents
from ..markets import CREDIT, MARKETS, Json, Market
from ..sale import Sale

REFUSED, WAITS, IGNORED, RIGHT = "refused", "waits", "ignored", "right"
# A person decides; or the amounts that the order says elsewhere were enough.
FINDING = frozenset((REFUSED,))
FINDING_OR_RIGHT = frozenset((REFUSED, RIGHT))
ANY_BUT_WRONG = frozenset((REFUSED, RIGHT, WAITS, IGNORED))
NOT_RENDERED = frozenset((REFUSED, WAITS))


@dataclass(slots=True)
class Case:
    """A good order about to be damaged; `sale` is what is right in the end."""

    rng: Random
    sale: Sale
    documents: Documents

    @property
    def order(self) -> Json:
        return self.documents.order

    @property
    def payload(self) -> Json:
        return self.documents.payload

    @property
    def unit(self) -> Decimal:
        """The smallest amount that the shop's prices have."""
        return self.sale.market.money(self.sale.market.step)

    def nodes(self) -> list[Json]:
        """The items that are sold."""
        edges = self.order["items"]["edges"]
        return [edge["node"] for edge in edges if edge["node"]["status"] == "opened"]

    def instruments(self) -> list[Json]:
        """GraphQL's instruments; none where an exchange is paid by what REST says."""
        account = self.order["paymentAccount"]
        if account is None or self.sale.is_exchange:
            return []
        return [edge["node"] for edge in account["instruments"]["edges"]]

    def transactions(self) -> list[Json]:
        """GraphQL's transactions that count."""
        return [
            edge["node"]
            for instrument in self.instruments()
            for edge in instrument["paymentAccountTransactions"]["edges"]
        ]

    def account_rows(self) -> list[Json]:
        """The transactions of the REST payment account of an exchange."""
        account = self.documents.account
        instruments = account["instruments"] if account else []
        return [row for one in instruments for row in one["original_transactions"]]

    def simple_payment(self) -> Json | None:
        """The only transaction of the only instrument, None where there are more."""
        found = self.transactions()
        return found[0] if len(found) == 1 and found[0]["transactionType"] == "authorize" else None

    def pays_more(self, units: int) -> bool:
        """Let the only instrument pay more; False where there are more."""
        found = self.simple_payment()
        if found is None:
            return False
        found["amount"] = as_amount(found["amount"]) + self.sale.market.money(units)
        one = self.sale.instruments[0]
        self.sale = replace(self.sale, instruments=(replace(one, pays=one.pays + units),))
        return True


def as_amount(value: object) -> Decimal:
    """Read an amount that a document has, null as zero."""
    return Decimal(str(value or 0))


Change = Callable[[Case], bool]
"""Damages a case in place; False where the order has nothing to damage that way."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A kind of damage; it is tried on sales of `markets`."""

    change: Change
    ends: frozenset[str] = FINDING
    markets: Collection[Market] = MARKETS


def done(_: object) -> bool:
    """Say that a change was made."""
    return True


def sets_order(key: str, value: object) -> Change:
    return lambda case: done(case.order.update({key: value}))


def sets_event(key: str, value: object) -> Change:
    return lambda case: done(case.payload.update({key: value}))


def sets_item(key: str, value: object) -> Change:
    """Set a member of one item that is sold."""
    return lambda case: done(case.rng.choice(case.nodes()).update({key: value}))


def drops(pick: Callable[[Case], Json | None], key: str) -> Change:
    """Remove a member."""

    def change(case: Case) -> bool:
        holder = pick(case)
        return holder is not None and holder.pop(key, None) is not None

    return change


def any_item(case: Case) -> Json:
    return case.rng.choice(case.nodes())


def any_transaction(case: Case) -> Json | None:
    found = [row for row in case.transactions() if as_amount(row["amount"])]
    return case.rng.choice(found) if found else None


def any_instrument(case: Case) -> Json | None:
    """An instrument that pays something."""
    paying = [one for one in case.sale.instruments if one.means != CREDIT]
    found = [node for node, one in zip(case.instruments(), paying, strict=False) if one.pays]
    return case.rng.choice(found) if found else None


def sets_transaction(key: str, value: object) -> Change:
    def change(case: Case) -> bool:
        found = any_transaction(case)
        return found is not None and done(found.update({key: value}))

    return change


def sets_instrument(key: str, value: object) -> Change:
    def change(case: Case) -> bool:
        found = any_instrument(case)
        return found is not None and done(found.update({key: value}))

    return change
