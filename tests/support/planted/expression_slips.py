"""Slips inside JMESPaths and Jinja expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .entries import MarkedFile, find_leaves
from .roles import PATH, SEARCH
from .slip import Site, count_line
from .tokens import KEYWORDS, Token, path_tokens, read_tokens, template_tokens

# Filters whose first argument is the name of a field of an entry.
_BY_NAME = frozenset({"total", "where", "map"})
_OPERATORS = {
    "+": "-", "-": "+", "*": "/", "/": "*", "==": "!=", "!=": "==", "<": ">", ">": "<",
    "<=": "<", ">=": ">", "and": "or", "or": "and", "&&": "||", "||": "&&",
}  # fmt: skip
_NEGATIONS = frozenset({"!", "not"})
_CONVERTERS = frozenset({
    "money", "iso_money", "round", "abs", "integer", "number", "string", "stored", "date", "datetime", "lower",
})  # fmt: skip
_LIST_MARKS = re.compile(r" ?\| \[0\]|\[0\]|\[-1\]|\[\]")
_EDGES = ".edges[].node"
_WORD = re.compile(r"\w*[A-Za-z]\w+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SQL_NAME = re.compile(r"\{(\w+)")


def _site(file: MarkedFile, start: int, end: int, *becomes: str, arithmetic: bool = False) -> Site:
    line = frozenset({count_line(file.text, start)})
    return Site(file.name, start, end, line, becomes, is_arithmetic=arithmetic)


def _of(file: MarkedFile, token: Token, *becomes: str, arithmetic: bool = False) -> Site:
    return _site(file, token.start, token.end, *becomes, arithmetic=arithmetic)


def _is_outer(token: Token) -> bool:
    """Whether a token is a member of `tenant` or of `event.payload`."""
    return token.before in (("payload", "."), ("tenant", "."))


def _members(file: MarkedFile) -> Iterator[Token]:
    return (token for token in path_tokens(file) if token.sort == "name" and not token.is_called)


def find_path_members(file: MarkedFile) -> Iterator[Site]:
    """Each member of each path, and each name that a path gives."""
    return (_of(file, token) for token in _members(file) if not _is_outer(token))


def find_outer_members(file: MarkedFile) -> Iterator[Site]:
    """Each member of `tenant` and of `event.payload`."""
    tokens = (*path_tokens(file), *template_tokens(file))
    return (_of(file, token) for token in tokens if token.sort == "name" and _is_outer(token))


def find_names(file: MarkedFile) -> Iterator[Site]:
    """Each name in templates, also where a filter or a search has it as a text."""
    for token in template_tokens(file):
        if token.sort == "name" and token.before[1] != "." and not token.is_called:
            if token.text not in KEYWORDS and token.after != "=":
                yield _of(file, token)
        elif token.sort == "text" and _is_field_name(token):
            yield _site(file, token.start + 1, token.end - 1)
    for leaf in find_leaves(file, SEARCH):
        for match in _SQL_NAME.finditer(file.text, leaf.start, leaf.end):
            yield _site(file, *match.span(1))


def find_members(file: MarkedFile) -> Iterator[Site]:
    """Each member in templates, but of settings and records."""
    for token in template_tokens(file):
        is_other = _is_outer(token) or token.before[0] in ("settings", "records")
        if token.sort == "name" and token.before[1] == "." and not is_other:
            yield _of(file, token)


def find_functions(file: MarkedFile) -> Iterator[Site]:
    """Each name of a function, a filter, a test or one of their options."""
    for token in (*path_tokens(file), *template_tokens(file)):
        is_named = token.is_called or token.after == "="
        if token.sort == "name" and token.text not in KEYWORDS and is_named:
            yield _of(file, token)


def find_settings_used(file: MarkedFile) -> Iterator[Site]:
    """Each setting in templates."""
    return _find_below(file, "settings")


def find_records_used(file: MarkedFile) -> Iterator[Site]:
    """Each record in templates."""
    return _find_below(file, "records")


def _find_below(file: MarkedFile, root: str) -> Iterator[Site]:
    tokens = template_tokens(file)
    return (_of(file, token) for token in tokens if token.before == (root, "."))


def find_lookups_used(file: MarkedFile) -> Iterator[Site]:
    """Each name of a lookup in templates."""
    for token in template_tokens(file):
        if token.before == ("lookup", "("):
            yield _site(file, token.start + 1, token.end - 1)


def _is_field_name(token: Token) -> bool:
    return token.before[0] in _BY_NAME and token.before[1] == "("


def find_text_literals(file: MarkedFile) -> Iterator[Site]:
    """Each word within each text of paths and templates, but names of fields and lookups."""
    for token in (*path_tokens(file), *template_tokens(file)):
        is_name = _is_field_name(token) or token.before == ("lookup", "(")
        if token.sort in ("text", "json") and not is_name:
            for match in _WORD.finditer(file.text, token.start, token.end):
                yield _site(file, *match.span())


def find_number_literals(file: MarkedFile) -> Iterator[Site]:
    """Each number in paths and templates: 0 becomes 1, others become one more."""
    for token in (*path_tokens(file), *template_tokens(file)):
        if token.sort in ("number", "json") and token.before[1] != "[":
            for match in _NUMBER.finditer(file.text, token.start, token.end):
                yield _site(file, *match.span(), _another(match[0]))


def _another(number: str) -> str:
    """Another number: one more, or one more in the last place."""
    return number[:-1] + str((int(number[-1]) + 1) % 10) if "." in number else str(int(number) + 1)


def find_operators(file: MarkedFile) -> Iterator[Site]:
    """Each operator, for another; each `not`, dropped; each sign of a number, dropped."""
    for token in (*path_tokens(file), *template_tokens(file)):
        follows = token.before[1]
        is_sign = token.text == "-" and follows in ("", "(", "[", ",", "if", "else")
        is_dropped = token.text in _NEGATIONS and token.after != "in" and follows != "is"
        if token.sort == "json":
            for match in re.finditer("-", token.text):
                at = token.start + match.start()
                yield _site(file, at, at + 1, "", arithmetic=True)
        elif is_sign or is_dropped:
            yield _of(file, token, "", arithmetic=True)
        elif token.text in _OPERATORS:
            yield _of(file, token, _OPERATORS[token.text], arithmetic=True)


def find_filters(file: MarkedFile) -> Iterator[Site]:
    """Each filter of a template, dropped with its arguments."""
    tokens = list(template_tokens(file))
    for at, bar in enumerate(tokens):
        if bar.text == "|":
            name = tokens[at + 1]
            start = bar.start - (file.text[bar.start - 1] == " ")
            last = _closing(tokens, at + 2) if name.after == "(" else name
            yield _site(file, start, last.end, "", arithmetic=name.text in _CONVERTERS)


def _closing(tokens: list[Token], opening: int) -> Token:
    """The parenthesis that closes another."""
    depth = 0
    for token in tokens[opening:]:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return token
    raise ValueError(f"{tokens[opening]} is not closed")


def find_list_marks(file: MarkedFile) -> Iterator[Site]:
    """Each `[0]`, `[]` and `.edges[].node` of a path, dropped; and `[]` behind each member."""
    for start, end in _path_stretches(file):
        for match in _LIST_MARKS.finditer(file.text, start, end):
            yield _site(file, *match.span(), "")
        at = file.text.find(_EDGES, start, end)
        while at >= 0:
            yield _site(file, at, at + len(_EDGES), "")
            at = file.text.find(_EDGES, at + 1, end)
    for token in _members(file):
        if token.after not in ("[", ":"):
            yield _site(file, token.end, token.end, "[]")


def _path_stretches(file: MarkedFile) -> Iterator[tuple[int, int]]:
    return ((leaf.start, leaf.end) for leaf in find_leaves(file, PATH))


def find_quotes(file: MarkedFile) -> Iterator[Site]:
    """Each text of a path, in the quotes of a name."""
    for leaf in find_leaves(file, PATH):
        quote = '\\"' if leaf.is_quoted else '"'
        for token in read_tokens(file.text, leaf.start, leaf.end):
            if token.sort == "text":
                yield _of(file, token, f"{quote}{token.text[1:-1]}{quote}")
