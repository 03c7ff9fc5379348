"""Compile a path: a few lines for each node, in the interpreter's order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce

from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.paths import Node, Path
from .path_calls import compile_path_call
from .path_context import NOTHING, PathContext, element_shape, path_truth_condition
from .shapes import (
    NEVER,
    NUMBERS,
    SCALARS,
    TRUTH,
    UNKNOWN,
    KnownValue,
    Shape,
    join_shapes,
    shape_of,
)
from .source_writer import SourceWriter

_LIST = Shape("list")
_ORDERINGS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def compile_path(path: Path, context: PathContext, out: SourceWriter) -> KnownValue:
    """Compile a path; its code raises nothing that depends on the document, except doubt."""
    value = _compile_node(path.tree, context, out)
    if not path.repeats:
        return value
    if value.shape.kind in NUMBERS | {"truth", "null"}:
        out.pay(1)
    else:
        out.put(f"left -= measure_weight({value.code}, left)")
    return value


def _compile_node(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    out.pay(1)
    return _COMPILERS[node["type"]](node, context, out)


def _compile_current(_: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    return context.whole(out)


def _compile_literal(node: Node, _: PathContext, out: SourceWriter) -> KnownValue:
    value = node["value"]
    return KnownValue(out.constant(value), shape_of(value), value)


def _compile_field(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    return context.at(node["value"], out)


def _compile_index(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    value, index = context.whole(out), node["value"]
    if value.shape.kind not in {"json", "list"}:
        return NOTHING
    size = index + 1 if index >= 0 else -index
    is_list = "" if value.shape.kind == "list" else f"isinstance({value.code}, list) and "
    guard = f"{value.code} and " if value.shape.kind == "list" else is_list
    code = f"{value.code}[{index}] if {guard}len({value.code}) >= {size} else None"
    return KnownValue(out.let(code), element_shape(value.shape).or_null())


def _compile_slice(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    value = context.whole(out)
    if value.shape.kind not in {"json", "list"}:
        return NOTHING
    part = ":".join("" if part is None else str(part) for part in node["children"])
    name = out.let(f"{value.code}[{part}] if isinstance({value.code}, list) else None")
    out.put(f"if {name} is not None: left -= len({name})")
    return KnownValue(name, Shape("list", null=True, element=element_shape(value.shape)))


def _compile_chain(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    first, *rest = node["children"]
    value = _compile_node(first, context, out)
    for child in rest:
        value = _compile_node(child, PathContext(value), out)
    return value


def _compile_list_projection(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    left, right = node["children"]
    base = _compile_node(left, context, out)
    return _compile_projection(base, right, out)


def _compile_value_projection(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    left, right = node["children"]
    base = _compile_node(left, context, out)
    return _compile_projection(base, right, out, kind="map")


def _compile_filter_projection(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    left, right, condition = node["children"]
    base = _compile_node(left, context, out)
    return _compile_projection(base, right, out, condition=condition)


def _compile_projection(
    base: KnownValue,
    right: Node,
    out: SourceWriter,
    *,
    kind: str = "list",
    condition: Node | None = None,
) -> KnownValue:
    """Compile the values of `right` for every entry that meets the condition, without nulls."""
    if base.shape.kind not in {"json", kind}:
        return NOTHING
    result, entry = out.new_name(), out.new_name()
    entries = base.code if kind == "list" else f"{base.code}.values()"
    entry_context = PathContext(KnownValue(entry, element_shape(base.shape)))
    is_sure = base.shape.is_a(kind)
    if not is_sure:
        out.put(f"{result} = None")
    with out.block("if True" if is_sure else _kind_condition(base, kind)):
        out.put(f"{result} = []")
        with out.loop(f"for {entry} in {entries}", base.code):
            out.pay(1)
            found = _append_if_holds(right, condition, entry_context, result, out)
    return KnownValue(result, Shape("list", null=not is_sure, element=found.sure()))


def _kind_condition(base: KnownValue, kind: str) -> str:
    if base.shape.kind == kind:
        return f"if {base.code} is not None"
    return f"if isinstance({base.code}, {'list' if kind == 'list' else 'dict'})"


def _append_if_holds(
    right: Node, condition: Node | None, entry_context: PathContext, result: str, out: SourceWriter
) -> Shape:
    """Compile the appending of one entry's value; return its shape."""
    if condition is None:
        return _append_value(right, entry_context, result, out)
    holds = _compile_node(condition, entry_context, out)
    with out.block(f"if {path_truth_condition(holds)}"):
        return _append_value(right, entry_context, result, out)


def _append_value(right: Node, entry: PathContext, result: str, out: SourceWriter) -> Shape:
    found = _compile_node(right, entry, out)
    sure = found.shape.is_sure and found.shape.kind != "json"
    out.put(f"{'' if sure else f'if {found.code} is not None: '}{result}.append({found.code})")
    # A json value that is not null has no shape of its own.
    return found.shape


