"""Expressions in words: `{{ name | plain | cut(32) }}` is "`name`, cleaned, cut to 32 characters".

Names stand between backticks. Pure.
"""

from __future__ import annotations

from collections.abc import Callable

from ...documents.exact import format_plain, to_decimal
from ...findings.quote import quoted
from ...language.functions import OMIT
from ...language.templates import Node, Template
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

_OPERATORS = {
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided by",
    "//": "divided, without the rest, by",
    "%": "the rest of the division by",
    "**": "to the power of",
    "==": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "in": "is one of",
    "not in": "is none of",
}
# What a filter makes of its value; the texts in braces are its arguments, in words.
_FILTERS = {
    "abs": "{0} without its sign",
    "country": "the country code of {0}",
    "cut": "{0}, cut to {1} characters",
    "cut_bytes": "{0}, cut to {1} bytes",
    "date": "the day of {0} in the time zone {1}",
    "default": "{0}, or {1} where there is none",
    "email": "{0} as an e-mail address",
    "first": "the first of {0}",
    "integer": "{0} as a whole number",
    "iso_money": "{0}, rounded to the places that the currency has by ISO 4217",
    "join": "the texts of {0}, joined with {1}",
    "last": "the last of {0}",
    "length": "the number of {0}",
    "lower": "{0} in small letters",
    "map": "the {1} of each of {0}",
    "max": "the largest of {0}",
    "min": "the smallest of {0}",
    "money": "{0}, rounded to the places that the account keeps",
    "number": "{0} as a number",
    "phone": "{0} as a telephone number",
    "plain": "{0}, cleaned",
    "round": "{0}, rounded to {1} places",
    "state": "the code of the state {0} of the country {1}",
    "stored": "the sum of {0} as NetSuite stores it",
    "string": "{0} as a text",
    "sum": "the sum of {0}",
    "taxed": "the tax that NetSuite computes for {0}",
    "total": "the sum of the {1} of {0}",
    "trim": "{0}, trimmed",
    "unique": "{0}, each once",
    "upper": "{0} in capitals",
    "where": "those of {0} whose {1} is {2}",
}
_TESTS = {"defined": "{0} is there", "undefined": "{0} is not there"}


def describe_template(template: Template) -> str:
    """Return what a template gives, in words."""
    parts = [part if isinstance(part, str) else describe(part) for part in template.parts]
    if template.is_single:
        return parts[0]
    texts = [
        quoted(part, 80) if isinstance(part, str) else words
        for part, words in zip(template.parts, parts, strict=True)
    ]
    return ", then ".join(texts)


def describe(node: Node) -> str:
    """Return what an expression gives, in words."""
    return _DESCRIBE[type(node)](node)


def _inner(node: Node) -> str:
    """Return an operand; one that has operands itself stands in brackets."""
    words = describe(node)
    is_long = isinstance(node, Binary | Logical | Comparison | Conditional | Concatenation)
    return f"({words})" if is_long else words


def _constant(node: Constant) -> str:
    value = node.value
    if value is OMIT or value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    number = None if isinstance(value, str) else to_decimal(value)
    return quoted(str(value), 80) if number is None else format_plain(number)


def _dotted(node: Node) -> str | None:
    """Return `a.b` for a name with members, else None."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Attribute):
        target = _dotted(node.target)
        return None if target is None else f"{target}.{node.key}"
    return None


def _attribute(node: Attribute) -> str:
    dotted = _dotted(node)
    return f"`{dotted}`" if dotted else f"the {node.key} of {_inner(node.target)}"


def _item(node: Item) -> str:
    return f"the entry {describe(node.key)} of {_inner(node.target)}"


def _unary(node: Unary) -> str:
    words = {"not": "not ", "-": "minus "}.get(node.operator, "")
    return f"{words}{_inner(node.operand)}"


def _binary(node: Binary) -> str:
    return f"{_inner(node.left)} {_OPERATORS[node.operator]} {_inner(node.right)}"


def _comparison(node: Comparison) -> str:
    words = _inner(node.first)
    for operator, right in node.rest:
        words += f" {_OPERATORS[operator]} {_inner(right)}"
    return words


def _logical(node: Logical) -> str:
    *first, last = node.operands
    if node.operator == "or" and _is_nothing(last):
        return f"{' or else '.join(map(_inner, first))}, left out if that is empty"
    joined = " or else " if node.operator == "or" else " and "
    return joined.join(map(_inner, node.operands))


def _conditional(node: Conditional) -> str:
    condition = _inner(node.condition)
    if _is_nothing(node.no):
        return f"{_inner(node.yes)} if {condition}, left out otherwise"
    if _is_nothing(node.yes):
        return f"left out if {condition}, otherwise {_inner(node.no)}"
    return f"{_inner(node.yes)} if {_inner(node.condition)}, otherwise {_inner(node.no)}"


def _concatenation(node: Concatenation) -> str:
    return " followed by ".join(map(_inner, node.parts))


def _list(node: ListDisplay) -> str:
    return "the list of " + (", ".join(map(_inner, node.items)) or "nothing")


def _map(node: MapDisplay) -> str:
    return "; ".join(f"{key}: {_inner(value)}" for key, value in node.entries) or "nothing"


def _call(node: Call) -> str:
    name, given = node.function.name, [each for each in node.arguments if each is not None]
    if name == "lookup":
        table, keys, *others = given
        words = f"the entry of the table {describe(table)} for {_keys(keys)}"
        return words + (f", or {_inner(others[0])} where there is none" if others else "")
    if name == "default" and (_is_nothing(given[1]) or _is_empty(given[1])):
        return f"{_inner(given[0])}, if there is one"
    form = (_TESTS if node.function.sort == "test" else _FILTERS).get(name)
    arguments = [_inner(each) for each in given]
    if form is not None and form.count("{") <= len(arguments):
        return form.format(*arguments)
    return f"`{name}` of {', '.join(arguments)}" if arguments else f"`{name}`"


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Constant) and (node.value is OMIT or node.value is None)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Constant) and node.value == ""


def _keys(node: Node) -> str:
    return ", ".join(map(_inner, node.items)) if isinstance(node, ListDisplay) else _inner(node)


_DESCRIBE: dict[type, Callable[..., str]] = {
    Attribute: _attribute,
    Binary: _binary,
    Call: _call,
    Comparison: _comparison,
    Concatenation: _concatenation,
    Conditional: _conditional,
    Constant: _constant,
    Item: _item,
    ListDisplay: _list,
    Logical: _logical,
    MapDisplay: _map,
    Name: lambda node: f"`{node.name}`",
    Unary: _unary,
}
