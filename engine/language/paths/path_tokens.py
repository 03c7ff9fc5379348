"""The text of a path, checked and split into tokens before the library parses it.

The library reads literals with floats, accepts two operands side by side, and
recurses as deeply as its text is nested. Here literals become exact and the rest
is refused. Each token has its place in the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NoReturn

from jmespath.exceptions import LexerError
from jmespath.lexer import Lexer

from ...documents.exact import Number
from ...findings.errors import ExpressionError
from ...findings.quote import quoted
from .values import read_number

MAX_LENGTH = 10_000
MAX_DEPTH = 100

_QUOTED = re.compile(r"""(['"`])((?:\\.|(?!\1)[^\\])*)(\1|\\?\Z)""", re.DOTALL)
_JSON_TEXT = re.compile(r'"(?:\\.|[^"\\])*(?:"|\\?\Z)', re.DOTALL)

_OPENING = frozenset(("lparen", "lbrace", "lbracket", "filter"))
_CLOSING = frozenset(("rparen", "rbrace", "rbracket"))
_NAMES = frozenset(("quoted_identifier", "unquoted_identifier"))
_BEFORE_ARGUMENT = frozenset(("lparen", "comma"))
_ENDS_OPERAND = _NAMES | _CLOSING | {"literal", "number", "current", "star", "flatten"}
_STARTS_OPERAND = _NAMES | {"literal", "number", "current", "lbrace", "lparen", "not", "expref"}

# The maximum depth of the parser after an operator, within one pair of brackets.
_BINDING = dict.fromkeys(("lt", "lte", "gt", "gte", "eq", "ne"), 4) | {
    "comma": 0,
    "colon": 0,
    "pipe": 1,
    "or": 2,
    "and": 3,
}
_NESTING = frozenset(("not", "expref", "star", "flatten"))

_SPLIT = "move a part of it into a field of its own"
_AT_END = "a name, a value or a closing bracket is missing after it"
_TEXT = "if it is an identifier, write it as a text in single quotes"
_OTHER_HINT = 'put double quotes around a name with other characters: "like this"'
_CHARACTER_HINTS = {
    "=": "compare with `==`",
    "-": "put double quotes around a name with a hyphen",
    "$": 'start with the name of a root; put double quotes around any other name: "$like this"',
    "#": "a path has no comments; put double quotes around a name with other characters",
    '"': "a name in double quotes follows the rules of JSON for escapes",
}


@dataclass(frozen=True, slots=True)
class PathToken:
    """One token: `kind` and `value` as in the library, literals exact; `text` as written."""

    kind: str
    value: object
    offset: int
    text: str


_START = PathToken(kind="start", value="", offset=0, text="")


def read_tokens(text: str) -> tuple[str, list[PathToken]]:
    """Return the path's text with every JSON literal replaced by a 0 of equal length, and its tokens.

    Raise ExpressionError (E0301 not a path, E0902 a number, E0906 text or nesting out of bounds).
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            "E0906",
            f"a path of {len(text):,} characters is longer than the {MAX_LENGTH:,} allowed",
            hint=_SPLIT,
        )
    if not text.strip():
        raise ExpressionError("E0301", "the path is empty", hint="`@` stands for the whole value")
    texts = {match.start(): _check_closed(match) for match in _QUOTED.finditer(text)}
    literals = {start: _literal(match) for start, match in texts.items() if match[1] == "`"}
    source = _QUOTED.sub(_without_literal, text)
    tokens = [_token(raw, texts, literals) for raw in _run_lexer(source)]
    _check_neighbours(tokens)
    _check_nesting(tokens)
    return source, tokens


def unexpected_token_error(token: PathToken) -> ExpressionError:
    """Return the error (E0301) for a token that is not allowed at its position."""
    if token.kind == "eof":
        return ExpressionError(
            "E0301", "the path ends too early", hint=_AT_END, offset=token.offset
        )
    hint = "put backticks around a number: `1`" if token.kind == "number" else None
    message = f"{quoted(token.text)} is not expected here"
    return ExpressionError("E0301", message, hint=hint, offset=token.offset, length=len(token.text))


def stray_expression_error(offset: int) -> ExpressionError:
    """Return the error (E0301) for an `&` that does not begin an argument."""
    message = "an `&` expression can only be an argument of a function"
    return ExpressionError("E0301", message, offset=offset)


def _run_lexer(source: str) -> list[dict[str, Any]]:
    try:
        return list(Lexer().tokenize(source))
    except LexerError as error:
        raise _unreadable_error(source, error.lexer_position) from error
    except ValueError as error:
        # An index of thousands of digits, which Python refuses to read.
        raise ExpressionError("E0902", "an index has too many digits") from error


def _unreadable_error(source: str, offset: int) -> ExpressionError:
    character = source[offset]
    text = _QUOTED.match(source, offset)
    message = f"{quoted(text[0] if text else character)} is not part of the language"
    hint = _CHARACTER_HINTS.get(character, _OTHER_HINT)
    length = len(text[0]) if text else 1
    return ExpressionError("E0301", message, hint=hint, offset=offset, length=length)


def _token(
    raw: dict[str, Any], texts: dict[int, re.Match[str]], literals: dict[int, object]
) -> PathToken:
    kind, value, offset = raw["type"], raw["value"], raw["start"]
    if offset not in texts:
        return PathToken(kind=kind, value=value, offset=offset, text=str(value))
    token = PathToken(
        kind=kind, value=literals.get(offset, value), offset=offset, text=texts[offset][0]
    )
    if not _is_writable(token.value):
        raise _half_character_error(token)
    return token


def _check_closed(match: re.Match[str]) -> re.Match[str]:
    if match[3] == match[1]:
        return match
    message = f"the {match[1]} that opens here is not closed"
    hint = f"close it; within {match[1]}…{match[1]} the same character is written \\{match[1]}"
    raise ExpressionError("E0301", message, hint=hint, offset=match.start())


def _literal(match: re.Match[str]) -> object:
    """Read the JSON value between two backticks, its numbers exact."""
    content = match[2].replace("\\`", "`")
    try:
        if _json_depth(content) > MAX_DEPTH:
            raise too_deep_error()
        return _EXACT_JSON.decode(content)
    except ValueError as error:
        raise ExpressionError(
            "E0301",
            f"{quoted(match[0])} holds no JSON value",
            hint="put single quotes around a text: 'web'; backticks are for numbers and other JSON",
            offset=match.start(),
            length=len(match[0]),
        ) from error
    except ExpressionError as error:
        error.offset, error.length = match.start(), len(match[0])
        raise


def _without_literal(match: re.Match[str]) -> str:
    return f"`0{' ' * (len(match[2]) - 1)}`" if match[1] == "`" else match[0]


def _json_depth(content: str) -> int:
    depth = deepest = 0
    for character in _JSON_TEXT.sub("", content):
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    return deepest


def _number(digits: str) -> Number:
    number = read_number(digits)
    if number is None:
        raise ExpressionError("E0902", f"the number {quoted(digits)} is out of bounds", hint=_TEXT)
    return number


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_EXACT_JSON = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=_no_number)


def _is_writable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _half_character_error(token: PathToken) -> ExpressionError:
    message = "half a character: a surrogate without the other one"
    return ExpressionError("E0301", message, offset=token.offset, length=len(token.text))


def _check_neighbours(tokens: Sequence[PathToken]) -> None:
    for left, right in pairwise([_START, *tokens]):
        is_call = left.kind == "unquoted_identifier" and right.kind == "lparen"
        two_operands = left.kind in _ENDS_OPERAND and right.kind in _STARTS_OPERAND
        comma_at_end = left.kind == "comma" and right.kind in _CLOSING
        if comma_at_end or (two_operands and not is_call):
            raise unexpected_token_error(right)
        if right.kind == "expref" and left.kind not in _BEFORE_ARGUMENT:
            raise stray_expression_error(right.offset)


def _check_nesting(tokens: Iterable[PathToken]) -> None:
    """Refuse a text that would make the parser recurse deeply, by an upper bound on its calls."""
    open_now = [0]
    for token in tokens:
        if token.kind in _CLOSING:
            if len(open_now) > 1:
                open_now.pop()
        elif token.kind in _BINDING:
            open_now[-1] = _BINDING[token.kind]
        elif token.kind in _NESTING or token.kind in _OPENING:
            open_now[-1] += 1
            if token.kind in _OPENING:
                open_now.append(0)
        if sum(open_now) > MAX_DEPTH:
            raise too_deep_error(token.offset)


def too_deep_error(offset: int = 0) -> ExpressionError:
    """Return the error (E0906) for brackets or operators nested beyond MAX_DEPTH."""
    message = f"the path is nested more than {MAX_DEPTH} levels deep"
    return ExpressionError("E0906", message, hint=_SPLIT, offset=offset)
