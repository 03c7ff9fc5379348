"""Filters bind tighter than operators: `a * b | money` rounds only `b`.

Money is lost by reading past that, so an expression that relies on it is
refused, and says where its brackets could stand. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from jinja2.lexer import Token

from ...findings.errors import ExpressionError

_OPENING = frozenset({"lparen", "lbracket", "lbrace"})
_CLOSING = frozenset({"rparen", "rbracket", "rbrace"})
_OPERATORS = frozenset({"add", "sub", "mul", "div", "floordiv", "mod", "pow", "tilde"})
_LOOSER = frozenset(
    {"comma", "colon", "assign", "eq", "ne", "lt", "lteq", "gt", "gteq"}
    | {"name:if", "name:else", "name:and", "name:or", "name:not", "name:in"}
)


def check_reach(tokens: Sequence[Token]) -> None:
    """Raise ExpressionError (E0409) for a filter behind the right operand of an operator."""
    outer: list[Token | None] = []
    operator: Token | None = None
    operand_before = False
    for token in tokens:
        if token.type in _OPENING:
            outer.append(operator)
            operator, operand_before = None, False
            continue
        if token.type in _CLOSING:
            operator, operand_before = (outer.pop() if outer else None), True
            continue
        if token.type == "pipe" and operator is not None:
            raise _short_reach(operator, token)
        if _is_one_of(token, _LOOSER):
            operator, operand_before = None, False
        elif token.type in _OPERATORS:
            operator = token if operand_before else operator
            operand_before = False
        else:
            operand_before = token.type != "pipe"


def _is_one_of(token: Token, kinds: frozenset[str]) -> bool:
    return token.type in kinds or (token.type == "name" and f"name:{token.value}" in kinds)


def _short_reach(operator: Token, pipe: Token) -> ExpressionError:
    return ExpressionError(
        "E0409",
        f"this filter covers only what stands between `{operator.value}` and `|`",
        hint="put brackets where they are meant: `(a * b) | money` or `a * (b | money)`",
        offset=pipe.lineno,
    )
