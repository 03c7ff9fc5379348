"""Where a path is evaluated: on the roots, on a value, on an entry of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...language.paths.values import is_false
from .shapes import JSON, NULL, NUMBERS, SCALARS, KnownValue, Shape, shape_of
from .source_writer import SourceWriter

NOTHING = KnownValue("None", NULL, None)


@dataclass(frozen=True, slots=True)
class Here:
    """What a path is evaluated over.

    `parts` are keys whose values are at hand already; a root that is nothing but them has no
    `value`.
    """

    value: KnownValue | None
    parts: Mapping[str, KnownValue] = field(default_factory=dict)

    def whole(self, out: SourceWriter) -> KnownValue:
        """All of it as one value."""
        own = ", ".join(f"{key!r}: {part.code}" for key, part in self.parts.items())
        if self.value is None:
            return KnownValue(out.let(f"{{{own}}}"), Shape("map"))
        if not self.parts:
            return self.value
        code = self.value.code
        name = out.let(f"{{**{code}, {own}}} if isinstance({code}, dict) else {code}")
        return KnownValue(name, JSON)

    def at(self, key: str, out: SourceWriter) -> KnownValue:
        """What stands under a key, null where there is nothing."""
        if key in self.parts:
            return self.parts[key]
        return NOTHING if self.value is None else member(self.value, key, out)


def path_truth(value: KnownValue) -> str:
    """The condition that a value is true for paths; its code is a name or a literal."""
    code, shape = value.code, value.shape
    if value.is_constant:
        return str(not is_false(value.constant))
    if shape.kind in NUMBERS:
        return f"{code} is not None" if shape.null else "True"
    if shape.kind in {"truth", "text", "list", "map"}:
        return code
    return f"({code} or {code} is not None and {code} is not False and is_zero({code}))"


def member(value: KnownValue, key: str, out: SourceWriter) -> KnownValue:
    """What stands under a key of a value that may be anything; null where there is nothing."""
    shape, code = value.shape, value.code
    if value.parts is not None and key in value.parts:
        return value.parts[key]
    if value.is_constant:
        inner = value.constant.get(key) if isinstance(value.constant, dict) else None
        return KnownValue(out.constant(inner), shape_of(inner), inner)
    if shape.kind in SCALARS | {"list", "null"}:
        return NOTHING
    known = out.known((code, key))
    if isinstance(known, KnownValue):
        return known
    found = KnownValue(out.let(_getting(value, key)), _member_shape(shape, key))
    out.remember((code, key), found)
    return found


def _getting(value: KnownValue, key: str) -> str:
    code, shape = value.code, value.shape
    if shape.kind != "map":
        return f"{code}.get({key!r}) if {code}.__class__ is dict else no_map({code})"
    found = f"{code}.get({key!r})"
    return found if shape.is_sure else f"{found} if {code} is not None else None"


def _member_shape(shape: Shape, key: str) -> Shape:
    members = shape.members
    if shape.kind != "map" or members is None:
        return JSON
    if key not in members:
        return JSON if shape.partial else NULL
    return members[key].or_null() if shape.partial or shape.null else members[key]


def element_of(shape: Shape) -> Shape:
    """The shape of an entry of a list."""
    return JSON if shape.kind != "list" or shape.element is None else shape.element
