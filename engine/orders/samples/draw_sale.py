"""Draw plain sales at random: a channel, a cart, shipping, a customer, a payment. Pure: the seed decides."""

from __future__ import annotations

import uuid
from dataclasses import replace
from random import Random

from .sale import HANDOVER, SampledItem, SampledPayment, SampledSale, SampledShipping, compute_tax
from .sample_shop import CASH, GIFT_CARD, STORE, STORE_CREDIT, WEB, SampleBranch, SampleShop

PLAIN = ("web-order", "store-sale", "endless-aisle")
_KINDS = {"web-order": WEB, "store-sale": STORE, "endless-aisle": STORE}
_NAMES = (
    ("Ana", "Weber"),
    ("Zoë", "Smith"),
    ("Łukasz", "O'Neill"),
    ("花子", "山田"),
    ("Li", "Wei"),
)
# A valid state, city and postal code, where NetSuite checks states.
_PLACES = {
    "US": ("NY", "New York", "10001"),
    "CA": ("ON", "Toronto", "M5V 2T6"),
    "AU": ("NSW", "Sydney", "2000"),
}
_SPECIAL = (STORE_CREDIT, GIFT_CARD)


def has_branch(shop: SampleShop, name: str) -> bool:
    """Whether the shop has a channel, and service levels, for a plain kind of order."""
    needs_level = name != "store-sale"
    return bool(_list_branches(shop, name)) and (not needs_level or bool(shop.levels))


def draw_sale(rng: Random, shop: SampleShop, name: str, *, number: str, day: str) -> SampledSale:
    """Draw a plain sale of a kind in `PLAIN`, unpaid; the same state of `rng` gives the same sale."""
    branch = rng.choice(_list_branches(shop, name))
    moment = f"{rng.randrange(9, 21):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
    sale = SampledSale(
        shop=shop,
        branch=branch,
        kind=_KINDS[name],
        currency=rng.choice(branch.currencies),
        id=draw_id(rng),
        number=number,
        placed_at=f"{day}T{moment}.110",
        items=(),
    )
    level = HANDOVER if name == "store-sale" else rng.choice(shop.levels)
    items = tuple(draw_item(rng, sale, level) for _ in range(rng.choice((1, 1, 2, 3))))
    shipping = _draw_shipping(rng, sale) if level != HANDOVER else SampledShipping()
    return _add_customer(rng, replace(sale, items=items, shipping=shipping))


def pay(rng: Random, sale: SampledSale) -> SampledSale:
    """Return the sale paid by one of the shop's usual methods, unless it is paid or costs nothing."""
    if sale.payments or sale.total == 0:
        return sale
    return replace(sale, payments=(draw_payment(rng, sale, sale.total),))


def draw_payment(rng: Random, sale: SampledSale, amount: int, *names: str) -> SampledPayment:
    """Draw a payment of an amount, by any usual method or one of these names."""
    methods = sale.shop.list_methods(sale.currency, *names)
    if not names:
        usual = [each for each in methods if each.method not in _SPECIAL]
        fitting = [each for each in usual if each.method != CASH or sale.kind == STORE]
        methods = fitting or usual or methods
    method = rng.choice(methods)
    steps: tuple[tuple[str, int], ...] = (("capture", amount),)
    if method.method != CASH and rng.random() < 0.5:
        steps = (("authorize", amount), *steps)
    return SampledPayment(method, steps)


def draw_item(rng: Random, sale: SampledSale, level: str) -> SampledItem:
    """Draw an item with its tax; some have a quantity above one."""
    scale = 10 ** sale.shop.places[sale.currency]
    price = rng.randrange(5, 300) * (scale if scale > 1 else 100) - (5 if scale > 1 else 0)
    quantity = rng.choice((1, 1, 1, 2, 3))
    item = SampledItem(
        id=draw_id(rng), sku=rng.choice(sale.shop.skus), price=price, quantity=quantity, level=level
    )
    return tax_item(sale, item)


def tax_item(sale: SampledSale, item: SampledItem) -> SampledItem:
    """Return the item with the tax on what it costs after its discounts."""
    shop, rate = sale.shop, sale.shop.find_rate(sale.branch.country)
    is_free = sale.is_exempt or item.sku in shop.gift_cards
    tax = compute_tax(item.full - item.discount, rate, is_included=shop.is_included)
    return replace(item, tax=0 if is_free else tax)


def tax_shipping(sale: SampledSale, shipping: SampledShipping) -> SampledShipping:
    """Return the shipping with the tax on its price after its discount."""
    rate = sale.shop.find_rate(sale.branch.country)
    charged = shipping.price - shipping.discount
    tax = compute_tax(charged, rate, is_included=sale.shop.is_included)
    return replace(shipping, tax=0 if sale.is_exempt else tax)


def draw_id(rng: Random) -> str:
    """Draw a UUID."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _draw_shipping(rng: Random, sale: SampledSale) -> SampledShipping:
    scale = 10 ** sale.shop.places[sale.currency]
    price = rng.choice((0, 5, 10, 15)) * (scale if scale > 1 else 100)
    return tax_shipping(sale, SampledShipping(price=price))


def _add_customer(rng: Random, sale: SampledSale) -> SampledSale:
    """Return the sale with an e-mail address, and an address where something is sent."""
    first, last = rng.choice(_NAMES)
    email = f"sample.{rng.randrange(100_000)}@example.com"
    if not sale.is_sent:
        return replace(sale, email=email)
    country = sale.branch.country
    state, city, code = _PLACES.get(country, (None, "Exampleville", "10001"))
    address = {
        "firstName": first,
        "lastName": last,
        "phone": "+1 212-555-0100",
        "country": country,
        "city": city,
        "addressLine1": "1 Example Street",
        "addressLine2": None,
        "state": state,
        "zipCode": code,
    }
    return replace(sale, email=email, address=address)


def _list_branches(shop: SampleShop, name: str) -> list[SampleBranch]:
    kind = _KINDS[name]
    return [branch for branch in shop.branches if branch.kind in ("", kind)]
