"""Filters on texts: case, cutting, replacing, cleaning."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from .declare import Function, Parameter, index_functions
from .values import as_text, check_list_length, check_text_length, entries, join_texts

_ZERO_WIDTH_JOINER = "\u200d"
_NO_DIGIT = re.compile("[^0-9]+")
_MARKS = frozenset({"Mn", "Me", "Mc"})

# Characters that the ledger's XML cannot hold or its forms garble: controls except tab
# and newline, surrogates, noncharacters, private use, invisible formatting marks
# (the zero-width non-joiner stays: Persian needs it), emoji and pictographs
# (the brackets among the dingbats stay: they are punctuation).
_NOT_PLAIN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad"
    "\u061c\u180e\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd"
    "\u20e3\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u2600-\u2767\u2776-\u27bf\u2b00-\u2bff"
    "\ufe00-\ufe0f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U0001f000-\U0001faff\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    "]|[\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff]"
)


def _upper(text: str) -> str:
    check_text_length(len(text))
    return text.upper()


def _lower(text: str) -> str:
    check_text_length(len(text))
    return text.lower()


def _digest(text: str) -> str:
    check_text_length(len(text))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _replace(text: str, old: str, new: str) -> str:
    check_text_length(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def _split(text: str, separator: str) -> list[str]:
    check_list_length(text.count(separator) + 1)
    return text.split(separator)


def _join(values: object, separator: str) -> str:
    return join_texts([as_text(value) for value in entries(values)], separator)


def _cut(text: str, length: int) -> str:
    """Cut to `length` characters, or to fewer where a character's marks or a joined emoji would be split."""
    if len(text) <= length:
        return text
    end = length
    while end and _continues(text, end):
        end -= 1
    return text[: end or length]


def _continues(text: str, index: int) -> bool:
    """Return whether the character at `index` belongs to the character before it."""
    here = text[index]
    return (
        unicodedata.category(here) in _MARKS
        or here == _ZERO_WIDTH_JOINER
        or text[index - 1] == _ZERO_WIDTH_JOINER
        or "\U0001f3fb" <= here <= "\U0001f3ff"  # skin tones
    )


def _plain(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _NOT_PLAIN.sub("", text)


def _phone(text: str, otherwise: object) -> object:
    check_text_length(len(text))
    if text.isascii():
        digits = _NO_DIGIT.sub("", text)
    else:
        digits = "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())
    if not 7 <= len(digits) <= 15:
        return otherwise
    return f"+{digits}" if text.lstrip(" (\u200e").startswith(("+", "＋")) else digits


_VALUE = Parameter("value", "text")

FILTERS = index_functions(
    Function(
        name="upper",
        sort="filter",
        implementation=_upper,
        parameters=(_VALUE,),
        summary="In capitals.",
        examples=(("'gc-1' | upper", {}, "GC-1"),),
    ),
    Function(
        name="lower",
        sort="filter",
        implementation=_lower,
        parameters=(_VALUE,),
        summary="In small letters.",
        examples=(("'A@B.C' | lower", {}, "a@b.c"),),
    ),
    Function(
        name="digest",
        sort="filter",
        implementation=_digest,
        parameters=(_VALUE,),
        summary="Twenty letters and digits that stand for the text: the same for equal texts, without revealing the text.",
        examples=(("'ann@example.com' | digest", {}, "71d4f55f72fa128dfb46"),),
    ),
    Function(
        name="trim",
        sort="filter",
        implementation=str.strip,
        parameters=(_VALUE,),
        summary="Without blanks at both ends.",
        examples=(("' Ann ' | trim", {}, "Ann"),),
    ),
    Function(
        name="replace",
        sort="filter",
        implementation=_replace,
        parameters=(_VALUE, Parameter("old", "some text"), Parameter("new", "text")),
        summary="Every `old` replaced by `new`.",
        examples=(("'a-b-c' | replace('-', '')", {}, "abc"),),
    ),
    Function(
        name="split",
        sort="filter",
        implementation=_split,
        parameters=(_VALUE, Parameter("separator", "some text")),
        summary="The list of parts between the separators.",
        examples=(("'a,b' | split(',')", {}, ["a", "b"]),),
    ),
    Function(
        name="join",
        sort="filter",
        implementation=_join,
        parameters=(Parameter("value", "list"), Parameter("separator", "text", "")),
        summary="One text of the entries of a list.",
        examples=(("['a', 1, 2.50] | join(', ')", {}, "a, 1, 2.50"),),
    ),
    Function(
        name="starts_with",
        sort="filter",
        implementation=str.startswith,
        parameters=(_VALUE, Parameter("start", "text")),
        summary="Whether the text starts with `start`.",
        examples=(("'GC-100' | starts_with('GC-')", {}, True),),
    ),
    Function(
        name="ends_with",
        sort="filter",
        implementation=str.endswith,
        parameters=(_VALUE, Parameter("end", "text")),
        summary="Whether the text ends with `end`.",
        examples=(("'GC-100' | ends_with('-1')", {}, False),),
    ),
    Function(
        name="cut",
        sort="filter",
        implementation=_cut,
        parameters=(_VALUE, Parameter("length", "length")),
        summary="At most `length` characters; never cut between a letter and its accent.",
        examples=(("'Rosenheim' | cut(5)", {}, "Rosen"), ("'ab' | cut(5)", {}, "ab")),
    ),
    Function(
        name="plain",
        sort="filter",
        implementation=_plain,
        parameters=(_VALUE,),
        summary="Without emoji, control characters and other characters that the ledger refuses; all scripts stay.",
        examples=(("'Zoë 🎁' | plain | trim", {}, "Zoë"), ("'山田 ㈱' | plain", {}, "山田 ㈱")),
    ),
    Function(
        name="phone",
        sort="filter",
        implementation=_phone,
        parameters=(_VALUE, Parameter("otherwise", "nullable")),
        summary="The digits of a telephone number and a leading `+`; `otherwise` unless there are 7 to 15 digits.",
        examples=(
            ("'+49 (30) 123-4567' | phone('5555555555')", {}, "+49301234567"),
            ("'none' | phone('5555555555')", {}, "5555555555"),
        ),
    ),
    Function(
        name="string",
        sort="filter",
        implementation=as_text,
        parameters=(Parameter("value", "scalar"),),
        summary="The value as a text.",
        examples=(("12.50 | string", {}, "12.50"), ("true | string", {}, "true")),
    ),
)
