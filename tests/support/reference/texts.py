"""Texts and days as NetSuite takes them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# Beside format characters and halves of pairs: pictographs, their modifiers, flags.
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0e\ufe0f\u20e3]")
_COUNTRIES = {
    "USA": "US",
    "Deutschland": "DE",
    "France": "FR",
    "Frankreich": "FR",
    "FRA": "FR",
    "CAN": "CA",
    "jp": "JP",
    "KWT": "KW",
}
_STATES = {"New York": "NY", "ny": "NY"}
_KEPT = "\t\n\u200c"  # Persian needs the zero-width non-joiner
_UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn"}


def plain(text: str) -> str:
    """Without pictures and what nobody sees, and with one blank where there were several."""
    seen = (c for c in text if c in _KEPT or unicodedata.category(c) not in _UNWANTED)
    lines = _PICTURES.sub("", "".join(seen)).split("\n")
    return "\n".join(re.sub(r"\s+", " ", line) for line in lines)


def cut(text: str, length: int) -> str:
    """At most so many characters; a letter without its accent goes altogether."""
    end = length
    while 0 < end < len(text) and unicodedata.category(text[end]).startswith("M"):
        end -= 1
    return text[:end].rstrip()


def field(text: str | None, length: int) -> str | None:
    """What goes into a field of the length; None when nothing is left to say."""
    return cut(plain(text or "").strip(), length) or None


def phone(text: str | None) -> str:
    """Western digits of 7 to 15 digits in any script, behind a `+` that leads them; else nothing."""
    given = (text or "").strip()
    digits = "".join(str(int(c)) for c in given if c.isdecimal())
    plus = "+" if re.match(r"[ (]*[+＋]", given) else ""
    if (parts := re.fullmatch(r"(.*[0-9)]) *(?:ext\.|x|#) *([0-9]{1,6})", given)) and not plus:
        return f"{phone(parts[1])} ext. {parts[2]}"
    return plus + digits if 7 <= len(digits) <= 15 else ""


def mail(text: str | None) -> str:
    """An e-mail address, or nothing where people see none."""
    return plain(text or "").strip().lower()


def country(text: str | None) -> str:
    """Two letters, however the country is written."""
    return _COUNTRIES.get(text or "", text or "")


def state(text: str | None, land: str) -> str | None:
    """The code in America; what was written elsewhere."""
    found = field(text, 30)
    return _STATES.get(found or "", found) if land == "US" else found


def day(placed_at: str, timezone: str) -> str:
    """The calendar day there; a time without a zone is UTC."""
    matched = re.fullmatch(
        r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))?", placed_at
    )
    assert matched, placed_at
    local, sign, hours, minutes = matched.groups()
    moment = datetime.fromisoformat(local).replace(tzinfo=UTC)
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        moment += offset if sign == "-" else -offset
    return moment.astimezone(ZoneInfo(timezone)).date().isoformat()
