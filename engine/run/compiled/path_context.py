"""The value on which a path is evaluated: the roots, a value, an entry of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...language.paths.values import is_false
from .shapes import JSON, NULL, NUMBERS, SCALARS, KnownValue, Shape, shape_of
from .source_writer import SourceWriter

NOTHING = KnownValue("None", NULL, None)


@dataclass(frozen=True, slots=True)
class PathContext:
    """The value on which a path is evaluated.

    `parts` are keys whose values have names in the source already; a root that consists of them has
    no `value`.
    """

    value: KnownValue | None
    parts: Mapping[str, KnownValue] = field(default_factory=dict)

    def whole(self, out: SourceWriter) -> KnownValue:
        """Compile the context as one value."""
        own = ", ".join(f"{key!r}: {part.code}" for key, part in self.parts.items())
        if self.value is None:
            return KnownValue(out.let(f"{{{own}}}"), Shape("map"))
        if not self.parts:
            return self.value
        code = self.value.code
        name = out.let(f"{{**{code}, {own}}} if isinstance({code}, dict) else {code}")
        return KnownValue(name, JSON)

    def at(self, key: str, out: SourceWriter) -> KnownValue:
        """Compile the value under a key, null if the key is absent."""
        if key in self.parts:
            return self.parts[key]
        return NOTHING if self.value is None else compile_member(self.value, key, out)


def path_truth_condition(value: KnownValue) -> str:
    """Return the condition that a value is true in paths; its code is a name or a literal."""
    code, shape = value.code, value.shape
    if value.is_constant:
        return str(not is_false(value.constant))
    if shape.kind in NUMBERS:
        return f"{code} is not None" if shape.null else "True"
    if shape.kind in {"truth", "text", "list", "map"}:
        return code
    return f"({code} or {code} is not None and {code} is not False and is_zero({code}))"


def compile_member(value: KnownValue, key: str, out: SourceWriter) -> KnownValue:
    """Compile the value under a key of any value, null if there is none."""
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
    found = KnownValue(out.let(_get_code(value, key)), _member_shape(shape, key))
    out.remember((code, key), found)
    return found


def _get_code(value: KnownValue, key: str) -> str:
    code, shape = value.code, value.shape
    if shape.kind != "map":
        return f"{code}.get({key!r}) if {code}.__class__ is dict else require_not_map({code})"
    found = f"{code}.get({key!r})"
    return found if shape.is_sure else f"{found} if {code} is not None else None"


def _member_shape(shape: Shape, key: str) -> Shape:
    members = shape.members
    if shape.kind != "map" or members is None:
        return JSON
    if key not in members:
        return JSON if shape.partial else NULL
    return members[key].or_null() if shape.partial or shape.null else members[key]


def element_shape(shape: Shape) -> Shape:
    """Return the shape of a list's entries."""
    return JSON if shape.kind != "list" or shape.element is None else shape.element
