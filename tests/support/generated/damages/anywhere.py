"""Damages at any place of a document: a member lost or of another type, a digit mistyped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

from .damage import ANY_BUT_WRONG, FINDING_OR_RIGHT, WAITS, Case, Change, Damage

# Members that make another order, which may be right as well: the customer, the goods, the day, the way of sending.
_FREE = frozenset(
    [
        "customerEmail",
        "addresses",
        "discounts",
        "placedAt",
        "shippingServiceLevel",
        "customer_email",
        "associate_email",
        "exchanges",
        "created_at",
        "placed_at",
        "demand_location_id",
        "shipping_service_level",
        "id",
        "productId",
        "product_id",
        "quantity",
    ]
)
Place = tuple[Any, Any]
"""A container and the key in it."""


def _places(document: Any) -> Iterator[Place]:
    """Yield every place of a document that holds a scalar."""
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(entries):
        if key in _FREE:
            continue
        if isinstance(value, dict | list):
            yield from _places(value)
        else:
            yield document, key


def _amounts(document: Any) -> Iterator[Place]:
    """Yield every place of an amount other than zero."""
    for holder, key in _places(document):
        if str(key).startswith("id") or key in ("quantity", "productId", "externalId", "rate"):
            continue
        try:
            number = Decimal(str(holder[key]))
        except InvalidOperation:
            continue
        if number and not isinstance(holder[key], bool):
            yield holder, key


CHANGES: dict[str, Callable[[Any], object]] = {
    "null": lambda _value: None,
    "a list": lambda value: [value],
    "an object": lambda value: {"value": value},
    "an empty text": lambda _value: "",
    "true": lambda _value: True,
    "a number": lambda _value: 7,
    "a text": lambda value: f"{value}?",
}


def _member(document: str, change: str) -> Change:
    def damage(case: Case) -> bool:
        holder, key = case.rng.choice(list(_places(getattr(case, document))))
        value = CHANGES[change](holder[key])
        is_changed = bool(value != holder[key] or type(value) is not type(holder[key]))
        holder[key] = value
        return is_changed

    return damage


def _lost(document: str) -> Change:
    def damage(case: Case) -> bool:
        holder, key = case.rng.choice(list(_places(getattr(case, document))))
        del holder[key]
        return True

    return damage


def _mistyped(rng: Random, text: str) -> str:
    """One digit is another one."""
    at = rng.choice([at for at, letter in enumerate(text) if letter.isdigit()])
    digit = rng.choice([digit for digit in "0123456789" if digit != text[at]])
    return text[:at] + digit + text[at + 1 :]


def _swapped(rng: Random, text: str) -> str:
    """Two digits that are neighbours change places."""
    pairs = [at for at in range(len(text) - 1) if text[at : at + 2].isdigit()]
    if not pairs:
        return text
    at = rng.choice(pairs)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _moved(_rng: Random, text: str) -> str:
    """The point stands one digit to the left."""
    return format(Decimal(text).scaleb(-1), "f")


def _lost_digit(rng: Random, text: str) -> str:
    at = rng.choice([at for at, letter in enumerate(text) if letter.isdigit()])
    return text[:at] + text[at + 1 :]


SLIPS: dict[str, Callable[[Random, str], str]] = {
    "a digit mistyped": _mistyped,
    "two digits swapped": _swapped,
    "the point moved": _moved,
    "a digit lost": _lost_digit,
}


def _slip(name: str) -> Change:
    def damage(case: Case) -> bool:
        found = list(_amounts(case.order))
        if not found:
            return False
        holder, key = case.rng.choice(found)
        before = Decimal(str(holder[key]))
        text = SLIPS[name](case.rng, format(before, "f"))
        try:
            after = Decimal(text)
        except InvalidOperation:
            return False
        holder[key] = text if isinstance(holder[key], str) else after
        return after != before

    return damage


def _amounts_exchanged(case: Case) -> bool:
    """Two amounts of the order stand in each other's place.

    Not those of two payments: nothing else says how much each instrument paid.
    """
    found = list(_amounts(case.order))
    if len(found) < 2:
        return False
    (one, first), (other, second) = case.rng.sample(found, 2)
    if first == second == "amount":
        return False
    one[first], other[second] = other[second], one[first]
    return Decimal(str(one[first])) != Decimal(str(other[second]))


ENDS = FINDING_OR_RIGHT | {WAITS}
ANYWHERE: dict[str, Damage] = {
    **{
        f"any member of the {document} {change}": Damage(_member(document, change), ANY_BUT_WRONG)
        for document in ("order", "payload")
        for change in CHANGES
    },
    "any member of the order absent": Damage(_lost("order"), ANY_BUT_WRONG),
    "any member of the payload absent": Damage(_lost("payload"), ANY_BUT_WRONG),
    **{f"any amount with {name}": Damage(_slip(name), ENDS) for name in SLIPS},
    "two amounts exchanged": Damage(_amounts_exchanged, ENDS),
}
