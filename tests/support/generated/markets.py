"""Where the two example tenants sell, and what stands for it in their NetSuite accounts: data.

Written from what the tenants declare (their tables and `simulator.yaml`), not from their mappings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Branch:
    """One store or web shop: its channel in NewStore, and its ids in NetSuite."""

    channel: str
    is_web: bool
    location: str
    selling_class: str
    zone: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Market:
    """One country of one tenant.

    `step` is the smallest amount of the shop's prices in minor units; `rates` are the sets of taxes
    that an item may have, in per cent; `state` is a valid state, where the country has them.
    """

    tenant: str
    shop: str
    brand: str
    country: str
    state: str | None
    currency: str
    currency_id: str
    subsidiary: str
    places: int
    step: int
    is_included: bool
    rates: tuple[tuple[tuple[str, str], ...], ...]
    tax_code: str
    exempt_code: str
    skus: Mapping[str, str]
    gift_cards: tuple[str, ...]
    gift_card_item: str
    levels: Mapping[str, str]
    branches: tuple[Branch, ...]

    def money(self, units: int) -> Decimal:
        """Return minor units as an amount with all its places."""
        return Decimal(units).scaleb(-self.places)


_DODICI: Json = {
    "tenant": "dodici",
    "shop": "dodici-sandbox",
    "brand": "Dodici",
    "places": 2,
    "step": 1,
    "is_included": False,
    "exempt_code": "5",
    "skus": {
        "TEE-BLACK-M": "4001",
        "1200204141235-02": "4002",
        "00501": "4003",
        "Ærmel/Größe 42": "4004",
        "草履-24cm": "4005",
        "COAT-WOOL-38": "4006",
        "SOCKS-3PACK": "4007",
    },
    "gift_cards": ("GC-PLASTIC", "GC-EMAIL"),
    "gift_card_item": "1103",
    "levels": {"GROUND": "801", "STANDARDFREE": "801", "EXPRESS": "802", "2_DAY": "803"},
}
_NORDHUS: Json = {
    "tenant": "nordhus",
    "shop": "nordhus-staging",
    "brand": "Nordhus",
    "step": 1,
    "is_included": True,
    "exempt_code": "90",
    "state": None,
    "skus": {
        "TEE-BLACK-M": "5001",
        "TEE-BLACK-L": "5002",
        "COAT-WOOL-38": "5003",
        "Ærmel/Größe 42": "5004",
        "SOCKS-3PACK": "5005",
        "草履-24cm": "5006",
    },
    "gift_cards": ("NH-GIFT",),
    "gift_card_item": "503",
    "levels": {"STANDARD": "811", "EXPRESS": "812", "TAKKYUBIN": "813"},
}


def _branch(text: str) -> Branch:
    channel, kind, location, selling_class, zone, name, email = text.split("|")
    return Branch(
        channel=channel,
        is_web=kind == "web",
        location=location,
        selling_class=selling_class,
        zone=zone,
        name=name,
        email=email,
    )


UNITED_STATES = Market(
    **_DODICI,
    country="US",
    state="NY",
    currency="USD",
    currency_id="1",
    subsidiary="2",
    rates=(
        (("NY STATE TAX", "4"), ("NY CITY TAX", "4.5"), ("METROPOLITAN COMMUTER TAX", "0.375")),
        (("NY STATE TAX", "4"), ("COUNTY TAX", "4")),
        (("STATE TAX", "6.35"),),
    ),
    tax_code="7",
    branches=(
        _branch("NYC5|store|12|31|America/New_York|New York Fifth Avenue|store.nyc5@example.com"),
        _branch("USC|web|20|35|America/New_York|Web shop US|web.us@example.com"),
    ),
)
CANADA = Market(
    **_DODICI,
    country="CA",
    state="ON",
    currency="CAD",
    currency_id="3",
    subsidiary="3",
    rates=((("HST", "13"),), (("GST", "5"), ("PST", "7")), (("GST", "5"), ("QST", "9.975"))),
    tax_code="9",
    branches=(
        _branch("TOR1|store|14|32|America/Toronto|Toronto Queen Street|store.tor1@example.com"),
        _branch("CAC|web|21|36|America/Toronto|Web shop Canada|web.ca@example.com"),
    ),
)
GERMANY = Market(
    **_NORDHUS,
    country="DE",
    currency="EUR",
    currency_id="4",
    subsidiary="7",
    places=2,
    rates=((("VAT", "19"),),),
    tax_code="91",
    branches=(
        _branch("BER1|store|41|71|Europe/Berlin|Berlin Mitte|store.ber1@example.com"),
        _branch("EUW|web|60|75|Europe/Berlin|Web shop Europe|web.eu@example.com"),
    ),
)
FRANCE = Market(
    **_NORDHUS,
    country="FR",
    currency="EUR",
    currency_id="4",
    subsidiary="7",
    places=2,
    rates=((("TVA", "20"),),),
    tax_code="92",
    branches=(_branch("PAR2|store|42|72|Europe/Paris|Paris Marais|store.par2@example.com"),),
)
JAPAN = Market(
    **_NORDHUS,
    country="JP",
    currency="JPY",
    currency_id="5",
    subsidiary="8",
    places=0,
    rates=((("消費税", "10"),),),
    tax_code="93",
    branches=(
        _branch("TYO1|store|51|73|Asia/Tokyo|東京銀座|store.tyo1@example.com"),
        _branch("JPW|web|61|76|Asia/Tokyo|Web shop Japan|web.jp@example.com"),
    ),
)
# NetSuite's currencies have at most two places, so that prices in dinars end in a zero here.
KUWAIT = Market(
    **_NORDHUS | {"step": 10},
    country="KW",
    currency="KWD",
    currency_id="6",
    subsidiary="9",
    places=3,
    rates=((),),
    tax_code="90",
    branches=(_branch("KWW|web|62|77|Asia/Kuwait|Web shop Kuwait|web.kw@example.com"),),
)
MARKETS = (UNITED_STATES, CANADA, GERMANY, FRANCE, JAPAN, KUWAIT)
CHANNEL_IDS = {"web": "1", "store": "3"}

CREDIT = ("store_credit", "store_credit")
METHODS = (
    ("credit_card", "adyen"),
    ("credit_card", "stripe"),
    ("paypal", "paypal"),
    ("gift_card", "gift_card"),
)
CASH = ("cash", "cash")
_PAYMENT_ITEMS: Mapping[str, Mapping[tuple[str, str], str | Mapping[str, str]]] = {
    "dodici": {
        CASH: "601",
        ("credit_card", "adyen"): {"USD": "611", "CAD": "612"},
        ("credit_card", "stripe"): "613",
        ("paypal", "paypal"): "614",
        ("gift_card", "gift_card"): {"USD": "621", "CAD": "622"},
        CREDIT: "631",
    },
    "nordhus": {
        CASH: {"EUR": "701", "JPY": "702", "KWD": "703"},
        ("credit_card", "adyen"): {"EUR": "711", "JPY": "712", "KWD": "713"},
        ("credit_card", "stripe"): "714",
        ("paypal", "paypal"): "715",
        ("gift_card", "gift_card"): {"EUR": "721", "JPY": "722", "KWD": "723"},
        CREDIT: "620",
    },
}


@cache
def _one_item_pays_exchanges(tenant: str) -> bool:
    """Whether the tenant declares one payment item for whatever an exchange is paid with."""
    declared = (ROOT / "mappings" / tenant / "tenant.yaml").read_text(encoding="utf-8")
    return "store_credit_item" in yaml.safe_load(declared)["settings"]


def payment_item(market: Market, means: tuple[str, str], *, is_exchange: bool) -> str:
    """Return NetSuite's payment item for a method and its provider."""
    if is_exchange and _one_item_pays_exchanges(market.tenant):
        means = CREDIT
    found = _PAYMENT_ITEMS[market.tenant][means]
    return found if isinstance(found, str) else found[market.currency]
