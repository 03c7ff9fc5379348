"""A path becomes Python: each node a few lines, in the order in which the interpreter visits them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce

from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.paths import Node, Path
from .path_calls import path_call
from .path_context import NOTHING, Here, element_of, path_truth
from .shapes import NEVER, NUMBERS, SCALARS, TRUTH, UNKNOWN, KnownValue, Shape, joined, shape_of
from .source_writer import SourceWriter

_LIST = Shape("list")
_ORDERINGS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def path_value(path: Path, here: Here, out: SourceWriter) -> KnownValue:
    """The value of a path, computed; raises nothing for what a document holds."""
    value = _visit(path.tree, here, out)
    if not path.repeats:
        return value
    if value.shape.kind in NUMBERS | {"truth", "null"}:
        out.pay(1)
    else:
        out.put(f"left -= heft({value.code}, left)")
    return value


def _visit(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    out.pay(1)
    return _VISITS[node["type"]](node, here, out)


def _itself(_: Node, here: Here, out: SourceWriter) -> KnownValue:
    return here.whole(out)


def _literal(node: Node, _: Here, out: SourceWriter) -> KnownValue:
    value = node["value"]
    return KnownValue(out.constant(value), shape_of(value), value)


def _field(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    return here.at(node["value"], out)


def _index(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    value, index = here.whole(out), node["value"]
    if value.shape.kind not in {"json", "list"}:
        return NOTHING
    size = index + 1 if index >= 0 else -index
    is_list = "" if value.shape.kind == "list" else f"isinstance({value.code}, list) and "
    there = f"{value.code} and " if value.shape.kind == "list" else is_list
    code = f"{value.code}[{index}] if {there}len({value.code}) >= {size} else None"
    return KnownValue(out.let(code), element_of(value.shape).or_null())


def _slice(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    value = here.whole(out)
    if value.shape.kind not in {"json", "list"}:
        return NOTHING
    part = ":".join("" if part is None else str(part) for part in node["children"])
    name = out.let(f"{value.code}[{part}] if isinstance({value.code}, list) else None")
    out.put(f"if {name} is not None: left -= len({name})")
    return KnownValue(name, Shape("list", null=True, element=element_of(value.shape)))


def _chain(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    first, *rest = node["children"]
    value = _visit(first, here, out)
    for child in rest:
        value = _visit(child, Here(value), out)
    return value


def _projection(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    left, right = node["children"]
    base = _visit(left, here, out)
    return _projected(base, right, out)


def _value_projection(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    left, right = node["children"]
    base = _visit(left, here, out)
    return _projected(base, right, out, kind="map")


def _filter_projection(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    left, right, condition = node["children"]
    base = _visit(left, here, out)
    return _projected(base, right, out, condition=condition)


def _projected(
    base: KnownValue,
    right: Node,
    out: SourceWriter,
    *,
    kind: str = "list",
    condition: Node | None = None,
) -> KnownValue:
    """The values of `right` for every entry that fulfils the condition, without nulls."""
    if base.shape.kind not in {"json", kind}:
        return NOTHING
    result, entry = out.fresh(), out.fresh()
    entries = base.code if kind == "list" else f"{base.code}.values()"
    one = Here(KnownValue(entry, element_of(base.shape)))
    is_sure = base.shape.is_a(kind)
    if not is_sure:
        out.put(f"{result} = None")
    with out.block("if True" if is_sure else _is_a(base, kind)):
        out.put(f"{result} = []")
        with out.loop(f"for {entry} in {entries}", base.code):
            out.pay(1)
            found = _kept(right, condition, one, result, out)
    return KnownValue(result, Shape("list", null=not is_sure, element=found.sure()))


def _is_a(base: KnownValue, kind: str) -> str:
    if base.shape.kind == kind:
        return f"if {base.code} is not None"
    return f"if isinstance({base.code}, {'list' if kind == 'list' else 'dict'})"


def _kept(right: Node, condition: Node | None, one: Here, result: str, out: SourceWriter) -> Shape:
    """Append the value of one entry; its shape."""
    if condition is None:
        return _append(right, one, result, out)
    holds = _visit(condition, one, out)
    with out.block(f"if {path_truth(holds)}"):
        return _append(right, one, result, out)


def _append(right: Node, entry: Here, result: str, out: SourceWriter) -> Shape:
    found = _visit(right, entry, out)
    sure = found.shape.is_sure and found.shape.kind != "json"
    out.put(f"{'' if sure else f'if {found.code} is not None: '}{result}.append({found.code})")
    # A json value that is not null has no shape of its own.
    return found.shape


def _flatten(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    base = _visit(node["children"][0], here, out)
    if base.shape.kind in SCALARS | {"map", "null"}:
        return NOTHING
    element = element_of(base.shape)
    if base.shape.kind == "list" and element.kind in SCALARS | {"map"}:
        # Nothing in it is a list, so that it is flat already.
        out.put(f"{'' if base.shape.is_sure else f'if {base.code}: '}left -= 2 * len({base.code})")
        return base
    name = out.let(f"flattened({base.code}, budget)")
    inner = element_of(element) if base.shape.kind == "list" and element.kind == "list" else None
    return KnownValue(name, Shape("list", null=not base.shape.is_a("list"), element=inner))


def _multi_select_list(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    return _selected(node, here, out, lambda codes: f"[{', '.join(codes)}]", _LIST)


def _written_out(values: list[KnownValue], code: str, shape: Shape) -> KnownValue:
    """A list or map of values; of a list it is known what is in it."""
    if shape.kind != "list":
        return KnownValue(code, shape)
    element = reduce(joined, (value.shape for value in values), NEVER)
    return KnownValue(code, replace(shape, element=element), entries=tuple(values))


def _multi_select_dict(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    keys = [pair["value"] for pair in node["children"]]

    def display(codes: list[str]) -> str:
        return f"{{{', '.join(f'{key!r}: {code}' for key, code in zip(keys, codes, strict=True))}}}"

    return _selected(node, here, out, display, Shape("map"))


def _selected(
    node: Node, here: Here, out: SourceWriter, display: Callable[[list[str]], str], shape: Shape
) -> KnownValue:
    whole = here.value
    if whole is None or (whole.shape.is_sure and whole.shape.kind != "json"):
        values = [_visit(child, here, out) for child in node["children"]]
        return _written_out(values, out.let(display([value.code for value in values])), shape)
    result = out.fresh()
    out.put(f"{result} = None")
    with out.block(f"if {whole.code} is not None"):
        values = [_visit(child, here, out) for child in node["children"]]
        out.put(f"{result} = {display([value.code for value in values])}")
    return replace(_written_out(values, result, shape.or_null()), entries=())


def _either(node: Node, here: Here, out: SourceWriter, *, decides: bool) -> KnownValue:
    left, right = node["children"]
    first = _visit(left, here, out)
    result = out.let(first.code)
    holds = path_truth(first)
    with out.block(f"if not {holds}" if decides else f"if {holds}"):
        second = _visit(right, here, out)
        out.put(f"{result} = {second.code}")
    return KnownValue(result, joined(first.shape, second.shape))


def _or(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    return _either(node, here, out, decides=True)


def _and(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    return _either(node, here, out, decides=False)


def _not(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    value = _visit(node["children"][0], here, out)
    return KnownValue(out.once(f"not {path_truth(value)}"), TRUTH)


def _comparator(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    left, right = (_visit(child, here, out) for child in node["children"])
    ordering = _ORDERINGS.get(node["value"])
    if ordering is None:
        same = _same(left, right, out)
        return KnownValue(out.once(same if node["value"] == "eq" else f"not ({same})"), TRUTH)
    guards = [_number_guard(side) for side in (left, right) if not side.shape.is_number]
    code = f"{left.code} {ordering} {right.code}"
    if not guards:
        return KnownValue(out.let(code), TRUTH)
    return KnownValue(out.let(f"{code} if {' and '.join(guards)} else None"), TRUTH.or_null())


def _number_guard(side: KnownValue) -> str:
    is_number = side.shape.kind in NUMBERS
    return f"{side.code} is not None" if is_number else f"is_number({side.code})"


def _same(left: KnownValue, right: KnownValue, out: SourceWriter) -> str:
    """The condition that two values are equal for paths."""
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
    return f"same_for_paths({left.code}, {right.code}, budget)"


def _function(node: Node, here: Here, out: SourceWriter) -> KnownValue:
    return path_call(node, here, out, _visit)


_VISITS: dict[str, Callable[[Node, Here, SourceWriter], KnownValue]] = {
    "and_expression": _and,
    "comparator": _comparator,
    "current": _itself,
    "field": _field,
    "filter_projection": _filter_projection,
    "flatten": _flatten,
    "function_expression": _function,
    "identity": _itself,
    "index": _index,
    "index_expression": _chain,
    "key_val_pair": _chain,
    "literal": _literal,
    "multi_select_dict": _multi_select_dict,
    "multi_select_list": _multi_select_list,
    "not_expression": _not,
    "or_expression": _or,
    "pipe": _chain,
    "projection": _projection,
    "slice": _slice,
    "subexpression": _chain,
    "value_projection": _value_projection,
}
