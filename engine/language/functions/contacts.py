"""Filters on names, addresses, e-mail addresses and telephone numbers: they clean and cut."""

from __future__ import annotations

import re
import unicodedata

from ...findings.errors import ExpressionError
from ...findings.quote import did_you_mean, quoted, shortened
from ..places import find_country, find_state, list_country_names
from .declare import Function, Parameter, index_functions
from .values import OMIT, check_text_length, kind_of, with_article

_ZERO_WIDTH_JOINER = "\u200d"
_MARKS = frozenset({"Mn", "Me", "Mc"})

# Characters that the ledger's XML cannot hold or its forms garble: controls except those
# that are blanks, surrogates, noncharacters, private use, invisible marks and fillers
# (the zero-width non-joiner stays within a word: Persian needs it), emoji and pictographs
# (the brackets among the dingbats stay: they are punctuation).
_NOT_PLAIN = re.compile(
    "["
    "\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad"
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffd"
    "\u20e3\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u2600-\u2767\u2776-\u27bf\u2b00-\u2bff"
    "\ufe00-\ufe0f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U0001f000-\U0001faff\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    "]|[\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff]"
)
_BLANKS = re.compile("[ \t\n\r\f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000]+")
# Each run is tried once, at its begin: a run of 70,000 would take minutes if it were tried at each character.
_LONE_NON_JOINER = re.compile(r"(?:^|(?<=\s))\u200c++|(?<!\u200c)\u200c++(?=\s|\Z)")

_COUNTRY_FORMS = "a country is two or three letters of ISO 3166, or a name"
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"\\]+@[^@\s,;:<>()\[\]\"\\]+\.[^@\s,;:<>()\[\]\"\\.]+")
_EMAIL_FORM = (
    "one address without a name, such as ann@example.com; correct it where the order is kept"
)
# A longer text is no telephone number.
_LONGEST_PHONE = 200
_NO_DIGIT = re.compile("[^0-9]+")
_EXTENSION = re.compile(
    r"(?:(?:extension|extn|ext|x|durchwahl|dw|poste|interno|int|内線) ?[.:=]?|#) ?([0-9]{1,6})\)?\Z",
    re.IGNORECASE,
)
_BETWEEN_NUMBERS = re.compile(r"[/;,|\n]| or | oder | ou ", re.IGNORECASE)


def cut(text: str, length: int) -> str:
    """Cut to `length` characters, or to fewer where a written character would be split or a blank be last."""
    return text[: _whole_end(text, length)].rstrip()


def cut_bytes(text: str, length: int) -> str:
    """Cut to `length` bytes of UTF-8, by the same rules."""
    head = text[:length].encode("utf-8", "replace")[:length].decode("utf-8", "ignore")
    return cut(text, len(head)) if head else ""


def _whole_end(text: str, length: int) -> int:
    """Return where to cut; a first character that is longer than all is split."""
    if len(text) <= length:
        return len(text)
    end = length
    while end and _continues(text, end):
        end -= 1
    return end or length


def _continues(text: str, index: int) -> bool:
    """Return whether the character at `index` belongs to the character before it."""
    here, before = text[index], text[index - 1]
    if "\U0001f1e6" <= here <= "\U0001f1ff":  # two letters make a flag
        start = index
        while start and "\U0001f1e6" <= text[start - 1] <= "\U0001f1ff":
            start -= 1
        return (index - start) % 2 == 1
    return (
        unicodedata.category(here) in _MARKS
        or here in "\u200c\uff9e\uff9f"
        or _ZERO_WIDTH_JOINER in (here, before)
        or (here == "\n" and before == "\r")
        or "\U0001f3fb" <= here <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= here <= "\U000e007f"  # the letters of a region's flag
        or ("\u1160" <= here <= "\u11ff" and "\u1100" <= before <= "\u11ff")  # a Hangul syllable
    )


