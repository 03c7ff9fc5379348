"""The evaluation of a template in a scope. Pure: no clock, no network, no logging.

Every node is charged to the budget before it is visited; an error has the place
of the innermost node at fault.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ...findings.errors import AbsentError, ExpressionError
from ...findings.quote import did_you_mean, quoted, shortened
from ..budget import Budget
from ..functions import Parameter, Scope, as_text, is_true, weigh
from ..functions.access import get_entry, missing_entry_error
from ..functions.values import join_texts, require_value, size
from .nodes import (
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
    Node,
    Template,
    Unary,
)
from .operators import affirm, calculate, compare, negate


def evaluate(template: Template, scope: Scope, budget: Budget) -> object:
    """Return the value of a template.

    One expression without text around it gives its own value, which may be
    None, OMIT, a LineGroup or a Reference; anything else gives a text. Raise
    ExpressionError (AbsentError for an absent or null value, BudgetError when
    the order's budget is used up) with offset and length in `template.text`.
    """
    run = _Evaluation(template.text, scope, budget)
    if template.is_single:
        node = template.parts[0]
        assert not isinstance(node, str)
        return _visit(run, node)
    return join_texts(
        [part if isinstance(part, str) else _text(run, part) for part in template.parts]
    )


class _Evaluation:
    """The state of one evaluation: its inputs, and the error whose place is already set."""

    __slots__ = ("budget", "placed", "scope", "text")

    def __init__(self, text: str, scope: Scope, budget: Budget) -> None:
        self.text = text
        self.scope = scope
        self.budget = budget
        self.placed: ExpressionError | None = None

    def place(self, error: ExpressionError, node: Node) -> None:
        """Set the place of an error, unless an inner node has set it."""
        if error is not self.placed:
            error.offset, error.length = node.offset, node.length
            self.placed = error

    def source_of(self, node: Node) -> str:
        """Return a node as its author wrote it, for a message."""
        return shortened(self.text[node.offset : node.offset + node.length], 60)


def _visit(run: _Evaluation, node: Node) -> object:
    run.budget.charge()
    try:
        return _EVALUATORS[type(node)](run, node)
    except ExpressionError as error:
        run.place(error, node)
        raise


def _visit_operand(run: _Evaluation, node: Node) -> object:
    """Return the value of an operand; raise AbsentError (E0411) for null."""
    value = _visit(run, node)
    if value is None:
        error = AbsentError(
            "E0411",
            f"`{run.source_of(node)}` is null, but a value is needed here",
            hint="give a default for null: `| default(…)`",
        )
        run.place(error, node)
        raise error
    return value


def _text(run: _Evaluation, node: Node) -> str:
    value = _visit_operand(run, node)
    run.budget.charge(size(value))
    try:
        return as_text(value)
    except ExpressionError as error:
        run.place(error, node)
        raise


def _constant(_: _Evaluation, node: Constant) -> object:
    return node.value


def _name(run: _Evaluation, node: Name) -> object:
    names = run.scope.names
    if node.name not in names:
        raise AbsentError(
            "E0410",
            f"{quoted(node.name)} is not defined",
            hint=lambda: did_you_mean(node.name, names) or "names are fields, values and settings",
        )
    return names[node.name]


def _attribute(run: _Evaluation, node: Attribute) -> object:
    return _entry(run, node, _visit(run, node.target), node.key)


def _item(run: _Evaluation, node: Item) -> object:
    target = _visit(run, node.target)
    return _entry(run, node, target, require_value(_visit_operand(run, node.key)))


def _entry(run: _Evaluation, node: Attribute | Item, target: object, key: object) -> object:
    try:
        return get_entry(target, key)
    except LookupError as error:
        raise missing_entry_error(run.source_of(node), target, key) from error


def _list(run: _Evaluation, node: ListDisplay) -> list[object]:
    return [_visit_entry(run, item) for item in node.items]


def _map(run: _Evaluation, node: MapDisplay) -> dict[str, object]:
    return {key: _visit_entry(run, value) for key, value in node.entries}


def _visit_entry(run: _Evaluation, node: Node) -> object:
    """Return the value of an entry, charged for everything in it, so that values that double cost double."""
    value = _visit(run, node)
    if value is not None:
        require_value(value)
        weigh(value, run.budget)
    return value


def _unary(run: _Evaluation, node: Unary) -> object:
    if node.operator == "not":
        return not is_true(_visit(run, node.operand))
    return (negate if node.operator == "-" else affirm)(_visit_operand(run, node.operand))


def _binary(run: _Evaluation, node: Binary) -> object:
    left, right = _visit_operand(run, node.left), _visit_operand(run, node.right)
    return calculate(node.operator, left, right, run.budget)


def _logical(run: _Evaluation, node: Logical) -> object:
    """Return the value of the first operand that decides, or of the last, as in Jinja."""
    decides = node.operator == "or"
    for operand in node.operands[:-1]:
        value = _visit(run, operand)
        if is_true(value) is decides:
            return value
    return _visit(run, node.operands[-1])


def _comparison(run: _Evaluation, node: Comparison) -> bool:
    left = _visit(run, node.first)
    for operator, right_node in node.rest:
        right = _visit(run, right_node)
        if not compare(operator, left, right, run.budget):
            return False
        left = right
    return True


def _conditional(run: _Evaluation, node: Conditional) -> object:
    return _visit(run, node.yes if is_true(_visit(run, node.condition)) else node.no)


def _concatenation(run: _Evaluation, node: Concatenation) -> str:
    return join_texts([_text(run, part) for part in node.parts])


def _call(run: _Evaluation, node: Call) -> object:
    function = node.function
    values = [
        _argument(run, parameter, argument)
        for parameter, argument in zip(function.parameters, node.arguments, strict=True)
    ]
    run.budget.charge(sum(map(size, values)))
    if function.cost is not None:
        run.budget.charge(function.cost(*values))
    if function.with_scope:
        return function.implementation(run.scope, *values)
    return function.implementation(*values)


def _argument(run: _Evaluation, parameter: Parameter, node: Node | None) -> object:
    if node is None:
        return () if parameter.many else parameter.default
    if parameter.kind == "expression":
        return partial(_visit, run, node)
    if parameter.many:
        assert isinstance(node, ListDisplay)
        return tuple([_check_argument(run, parameter, item) for item in node.items])
    return _check_argument(run, parameter, node)


def _check_argument(run: _Evaluation, parameter: Parameter, node: Node) -> object:
    value = _visit(run, node) if parameter.takes_null else _visit_operand(run, node)
    refusal = parameter.refusal(value)
    if refusal is not None:
        run.place(refusal, node)
        raise refusal
    return value


_EVALUATORS: dict[type, Callable[..., object]] = {
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
