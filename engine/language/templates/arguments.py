"""The arguments of a call, bound to parameters and checked as far as possible before it runs."""

from __future__ import annotations

from collections.abc import Mapping

from ...findings.errors import ExpressionError
from ...findings.quote import quoted, suggest
from ..functions import FILTERS, FUNCTIONS, TESTS, Function, Parameter
from ..synonyms import FILTER_SYNONYMS, TEST_SYNONYMS, Synonyms
from .nodes import Call, Constant, ListDisplay, Node

_UNKNOWN: dict[str, tuple[str, dict[str, Function], Synonyms]] = {
    "filter": ("E0404", FILTERS, FILTER_SYNONYMS),
    "function": ("E0405", FUNCTIONS, {}),
    "test": ("E0406", TESTS, TEST_SYNONYMS),
}


def find_function(sort: str, name: str) -> Function:
    """Find the filter, function or test of this name; raise ExpressionError (E0404 to E0406)."""
    code, known, synonyms = _UNKNOWN[sort]
    if name in known:
        return known[name]
    otherwise = f"there are {', '.join(sorted(known))}"
    elsewhere = None if name in synonyms else _find_elsewhere(sort, name)
    found = suggest(name, () if elsewhere else known, otherwise=otherwise, synonyms=synonyms)
    raise ExpressionError(
        code,
        f"there is no {sort} {quoted(name)}",
        hint=f"write `{elsewhere.usage}`" if elsewhere else found.hint,
        suggestion=found,
    )


def _find_elsewhere(sort: str, name: str) -> Function | None:
    """Return the filter, function or test of this name that is written in another way."""
    meant = FILTER_SYNONYMS.get(name) or name if sort == "function" else name
    found = (table[meant] for _, table, _ in _UNKNOWN.values() if meant in table)
    return next(found, None)


def bind_arguments(
    function: Function,
    given: tuple[Node, ...],
    named: Mapping[str, Node],
    *,
    offset: int,
    length: int,
) -> Call:
    """Return the call with one argument for each parameter; raise ExpressionError (E0407)."""
    arguments = _positional(function, given) | dict(named)
    unknown = arguments.keys() - {parameter.name for parameter in function.parameters}
    twice = named.keys() & _positional(function, given).keys()
    if unknown:
        raise _arguments_error(function, f"has no parameter {quoted(min(unknown))}")
    if twice:
        raise _arguments_error(function, f"receives {quoted(min(twice))} twice")
    absent = [p.name for p in function.parameters if p.name not in arguments and p.is_required]
    if absent:
        raise _arguments_error(function, f"needs its argument `{absent[0]}`")
    bound = tuple(arguments.get(parameter.name) for parameter in function.parameters)
    return Call(function=function, arguments=bound, offset=offset, length=length)


def _positional(function: Function, given: tuple[Node, ...]) -> dict[str, Node]:
    plain = [parameter.name for parameter in function.parameters if parameter.is_positional]
    arguments = dict(zip(plain, given, strict=False))
    further = given[len(plain) :]
    many = next((parameter for parameter in function.parameters if parameter.many), None)
    if further and many is None:
        raise _arguments_error(function, "receives too many arguments")
    if further and many is not None:
        arguments[many.name] = ListDisplay(further, further[0].offset, further[0].length)
    return arguments


def check_constants(call: Call) -> None:
    """Raise ExpressionError (E0407, E0420, E0424) for a constant argument that cannot be right."""
    for parameter, argument in zip(call.function.parameters, call.arguments, strict=True):
        for node in (
            argument.items if isinstance(argument, ListDisplay) and parameter.many else (argument,)
        ):
            if isinstance(node, Constant):
                _check_constant(call.function, parameter, node)


def _check_constant(function: Function, parameter: Parameter, node: Constant) -> None:
    refusal = parameter.refusal(node.value)
    if refusal is not None:
        raise ExpressionError(
            "E0407" if refusal.code == "E0415" else refusal.code,
            refusal.message,
            hint=refusal.hint or f"usage: `{function.usage}`",
            offset=node.offset,
            length=node.length,
        )


def _arguments_error(function: Function, problem: str) -> ExpressionError:
    message = f"`{function.name}` {problem}"
    return ExpressionError("E0407", message, hint=f"usage: `{function.usage}`")
