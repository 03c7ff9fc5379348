"""Compare what would stand in NetSuite with what has to stand there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from .markets import CHANNEL_IDS, Json, payment_item
from .posting import ZERO, Posted, post, read_chart, reference_id
from .sale import Sale, Span, add_spans
from .taken import find_refusals, is_plain_id

ANY_NUMBER = "?"
"""The number of a sale whose external id may be made in any way that NetSuite takes."""
Records = Sequence[tuple[str, str | None, Json]]
"""Record type, external id and body of each payload."""


def find_differences(sale: Sale, records: Records) -> list[str]:
    """Return in what the records differ from the truth, or why NetSuite would refuse them."""
    kinds = [record for record, _, _ in records]
    wanted = "salesOrder" if sale.is_sales_order else "cashSale"
    if kinds != ["customer", wanted]:
        return [f"records {kinds} in place of customer and {wanted}"]
    (_, customer_id, customer), (_, sale_id, body) = records
    found = [*_compare_customer(sale, customer), *_compare_header(sale, body)]
    found += [f"external id {text}" for text in (customer_id, sale_id) if not is_plain_id(text)]
    prefix = "SO-" if sale.is_sales_order else "CS-"
    if sale_id != prefix + sale.number and sale.number != ANY_NUMBER:
        found.append(f"external id {sale_id}")
    found += find_refusals(customer) + find_refusals(body)
    posted = post(sale.market.tenant, body)
    return (
        found + posted.refusals + [*_compare_amounts(sale, posted), *_compare_goods(sale, posted)]
    )


def _compare_customer(sale: Sale, body: Json) -> Iterator[str]:
    person = sale.person
    wanted = {
        "email": person.email or sale.branch.email,
        "firstName": person.first,
        "lastName": person.last,
    }
    for key, text in wanted.items():
        if text is not None and body.get(key) != text:
            yield f"{key} {body.get(key)!r} in place of {text!r}"
    if reference_id(body.get("subsidiary")) != sale.market.subsidiary:
        yield f"the customer's subsidiary {body.get('subsidiary')}"


def _compare_header(sale: Sale, body: Json) -> Iterator[str]:
    wanted = {
        "currency": sale.market.currency_id,
        "subsidiary": sale.market.subsidiary,
        "location": sale.branch.location,
        "class": sale.branch.selling_class,
        "department": CHANNEL_IDS["web" if sale.branch.is_web else "store"],
    }
    for key, text in wanted.items():
        if reference_id(body.get(key)) != text:
            yield f"{key} {body.get(key)} in place of {text}"
    if body.get("tranDate") != sale.date:
        yield f"tranDate {body.get('tranDate')} in place of {sale.date}"
    if body.get("otherRefNum", sale.number) != sale.number and sale.number != ANY_NUMBER:
        yield f"otherRefNum {body['otherRefNum']}"
    entity = reference_id(body.get("entity"))
    if "customer" not in entity:
        yield f"entity {entity}"
    yield from _compare_shipping(sale, body)


def _compare_shipping(sale: Sale, body: Json) -> Iterator[str]:
    levels = {item.level for item in sale.sold}
    methods = {sale.market.levels[str(level)] for level in levels if level in sale.market.levels}
    if sale.is_sales_order and methods and reference_id(body.get("shipMethod")) not in methods:
        yield f"shipMethod {body.get('shipMethod')} in place of {methods}"


def _compare_amounts(sale: Sale, posted: Posted) -> Iterator[str]:
    charges = [item.charge for item in sale.sold]
    goods = add_spans(charge.goods_span() for charge in charges)
    discounts = add_spans(charge.discount_span() for charge in sale.charges)
    if not sale.shipping.discount:
        yield from _exact(sale, "shipping", posted.shipping, sale.shipping.net)
    yield from _exact(sale, "tax", posted.tax, sum(charge.tax for charge in sale.charges))
    if not sale.shipping.discount:
        yield from _exact(sale, "tax of lines", posted.line_tax, sum(one.tax for one in charges))
    yield from _exact(sale, "net", posted.net, sum(charge.net for charge in sale.charges))
    yield from _within(sale, "goods", posted.goods, goods)
    yield from _within(sale, "discounts", posted.discounts, discounts)
    yield from _exact(sale, "rounding", posted.rounding, sale.rounding)
    yield from _exact(sale, "balance", posted.balance, 0)
    yield from _compare_payments(sale, posted)


def _compare_payments(sale: Sale, posted: Posted) -> Iterator[str]:
    wanted: Counter[str] = Counter()
    for one in sale.instruments:
        item = payment_item(sale.market, one.means, is_exchange=sale.is_exchange)
        wanted[item] += one.pays
    for item in sorted(wanted.keys() | posted.payments.keys()):
        yield from _exact(
            sale, f"payment item {item}", posted.payments.get(item, ZERO), wanted[item]
        )


def _compare_goods(sale: Sale, posted: Posted) -> Iterator[str]:
    wanted: Counter[tuple[str, str, str]] = Counter()
    for item in sale.sold:
        is_card = item.sku in sale.market.gift_cards
        found = sale.market.gift_card_item if is_card else sale.market.skus.get(item.sku, "?")
        wanted[found, str(item.charge.quantity), item.id] += 1
    if posted.sold != wanted:
        yield f"goods {posted.sold - wanted} in place of {wanted - posted.sold}"
    if any(count > 1 for count in Counter(item.id for item in sale.sold).values()):
        yield "two lines with one id"
    taxes = {item.id: item.charge.tax for item in sale.sold}
    codes = sale.tax_codes or _usual_codes(sale)
    for key, code, _ in posted.taxed:
        if code not in codes and (taxes.get(key) or code != sale.market.exempt_code):
            yield f"tax code {code}"


def _usual_codes(sale: Sale) -> frozenset[str]:
    is_exempt = sale.is_exempt and not any(item.charge.tax for item in sale.sold)
    return frozenset((sale.market.exempt_code if is_exempt else sale.market.tax_code,))


def _exact(sale: Sale, name: str, amount: Decimal, units: int) -> Iterator[str]:
    return _within(sale, name, amount, Span(Decimal(units), Decimal(units)))


def _within(sale: Sale, name: str, amount: Decimal, span: Span) -> Iterator[str]:
    """Yield a difference. What has more places than the account's currency may be rounded there."""
    places = sale.market.places
    unit = Decimal(10) ** (places - read_chart(sale.market.tenant).places[sale.market.currency_id])
    exact = amount.scaleb(places)
    is_finer = unit > 1 and (span.low % unit or span.high % unit)
    slack = unit * (len(sale.items) + 2) / 2 if is_finer else Decimal(0)
    if not span.low - slack <= exact <= span.high + slack:
        low, high = (bound.scaleb(-places) for bound in (span.low, span.high))
        wanted = f"{low}" if low == high else f"{low} to {high}"
        yield f"{name} {amount} in place of {wanted}"
