"""Jinja's syntax becomes our tree: a whitelist of expressions, checked and with places.

Only Jinja's lexer and parser are used; its optimizer and code generator, which
compute constants while compiling, never receive an author's text.
"""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import nodes as jinja
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser

from ...findings.errors import ExpressionError
from ...findings.quote import quoted
from .convert import convert_node
from .literals import template_error
from .nodes import Node, Template
from .template_tokens import ENVIRONMENT, TemplateSource, read_segments, too_deep_error

MAX_DEPTH = 80


def parse_template(text: str) -> Template:
    """Parse text with `{{ expressions }}` in it.

    Raise ExpressionError (E0401 to E0409, E0420, E0424, E0902, E0906) with the
    offset and length of the mistake.
    """
    source, segments = read_segments(text, bare=False)
    parts = tuple(
        segment.literal
        if segment.literal is not None
        else _expression(source, segment.tokens, segment.offset)
        for segment in segments
    )
    return Template(text, parts)


def parse_expression(text: str) -> Template:
    """Parse one bare expression, as in `if:` and `for:`; raises what parse_template raises."""
    if text.lstrip().startswith("{{"):
        raise template_error(
            "this key takes one bare expression",
            text.index("{{"),
            length=2,
            hint="delete the `{{ }}`",
        )
    source, segments = read_segments(text, bare=True)
    return Template(text, (_expression(source, segments[0].tokens, 0),))


def _expression(source: TemplateSource, tokens: tuple[Token, ...], offset: int) -> Node:
    if not tokens:
        raise template_error("the expression is empty", offset)
    check_filter_reach(tokens)
    tree = _jinja_tree(tokens)
    _check_depth(tree)
    return convert_node(source, tree)


def _jinja_tree(tokens: tuple[Token, ...]) -> jinja.Expr:
    parser = Parser(ENVIRONMENT, "")
    parser.stream = TokenStream(iter(tokens), None, None)
    try:
        tree = parser.parse_expression()
    except TemplateSyntaxError as error:
        raise template_error(error.message or "", error.lineno) from error
    except RecursionError as error:
        raise too_deep_error(tokens[0].lineno) from error
    rest = parser.stream.current
    if rest.type != "eof":
        raise template_error(f"{quoted(str(rest.value))} is not expected here", rest.lineno)
    return tree


def _check_depth(tree: jinja.Node) -> None:
    """Bound the depth of the tree, without recursion; a chain of `and` or `or` is one level."""
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise too_deep_error(node.lineno)
        flat = type(node) if isinstance(node, jinja.And | jinja.Or) else None
        waiting.extend(
            (child, depth + (type(child) is not flat)) for child in node.iter_child_nodes()
        )


_OPENING = frozenset({"lparen", "lbracket", "lbrace"})
_CLOSING = frozenset({"rparen", "rbracket", "rbrace"})
_OPERATORS = frozenset({"add", "sub", "mul", "div", "floordiv", "mod", "pow", "tilde"})
_LOOSER = frozenset(
    {"comma", "colon", "assign", "eq", "ne", "lt", "lteq", "gt", "gteq"}
    | {"name:if", "name:else", "name:and", "name:or", "name:not", "name:in"}
)


def check_filter_reach(tokens: Sequence[Token]) -> None:
    """Raise ExpressionError (E0409) for a filter after the right operand of an operator."""
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
            raise _filter_reach_error(operator, token)
        if _is_one_of(token, _LOOSER):
            operator, operand_before = None, False
        elif token.type in _OPERATORS:
            operator = token if operand_before else operator
            operand_before = False
        else:
            operand_before = token.type != "pipe"


def _is_one_of(token: Token, kinds: frozenset[str]) -> bool:
    return token.type in kinds or (token.type == "name" and f"name:{token.value}" in kinds)


def _filter_reach_error(operator: Token, pipe: Token) -> ExpressionError:
    return ExpressionError(
        "E0409",
        f"this filter applies only to the part between `{operator.value}` and `|`",
        hint="add the brackets you mean: `(a * b) | money` or `a * (b | money)`",
        offset=pipe.lineno,
    )
