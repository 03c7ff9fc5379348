"""Slips inside GraphQL queries."""

from __future__ import annotations

from collections.abc import Iterator

from .entries import MarkedFile
from .slip import Site, count_line
from .tokens import Token, query_tokens


def find_fields(file: MarkedFile) -> Iterator[Site]:
    """Each selected field."""
    return (_site(file, tokens[at]) for tokens in _queries(file) for at in _fields(tokens))


def find_variables(file: MarkedFile) -> Iterator[Site]:
    """Each variable where it is declared, where it is used, and where it is given a value."""
    for token in query_tokens(file):
        if token.before[1] == "$":
            yield _site(file, token)
    for entry in file.entries:
        if entry.path[:1] == ("sources",) and entry.path[2:3] == ("variables",) and entry.path[3:]:
            line = frozenset({count_line(file.text, entry.start)})
            yield Site(file.name, entry.start, entry.end, line)


def find_dropped_fields(file: MarkedFile) -> Iterator[Site]:
    """Each selected field, dropped with its arguments and its block, and the block that is empty then."""
    for tokens in _queries(file):
        for at in _fields(tokens):
            first, last = at, _last(tokens, at)
            while tokens[first - 1].text == "{" and tokens[last + 1].text == "}":
                first, last = _owner(tokens, first - 1), last + 1
            if tokens[first].before[1] != "query":  # the whole query is not dropped
                yield _drop(file, tokens, first, last)


def _site(file: MarkedFile, token: Token) -> Site:
    line = frozenset({count_line(file.text, token.start)})
    return Site(file.name, token.start, token.end, line)


def _drop(file: MarkedFile, tokens: list[Token], first: int, last: int) -> Site:
    text, start, end = file.text, tokens[first].start, tokens[last].end
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    is_whole = not text[line_start:start].strip() and not text[end:line_end].strip()
    if is_whole:
        start, end = line_start, line_end + 1
    elif text[end] == " ":
        end += 1
    line = count_line(text, start)
    opening = next(at for at in range(first - 1, -1, -1) if _depth(tokens, at, first) == 1)
    parent = count_line(text, tokens[_owner(tokens, opening)].start)
    beside = {line - 1} if is_whole else set()
    return Site(file.name, start, end, frozenset({line, parent, *beside}), ("",))


def _depth(tokens: list[Token], start: int, end: int) -> int:
    """Braces that are opened, and not closed, from `start` to `end`."""
    texts = [token.text for token in tokens[start:end]]
    return texts.count("{") - texts.count("}")


def _queries(file: MarkedFile) -> Iterator[list[Token]]:
    """The tokens of each query."""
    tokens: list[Token] = []
    for token in query_tokens(file):
        if token.before == ("", "") and tokens:
            yield tokens
            tokens = []
        tokens.append(token)
    if tokens:
        yield tokens


def _fields(tokens: list[Token]) -> Iterator[int]:
    """Where selected fields stand: names inside braces and outside of parentheses."""
    braces = parentheses = 0
    for at, token in enumerate(tokens):
        braces += (token.text == "{") - (token.text == "}")
        parentheses += (token.text == "(") - (token.text == ")")
        if token.sort == "name" and braces and not parentheses:
            yield at


def _last(tokens: list[Token], at: int) -> int:
    """The last token of a field: of its arguments, and of its block."""
    for opening, closing in (("(", ")"), ("{", "}")):
        if at + 1 < len(tokens) and tokens[at + 1].text == opening:
            depth = 0
            for end in range(at + 1, len(tokens)):
                depth += (tokens[end].text == opening) - (tokens[end].text == closing)
                if depth == 0:
                    at = end
                    break
    return at


def _owner(tokens: list[Token], brace: int) -> int:
    """The field whose block a brace opens: the name before it, or before its arguments."""
    at = brace - 1
    if tokens[at].text == ")":
        while tokens[at].text != "(":
            at -= 1
        at -= 1
    return at
