"""Evaluate a template on values that carry their causes: as `language.templates.evaluate` does, node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ...findings.errors import AbsentError, LookupMissingError
from ...language.budget import Budget
from ...language.functions import Parameter, Scope, as_text, is_true
from ...language.functions.access import get_entry, missing_entry_error
from ...language.functions.values import join_texts
from ...language.templates import OMIT, Node, Template
from ...language.templates.nodes import (
    Attribute,
    Binary,
    Call,
    Comparison,
    Concatenation,
    Conditional,
    Constant,
    Item,
    ListDisplay,
    Logical,
    MapDisplay,
    Name,
    Unary,
)
from ...language.templates.operators import affirm, calculate, compare, negate
from .causes import NOTHING, Cause, join_causes
from .template_functions import trace_call
from .traced import ListBuilder, Traced, build_map, list_keys


class TracedLookup(Protocol):
    """Looks up a value by a table's name and keys; the value has the row as its cause."""

    def __call__(self, name: str, keys: list[Traced]) -> Traced:
        """Return the value; raise LookupMissingError."""
        ...


@dataclass(slots=True)
class TracedScope:
    """What a template may use: the names, lookups, and the scope of functions; `currency` is the cause of that.

    `seen` are the causes of the values that were read so far: those of an absent value are among them.
    """

    names: Mapping[str, Traced]
    lookup: TracedLookup
    plain: Scope
    currency: Cause
    budget: Budget
    seen: list[Cause] = field(default_factory=list)


def trace_template(template: Template, scope: TracedScope) -> Traced:
    """Return the value of a template with its causes; raise ExpressionError as the evaluation does."""
    if template.is_single:
        node = template.parts[0]
        assert not isinstance(node, str)
        return _visit(scope, node)
    parts = [
        Traced(part) if isinstance(part, str) else _operand(scope, part) for part in template.parts
    ]
    return _join(parts)


def _join(parts: list[Traced]) -> Traced:
    text = join_texts([as_text(part.value) for part in parts])
    return Traced(text, join_causes(*(part.deep() for part in parts)))


def _visit(scope: TracedScope, node: Node) -> Traced:
    scope.budget.charge()
    found = _EVALUATORS[type(node)](scope, node)
    scope.seen.append(found.truth())
    return found


def _operand(scope: TracedScope, node: Node) -> Traced:
    """Return the value of an operand; raise AbsentError for null."""
    found = _visit(scope, node)
    if found.value is None:
        raise AbsentError("E0411", "a value is null, but one is needed here")
    return found


def _constant(_: TracedScope, node: Constant) -> Traced:
    return Traced(node.value)


def _name(scope: TracedScope, node: Name) -> Traced:
    if node.name not in scope.names:
        raise AbsentError("E0410", f"{node.name} is not defined")
    return scope.names[node.name]


def _attribute(scope: TracedScope, node: Attribute) -> Traced:
    return _entry(scope, _visit(scope, node.target), Traced(node.key))


def _item(scope: TracedScope, node: Item) -> Traced:
    return _entry(scope, _visit(scope, node.target), _operand(scope, node.key))


def _entry(scope: TracedScope, target: Traced, key: Traced) -> Traced:
    wanted = key.value
    try:
        get_entry(target.value, wanted)
    except LookupError as error:
        if target.value is not None and isinstance(wanted, str | int):
            scope.seen.append(target.absent(wanted).own)
        raise missing_entry_error(str(wanted), target.value, wanted) from error
    if isinstance(wanted, int) and wanted < 0:
        wanted += len(list_keys(target.value))
        return target.part(wanted).decided_by(join_causes(key.own, target.extent))
    assert isinstance(wanted, str | int)
    return target.part(wanted).decided_by(key.own)


def _list(scope: TracedScope, node: ListDisplay) -> Traced:
    built = ListBuilder()
    for item in node.items:
        built.add(_visit(scope, item))
    return built.build()


def _map(scope: TracedScope, node: MapDisplay) -> Traced:
    return build_map({key: _visit(scope, value) for key, value in node.entries})


def _unary(scope: TracedScope, node: Unary) -> Traced:
    found = _visit(scope, node.operand)
    if node.operator == "not":
        return Traced(not is_true(found.value), found.truth())
    if found.value is None:
        raise AbsentError("E0411", "a value is null, but one is needed here")
    change = negate if node.operator == "-" else affirm
    return Traced(change(found.value), found.deep())


def _binary(scope: TracedScope, node: Binary) -> Traced:
    left, right = _operand(scope, node.left), _operand(scope, node.right)
    value = calculate(node.operator, left.value, right.value, scope.budget)
    if isinstance(value, list) and isinstance(left.value, list):
        built = ListBuilder()
        built.add_all(left)
        built.add_all(right)
        if len(built.parts) == len(value):
            return built.build().decided_by(join_causes(left.own, right.own))
    return Traced(value, join_causes(left.deep(), right.deep()))


