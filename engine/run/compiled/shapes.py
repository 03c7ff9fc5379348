"""The shape of a value: its properties that are known at compile time.

A kind stands for exact classes, so compiled code needs no check of a known kind: `int`, `decimal`
and `number` (either of the two) are never a boolean or a number that keeps its source text. `json`
is any value of a document, `any` is any value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from functools import reduce
from typing import Final

from ...documents.exact import format_plain
from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.lines import Reference
from ...language.templates import OMIT
from .runtime.doubts import SMALL

NUMBERS = frozenset({"int", "decimal", "number"})
SCALARS = NUMBERS | {"text", "truth"}
_JSON = SCALARS | {"list", "map", "null", "json"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The kind of a value; with `null` or `omit` it may also be null or `omit`.

    `members` are the keys of a map, if known; a `partial` map may lack some and have others.
    `element` is the shape of every entry of a list. A `short` text has too few characters to cost
    a step of the budget.
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
        """Whether it is certainly a number."""
        return self.kind in NUMBERS and self.is_sure

    @property
    def is_sure(self) -> bool:
        """Whether it is certainly a value: neither null nor `omit`."""
        return not (self.null or self.omit)

    @property
    def is_scalar(self) -> bool:
        """Whether it is certainly a text, number or truth value."""
        return self.kind in SCALARS and self.is_sure

    def is_a(self, kind: str) -> bool:
        """Whether it is certainly of that kind."""
        return self.kind == kind and self.is_sure

    def sure(self) -> Shape:
        """Return the shape without null and `omit`."""
        return self if self.is_sure else replace(self, null=False, omit=False)

    def or_null(self) -> Shape:
        """Return the shape with null allowed."""
        return self if self.null else replace(self, null=True)


class _Unknown(Enum):
    """The type of UNKNOWN, the constant of a computed value."""

    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
# The code of a value that exists only in parts; a source that contains it cannot be used.
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
    """A group of rendered lines: the variable `code` holds the list of their bodies.

    `sign` is -1 if the ledger stores the negated amount. `after_groups` are the groups in the lines'
    `after`; the list `code`_each holds their bodies for each line. `every` is set for the group of
    all lines: the groups whose lines it holds. A group that `is_outer` is in no other's `after`.
    """

    name: str
    code: str
    sign: int = 1
    after_groups: tuple[GroupShape, ...] = ()
    every: tuple[GroupShape, ...] = ()
    is_outer: bool = False


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value in the source: its name or literal, its shape, and its value if it is a constant.

    A text that `is_day` is an ISO 8601 date. `entries` are those of a list display. `bound` names
    the text that a text was made of, which is at least as long. `parts` are members with names of
    their own; a value whose code is WHOLE consists of them.
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
        """Whether the value is the same for every order."""
        return self.constant is not UNKNOWN

    def sure(self) -> KnownValue:
        """Return the value with a shape without null and `omit`."""
        return replace(self, shape=self.shape.sure())


def join_shapes(left: Shape, right: Shape) -> Shape:
    """Return the shape of a value that has one of two shapes."""
    null, omit = left.null or right.null, left.omit or right.omit
    for candidate, other in ((left, right), (right, left)):
        if candidate.kind in {"null", "omit", "never"}:
            return replace(other, null=null, omit=omit)
    if left.kind == right.kind:
        return Shape(
            kind=left.kind,
            null=null,
            omit=omit,
            members=_join_members(left.members, right.members),
            element=_join_elements(left.element, right.element),
            short=left.short and right.short,
            partial=left.partial or right.partial,
        )
    kinds = {left.kind, right.kind}
    if kinds <= NUMBERS:
        return Shape("number", null, omit)
    return Shape("json" if kinds <= _JSON else "any", null, omit)


def _join_members(
    left: Mapping[str, Shape] | None, right: Mapping[str, Shape] | None
) -> Mapping[str, Shape] | None:
    """Join the members of two maps; None unless both have the same keys."""
    if left is None or right is None or left.keys() != right.keys():
        return None
    return {key: join_shapes(left[key], right[key]) for key in left}


def _join_elements(left: Shape | None, right: Shape | None) -> Shape | None:
    return None if left is None or right is None else join_shapes(left, right)


def shape_of(value: object) -> Shape:
    """Return the shape of a constant."""
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
        return Shape("list", element=reduce(join_shapes, map(shape_of, value), NEVER))
    return shape


def is_small(value: int | Decimal) -> bool:
    """Whether FAST can hold a number, and its text is its plain notation."""
    if isinstance(value, int):
        return -SMALL < value < SMALL
    exponent = value.as_tuple().exponent
    return (
        (value != 0 or not value.is_signed())
        and isinstance(exponent, int)
        and -27 <= exponent <= 0
        and len(value.as_tuple().digits) <= 27
        and str(value) == format_plain(value)
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
