"""Texts and days as NetSuite takes them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# Beside format characters and halves of pairs: pictographs, their modifiers, flags.
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0e\ufe0f\u20e3]")
_KEPT = "\t\n\u200c"  # Persian needs the zero-width non-joiner
_UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn"}


def plain(text: str) -> str:
    """Without pictures, and without what nobody sees but tabs and line breaks."""
    seen = (c for c in text if c in _KEPT or unicodedata.category(c) not in _UNWANTED)
    return _PICTURES.sub("", "".join(seen))


def cut(text: str, length: int) -> str:
    """At most so many characters; a letter without its accent goes altogether."""
    end = length
    while 0 < end < len(text) and unicodedata.category(text[end]).startswith("M"):
        end -= 1
    return text[:end]


def field(text: str | None, length: int) -> str | None:
    """What goes into a field of the length; None when nothing is left to say."""
    return cut(plain(text or "").strip(), length) or None


def phone(text: str | None) -> str:
    """Western digits of 7 to 15 digits in any script, behind a `+` that leads them."""
    given = text or ""
    digits = "".join(str(int(c)) for c in given if c.isdecimal())
    plus = "+" if re.match(r"[ (]*[+＋]", given) else ""
    return plus + digits if 7 <= len(digits) <= 15 else "5555555555"


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
