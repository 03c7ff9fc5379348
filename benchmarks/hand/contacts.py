"""Names, e-mail addresses and telephone numbers as NetSuite takes them, written by hand."""

from __future__ import annotations

import re
import unicodedata

from .values import RefusedError

# Controls, invisible marks and fillers, surrogates, private use, emoji; tab and newline are blanks.
_UNSEEN = (
    "\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad"
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffd"
    "\u20e3\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u2600-\u2767\u2776-\u27bf\u2b00-\u2bff"
    "\ufe00-\ufe0f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U0001f000-\U0001faff\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    "\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff"
)
_OTHER_BLANKS = "\t\n\r\f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000"
_is_odd = re.compile(f"[{_UNSEEN}{_OTHER_BLANKS}\u200c]|  ").search
_drop_unseen = re.compile(f"[{_UNSEEN}]").sub
_join_blanks = re.compile(f"[ {_OTHER_BLANKS}]+").sub
_LONE_NON_JOINER = re.compile(r"(?:^|(?<=\s))\u200c+|\u200c+(?=\s|\Z)")
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_MARKS = {"Mn", "Me", "Mc"}

_ADDRESS_PART = r"[^@\s,;:<>()\[\]\"\\]+"
_is_address = re.compile(rf"{_ADDRESS_PART}@{_ADDRESS_PART}\.[^@\s,;:<>()\[\]\"\\.]+").fullmatch
_LONGEST_PHONE = 200
_SIMPLE_PHONE = re.compile(r"[0-9 ().+-]*").fullmatch
_NO_DIGIT = re.compile("[^0-9]+")
_BETWEEN_PHONES = re.compile(r"[/;,|\n]| or | oder | ou ", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?:(?:extension|extn|ext|x|durchwahl|dw|poste|interno|int|内線) ?[.:=]?|#) ?([0-9]{1,6})\)?\Z",
    re.IGNORECASE,
)


def plain(value: str) -> str:
    """Without what NetSuite refuses and nobody sees, with single blanks, and none around."""
    if (value.isascii() and value.isprintable() and "  " not in value) or not _is_odd(value):
        return value.strip()
    seen = _LONE_NON_JOINER.sub("", _drop_unseen("", value))
    return _join_blanks(" ", seen).strip()


def tidy(value: str, length: int) -> str:
    """Plain, and cut, but not within what is written as a single character, nor behind a blank."""
    seen = plain(value)
    return seen if len(seen) <= length else cut(seen, length)


def cut(value: str, length: int) -> str:
    """The start of a longer text."""
    end = length
    while end and _continues(value, end):
        end -= 1
    return value[: end or length].rstrip()


def _continues(value: str, index: int) -> bool:
    here, before = value[index], value[index - 1]
    if here < "\u0300" and here != "\n":
        return before == "\u200d"
    if "\U0001f1e6" <= here <= "\U0001f1ff":  # two of them are a flag
        head = value[:index]
        return (index - len(head.rstrip(_FLAG_LETTERS))) % 2 == 1
    return (
        unicodedata.category(here) in _MARKS
        or here in "\u200c\u200d\uff9e\uff9f"
        or before == "\u200d"
        or (here == "\n" and before == "\r")
        or "\U0001f3fb" <= here <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= here <= "\U000e007f"  # the letters of a region's flag
        or ("\u1160" <= here <= "\u11ff" and "\u1100" <= before <= "\u11ff")  # Hangul
    )


def email(value: str | None) -> str:
    """Plain and in small letters; empty for null. Raise RefusedError for what is no address."""
    if not value:
        return ""
    address = plain(value).lower()
    if address and not _is_address(address):
        raise RefusedError("the e-mail address")
    return address


def phone(value: str) -> str:
    """The digits of the first number, with a leading `+` and its extension; empty for no number."""
    if len(value) > _LONGEST_PHONE:
        return ""
    if _SIMPLE_PHONE(value):
        return _number(value)
    seen = plain(unicodedata.normalize("NFKC", plain(value)))
    if not seen.isascii():
        seen = "".join([str(unicodedata.decimal(c)) if c.isdecimal() else c for c in seen])
    parts = _BETWEEN_PHONES.split(seen)
    numbers = [part for part in parts if len(_NO_DIGIT.sub("", part)) >= 7]
    if len(numbers) > 1:
        seen = numbers[0]
    if (extension := _EXTENSION.search(seen)) and (number := _number(seen[: extension.start()])):
        return f"{number} ext. {extension[1]}"
    return _number(seen)


def _number(value: str) -> str:
    digits = _NO_DIGIT.sub("", value)
    if not 7 <= len(digits) <= 15:
        return ""
    return f"+{digits}" if value.lstrip(" (").startswith("+") else digits
