"""The tokens of a template, by Jinja's lexer, with exact numbers and places.

A token's `lineno` is its offset in the text, so every node of Jinja's parser has
its place. Everything that would make the parser recurse deeply or the text
ambiguous is refused here, in time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from jinja2 import Environment
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Token, operators

from ...findings.errors import ExpressionError
from .literals import check_characters, read_token_value, template_error

MAX_TEMPLATE = 20_000
MAX_BRACKETS = 30
MAX_PREFIXES = 10
MAX_ELSES = 60

ENVIRONMENT = Environment(keep_trailing_newline=True, autoescape=False)  # noqa: S701 # it never renders anything

_CLOSING = {"rparen": "lparen", "rbracket": "lbracket", "rbrace": "lbrace"}
_INSTEAD = {"&": "write `and`", "!": "write `not`", "?": "write `x if y else z`"}
_PREFIXES = frozenset({"sub", "add", "not"})


@dataclass(frozen=True, slots=True)
class RawToken:
    """One token as written: Jinja's name of its kind, its start and its end."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """A text, and by each token's start the end of the token, of the next token, and of its bracket."""

    text: str
    ends: dict[int, int]
    next_ends: dict[int, int]
    closings: dict[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """Literal text, or the tokens of one expression between `{{` and `}}`."""

    offset: int
    literal: str | None
    tokens: tuple[Token, ...] = ()


def read_segments(text: str, *, bare: bool) -> tuple[TemplateSource, tuple[Segment, ...]]:
    """Split a text into literals and expressions; with `bare` the whole text is one expression.

    Raise ExpressionError (E0401 to E0403, E0408, E0902, E0906).
    """
    _check_text(text)
    raws = [raw for raw in _run_lexer(text, bare=bare) if raw.kind != "whitespace"]
    source = _index_tokens(text, raws)
    if bare:
        return source, (Segment(0, None, tuple(_token(text, raw) for raw in raws)),)
    return source, tuple(_split_segments(text, raws))


def _check_text(text: str) -> None:
    if len(text) > MAX_TEMPLATE:
        message = f"the template has {len(text):,} characters; at most {MAX_TEMPLATE:,} are allowed"
        raise ExpressionError("E0906", message, hint="keep long texts in a lookup")
    check_characters(text)


def _run_lexer(text: str, *, bare: bool) -> Iterator[RawToken]:
    """Yield Jinja's tokens with start and end; its lexer reads every newline as one character."""
    places = [match.start() for match in re.finditer(r"\r\n|.", text, re.DOTALL)]
    places.append(len(text))
    at = 0
    state = "variable" if bare else None
    try:
        for _, kind, raw in ENVIRONMENT.lexer.tokeniter(text, None, None, state):
            start, at = places[at], at + len(raw)
            word = operators.get(raw, kind) if kind == "operator" else kind
            _refuse_foreign(text, word, raw, start)
            yield RawToken(word, start, places[at])
    except TemplateSyntaxError as error:
        raise _lexer_error(text, places[at], error.message or "") from error


def _lexer_error(text: str, offset: int, message: str) -> ExpressionError:
    character = text[offset : offset + 1]
    if character in {"'", '"'}:
        return template_error("a quoted text is never closed", offset)
    foreign = message.startswith("unexpected char")
    words = f"`{character}` is not expected here" if foreign else message
    return template_error(words, offset, hint=_INSTEAD.get(character))


def _refuse_foreign(text: str, kind: str, raw: str, start: int) -> None:
    """Refuse statements, comments and raw blocks, and Jinja's trimming of blanks."""
    if kind in {"block_begin", "raw_begin", "comment_begin"}:
        raise ExpressionError(
            "E0402",
            f"`{raw[:2]}` is not part of the language: templates are expressions in `{{{{ }}}}`",
            hint="repeat with the key `for`, choose with `if` or `choose`, comment with YAML's #",
            offset=start,
            length=2,
        )
    trims = (kind == "variable_begin" and raw != "{{") or (
        kind == "variable_end" and raw.startswith("-")
    )
    if trims:
        raise ExpressionError(
            "E0403",
            f"`{raw.strip()}` trims blanks in Jinja, and is not part of the language",
            hint="for a minus sign, add a blank: `{{ -x }}`",
            offset=text.find(raw.strip(), start),
            length=3,
        )


def _index_tokens(text: str, raws: list[RawToken]) -> TemplateSource:
    ends = {raw.start: raw.end for raw in raws}
    next_ends = {raw.start: following.end for raw, following in pairwise(raws)}
    closings = dict(_match_brackets(raws))
    _check_prefixes(text, raws)
    return TemplateSource(text=text, ends=ends, next_ends=next_ends, closings=closings)


def _match_brackets(raws: list[RawToken]) -> Iterator[tuple[int, int]]:
    """Yield for each pair of brackets where it opens, and the end of the closing bracket."""
    opened: list[int] = []
    for raw in raws:
        if raw.kind in _CLOSING.values():
            opened.append(raw.start)
            if len(opened) > MAX_BRACKETS:
                raise too_deep_error(raw.start)
        elif raw.kind in _CLOSING and opened:
            yield opened.pop(), raw.end


def _check_prefixes(text: str, raws: list[RawToken]) -> None:
    """Bound what makes the parser recurse: runs of `not`, `-`, `+`, and chains of `else`."""
    run = elses = 0
    for raw in raws:
        word = text[raw.start : raw.end] if raw.kind == "name" else raw.kind
        run = run + 1 if word in _PREFIXES else 0
        elses += word == "else"
        if run > MAX_PREFIXES or elses > MAX_ELSES:
            raise too_deep_error(raw.start)


def _split_segments(text: str, raws: list[RawToken]) -> Iterator[Segment]:
    begun, tokens = 0, list[Token]()
    for raw in raws:
        if raw.kind == "data":
            yield Segment(raw.start, text[raw.start : raw.end])
        elif raw.kind == "variable_begin":
            begun, tokens = raw.end, []
        elif raw.kind == "variable_end":
            yield Segment(begun, None, tuple(tokens))
        else:
            tokens.append(_token(text, raw))
    if raws and raws[-1].kind not in {"data", "variable_end"}:
        raise template_error("`{{` is never closed", begun - 2, length=2, hint="end it with `}}`")


def _token(text: str, raw: RawToken) -> Token:
    written = text[raw.start : raw.end]
    try:
        value = read_token_value(raw.kind, written)
    except ExpressionError as error:
        error.offset, error.length = raw.start, raw.end - raw.start
        raise
    return Token(raw.start, raw.kind, value)  # type: ignore[arg-type] # declared as str, but Jinja takes any value


def too_deep_error(offset: int) -> ExpressionError:
    """Return the error (E0906) for an expression nested too deeply."""
    return ExpressionError(
        "E0906",
        "the expression is too long or nested too deeply",
        hint="move parts of it to `values:`",
        offset=offset,
    )
