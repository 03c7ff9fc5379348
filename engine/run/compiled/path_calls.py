"""The functions of paths: those that orders need much are written out, the others are called."""

from __future__ import annotations

from collections.abc import Callable

from ...language.paths import FUNCTIONS, Node
from .path_context import Here, element_of
from .shapes import INT, JSON, NUMBER, TEXT, TRUTH, KnownValue, Shape, joined
from .source_writer import SourceWriter

Visit = Callable[[Node, Here, SourceWriter], KnownValue]

_BY_KEY = frozenset({"map", "max_by", "min_by", "sort_by"})
# What the others give; what is not here may be anything.
_RESULTS = {
    "contains": TRUTH,
    "ends_with": TRUTH,
    "starts_with": TRUTH,
    "join": TEXT,
    "keys": Shape("list"),
    "length": INT,
    "sort_by": Shape("list"),
    "to_array": Shape("list"),
    "to_string": TEXT,
    "type": TEXT,
    "values": Shape("list"),
}


def path_call(node: Node, here: Here, out: SourceWriter, visit: Visit) -> KnownValue:
    """A function's value; `visit` compiles its arguments."""
    name = node["value"]
    if name in _BY_KEY:
        return _by_key(node, here, out, visit)
    arguments = [visit(child, here, out) for child in node["children"]]
    written = _WRITTEN.get(name)
    if written is not None:
        return written(arguments, out)
    codes = ", ".join(argument.code for argument in arguments)
    return KnownValue(out.let(f"path_call({name!r}, [{codes}], budget)"), _RESULTS.get(name, JSON))


def _by_key(node: Node, here: Here, out: SourceWriter, visit: Visit) -> KnownValue:
    """The expression is evaluated for every entry first, then the function is told what it gave."""
    name, (first, second) = node["value"], node["children"]
    takes_list = FUNCTIONS[name].takes[0] == ("array",)
    listed, each = (first, second) if takes_list else (second, first)
    entries = visit(listed, here, out)
    if not entries.shape.is_a("list"):
        out.doubt_if(f"{entries.code}.__class__ is not list")
    keys, entry = out.let("[]"), out.fresh()
    out.pay(1)
    with out.loop(f"for {entry} in {entries.code}", entries.code):
        out.pay(1)
        one = Here(KnownValue(entry, element_of(entries.shape)))
        key = visit(each["children"][0], one, out)
        out.put(f"{keys}.append({key.code})")
    if name == "map":
        return KnownValue(keys, Shape("list", element=key.shape))
    call = f"path_call({name!r}, [{entries.code}, replay({keys})], budget)"
    return KnownValue(out.let(call), _RESULTS.get(name, JSON))


def _sum(arguments: list[KnownValue], out: SourceWriter) -> KnownValue:
    (values,) = arguments
    is_sure = values.shape.is_a("list") and element_of(values.shape).is_number
    total = out.let(f"{'sum' if is_sure else 'path_sum'}({values.code})")
    if is_sure:
        # What is no number was refused already; whole ones are added up to be looked at again.
        out.put(f"if {total}.__class__ is int: whole({total})")
    out.put(f"left -= 2 * len({values.code})")
    return KnownValue(total, NUMBER)


def _max(arguments: list[KnownValue], out: SourceWriter) -> KnownValue:
    (values,) = arguments
    if len(values.entries) == 2 and all(entry.shape.is_number for entry in values.entries):
        one, other = (entry.code for entry in values.entries)
        out.pay(10)
        return KnownValue(out.let(f"{other} if {other} > {one} else {one}"), NUMBER)
    if not element_of(values.shape).is_number:
        return KnownValue(out.let(f"path_max({values.code}, budget)"), JSON)
    largest = out.let(f"largest({values.code})")
    out.put(f"left -= 5 * len({values.code})")
    return KnownValue(largest, NUMBER.or_null())


def _not_null(arguments: list[KnownValue], out: SourceWriter) -> KnownValue:
    """The first of the arguments that is there."""
    result, *rest = arguments
    for argument in rest:
        if result.shape.is_sure and result.shape.kind != "json":
            return result
        code = f"{result.code} if {result.code} is not None else {argument.code}"
        result = KnownValue(out.let(code), joined(result.shape.sure(), argument.shape))
    return result


_WRITTEN: dict[str, Callable[[list[KnownValue], SourceWriter], KnownValue]] = {
    "max": _max,
    "not_null": _not_null,
    "sum": _sum,
}
