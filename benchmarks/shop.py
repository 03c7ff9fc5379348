"""What the invented shop sells, where, to whom, and how it is paid. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

# The SKUs whose ids the recorded answers of the live lookup know, each with its price in cents.
PRICES = {
    "TEE-BLACK-M": 5_800,
    "1200204141235-02": 12_950,
    "00501": 9_800,
    "Ærmel/Größe 42": 7_495,
    "草履-24cm": 18_900,
    "COAT-WOOL-38": 24_000,
    "SOCKS-3PACK": 1_800,
}
LEVELS = ("GROUND", "GROUND", "STANDARDFREE", "EXPRESS", "2_DAY")
COUPONS = ("WELCOME10", "VIP-2026", "SUMMER")


@dataclass(frozen=True, slots=True)
class Market:
    """A web channel, and the taxes that apply there by name, in thousandths of a per cent."""

    channel: str
    currency: str
    country: str
    state: str
    rates: tuple[tuple[str, int], ...]


MARKETS = (
    Market("USC", "USD", "US", "NY", (("NY STATE TAX", 4_000), ("NY CITY TAX", 4_875))),
    Market("USC", "USD", "US", "NJ", (("NJ STATE TAX", 6_625),)),
    Market("USC", "USD", "US", "OR", ()),
    Market("CAC", "CAD", "CA", "ON", (("HST", 13_000),)),
    Market("CAC", "CAD", "CA", "QC", (("GST", 5_000), ("QST", 9_975))),
)

# One card, a wallet, or a gift card and the rest by card: (method, provider).
PAYING = (
    (("credit_card", "adyen"),),
    (("credit_card", "adyen"),),
    (("credit_card", "stripe"),),
    (("paypal", "paypal"),),
    (("gift_card", "gift_card"), ("credit_card", "adyen")),
)

FIRST_NAMES = (
    *("Ana", "Zoë", "Łukasz", "Mary Jo", "Jürgen", "Inès", "Kofi", "Priya", "Tomás", "Yuki"),
    *("Olga", "Noah", "Aoife", "Bjørn", "Chiara", "Darius", "Elif", "Farid", "Grace", "Hugo"),
)
LAST_NAMES = (
    *("Weber", "O'Neill", "García", "van der Berg", "Nguyễn", "Smith", "Kowalski", "Þórsdóttir"),
    *("Müller", "Okafor", "Iyer", "Silva", "Tanaka", "Petrova", "Brown", "Rossi", "Yılmaz", "Roy"),
)
STREETS = ("Example Street", "Sample Avenue", "Rue du Modèle", "Specimen Road", "Test Boulevard")
CITIES = ("Exampleville", "Sampleton", "Modèleville", "New Specimen", "Testbury")