def _compile_flatten(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    base = _compile_node(node["children"][0], context, out)
    if base.shape.kind in SCALARS | {"map", "null"}:
        return NOTHING
    element = element_shape(base.shape)
    if base.shape.kind == "list" and element.kind in SCALARS | {"map"}:
        # No entry is a list: it is flat already.
        out.put(f"{'' if base.shape.is_sure else f'if {base.code}: '}left -= 2 * len({base.code})")
        return base
    name = out.let(f"flatten({base.code}, budget)")
    inner = element_shape(element) if base.shape.kind == "list" and element.kind == "list" else None
    return KnownValue(name, Shape("list", null=not base.shape.is_a("list"), element=inner))


def _compile_multi_select_list(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    return _compile_selected(node, context, out, lambda codes: f"[{', '.join(codes)}]", _LIST)


def _describe_value(values: list[KnownValue], code: str, shape: Shape) -> KnownValue:
    """Describe a list or map of values; the shape of a list has the shape of its entries."""
    if shape.kind != "list":
        return KnownValue(code, shape)
    element = reduce(join_shapes, (value.shape for value in values), NEVER)
    return KnownValue(code, replace(shape, element=element), entries=tuple(values))


def _compile_multi_select_dict(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    keys = [pair["value"] for pair in node["children"]]

    def display(codes: list[str]) -> str:
        return f"{{{', '.join(f'{key!r}: {code}' for key, code in zip(keys, codes, strict=True))}}}"

    return _compile_selected(node, context, out, display, Shape("map"))


def _compile_selected(
    node: Node,
    context: PathContext,
    out: SourceWriter,
    display: Callable[[list[str]], str],
    shape: Shape,
) -> KnownValue:
    whole = context.value
    if whole is None or (whole.shape.is_sure and whole.shape.kind != "json"):
        values = [_compile_node(child, context, out) for child in node["children"]]
        return _describe_value(values, out.let(display([value.code for value in values])), shape)
    result = out.new_name()
    out.put(f"{result} = None")
    with out.block(f"if {whole.code} is not None"):
        values = [_compile_node(child, context, out) for child in node["children"]]
        out.put(f"{result} = {display([value.code for value in values])}")
    return replace(_describe_value(values, result, shape.or_null()), entries=())


def _compile_either(
    node: Node, context: PathContext, out: SourceWriter, *, decides: bool
) -> KnownValue:
    left, right = node["children"]
    first = _compile_node(left, context, out)
    result = out.let(first.code)
    holds = path_truth_condition(first)
    with out.block(f"if not {holds}" if decides else f"if {holds}"):
        second = _compile_node(right, context, out)
        out.put(f"{result} = {second.code}")
    return KnownValue(result, join_shapes(first.shape, second.shape))


def _compile_or(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    return _compile_either(node, context, out, decides=True)


def _compile_and(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    return _compile_either(node, context, out, decides=False)


def _compile_not(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    value = _compile_node(node["children"][0], context, out)
    return KnownValue(out.once(f"not {path_truth_condition(value)}"), TRUTH)


def _compile_comparator(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    left, right = (_compile_node(child, context, out) for child in node["children"])
    ordering = _ORDERINGS.get(node["value"])
    if ordering is None:
        same = _equality_condition(left, right, out)
        return KnownValue(out.once(same if node["value"] == "eq" else f"not ({same})"), TRUTH)
    guards = [_number_guard(side) for side in (left, right) if not side.shape.is_number]
    code = f"{left.code} {ordering} {right.code}"
    if not guards:
        return KnownValue(out.let(code), TRUTH)
    return KnownValue(out.let(f"{code} if {' and '.join(guards)} else None"), TRUTH.or_null())


def _number_guard(side: KnownValue) -> str:
    is_number = side.shape.kind in NUMBERS
    return f"{side.code} is not None" if is_number else f"is_number({side.code})"


def _equality_condition(left: KnownValue, right: KnownValue, out: SourceWriter) -> str:
    """Return the condition that two values are equal in paths, and charge its cost."""
    out.pay(2)
    if isinstance(left.constant, str):
        out.pay(len(left.constant) // CHARACTERS_PER_STEP)
    elif left.shape.kind in {"json", "text"}:
        out.pay_for_text(left.code, is_text=False)
    if left.is_constant:
        left, right = right, left
    constant = right.constant
    if constant is None or isinstance(constant, bool):
        return f"{left.code} is {constant}"
    if isinstance(constant, str):
        return f"{left.code} == {right.code}"
    if constant is not UNKNOWN and right.shape.is_number:
        bare = f"{left.code} == {right.code}"
        return (
            bare if left.shape.kind in NUMBERS else f"{bare} and {left.code}.__class__ is not bool"
        )
    return f"equal_in_paths({left.code}, {right.code}, budget)"


def _compile_function(node: Node, context: PathContext, out: SourceWriter) -> KnownValue:
    return compile_path_call(node, context, out, _compile_node)


_COMPILERS: dict[str, Callable[[Node, PathContext, SourceWriter], KnownValue]] = {
    "and_expression": _compile_and,
    "comparator": _compile_comparator,
    "current": _compile_current,
    "field": _compile_field,
    "filter_projection": _compile_filter_projection,
    "flatten": _compile_flatten,
    "function_expression": _compile_function,
    "identity": _compile_current,
    "index": _compile_index,
    "index_expression": _compile_chain,
    "key_val_pair": _compile_chain,
    "literal": _compile_literal,
    "multi_select_dict": _compile_multi_select_dict,
    "multi_select_list": _compile_multi_select_list,
    "not_expression": _compile_not,
    "or_expression": _compile_or,
    "pipe": _compile_chain,
    "projection": _compile_list_projection,
    "slice": _compile_slice,
    "subexpression": _compile_chain,
    "value_projection": _compile_value_projection,
}
