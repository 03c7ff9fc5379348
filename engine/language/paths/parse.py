"""The text of a path becomes a tree: the library's own, checked, bounded, and with places.

Every mistake that shows without a document is found here: syntax, unknown
functions, their number of arguments, a slice with step 0. Pure: the library's
process-wide cache is left empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jmespath.exceptions import IncompleteExpressionError, ParseError
from jmespath.parser import Parser

from ...findings.errors import ExpressionError
from ...findings.quote import quoted, suggest
from ..synonyms import PATH_SYNONYMS
from .functions import EXPRESSION, FUNCTIONS, PathFunction, join_alternatives
from .path_tokens import (
    MAX_DEPTH,
    PathToken,
    read_tokens,
    stray_expression_error,
    too_deep_error,
    unexpected_token_error,
)

# The library's dicts: `type`, `children`, mostly `value`; with `offset` and `length` by `_placed`.
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Path:
    """A path as written, and its tree.

    Nodes are the library's, with `offset` and `length` (in characters of `text`) for fields,
    functions, keys, literals, indices and expressions. `repeats` is true when a result may hold
    one value many times.
    """

    text: str
    tree: Node
    repeats: bool


def parse_path(text: str) -> Path:
    """Parse and check a path; raise ExpressionError with the place of the mistake.

    E0301 not a path, E0302 unknown function, E0303 wrong number of arguments, E0304 an
    expression in place of a value or the other way round, E0305 a slice with step 0,
    E0902 a number out of bounds, E0906 too long or too deep.
    """
    source, tokens = read_tokens(text)
    parsed = _parse(source, tokens)
    _check_depth(parsed)
    tree = _add_places(parsed, iter([token for token in tokens if token.kind in _PLACED]))
    for node in walk_nodes(tree):
        _CHECKS.get(node["type"], _check_children)(node)
    _check_expression_is_argument(tree)
    return Path(text, tree, any(_repeats(node) for node in _result_nodes(tree)))


def walk_nodes(tree: Node) -> Iterator[Node]:
    """Yield every node of a tree, the outer before the inner; a slice's numbers are not nodes."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(_children(node)))


def _children(node: Node) -> list[Node]:
    return [] if node["type"] == "slice" else node["children"]


def _parse(source: str, tokens: list[PathToken]) -> Node:
    try:
        tree: Node = Parser().parse(source).parsed
    except IncompleteExpressionError as error:
        raise unexpected_token_error(tokens[-1]) from error
    except ParseError as error:
        raise unexpected_token_error(_token_at(error.lex_position, tokens)) from error
    finally:
        # The library keeps the last 512 texts for the life of the process.
        Parser.purge()
    return tree


def _token_at(offset: int, tokens: list[PathToken]) -> PathToken:
    return next((token for token in tokens if token.offset >= offset), tokens[-1])


def _check_depth(tree: Node) -> None:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise too_deep_error()
        level = [child for node in level for child in _children(node)]


_PLACED = frozenset(("unquoted_identifier", "quoted_identifier", "literal", "number", "expref"))
_ONE_TOKEN = frozenset(
    ("field", "function_expression", "key_val_pair", "literal", "index", "expref")
)


def _add_places(node: Node, tokens: Iterator[PathToken]) -> Node:
    """Return a copy of the tree with places and exact literals.

    In the order of the text, the nodes that are written as one token correspond exactly to
    the tokens of those kinds; only a filter's condition comes out of that order in the tree.
    """
    placed = dict(node)
    for token in [next(tokens) for _ in range(_count_of_tokens(node))]:
        placed |= {"offset": token.offset, "length": len(token.text)}
        if node["type"] == "literal":
            placed["value"] = token.value
    children = list(node["children"])
    for index in _reading_order(node):
        children[index] = _add_places(children[index], tokens)
    return placed | {"children": children}


def _count_of_tokens(node: Node) -> int:
    if node["type"] == "slice":
        return sum(part is not None for part in node["children"])
    return int(node["type"] in _ONE_TOKEN)


def _reading_order(node: Node) -> tuple[int, ...]:
    order: dict[str, tuple[int, ...]] = {"filter_projection": (0, 2, 1), "slice": ()}
    return order.get(node["type"], tuple(range(len(node["children"]))))


def _check_function(node: Node) -> None:
    name, arguments = node["value"], node["children"]
    function = FUNCTIONS.get(name)
    if function is None:
        otherwise = f"there are {', '.join(FUNCTIONS)}"
        found = suggest(name, FUNCTIONS, otherwise=otherwise, synonyms=PATH_SYNONYMS)
        error = _error(node, "E0302", f"there is no function {quoted(name)}", found.hint)
        error.suggestion = found
        raise error
    if not function.accepts_count(len(arguments)):
        takes = f"{'at least ' if function.variadic else ''}{_format_count(len(function.takes))}"
        message = f"{name}() takes {takes}, not {len(arguments)}"
        raise _error(node, "E0303", message, f"write {_signature(name, function)}")
    for position, argument in enumerate(arguments):
        _check_expression_matches(node, function, position, argument)


def _check_expression_matches(
    node: Node, function: PathFunction, position: int, argument: Node
) -> None:
    wanted = function.accepted_at(position) == (EXPRESSION,)
    given = argument["type"] == "expref"
    if wanted != given:
        takes = "an expression" if wanted else "a value"
        message = f"{node['value']}() takes {takes} as argument {position + 1}"
        raise _error(node, "E0304", message, f"write {_signature(node['value'], function)}")


def _check_children(node: Node) -> None:
    for child in _children(node):
        _check_expression_is_argument(child)


def _check_expression_is_argument(node: Node) -> None:
    if node["type"] == "expref":
        raise stray_expression_error(node["offset"])


def _check_slice(node: Node) -> None:
    if node["children"][2] == 0:
        raise _error(node, "E0305", "a slice cannot step by 0", "leave the step out, or write -1")


_CHECKS: dict[str, Callable[[Node], None]] = {
    "function_expression": _check_function,
    "slice": _check_slice,
}


def _result_nodes(tree: Node) -> Iterator[Node]:
    """Yield the nodes whose values may be part of the result; the operands of comparisons are not."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if node["type"] not in _TRUTHS:
            # A filter's condition is its third child.
            pending.extend(
                _children(node)[:2] if node["type"] == "filter_projection" else _children(node)
            )


_TRUTHS = frozenset(("comparator", "not_expression"))


def _repeats(node: Node) -> bool:
    if node["type"] == "literal":
        return isinstance(node["value"], str | list | dict)
    return node["type"] in {"multi_select_list", "multi_select_dict"}


def _signature(name: str, function: PathFunction) -> str:
    arguments = [_argument(kinds) for kinds in function.takes]
    return f"{name}({', '.join([*arguments, '…'] if function.variadic else arguments)})"


def _argument(kinds: tuple[str, ...]) -> str:
    return "&expression" if kinds == (EXPRESSION,) else join_alternatives(kinds or ["any"])


def _format_count(count: int) -> str:
    return f"{count} argument{'s' if count != 1 else ''}"


def _error(node: Node, code: str, message: str, hint: str | None = None) -> ExpressionError:
    return ExpressionError(code, message, hint=hint, offset=node["offset"], length=node["length"])
