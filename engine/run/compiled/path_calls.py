"""Compile the functions of paths: frequent ones to inline code, the others to calls."""

from __future__ import annotations

from collections.abc import Callable

from ...language.paths import FUNCTIONS, Node
from .path_context import PathContext, element_shape
from .shapes import INT, JSON, NUMBER, TEXT, TRUTH, KnownValue, Shape, join_shapes
from .source_writer import SourceWriter

Visit = Callable[[Node, PathContext, SourceWriter], KnownValue]

_BY_KEY = frozenset({"map", "max_by", "min_by", "sort_by"})
_SHORT_TEXT = 64
# The shapes of results; the result of a function that is not here may be anything.
_RESULTS = {
    "ends_with": TRUTH,
    "starts_with": TRUTH,
    "join": TEXT,
    "keys": Shape("list"),
    "length": INT,
    "sort_by": Shape("list"),
    "to_array": Shape("list"),
    "type": TEXT,
    "values": Shape("list"),
}


def compile_path_call(
    node: Node, context: PathContext, out: SourceWriter, visit: Visit
) -> KnownValue:
    """Compile a function call; `visit` compiles its arguments."""
    name = node["value"]
    if name in _BY_KEY:
        return _compile_by_key(node, context, out, visit)
    arguments = [visit(child, context, out) for child in node["children"]]
    compiler = _COMPILERS.get(name)
    if compiler is not None:
        return compiler(arguments, out)
    codes = ", ".join(argument.code for argument in arguments)
    return KnownValue(out.let(f"path_call({name!r}, [{codes}], budget)"), _RESULTS.get(name, JSON))


def _compile_by_key(
    node: Node, context: PathContext, out: SourceWriter, visit: Visit
) -> KnownValue:
    """Compile a call with an expression: evaluate it for every entry, then pass its results."""
    name, (first, second) = node["value"], node["children"]
    takes_list = FUNCTIONS[name].takes[0] == ("array",)
    listed, each = (first, second) if takes_list else (second, first)
    entries = visit(listed, context, out)
    if not entries.shape.is_a("list"):
        out.doubt_if(f"{entries.code}.__class__ is not list")
    keys, entry = out.let("[]"), out.new_name()
    out.pay(1)
    with out.loop(f"for {entry} in {entries.code}", entries.code):
        out.pay(1)
        entry_context = PathContext(KnownValue(entry, element_shape(entries.shape)))
        key = visit(each["children"][0], entry_context, out)
        out.put(f"{keys}.append({key.code})")
    if name == "map":
        return KnownValue(keys, Shape("list", element=key.shape))
    call = f"path_call({name!r}, [{entries.code}, replay({keys})], budget)"
    return KnownValue(out.let(call), _RESULTS.get(name, JSON))


def _compile_sum(arguments: list[KnownValue], out: SourceWriter) -> KnownValue:
    (values,) = arguments
    is_sure = values.shape.is_a("list") and element_shape(values.shape).is_number
    total = out.let(f"{'sum' if is_sure else 'path_sum'}({values.code})")
    if is_sure:
        # Every entry is a number already; the sum of integers has to be checked.
        out.put(f"if {total}.__class__ is int: require_whole({total})")
    out.put(f"left -= 2 * len({values.code})")
    return KnownValue(total, NUMBER)


def _compile_max(arguments: list[KnownValue], out: SourceWriter) -> KnownValue:
    (values,) = arguments
    if len(values.entries) == 2 and all(entry.shape.is_number for entry in values.entries):
        first, second = (entry.code for entry in values.entries)
        out.pay(10)
        return KnownValue(out.let(f"{second} if {second} > {first} else {first}"), NUMBER)
    if not element_shape(values.shape).is_number:
        return KnownValue(out.let(f"path_max({values.code}, budget)"), JSON)
    largest = out.let(f"find_largest({values.code})")
    out.put(f"left -= 5 * len({values.code})")
    return KnownValue(largest, NUMBER.or_null())


def _compile_not_null(arguments: list[KnownValue], out: SourceWriter) -> KnownValue:
    """Compile the first argument that is not null."""
    result, *rest = arguments
    for argument in rest:
        if result.shape.is_sure and result.shape.kind != "json":
            return result
        code = f"{result.code} if {result.code} is not None else {argument.code}"
        result = KnownValue(out.let(code), join_shapes(result.shape.sure(), argument.shape))
    return result


def _compile_contains(arguments: list[KnownValue], out: SourceWriter) -> KnownValue:
    """Compile the search in a literal list of texts; other searches are calls."""
    subject, wanted = arguments
    listed = subject.constant if subject.is_constant else None
    if isinstance(listed, list) and all(entry.__class__ is str for entry in listed):
        out.pay(len(listed) + 1)
        return KnownValue(out.let(f"{wanted.code} in {subject.code}"), TRUTH)
    return KnownValue(
        out.let(f"path_call('contains', [{subject.code}, {wanted.code}], budget)"), TRUTH
    )


def _compile_lower(arguments: list[KnownValue], out: SourceWriter) -> KnownValue:
    """Compile the small letters of a short text."""
    (text,) = arguments
    out.doubt_if(f"{text.code}.__class__ is not str or len({text.code}) > {_SHORT_TEXT}")
    out.put(f"left -= 3 * len({text.code}) + 4")
    return KnownValue(out.let(f"{text.code}.lower()"), TEXT)


def _compile_to_string(arguments: list[KnownValue], out: SourceWriter) -> KnownValue:
    """Compile the text of a text, null or a truth value; others are written by a call."""
    (value,) = arguments
    code = value.code
    if value.shape.is_a("text"):
        return value
    out.pay(8)
    named = (
        f"'null' if {code} is None else 'true' if {code} is True else 'false' if {code} is False"
    )
    call = f"path_call('to_string', [{code}], budget)"
    return KnownValue(out.let(f"{code} if {code}.__class__ is str else {named} else {call}"), TEXT)


_COMPILERS: dict[str, Callable[[list[KnownValue], SourceWriter], KnownValue]] = {
    "contains": _compile_contains,
    "lower": _compile_lower,
    "max": _compile_max,
    "not_null": _compile_not_null,
    "sum": _compile_sum,
    "to_string": _compile_to_string,
}
