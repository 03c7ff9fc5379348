"""What is known about a value before any order is there.

A kind stands for exact classes, so that the compiled code needs no check where the kind is known:
`int`, `decimal` and `number` (either of the two) are never a boolean or a number that remembers how
it was written. `json` is anything a document may hold, `any` is anything at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from functools import reduce
from typing import Final

from ...documents.exact import plain
from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.lines import Reference
from ...language.templates import OMIT
from .runtime.doubts import SMALL

NUMBERS = frozenset({"int", "decimal", "number"})
SCALARS = NUMBERS | {"text", "truth"}
_JSON = SCALARS | {"list", "map", "null", "json"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The kind of a value; `null` and `omit` say that it may be one of those instead.

    `members` are the keys that a map has, when they are known; a `partial` map may lack some and have
    others. `element` is the shape of every entry of a list. A `short` text has fewer characters than
    cost a step of the budget.
    """

    kind: str
    null: bool = False
    omit: bool = False
    members: Mapping[str, Shape] | None = None
    element: Shape | None = None
    short: bool = False
    partial: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is a number for certain."""
        return self.kind in NUMBERS and self.is_sure

    @property
    def is_sure(self) -> bool:
        """Whether it is a value for certain: neither null nor `omit`."""
        return not (self.null or self.omit)

    @property
    def is_scalar(self) -> bool:
        """Whether it is a text, number or truth for certain."""
        return self.kind in SCALARS and self.is_sure

    def is_a(self, kind: str) -> bool:
        """Whether it is of that kind for certain."""
        return self.kind == kind and self.is_sure

    def sure(self) -> Shape:
        """The same, once null and `omit` are ruled out."""
        return self if self.is_sure else replace(self, null=False, omit=False)

    def or_null(self) -> Shape:
        """The same, or null."""
        return self if self.null else replace(self, null=True)


class _Unknown(Enum):
    """The constant of what is computed."""

    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
# The code of what is only at hand in parts; a source in which it stands cannot be used.
WHOLE: Final = "whole_of_parts"
JSON = Shape("json", null=True)
ANY = Shape("any", null=True, omit=True)
TEXT = Shape("text")
SHORT = Shape("text", short=True)
TRUTH = Shape("truth")
NULL = Shape("null", null=True)
DECIMAL = Shape("decimal")
INT = Shape("int")
NUMBER = Shape("number")
LIST = Shape("list")
MAP = Shape("map")
MOMENT = Shape("moment")
LINES = Shape("lines")
NEVER = Shape("never")  # the entries of an empty list
_OMIT = Shape("omit", omit=True)


@dataclass(frozen=True, slots=True)
class GroupShape:
    """Rendered lines at hand: the bodies of one group's lines are in the list called `code`.

    `sign` is -1 where NetSuite stores the negated amount; `behind` are the groups directly behind
    each line, whose bodies for each line are in the list `code`_each. `every` are the groups whose
    lines this one holds, for the group of all lines; the `is_outer` ones are behind no other.
    """

    name: str
    code: str
    sign: int = 1
    behind: tuple[GroupShape, ...] = ()
    every: tuple[GroupShape, ...] = ()
    is_outer: bool = False


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value at hand: the name or literal it has in the source, its shape, its constant if it is one.

    A text that `is_day` is a date in ISO 8601. `entries` are those of a list that is written out. A text is not longer than the one called `bound`, if there is one that it was made of. `parts` are members that are at hand themselves; those of a value whose code is WHOLE are all it has.
    """

    code: str
    shape: Shape
    constant: object = UNKNOWN
    parts: Mapping[str, KnownValue] | None = None
    group: GroupShape | None = None
    bound: str = ""
    entries: tuple[KnownValue, ...] = ()
    is_day: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether it is the same for every order."""
        return self.constant is not UNKNOWN

    def sure(self) -> KnownValue:
        """The same, once null and `omit` are ruled out."""
        return replace(self, shape=self.shape.sure())


def joined(left: Shape, right: Shape) -> Shape:
    """The shape of a value that is one of the two."""
    null, omit = left.null or right.null, left.omit or right.omit
    for one, other in ((left, right), (right, left)):
        if one.kind in {"null", "omit", "never"}:
            return replace(other, null=null, omit=omit)
    if left.kind == right.kind:
        return Shape(
            left.kind,
            null,
            omit,
            _joined_members(left.members, right.members),
            _joined_element(left.element, right.element),
            left.short and right.short,
            left.partial or right.partial,
        )
    kinds = {left.kind, right.kind}
    if kinds <= NUMBERS:
        return Shape("number", null, omit)
    return Shape("json" if kinds <= _JSON else "any", null, omit)


def _joined_members(
    left: Mapping[str, Shape] | None, right: Mapping[str, Shape] | None
) -> Mapping[str, Shape] | None:
    """All keys must be there for certain in both."""
    if left is None or right is None or left.keys() != right.keys():
        return None
    return {key: joined(left[key], right[key]) for key in left}


def _joined_element(left: Shape | None, right: Shape | None) -> Shape | None:
    return None if left is None or right is None else joined(left, right)


def shape_of(value: object) -> Shape:
    """The shape of a constant."""
    shape = _CONSTANTS.get(type(value))
    if shape is None:
        return ANY
    if isinstance(value, str):
        return SHORT if len(value) < CHARACTERS_PER_STEP else TEXT
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return shape if is_small(value) else ANY
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            return MAP
        return Shape("map", members={key: shape_of(entry) for key, entry in value.items()})
    if isinstance(value, list):
        return Shape("list", element=reduce(joined, map(shape_of, value), NEVER))
    return shape


def is_small(value: int | Decimal) -> bool:
    """Whether FAST holds a number, and its text is its plain notation."""
    if isinstance(value, int):
        return -SMALL < value < SMALL
    exponent = value.as_tuple().exponent
    return (
        (value != 0 or not value.is_signed())
        and isinstance(exponent, int)
        and -27 <= exponent <= 0
        and len(value.as_tuple().digits) <= 27
        and str(value) == plain(value)
    )


_CONSTANTS: dict[type, Shape] = {
    type(None): NULL,
    type(OMIT): _OMIT,
    bool: TRUTH,
    str: TEXT,
    int: INT,
    Decimal: DECIMAL,
    dict: MAP,
    list: LIST,
    Reference: Shape("reference"),
}