def plain(text: str) -> str:
    """Drop what the ledger refuses and nobody sees, and make one blank of several or of line breaks."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text
    return _BLANKS.sub(" ", _LONE_NON_JOINER.sub("", _NOT_PLAIN.sub("", text)))


def email(value: object) -> str:
    """Return an e-mail address as the ledger compares it; empty for null and for blanks."""
    if value is None or value is OMIT:
        return ""
    if not isinstance(value, str):
        kind = with_article(kind_of(value))
        raise ExpressionError("E0415", f"`value` must be a text, not {kind}")
    check_text_length(len(value))
    address = plain(value).strip().lower()
    if address and _EMAIL.fullmatch(address) is None:
        # A finding does not show what may be somebody's address.
        raise ExpressionError(
            "E0427", f"a text of {len(address)} characters is no e-mail address", hint=_EMAIL_FORM
        )
    return address


def phone(text: str, otherwise: object) -> object:
    """Return the digits of a number, with its extension apart; `otherwise` for anything else."""
    check_text_length(len(text))
    if len(text) > _LONGEST_PHONE:
        return otherwise
    shown = plain(unicodedata.normalize("NFKC", plain(text))).strip()
    ascii_digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in shown)
    first = _first_number(ascii_digits)
    found = _EXTENSION.search(first)
    if found is not None:
        number = _read_number(first[: found.start()])
        if number is not None:
            return f"{number} ext. {found[1]}"
    return _read_number(first) or otherwise


def _first_number(text: str) -> str:
    """Return the first of several numbers; a part of a number is not a number."""
    parts = _BETWEEN_NUMBERS.split(text)
    numbers = [part for part in parts if len(_NO_DIGIT.sub("", part)) >= 7]
    return numbers[0] if len(numbers) > 1 else text


def _read_number(text: str) -> str | None:
    digits = _NO_DIGIT.sub("", text)
    if not 7 <= len(digits) <= 15:
        return None
    return f"+{digits}" if text.lstrip(" (").startswith("+") else digits


def country(text: str) -> str:
    """Return the two letters of a country; an empty text stays empty."""
    name = plain(text).strip()
    found = find_country(name) if name else ""
    if found is None:
        raise ExpressionError(
            "E0426",
            f"{quoted(shortened(name, 60))} is not a known country",
            hint=lambda: did_you_mean(name, list_country_names(), otherwise=_COUNTRY_FORMS),
        )
    return found


def state(text: str, country: str) -> str:
    """Return the code of a state where the country has a list; any other text stays as it is, cleaned."""
    name = plain(text).strip()
    return find_state(name, find_country(country) or "") or name


def _cost_of_place(*texts: str) -> int:
    """Return the steps of looking at each letter of a name."""
    return sum(map(len, texts))


_VALUE = Parameter("value", "text")

FILTERS = index_functions(
    Function(
        name="cut",
        sort="filter",
        implementation=cut,
        parameters=(_VALUE, Parameter("length", "length")),
        summary="At most `length` characters; never between a letter and its accent, and without a blank at the end.",
        examples=(
            ("'Rosenheim' | cut(5)", {}, "Rosen"),
            ("'ab' | cut(5)", {}, "ab"),
            ("'New York' | cut(4)", {}, "New"),
        ),
    ),
    Function(
        name="cut_bytes",
        sort="filter",
        implementation=cut_bytes,
        parameters=(_VALUE, Parameter("length", "length")),
        summary="The same with `length` bytes of UTF-8: custom text fields of the ledger count bytes.",
        examples=(("'Zoë' | cut_bytes(3)", {}, "Zo"), ("'Zoë' | cut_bytes(4)", {}, "Zoë")),
    ),
    Function(
        name="plain",
        sort="filter",
        implementation=plain,
        parameters=(_VALUE,),
        summary="Without emoji, control and invisible characters that the ledger refuses, and on one line with single "
        "blanks; all scripts stay.",
        examples=(
            ("'Zoë 🎁' | plain | trim", {}, "Zoë"),
            ("'山田 ㈱' | plain", {}, "山田 ㈱"),
            ("name | plain", {"name": "Ann\u00a0 \u200c Lee\u200b"}, "Ann Lee"),
        ),
    ),
    Function(
        name="email",
        sort="filter",
        implementation=email,
        parameters=(Parameter("value", "nullable"),),
        summary="An e-mail address as the ledger compares it: plain, without blanks at the ends, in small letters; "
        "empty when it is null or blank; a text that is no address is a finding.",
        examples=(
            ("' Ann@Example.com ' | email", {}, "ann@example.com"),
            ("address | email", {"address": None}, ""),
        ),
    ),
    Function(
        name="phone",
        sort="filter",
        implementation=phone,
        parameters=(_VALUE, Parameter("otherwise", "nullable")),
        summary="The digits of a telephone number, with a leading `+` and the extension apart; of several numbers "
        "the first; `otherwise` unless there are 7 to 15 digits.",
        examples=(
            ("'+49 (30) 123-4567' | phone('5555555555')", {}, "+49301234567"),
            ("'(212) 555-0100 x12' | phone('5555555555')", {}, "2125550100 ext. 12"),
            ("'none' | phone('5555555555')", {}, "5555555555"),
        ),
    ),
    Function(
        name="country",
        sort="filter",
        implementation=country,
        parameters=(_VALUE,),
        summary="The two letters of a country by its letters or its name; an unknown country is a finding.",
        examples=(
            ("'USA' | country", {}, "US"),
            ("'Deutschland' | country", {}, "DE"),
            ("'' | country", {}, ""),
        ),
        cost=_cost_of_place,
    ),
    Function(
        name="state",
        sort="filter",
        implementation=state,
        parameters=(_VALUE, Parameter("country", "text")),
        summary="The code of a state of a country that has a list (US, CA, AU); any other text as it is, plain.",
        examples=(
            ("'new york' | state('US')", {}, "NY"),
            ("'Bayern' | state('DE')", {}, "Bayern"),
        ),
        cost=_cost_of_place,
    ),
)
