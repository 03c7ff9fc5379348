"""What people type: e-mails, names, phones, addresses and coupons that NetSuite would not take."""

from __future__ import annotations

from dataclasses import replace

from ..documents import connection
from ..markets import CANADA, UNITED_STATES
from .damage import FINDING_OR_RIGHT, Case, Change, Damage, sets_order

DOLLARS = (UNITED_STATES, CANADA)
LONG = "x" * 5000


def _email(value: object, clean: str | None = None) -> Change:
    """Set the e-mail of an order; `clean` is what has to stand for it."""

    def change(case: Case) -> bool:
        person = case.sale.person
        case.order["customerEmail"] = case.payload["customer_email"] = value
        case.sale = replace(case.sale, person=replace(person, email=clean or person.email))
        return person.email is not None and person.first is not None

    return change


def _no_email(value: object) -> Change:
    """Nothing that is an e-mail: the branch's placeholder stands."""

    def change(case: Case) -> bool:
        case.order["customerEmail"] = case.payload["customer_email"] = value
        return case.sale.person.email is None

    return change


def _address(key: str, value: object) -> Change:
    """Set a member of every address; names are then not compared."""

    def change(case: Case) -> bool:
        edges = case.order["addresses"]["edges"]
        for edge in edges:
            edge["node"][key] = value
        if key in ("firstName", "lastName", "addressType") and case.sale.person.email:
            person = replace(case.sale.person, first=None, last=None)
            case.sale = replace(case.sale, person=person)
        return bool(edges)

    return change


def _coupons(*codes: object) -> Change:
    return sets_order("discounts", connection([{"couponCode": code} for code in codes]))


EMAILS = {
    "without @": "ana.weber",
    "of 300 characters": "a" * 300 + "@example.com",
    "of two people": "ana@example.com, bea@example.com",
    "with a newline": "ana@example.com\n\nbcc: x@example.com",
    "a number": 7,
    "a list": ["ana@example.com"],
    "with a name": "Ana <ana@example.com>",
}
SAME_EMAILS = {
    "with a zero-width space": "ana.b@example.com\u200b",
    "with a no-break space": "\u00a0ana.b@example.com",
    "with a tab": "ana.b@example.com\t",
    "with a byte order mark": "\ufeffana.b@example.com",
    "in capitals": "ANA.B@EXAMPLE.COM",
    "with a control character": "ana.b\x00@example.com",
    "with an emoji": "ana.b🎉@example.com",
    "with a lone surrogate": "ana.b\ud83d@example.com",
}
MEMBERS: dict[str, tuple[object, ...]] = {
    "firstName": (LONG, "🎉", "Bell\x07", "Lone\ud83d", 7, ["Ana"], "\u200b", "e\u0301" * 50),
    "lastName": (LONG, "🎉🎉", "a\nb", None, "\u00a0"),
    "phone": (LONG, "212-555-0100 ext. 12", "(212) 555-0100 x12", 2125550100, "☎️", ["1"]),
    "country": ("USA", "United States", "ZZ", "", "us", None, 840, "U"),
    "city": (LONG, "🏠", "", None, "Nowhere\x00"),
    "addressLine1": (LONG, "🏠 7", "1\n2", 7, "\u202e7 teertS"),
    "zipCode": ("1" * 60, "", None, 501, "00\t501"),
    "addressType": ("BILLING", None, "home"),
}
STATES = ("New York", "XX", "ny", "", None, "N" * 60, 7, "Ontario")

TEXTS: dict[str, Damage] = {
    **{
        f"an e-mail {name}": Damage(_email(text), FINDING_OR_RIGHT) for name, text in EMAILS.items()
    },
    **{
        f"an e-mail {name}": Damage(_email(text, "ana.b@example.com"), FINDING_OR_RIGHT)
        for name, text in SAME_EMAILS.items()
    },
    "an e-mail of blanks": Damage(_no_email("   "), FINDING_OR_RIGHT),
    "an e-mail of a zero-width space": Damage(_no_email("\u200b"), FINDING_OR_RIGHT),
    **{
        f"{key} {str(value)[:24]!a}": Damage(_address(key, value), FINDING_OR_RIGHT)
        for key, values in MEMBERS.items()
        for value in values
    },
    **{
        f"a state {str(value)[:12]!r}": Damage(_address("state", value), FINDING_OR_RIGHT, DOLLARS)
        for value in STATES
    },
    "a hundred coupons": Damage(
        _coupons(*(f"COUPON-{at:03d}-FRIENDS" for at in range(50))), FINDING_OR_RIGHT
    ),
    "a coupon of 5000 characters": Damage(_coupons(LONG), FINDING_OR_RIGHT),
    "a coupon with an emoji": Damage(_coupons("SUMMER🎉"), FINDING_OR_RIGHT),
    "a coupon with a newline": Damage(_coupons("A\nB"), FINDING_OR_RIGHT),
    "a coupon null beside another": Damage(_coupons(None, "VIP"), FINDING_OR_RIGHT),
    "a coupon a number": Damage(_coupons(7), FINDING_OR_RIGHT),
    "a coupon a list": Damage(_coupons(["VIP"]), FINDING_OR_RIGHT),
    "a coupon empty": Damage(_coupons(""), FINDING_OR_RIGHT),
}
