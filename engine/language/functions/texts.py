"""Filters on texts: case, replacing, splitting, joining."""

from __future__ import annotations

import hashlib

from .declare import Function, Parameter, index_functions
from .values import (
    CHARACTERS_PER_STEP,
    MAX_TEXT,
    as_text,
    check_list_length,
    check_text_length,
    entries,
    join_texts,
    size,
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


def _cost_of_replace(text: str, old: str, new: str) -> int:
    """Return the steps of what the text grows by."""
    growth = text.count(old) * (len(new) - len(old))
    return max(0, growth) // CHARACTERS_PER_STEP


def _cost_of_split(text: str, separator: str) -> int:
    """Return the steps of the parts: each is a value of its own, which may be kept."""
    return 1 + text.count(separator)


def _cost_of_join(values: object, separator: str) -> int:
    """Return the steps of every entry and every separator, as far as a text may be long."""
    listed = entries(values)
    separators = min(len(listed) * len(separator), MAX_TEXT) // CHARACTERS_PER_STEP
    return sum(1 + size(each) for each in listed) + separators


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
        cost=_cost_of_replace,
    ),
    Function(
        name="split",
        sort="filter",
        implementation=_split,
        parameters=(_VALUE, Parameter("separator", "some text")),
        summary="The list of parts between the separators.",
        examples=(("'a,b' | split(',')", {}, ["a", "b"]),),
        cost=_cost_of_split,
    ),
    Function(
        name="join",
        sort="filter",
        implementation=_join,
        parameters=(Parameter("value", "list"), Parameter("separator", "text", "")),
        summary="One text of the entries of a list.",
        examples=(("['a', 1, 2.50] | join(', ')", {}, "a, 1, 2.50"),),
        cost=_cost_of_join,
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
        name="string",
        sort="filter",
        implementation=as_text,
        parameters=(Parameter("value", "scalar"),),
        summary="The value as a text.",
        examples=(("12.50 | string", {}, "12.50"), ("true | string", {}, "true")),
    ),
)
