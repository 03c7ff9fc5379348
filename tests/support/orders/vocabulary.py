"""What people write into orders: names in every script, streets, telephone numbers, moments."""

from __future__ import annotations

METHODS = (
    ("credit_card", "adyen"),
    ("credit_card", "stripe"),
    ("Credit_Card", "Adyen"),
    ("paypal", "paypal"),
    ("cash", "cash"),
    ("gift_card", "gift_card"),
)
NAMES = (
    *(
        "Ana",
        "Zoë",
        "Łukasz",
        "O'Neill-Smith",
        "Þórr",
        "Zoe\u0301",
        "van der Berg",
        "李",
        "山田 花子",
    ),
    *("محمد", "Ελένη", "Иван", "नरेंद्र", "สมชาย", "김민준", "שרה", "Nguyễn", "İpek", "ß"),
    *("Max 🎉", "👩‍👩‍👧 Kim", "❤️", "🇩🇪 Jonas", "👍🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "  ", "", None),
    *("Lone\ud83d surrogate", "Bell\x07", "x" * 90, "長" * 60, "Ana <b>&amp;", '{{ "x" }}'),
    *(
        "می\u200cخواهم",
        "Sof\u00adt",
        "\u202eslive",
        "Tab\tbed",
        "A" * 31 + "e\u0301",
        "e\u0301" * 50,
    ),
)
STREETS = (
    *("1 Example Street", "Straße 5b", "東京都中央区銀座4丁目", "شارع الخليج 7", "y" * 200, "🏠 7"),
    *("e\u0301" * 100, " 5 Blanks Road ", "🏠", " ", "", None),
)
CITIES = ("Exampleville", "京都市", "Z" * 60, "Llanfair 🏴", "n\u0303" * 30, " ", "", None)
PHONES = (
    *(
        "+1 212-555-0100",
        "(030) 123 456",
        "0312345678",
        "12345",
        "1" * 16,
        "n/a",
        "(212) 555-0100 ext. 12",
        "",
        None,
    ),
    *(" +49 30 123456", "(+49) 30 123456", "＋81 3 1234 5678", "٠١٢٣٤٥٦٧٨"),
)
EMAILS = (
    *("ana.weber@example.com", "Ana.B@Example.COM", "山田@example.jp", "", None),
    *(" ana.weber@example.com\u200b", "\u00a0", "  "),
)
COUNTRIES = {
    "US": ("USA",),
    "CA": ("CAN",),
    "DE": ("Deutschland",),
    "FR": ("Frankreich", "FRA"),
    "JP": ("jp",),
    "KW": ("KWT",),
}
STATES = {"US": ("NY", "New York", "ny"), "CA": ("ON", "QC")}
COUPONS = ("WELCOME10", "VIP", "夏セール", "", None, "LOVE❤️🎁", "S" * 600, "L" * 600)

# Close to midnight in New York and Berlin, and on the days their clocks change.
MOMENTS = (
    *("2026-03-08T04:59:59", "2026-03-08T05:00:00", "2026-03-08T07:00:00"),
    *("2026-11-01T03:59:59", "2026-11-01T04:00:00", "2026-11-02T04:30:00"),
    *("2026-03-28T23:00:00", "2026-03-29T01:00:00", "2026-03-29T22:00:00"),
    *("2026-10-24T22:00:00", "2026-10-25T01:00:00", "2026-10-25T23:00:00"),
    *("2026-12-31T23:30:00", "2027-01-01T04:59:59", "2028-02-29T12:00:00"),
)
