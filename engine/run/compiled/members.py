"""Compile the reading of a value's keys in templates: an absent key is an error, or null if caught."""

from __future__ import annotations

from ...findings.errors import NotCompiledError
from .shapes import ANY, JSON, NULL, WHOLE, KnownValue, Shape, shape_of
from .template_environment import Environment


def compile_key(target: KnownValue, key: str, env: Environment) -> KnownValue:
    """Compile the value under a key that must exist; it may be null."""
    out = env.out
    known_value = _find_known(target, key, env)
    if known_value is not None:
        return known_value
    if target.is_constant or target.code == WHOLE:
        out.put(_raise_statement(target))
        return KnownValue("None", ANY)
    known = out.known((target.code, key, "there"))
    if isinstance(known, KnownValue):
        return known
    _require_map(target, env)
    shape = _member_shape(target.shape, key)
    complete = target.shape.members is not None and not target.shape.partial
    is_plain = not env.caught or (complete and key in (target.shape.members or ()))
    code = f"{target.code}[{key!r}]" if is_plain else f"require_entry({target.code}, {key!r})"
    found = KnownValue(out.let(code), shape)
    if is_plain:
        out.remember((target.code, key, "there"), found)
    return found


def compile_optional_key(target: KnownValue, key: str, env: Environment) -> KnownValue:
    """Compile the value under a key, null if the key is absent."""
    out, shape = env.out, target.shape
    known_value = _find_known(target, key, env)
    if known_value is not None:
        return known_value
    if target.is_constant or target.code == WHOLE:
        if (
            not isinstance(target.constant, dict)
            and target.constant is not None
            and target.code != WHOLE
        ):
            out.put("raise DoubtError")
        return KnownValue("None", NULL, None)
    if target.group is not None:
        return KnownValue("None", NULL, None)
    known = out.known((target.code, key, "maybe"))
    if isinstance(known, KnownValue):
        return known
    found = f"{target.code}.get({key!r})"
    if shape.kind == "map" and not shape.omit:
        code = f"{found} if {target.code} is not None else None" if shape.null else found
    else:
        code = f"{found} if {target.code}.__class__ is dict else require_null({target.code})"
    result = KnownValue(out.let(code), _member_shape(shape, key).or_null())
    out.remember((target.code, key, "maybe"), result)
    return result


def compile_item(target: KnownValue, key: KnownValue, env: Environment) -> KnownValue:
    """Compile the value under a computed key, or at an index of a list."""
    if target.group is not None or target.code == WHOLE:
        raise NotCompiledError("a computed key of all lines, records or checks")
    shape = target.shape
    element = shape.element if shape.kind == "list" and shape.element is not None else None
    found = element or (JSON if shape.kind in {"json", "list", "map"} else ANY)
    if target.is_constant:
        found = ANY
    return KnownValue(env.out.let(f"require_entry({target.code}, {key.code})"), found)


def _find_known(target: KnownValue, key: str, env: Environment) -> KnownValue | None:
    """Return the value under a key if the compiler knows it."""
    if target.parts is not None and key in target.parts:
        return target.parts[key]
    if isinstance(target.constant, dict) and key in target.constant:
        value = target.constant[key]
        return KnownValue(env.out.constant(value), shape_of(value), value)
    return None


def _raise_statement(target: KnownValue) -> str:
    absent = target.constant is None or isinstance(target.constant, dict) or target.code == WHOLE
    return "raise NothingError" if absent else "raise DoubtError"


def _require_map(target: KnownValue, env: Environment) -> None:
    shape, out, code = target.shape, env.out, target.code
    if shape.is_a("map") or out.known((code, "map")):
        return
    if shape.kind == "map" and not shape.omit:
        out.put(f"if {code} is None: raise NothingError")
    else:
        out.put(f"if {code}.__class__ is not dict: raise misfit_error({code})")
    out.remember((code, "map"))


def _member_shape(shape: Shape, key: str) -> Shape:
    if shape.kind == "map" and shape.members is not None:
        if key in shape.members:
            return shape.members[key]
        return JSON
    return JSON if shape.kind in {"json", "map"} else ANY
