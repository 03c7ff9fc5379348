"""What stands under a key of a value, for templates: absence is an error, or null where it is caught."""

from __future__ import annotations

from ...findings.errors import NotCompiledError
from .shapes import ANY, JSON, NULL, WHOLE, KnownValue, Shape, shape_of
from .template_environment import Environment


def at_key(target: KnownValue, key: str, env: Environment) -> KnownValue:
    """What stands under a key, which has to be there; it may be null."""
    out = env.out
    at_hand = _at_hand(target, key, env)
    if at_hand is not None:
        return at_hand
    if target.is_constant or target.code == WHOLE:
        out.put(_raise_for(target))
        return KnownValue("None", ANY)
    known = out.known((target.code, key, "there"))
    if isinstance(known, KnownValue):
        return known
    _require_map(target, env)
    shape = _shape_under(target.shape, key)
    complete = target.shape.members is not None and not target.shape.partial
    plainly = not env.caught or (complete and key in (target.shape.members or ()))
    code = f"{target.code}[{key!r}]" if plainly else f"inside({target.code}, {key!r})"
    found = KnownValue(out.let(code), shape)
    if plainly:
        out.remember((target.code, key, "there"), found)
    return found


def lenient_key(target: KnownValue, key: str, env: Environment) -> KnownValue:
    """What stands under a key, null where there is nothing."""
    out, shape = env.out, target.shape
    at_hand = _at_hand(target, key, env)
    if at_hand is not None:
        return at_hand
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
        code = f"{found} if {target.code}.__class__ is dict else nothing({target.code})"
    result = KnownValue(out.let(code), _shape_under(shape, key).or_null())
    out.remember((target.code, key, "maybe"), result)
    return result


def item(target: KnownValue, key: KnownValue, env: Environment) -> KnownValue:
    """What stands under a key that is computed, or at a number in a list."""
    if target.group is not None or target.code == WHOLE:
        raise NotCompiledError("a computed key of all lines, records or checks")
    shape = target.shape
    element = shape.element if shape.kind == "list" and shape.element is not None else None
    found = element or (JSON if shape.kind in {"json", "list", "map"} else ANY)
    if target.is_constant:
        found = ANY
    return KnownValue(env.out.let(f"inside({target.code}, {key.code})"), found)


def _at_hand(target: KnownValue, key: str, env: Environment) -> KnownValue | None:
    """What is known of it without looking."""
    if target.parts is not None and key in target.parts:
        return target.parts[key]
    if isinstance(target.constant, dict) and key in target.constant:
        value = target.constant[key]
        return KnownValue(env.out.constant(value), shape_of(value), value)
    return None


def _raise_for(target: KnownValue) -> str:
    absent = target.constant is None or isinstance(target.constant, dict) or target.code == WHOLE
    return "raise NothingError" if absent else "raise DoubtError"


def _require_map(target: KnownValue, env: Environment) -> None:
    shape, out, code = target.shape, env.out, target.code
    if shape.is_a("map") or out.known((code, "map")):
        return
    if shape.kind == "map" and not shape.omit:
        out.put(f"if {code} is None: raise NothingError")
    else:
        out.put(f"if {code}.__class__ is not dict: raise unfit({code})")
    out.remember((code, "map"))


def _shape_under(shape: Shape, key: str) -> Shape:
    if shape.kind == "map" and shape.members is not None:
        if key in shape.members:
            return shape.members[key]
        return JSON
    return JSON if shape.kind in {"json", "map"} else ANY
