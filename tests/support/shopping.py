"""Very many orders of one tenant, each different, all of which a right mapping delivers.

Drawn from a seed, not by hypothesis: a thousand of them are one example.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from orders import HANDOVER, ITEM_IDS, Item, Payment, Purchase, Sample, Shipping, a_sample, address

CENT = Decimal("0.01")
ZERO = Decimal(0)
# TOR1 and CAC sell in Canadian dollars, the others in American ones.
_PLACES = {
    "web": (("USC", "USD"), ("CAC", "CAD")),
    "store": (("NYC5", "USD"), ("TOR1", "CAD")),
}
_RATES = (Decimal("8.875"), Decimal(4), Decimal(0), Decimal(13))


def orders(count: int, seed: int = 20261201) -> Iterator[tuple[Purchase, Sample]]:
    """Purchases of dodici with their documents."""
    random = Random(seed)
    for number in range(count):
        what = _purchase(random, number)
        yield Purchase(**what), a_sample(**what)


def _purchase(random: Random, number: int) -> dict[str, Any]:
    scene = random.choice(("web", "web", "counter", "aisle"))
    kind = "web" if scene == "web" else "store"
    channel, currency = random.choice(_PLACES[kind])
    what: dict[str, Any] = {
        "number": f"K{number:06d}",
        "placed_at": "2026-12-03T18:41:06.110",  # after the tenant has gone live
        "currency": currency,
        "channel": channel,
        "channel_type": kind,
        "items": tuple(_item(random, scene) for _ in range(random.randint(1, 4))),
        "email": None if scene == "counter" else f"shopper{random.randrange(150)}@example.com",
        "addresses": None if scene == "counter" else (address(),),
    }
    if scene != "counter":
        total = _cents(random, 2000)
        tax = (total * Decimal("0.08")).quantize(CENT)
        what["shipping"] = Shipping(total, tax, total if random.random() < 0.2 else ZERO)
    what["payments"] = _payments(random, Purchase(**what).grand_total)
    if kind == "store" and random.random() < 0.1:
        what |= {"is_exchange": True, "exchange_of": f"an earlier one {number}"}
    return what


def _item(random: Random, scene: str) -> Item:
    price, quantity = _cents(random, 40000) + CENT, random.choice((1, 1, 1, 2, 3))
    discount = (price * quantity * random.randrange(60) / 100).quantize(CENT)
    item_discount = discount if random.random() < 0.4 else ZERO
    tax = (price * quantity - item_discount) * random.choice(_RATES) / 100
    level = HANDOVER if scene == "counter" else random.choice(("GROUND", "EXPRESS", "2_DAY"))
    return Item(
        random.choice(tuple(ITEM_IDS)),
        quantity,
        price,
        item_discount=item_discount,
        tax=tax.quantize(CENT),
        service_level=level,
    )


def _payments(random: Random, total: Decimal) -> tuple[Payment, ...]:
    """One card, or a gift card for a part of it."""
    part = (total * random.randrange(100) / 100).quantize(CENT)
    if not part or random.random() < 0.7:
        return (Payment(authorized=(total,)),)
    return Payment("gift_card", "gift_card", authorized=(part,)), Payment(captured=(total - part,))


def _cents(random: Random, most: int) -> Decimal:
    return Decimal(random.randrange(most)) * CENT
