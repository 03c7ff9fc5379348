"""Compile filters and functions to inline code where the shapes of their arguments allow it."""

from __future__ import annotations

from collections.abc import Callable

from ...language.functions import FILTERS
from ...language.functions.values import CHARACTERS_PER_STEP, MAX_TEXT
from .shapes import DECIMAL, INT, NUMBER, TEXT, UNKNOWN, KnownValue, Shape
from .template_environment import Environment


def _compile_total(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    """Compile the sum of a key whose value is certainly a number in every entry."""
    values, key, default = arguments
    element = values.shape.element
    if default.constant is not None:
        return None
    if key.constant is UNKNOWN or "." in str(key.constant):
        return None  # a dotted path of keys
    if values.group is not None:
        env.out.put(f"left -= len({values.code})")
        return KnownValue(env.out.let(f"sum_lines({values.code}, {key.code})"), NUMBER)
    if element is None or not element.is_a("map"):
        return None
    member = (element.members or {}).get(str(key.constant))
    if member is None or element.partial or not member.is_number:
        return None
    env.out.put(f"left -= len({values.code})")
    total = env.out.let(f"sum([entry[{key.code}] for entry in {values.code}])")
    if member.kind != "decimal":
        env.out.put(f"if {total}.__class__ is int: require_whole({total})")
    return KnownValue(total, NUMBER)


def _compile_unique(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    """Compile the removal of repeated entries."""
    (values,) = arguments
    if values.group is not None:
        return None
    shape = Shape("list", element=values.shape.element if values.shape.kind == "list" else None)
    every = env.out.constant(FILTERS["unique"].implementation)
    cost = env.out.constant(FILTERS["unique"].cost)
    env.out.doubt_if(f"(left := left - {cost}({values.code})) < 0")
    return KnownValue(env.out.let(f"drop_duplicates({values.code}, {every})"), shape)


def _compile_length(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    (value,) = arguments
    if value.group is None and not value.shape.is_a("list"):
        return None
    return KnownValue(env.out.let(f"len({value.code})"), INT)


def _compile_first(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    (value,) = arguments
    element = value.shape.element if value.group is None else None
    if element is None:
        return None
    env.out.put(f"if not {value.code}: raise NothingError")
    return KnownValue(env.out.let(f"{value.code}[0]"), element)


def _compile_join(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    """Compile the joining of texts, bounded in length."""
    values, separator = arguments
    element = values.shape.element if values.group is None else None
    if element is None or not element.is_a("text"):
        return None
    length = env.out.let(
        f"sum(map(len, {values.code})) + len({separator.code}) * len({values.code})"
    )
    env.out.doubt_if(f"{length} > {MAX_TEXT}")
    env.out.put(f"left -= len({values.code}) + {length} // {CHARACTERS_PER_STEP}")
    return KnownValue(env.out.let(f"{separator.code}.join({values.code})"), TEXT)


def _compile_trim(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    (value,) = arguments
    return KnownValue(env.out.once(f"{value.code}.strip()"), TEXT, bound=value.bound or value.code)


def _compile_plain(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    (value,) = arguments
    is_plain = f"{value.code}.isascii() and {value.code}.isprintable() and '  ' not in {value.code}"
    clean = env.out.constant(FILTERS["plain"].implementation)
    code = env.out.once(f"{value.code} if {is_plain} else {clean}({value.code})")
    return KnownValue(code, TEXT, bound=value.bound or value.code)


def _compile_cut(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    value, length = arguments
    cut = env.out.constant(FILTERS["cut"].implementation)
    whole = (
        f"{value.code} if len({value.code}) <= {length.code} and not {value.code}[-1:].isspace()"
    )
    code = env.out.once(f"{whole} else {cut}({value.code}, {length.code})")
    return KnownValue(code, TEXT, bound=value.bound or value.code)


def _compile_percent(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    part, whole, places = arguments
    if not places.is_constant:
        return None
    return KnownValue(env.out.once(f"percent({part.code}, {whole.code}, {places.code})"), DECIMAL)


def _compile_date(arguments: list[KnownValue], env: Environment) -> KnownValue | None:
    moment, zone = arguments
    return KnownValue(
        env.out.let(f"format_date({moment.code}, {zone.code})"),
        Shape("text", short=True),
        is_day=True,
    )


# A compiler returns None if the function itself has to be called.
SHORT_CALLS: dict[tuple[str, str], Callable[[list[KnownValue], Environment], KnownValue | None]] = {
    ("filter", "cut"): _compile_cut,
    ("filter", "date"): _compile_date,
    ("filter", "first"): _compile_first,
    ("filter", "join"): _compile_join,
    ("filter", "length"): _compile_length,
    ("filter", "plain"): _compile_plain,
    ("filter", "total"): _compile_total,
    ("filter", "trim"): _compile_trim,
    ("filter", "unique"): _compile_unique,
    ("function", "percent"): _compile_percent,
}
