"""Pseudonyms: what says who somebody is goes, wherever it stands; amounts, days and codes stay."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.orders.pseudonyms import Pseudonyms

SALT = b"salt"


def replace(value: object, *, amounts: tuple[str, ...] = ()) -> object:
    return Pseudonyms(SALT, frozenset({"GROUND"}), frozenset(amounts)).anonymise(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("last4", "4242"),
        ("lastFour", 4242),
        ("cvc", "123"),
        ("mobile", "0612345678"),
        ("telefon", 31612345678),
        ("msisdn", "31612345678"),
        ("dob", "1980-02-03"),
        ("value", "1980-02-03"),
        ("value", "99887766"),
        ("coupon", "77112233"),
        ("latitude", Decimal("52.370216")),
        ("gps", "52.370216"),
        ("ip", "10.20.30.40"),
        ("houseNo", "12"),
        ("pin", "9182"),
        ("cancel_reason", "call Anna at 0612345678"),
        ("notes", "write to anna@firma.example"),
        ("status", "anna@firma.example"),
        ("channel", "anna wants it sent to her aunt"),
    ],
)
def test_what_says_who_somebody_is_is_replaced(key: str, value: object) -> None:
    found = replace({key: value})
    assert isinstance(found, dict)
    assert found[key] != value
    assert type(found[key]) is type(value)
    assert len(str(found[key])) == len(str(value)) or "@" in str(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("grandTotal", "12345"),
        ("price", 12345),
        ("quantity", 2000),
        ("rate", Decimal("0.0825")),
        ("line", "129.90"),
        ("count", 12),
        ("placedAt", "2026-11-03T10:14:18.110"),
        ("ship_date", "2026-11-03"),
        ("cancel_reason", "out_of_stock"),
        ("shippingServiceLevel", "Next Day"),
        ("country", "US"),
        ("level", "GROUND"),
        ("is_exchange", False),
        ("nothing", None),
    ],
)
def test_amounts_days_and_codes_stay(key: str, value: object) -> None:
    assert replace({key: value}) == {key: value}


def test_what_a_mapping_reads_as_an_amount_stays() -> None:
    assert replace({"units": "1500", "other": "1500"}, amounts=("units",)) != {
        "units": "1500",
        "other": "1500",
    }
    assert replace({"units": "1500"}, amounts=("units",)) == {"units": "1500"}


def test_keys_of_maps_that_name_somebody_are_replaced_as_in_values() -> None:
    found = replace({"anna@firma.example": 1, "4711471": 2, "vip": "anna@firma.example"})
    assert isinstance(found, dict)
    email, number, vip = found
    assert (email, vip) == (found["vip"], "vip")
    assert email.endswith("@example.com")
    assert number != "4711471"


def test_cells_of_a_lookup_keep_numbers_but_personal_ones() -> None:
    pseudonyms = Pseudonyms(SALT, frozenset())
    assert pseudonyms.anonymise_cell("40061", "id") == "40061"
    assert pseudonyms.anonymise_cell(40061, "") == 40061
    assert pseudonyms.anonymise_cell("0612345678", "phone") != "0612345678"
    assert pseudonyms.anonymise_cell("Anna Weber", "name") != "Anna Weber"
