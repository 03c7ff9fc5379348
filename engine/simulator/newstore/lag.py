"""What of an order is not there yet: NewStore's event may come before the data that it announces.

Each lag is over when its seconds and its reads of the order have passed. Reads are look-ups of the order
or return by its id, and of its payment account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from .shop import SimulatedShop, StoredDocument

T = TypeVar("T")
_TRANSACTIONS = ("paymentAccountTransactions", "transactions", "original_transactions")
_TAXES = frozenset(("tax", "taxTotal", "shippingTax"))


def read_stored(shop: SimulatedShop, stored: StoredDocument | None) -> StoredDocument | None:
    """Count a read, and return the document; None when it is not there yet."""
    if stored is None:
        return None
    stored.reads += 1
    return stored if is_visible(shop, stored) else None


def is_visible(shop: SimulatedShop, stored: StoredDocument) -> bool:
    """Return whether the order or return can be read."""
    settings = shop.settings
    return _is_over(shop, stored, settings.orders_delay, settings.orders_delay_reads)


def is_paid(shop: SimulatedShop, stored: StoredDocument) -> bool:
    """Return whether the payment of an order has been processed."""
    settings = shop.settings
    return _is_over(shop, stored, settings.payments_delay, settings.payments_delay_reads)


def keep_known(shop: SimulatedShop, stored: StoredDocument, name: str, entries: list[T]) -> list[T]:
    """Return a list without the payments that come later; a list of something else as it is."""
    settings = shop.settings
    late = settings.late_transactions
    is_complete = _is_over(
        shop, stored, settings.transactions_delay, settings.transactions_delay_reads
    )
    if name not in _TRANSACTIONS or not late or is_complete:
        return entries
    return entries[: max(0, len(entries) - late)]


def keep_known_payments(shop: SimulatedShop, stored: StoredDocument, account: object) -> object:
    """Return a REST payment account without the payments that come later."""
    if isinstance(account, list):
        return [keep_known_payments(shop, stored, entry) for entry in account]
    if not isinstance(account, Mapping):
        return account
    known = {
        name: keep_known(shop, stored, name, value) if isinstance(value, list) else value
        for name, value in account.items()
    }
    return {name: keep_known_payments(shop, stored, value) for name, value in known.items()}


def hides_tax(shop: SimulatedShop, name: str) -> bool:
    """Return whether a field is a tax that the shop returns as null."""
    return shop.settings.null_taxes and name in _TAXES


def drop_hidden_taxes(shop: SimulatedShop, document: Mapping[str, object]) -> dict[str, object]:
    """Return an order, and its items, without the taxes that the shop returns as null."""
    shown = {name: value for name, value in document.items() if not hides_tax(shop, name)}
    items = shown.get("items")
    if isinstance(items, list):
        shown["items"] = [
            drop_hidden_taxes(shop, item) if isinstance(item, Mapping) else item for item in items
        ]
    return shown


def _is_over(shop: SimulatedShop, stored: StoredDocument, seconds: float, reads: int) -> bool:
    return shop.clock() >= stored.added + seconds and (reads == 0 or stored.reads > reads)