def _logical(scope: TracedScope, node: Logical) -> Traced:
    decides = node.operator == "or"
    decided: Cause = NOTHING
    for operand in node.operands[:-1]:
        found = _visit(scope, operand)
        decided = join_causes(decided, found.truth())
        if is_true(found.value) is decides:
            return found.decided_by(decided)
    return _visit(scope, node.operands[-1]).decided_by(decided)


def _comparison(scope: TracedScope, node: Comparison) -> Traced:
    left = _visit(scope, node.first)
    causes = [left.deep()]
    for operator, right_node in node.rest:
        right = _visit(scope, right_node)
        causes.append(right.deep())
        if not compare(operator, left.value, right.value, scope.budget):
            return Traced(False, join_causes(*causes))  # noqa: FBT003 - a value of the mapping
        left = right
    return Traced(True, join_causes(*causes))  # noqa: FBT003 - a value of the mapping


def _conditional(scope: TracedScope, node: Conditional) -> Traced:
    condition = _visit(scope, node.condition)
    chosen = _visit(scope, node.yes if is_true(condition.value) else node.no)
    return chosen.decided_by(condition.truth())


def _concatenation(scope: TracedScope, node: Concatenation) -> Traced:
    return _join([_operand(scope, part) for part in node.parts])


def _call(scope: TracedScope, node: Call) -> Traced:
    function = node.function
    if (function.sort, function.name) == ("function", "lookup"):
        return _lookup(scope, node)
    if function.name in ("default", "defined"):
        return _DEFINEDNESS[function.name](scope, node)
    arguments = [
        _argument(scope, parameter, argument)
        for parameter, argument in zip(function.parameters, node.arguments, strict=True)
    ]
    values = [argument.value for argument in arguments]
    own_scope = (scope.plain,) if function.with_scope else ()
    try:
        value = function.implementation(*own_scope, *values)
    except AbsentError:
        scope.seen.extend(argument.deep() for argument in arguments)
        raise
    found = trace_call(function, value, arguments)
    return found.decided_by(scope.currency) if function.with_scope else found


def _argument(scope: TracedScope, parameter: Parameter, node: Node | None) -> Traced:
    if node is None:
        return Traced(() if parameter.many else parameter.default)
    if parameter.many:
        found = _visit(scope, node)
        return Traced(
            value=tuple(found.value), own=found.own, extent=found.extent, parts=found.parts
        )
    return _visit(scope, node) if parameter.takes_null else _operand(scope, node)


def _lookup(scope: TracedScope, node: Call) -> Traced:
    name, keys, default = node.arguments
    assert name is not None
    assert isinstance(keys, ListDisplay)
    table = _visit(scope, name)
    found = [_operand(scope, key) for key in keys.items]
    cause = join_causes(table.own, *(key.deep() for key in found))
    scope.seen.append(cause)
    try:
        return scope.lookup(str(table.value), found).decided_by(table.own)
    except LookupMissingError:
        if default is None:
            raise
        return _visit(scope, default).decided_by(cause)


def _default(scope: TracedScope, node: Call) -> Traced:
    value, otherwise = node.arguments
    assert value is not None
    assert otherwise is not None
    found, cause = _attempt(scope, value)
    if found is None or found.value is None:
        return _visit(scope, otherwise).decided_by(cause)
    return found


def _defined(scope: TracedScope, node: Call) -> Traced:
    (value,) = node.arguments
    assert value is not None
    found, cause = _attempt(scope, value)
    is_defined = found is not None and found.value is not None and found.value is not OMIT
    return Traced(is_defined, cause)


def _attempt(scope: TracedScope, node: Node) -> tuple[Traced | None, Cause]:
    """Return the value of an expression, None where it is absent, and what decides about that."""
    start = len(scope.seen)
    try:
        found = _visit(scope, node)
    except AbsentError:
        return None, join_causes(*scope.seen[start:])
    return found, found.own


_DEFINEDNESS: dict[str, Callable[[TracedScope, Call], Traced]] = {
    "default": _default,
    "defined": _defined,
}

_EVALUATORS: dict[type, Callable[..., Traced]] = {
    Constant: _constant,
    Name: _name,
    Attribute: _attribute,
    Item: _item,
    ListDisplay: _list,
    MapDisplay: _map,
    Unary: _unary,
    Binary: _binary,
    Logical: _logical,
    Comparison: _comparison,
    Conditional: _conditional,
    Concatenation: _concatenation,
    Call: _call,
}
