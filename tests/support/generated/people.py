"""Customers and their addresses as people type them, and how they have to stand in NetSuite."""

from __future__ import annotations

from random import Random

from .markets import Branch, Json, Market
from .sale import Person

Typed = tuple[str, str | None]
"""A text as typed, and cleaned; None where more than one clean form is right."""
NAMES: tuple[Typed, ...] = (
    ("Ana", "Ana"),
    ("Zoë", "Zoë"),
    ("Łukasz", "Łukasz"),
    ("O'Neill-Smith", "O'Neill-Smith"),
    ("van der Berg", "van der Berg"),
    ("李", "李"),
    ("花子", "花子"),
    ("محمد", "محمد"),
    ("Ελένη", "Ελένη"),
    ("Иван", "Иван"),
    ("Nguyễn", "Nguyễn"),
    (" Weber ", "Weber"),
    ("Max 🎉", "Max"),
    ("Maximiliana-Theodora-Alexandrina Josephine", None),
    ('{{ "x" }}', '{{ "x" }}'),
)
MAIL_NAMES = ("ana.weber", "j.smith", "kim+shop", "o'neill", "li.wei", "x_y-z")
PHONES = ("+1 212-555-0100", "(030) 123 456", "0312345678", "n/a", "", None, "+49 30 123456")
STREETS = ("1 Example Street", "Straße 5b", "東京都中央区銀座4丁目", "شارع الخليج 7", "y" * 160)
CITIES = ("Exampleville", "京都市", "الكويت", "Z" * 55)
ZIPS = ("00501", "104-0061", "M5V 2T6")


def draw_person(rng: Random, market: Market, branch: Branch, *, is_sent: bool) -> Person:
    """Draw a customer; at a counter there may be no address, and some have no e-mail."""
    written, of_event, email = _draw_email(rng)
    first, last = rng.choice(NAMES), rng.choice(NAMES)
    kinds: tuple[str, ...] = rng.choice(
        (("billing", "shipping"), ("shipping", "billing"), ("shipping",))
    )
    if not is_sent:
        kinds = rng.choice(((), kinds, ("billing",)))
    names = dict.fromkeys(kinds, (first, last))
    if len(kinds) == 2 and rng.random() < 0.3:
        names["shipping"] = (rng.choice(NAMES), rng.choice(NAMES))
        first, last = _read_name(names)
    if kinds and rng.random() < 0.12:
        # A store's own address, or an address without a name; the name is where there is one.
        blank = rng.choice(("", " "))
        names[kinds[0]] = ((blank, None), (blank, None))
        first, last = _read_name(names)
    if email is None:
        first, last = (market.brand, market.brand), (branch.name, branch.name)
    elif not kinds:
        first = last = ("", None)
    return Person(
        written_email=written,
        event_email=of_event,
        email=email,
        first=first[1],
        last=last[1],
        addresses=tuple(_draw_address(rng, market, kind, names[kind]) for kind in kinds),
    )


def _read_name(names: dict[str, tuple[Typed, Typed]]) -> tuple[Typed, Typed]:
    """Return the name of the billing address, else of the shipping address."""
    for kind in ("billing", "shipping"):
        first, last = names.get(kind, (("", None), ("", None)))
        if first[0].strip() or last[0].strip():
            return first, last
    return ("", None), ("", None)


def _draw_email(rng: Random) -> tuple[str | None, str | None, str | None]:
    """Return what the order says, what the event says, and the customer's clean e-mail."""
    email = f"{rng.choice(MAIL_NAMES)}{rng.randrange(100_000)}@example.com"
    typed = email
    if rng.random() < 0.3:
        typed = rng.choice((email.title(), f" {email}", f"{email} ", f"{email.upper()} "))
    where = rng.random()
    if where < 0.15:
        empty = rng.choice((None, "", "  "))
        return (empty, rng.choice((None, "")), None)
    if where < 0.3:
        return (rng.choice((None, "")), typed, email)
    return (typed, rng.choice((typed, email, None)), email)


def _draw_address(rng: Random, market: Market, kind: str, names: tuple[Typed, Typed]) -> Json:
    return {
        "addressType": kind,
        "firstName": names[0][0],
        "lastName": names[1][0],
        "phone": rng.choice(PHONES),
        "country": market.country,
        "city": rng.choice(CITIES),
        "addressLine1": rng.choice(STREETS),
        "addressLine2": rng.choice((None, "", "2nd floor", *STREETS)),
        "state": market.state,
        "zipCode": rng.choice(ZIPS),
    }
