"""What was paid, written by hand: of each instrument what was captured or is held, less refunds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..tables import Tables
from .lines import add_line
from .values import ZERO, Json, RefusedError, cents, money, needed, nodes

_CASH_ROUNDING_ITEM = "1104"
_CASH_ROUNDING = {"CAD": Decimal("0.02")}
_LARGEST_ROUNDING = Decimal("0.05")
_KINDS = {
    **dict.fromkeys(("authorize", "authorise", "authorization", "authorisation"), "authorized"),
    **dict.fromkeys(("authorized", "authorised"), "authorized"),
    **dict.fromkeys(("capture", "captured"), "captured"),
    **dict.fromkeys(("void", "voided"), "voided"),
    **dict.fromkeys(("refund", "refunded"), "refunded"),
    **dict.fromkeys(("issue", "issued"), "issued"),
}


@dataclass(slots=True)
class Instrument:
    """The sums of an instrument's transactions by kind; `latest` is the last authorisation."""

    method: str
    provider: str
    authorized: Decimal = ZERO
    captured: Decimal = ZERO
    voided: Decimal = ZERO
    refunded: Decimal = ZERO
    issued: Decimal = ZERO
    latest: Decimal = ZERO

    def paid(self, *, renewed: bool) -> Decimal:
        """What it paid; `renewed` if each authorisation replaced the one before it."""
        held = self.authorized - self.voided
        if renewed:
            return max(min(self.latest, held), self.captured, self.issued) - self.refunded
        return max(held, self.captured) - self.refunded + self.issued

    @property
    def is_open(self) -> bool:
        """Whether it was only authorised: a ceiling, no payment yet."""
        return self.authorized > 0 and not (self.captured or self.refunded or self.issued)


def instruments_of(order: Json, *, is_exchange: bool) -> list[Instrument]:
    """Every instrument of the order; an exchange's are not in GraphQL's answer.

    Raise RefusedError for a transaction that cannot be.
    """
    account = order.get("paymentAccount")
    currency = needed(order, "currency")
    listed = nodes(account.get("instruments")) if account is not None else ()
    if is_exchange:
        for node in listed:
            nodes(node.get("paymentAccountTransactions"))
        return []
    return [_instrument(node, currency) for node in listed]


def _instrument(node: Json, currency: str) -> Instrument:
    provider = node.get("paymentProvider")
    found = Instrument(needed(node, "paymentMethod"), "unknown" if provider is None else provider)
    for transaction in nodes(node.get("paymentAccountTransactions")):
        kind = _KINDS[str(transaction.get("transactionType")).lower()]
        if transaction.get("currency") not in (None, "", currency):
            raise RefusedError("a payment is in another currency than the order")
        amount = money(transaction.get("amount"), "amount")
        if amount is None:
            if kind in {"voided", "refunded"}:
                raise RefusedError("amount")
            continue
        if kind == "authorized":
            found.latest = amount
        if kind in {"voided", "refunded"}:
            amount = abs(amount)
        setattr(found, kind, getattr(found, kind) + amount)
    if found.voided > found.authorized or found.authorized < 0 or found.captured < 0:
        raise RefusedError("a payment is negative, or more is voided than was authorised")
    if found.paid(renewed=False) < 0:
        raise RefusedError("more is refunded than was paid")
    return found


def check_arrived(instruments: list[Instrument], total: Decimal) -> None:
    """Raise RefusedError while less was authorised or taken than the order costs."""
    there = [max(one.authorized, one.captured + one.issued) for one in instruments]
    if total > 0 and sum(there, ZERO) < total - _LARGEST_ROUNDING:
        raise RefusedError("payments are still to arrive")


def pay(
    lines: list[Json],
    instruments: list[Instrument],
    prices: tuple[str, Decimal, Decimal],
    tables: Tables,
) -> None:
    """Add a line for each instrument that paid something, and for the rounding of cash.

    `prices` are the currency, what the order costs, and what its cancelled items would have cost.
    Raise RefusedError if something else was paid.
    """
    currency, due, lost = prices
    renewed = (
        sum([one.paid(renewed=False) for one in instruments], ZERO) != due
        and sum([one.paid(renewed=True) for one in instruments], ZERO) == due
    )
    surplus = sum([one.paid(renewed=renewed) for one in instruments], ZERO) - due
    released = _released(instruments, surplus, lost)
    if surplus != released:
        is_cash = any("cash" in one.method.lower().split(" ") for one in instruments)
        if not is_cash or abs(surplus) > _CASH_ROUNDING.get(currency, ZERO):
            raise RefusedError(f"{surplus} more is paid than the order costs")
        add_line(lines, _CASH_ROUNDING_ITEM, cents(surplus))
    for one in instruments:
        paid = one.paid(renewed=renewed) - (released if one.is_open else ZERO)
        if paid:
            item = _payment_item(one, currency.casefold(), tables)
            lines.append({"item": {"id": item}, "amount": cents(paid)})


def _released(instruments: list[Instrument], surplus: Decimal, lost: Decimal) -> Decimal:
    """What the only open authorisation holds for cancelled items."""
    opened = [one for one in instruments if one.is_open]
    if not (surplus > 0 and surplus == lost and len(opened) == 1):
        return ZERO
    return surplus if opened[0].paid(renewed=False) >= surplus else ZERO


def _payment_item(instrument: Instrument, currency: str, tables: Tables) -> str:
    of_items = tables.payment_items
    how, by = instrument.method.casefold(), instrument.provider.casefold()
    return (
        of_items.get((how, by, currency))
        or of_items.get((how, by, "*"))
        or of_items.get((how, "*", currency))
        or of_items[how, "*", "*"]
    )
