"""Filters and functions that have a shorter form when enough is known about what they are given."""

from __future__ import annotations

from collections.abc import Callable

from ...language.functions import FILTERS
from ...language.functions.values import MAX_TEXT
from .shapes import DECIMAL, INT, NUMBER, TEXT, UNKNOWN, KnownValue, Shape
from .template_environment import Environment


def _total(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    """The sum of a key whose value is a number in every entry for certain."""
    values, key = arguments
    element = values.shape.element
    if key.constant is UNKNOWN or "." in str(key.constant):
        return None  # a dotted path of keys
    if values.group is not None:
        return KnownValue(env.out.let(f"total_of_lines({values.code}, {key.code})"), NUMBER)
    if element is None or not element.is_a("map"):
        return None
    member = (element.members or {}).get(str(key.constant))
    if member is None or element.partial or not member.is_number:
        return None
    total = env.out.let(f"sum([entry[{key.code}] for entry in {values.code}])")
    if member.kind != "decimal":
        env.out.put(f"if {total}.__class__ is int: whole({total})")
    return KnownValue(total, NUMBER)


def _unique(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    """Every entry once; texts by Python itself."""
    (values,) = arguments
    if values.group is not None:
        return None
    shape = Shape("list", element=values.shape.element if values.shape.kind == "list" else None)
    every = env.out.constant(FILTERS["unique"].implementation)
    return KnownValue(env.out.let(f"unique({values.code}, {every})"), shape)


def _length(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    (value,) = arguments
    if value.group is None and not value.shape.is_a("list"):
        return None
    return KnownValue(env.out.let(f"len({value.code})"), INT)


def _first(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    (value,) = arguments
    element = value.shape.element if value.group is None else None
    if element is None:
        return None
    env.out.put(f"if not {value.code}: raise NothingError")
    return KnownValue(env.out.let(f"{value.code}[0]"), element)


def _join(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    """Texts only, and few: joined by Python itself."""
    values, separator = arguments
    element = values.shape.element if values.group is None else None
    if element is None or not element.is_a("text"):
        return None
    length = f"sum(map(len, {values.code})) + len({separator.code}) * len({values.code})"
    env.out.doubt_if(f"{length} > {MAX_TEXT}")
    return KnownValue(env.out.let(f"{separator.code}.join({values.code})"), TEXT)


def _trim(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    (value,) = arguments
    return KnownValue(env.out.once(f"{value.code}.strip()"), TEXT, bound=value.bound or value.code)


def _plain(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    (value,) = arguments
    is_plain = f"{value.code}.isascii() and {value.code}.isprintable()"
    clean = env.out.constant(FILTERS["plain"].implementation)
    code = env.out.once(f"{value.code} if {is_plain} else {clean}({value.code})")
    return KnownValue(code, TEXT, bound=value.bound or value.code)


def _cut(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    value, length = arguments
    cut = env.out.constant(FILTERS["cut"].implementation)
    whole = f"{value.code} if len({value.code}) <= {length.code}"
    code = env.out.once(f"{whole} else {cut}({value.code}, {length.code})")
    return KnownValue(code, TEXT, bound=value.bound or value.code)


def _percent(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    part, whole, places = arguments
    if not places.is_constant:
        return None
    return KnownValue(env.out.once(f"percent({part.code}, {whole.code}, {places.code})"), DECIMAL)


def _date(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    moment, zone = arguments
    if not zone.is_constant:
        return None
    return KnownValue(
        env.out.let(f"day({moment.code}, {zone.code})"), Shape("text", short=True), is_day=True
    )


# None where the function itself has to be called.
SHORTER: dict[tuple[str, str], Callable[[list[KnownValue], Environment], KnownValue | None]] = {
    ("filter", "cut"): _cut,
    ("filter", "date"): _date,
    ("filter", "first"): _first,
    ("filter", "join"): _join,
    ("filter", "length"): _length,
    ("filter", "plain"): _plain,
    ("filter", "total"): _total,
    ("filter", "trim"): _trim,
    ("filter", "unique"): _unique,
    ("function", "percent"): _percent,
}
