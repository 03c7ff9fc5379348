"""The odd orders that can be mixed in by name: what each needs of a shop, and how it changes a sale. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from .draw_sale import PLAIN, draw_id, draw_item, draw_payment, tax_item, tax_shipping
from .sale import HANDOVER, SampledPayment, SampledSale, SampledShipping
from .sample_shop import GIFT_CARD, STORE, STORE_CREDIT, SampleShop

# Returns None for a sale that cannot be changed so: another is drawn.
Change = Callable[[Random, SampledSale], SampledSale | None]


@dataclass(frozen=True, slots=True)
class OddSale:
    """An odd order: its change of a plain sale, the plain kinds it is made of, what the shop needs.

    `lack` returns what the shop lacks, or nothing.
    """

    change: Change
    of: tuple[str, ...] = PLAIN
    lack: Callable[[SampleShop], str] = lambda _shop: ""


def _sell_gift_card(rng: Random, sale: SampledSale) -> SampledSale:
    card = replace(sale.items[0], id=draw_id(rng), sku=rng.choice(sale.shop.gift_cards), quantity=1)
    return replace(sale, items=(*sale.items, tax_item(sale, card)))


def _cancel_item(rng: Random, sale: SampledSale) -> SampledSale:
    """Add an item that was cancelled; totals and payments no longer count it."""
    item = replace(draw_item(rng, sale, sale.items[0].level), is_cancelled=True)
    return replace(sale, items=(*sale.items, item))


def _refund(rng: Random, sale: SampledSale) -> SampledSale:
    """Capture more than the order costs, and refund the difference."""
    paid = draw_payment(rng, sale, sale.total)
    more = rng.randrange(1, 50) * 10 ** sale.shop.places[sale.currency]
    taken = sale.total + more
    steps = (("authorize", taken), ("capture", taken), ("refund", more))
    return replace(sale, payments=(SampledPayment(paid.method, steps),))


def _void(rng: Random, sale: SampledSale) -> SampledSale:
    """Authorise, void it, and authorise again."""
    method = draw_payment(rng, sale, sale.total).method
    steps = (("authorize", sale.total), ("void", sale.total), ("authorize", sale.total))
    return replace(sale, payments=(SampledPayment(method, steps),))


def _split_payment(rng: Random, sale: SampledSale) -> SampledSale:
    first = rng.randrange(1, sale.total)
    parts = (draw_payment(rng, sale, first), draw_payment(rng, sale, sale.total - first))
    return replace(sale, payments=parts)


def _pay_by_gift_card(rng: Random, sale: SampledSale) -> SampledSale | None:
    if not sale.shop.list_methods(sale.currency, GIFT_CARD):
        return None
    first = rng.randrange(1, sale.total)
    card = draw_payment(rng, sale, first, GIFT_CARD)
    return replace(sale, payments=(card, draw_payment(rng, sale, sale.total - first)))


def _exchange(rng: Random, sale: SampledSale) -> SampledSale:
    """Exchange goods: store credit pays, all of it or a part."""
    sale = replace(sale, exchange_of=draw_id(rng))
    credit = sale.shop.list_methods(sale.currency, STORE_CREDIT)
    if not credit:
        return replace(sale, payments=(draw_payment(rng, sale, sale.total),))
    part = sale.total if rng.random() < 0.5 else rng.randrange(1, sale.total)
    steps = (("authorize", part), ("capture", part))
    paid = (SampledPayment(credit[0], steps),)
    rest = sale.total - part
    return replace(sale, payments=(*paid, draw_payment(rng, sale, rest)) if rest else paid)


def _discount(rng: Random, sale: SampledSale) -> SampledSale:
    """Take a tenth off each item, and a fifth off the first for a coupon."""
    items = [replace(item, item_discount=item.full // 10) for item in sale.items]
    items[0] = replace(items[0], order_discount=items[0].full // 5)
    coupons = (rng.choice(("WELCOME10", "VIP")),)
    return replace(sale, items=tuple(tax_item(sale, item) for item in items), coupons=coupons)


def _discount_shipping(rng: Random, sale: SampledSale) -> SampledSale:
    scale = 10 ** sale.shop.places[sale.currency]
    price = rng.choice((8, 12)) * (scale if scale > 1 else 100)
    shipping = SampledShipping(price=price, discount=price // rng.choice((1, 2)))
    return replace(sale, shipping=tax_shipping(sale, shipping))


def _exempt(_rng: Random, sale: SampledSale) -> SampledSale:
    sale = replace(sale, is_exempt=True)
    items = tuple(tax_item(sale, item) for item in sale.items)
    return replace(sale, items=items, shipping=tax_shipping(sale, sale.shipping))


def _give_away(_rng: Random, sale: SampledSale) -> SampledSale:
    """Take the whole price off: there is nothing to pay."""
    items = tuple(replace(item, item_discount=item.full, tax=0) for item in sale.items)
    return replace(sale, items=items, shipping=SampledShipping())


def _forget_email(_rng: Random, sale: SampledSale) -> SampledSale | None:
    return replace(sale, email=None) if sale.branch.has_customer else None


def _split_fulfilment(rng: Random, sale: SampledSale) -> SampledSale:
    """Hand one item over, and ship the rest."""
    handed = replace(sale.items[0], id=draw_id(rng), level=HANDOVER)
    return replace(sale, items=(handed, *sale.items))


def _lack_gift_cards(shop: SampleShop) -> str:
    return "" if shop.gift_cards else "the settings gift_cards and gift_card_item"


def _lack_gift_card_method(shop: SampleShop) -> str:
    known = any(each.method == GIFT_CARD for each in shop.methods)
    return "" if known else "a row for gift_card in the lookup 'payment_item'"


def _lack_store(shop: SampleShop) -> str:
    return "" if any(b.kind in ("", STORE) for b in shop.branches) else "a store"


def _lack_placeholder(shop: SampleShop) -> str:
    known = any(branch.has_customer for branch in shop.branches)
    return "" if known else "a customer_email in the lookup 'location'"


_STORES = ("store-sale", "endless-aisle")
_SENT = ("web-order", "endless-aisle")
ODD: Mapping[str, OddSale] = {
    "cancelled": OddSale(_cancel_item),
    "discount": OddSale(_discount),
    "exchange": OddSale(_exchange, _STORES, _lack_store),
    "free": OddSale(_give_away),
    "gift-card": OddSale(_sell_gift_card, PLAIN, _lack_gift_cards),
    "gift-card-payment": OddSale(_pay_by_gift_card, PLAIN, _lack_gift_card_method),
    "mixed-cart": OddSale(_split_fulfilment, ("endless-aisle",), _lack_store),
    "no-email": OddSale(_forget_email, PLAIN, _lack_placeholder),
    "refund": OddSale(_refund),
    "shipping-discount": OddSale(_discount_shipping, _SENT),
    "split-payment": OddSale(_split_payment),
    "tax-exempt": OddSale(_exempt),
    "void": OddSale(_void),
}
