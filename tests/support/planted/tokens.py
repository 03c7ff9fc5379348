"""The tokens of paths, templates and queries, as they stand in a file's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .entries import Leaf, MarkedFile, find_leaves
from .roles import EXPRESSION, PATH, QUERY, TEMPLATE

_TOKEN = re.compile(
    r"""(?P<text>'[^'\n]*')
    |(?P<json>`[^`]*`)
    |(?P<quoted>\\?"[^"\\]*\\?")
    |(?P<name>[A-Za-z_]\w*)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<mark>&&|\|\||==|!=|<=|>=|[^\s\w])""",
    re.VERBOSE,
)
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
KEYWORDS = frozenset({"if", "else", "not", "and", "or", "in", "is", "true", "false", "none"})


@dataclass(frozen=True, slots=True)
class Token:
    """A token with its neighbours' texts: `before` are the two before it, the nearest last."""

    sort: str
    text: str
    start: int
    end: int
    before: tuple[str, str]
    after: str

    @property
    def is_called(self) -> bool:
        """Whether it is a name of a function, a filter or a test."""
        is_test = self.before[1] == "is" or self.before == ("is", "not")
        return self.after == "(" or self.before[1] == "|" or is_test


def path_tokens(file: MarkedFile) -> Iterator[Token]:
    """The tokens of all JMESPaths of a file."""
    for leaf in find_leaves(file, PATH):
        yield from read_tokens(file.text, leaf.start, leaf.end)


def template_tokens(file: MarkedFile) -> Iterator[Token]:
    """The tokens of all Jinja expressions of a file, in templates or bare."""
    for leaf in find_leaves(file, TEMPLATE, EXPRESSION):
        for start, end in _expressions(file, leaf):
            yield from read_tokens(file.text, start, end)


def query_tokens(file: MarkedFile) -> Iterator[Token]:
    """The tokens of all GraphQL queries of a file."""
    for leaf in find_leaves(file, QUERY):
        yield from read_tokens(file.text, leaf.start, leaf.end)


def _expressions(file: MarkedFile, leaf: Leaf) -> list[tuple[int, int]]:
    if leaf.role == EXPRESSION:
        return [(leaf.start, leaf.end)]
    return [match.span(1) for match in _TEMPLATE.finditer(file.text, leaf.start, leaf.end)]


def read_tokens(text: str, start: int, end: int) -> list[Token]:
    """Split a stretch of a text into tokens."""
    found = list(_TOKEN.finditer(text, start, end))
    texts = ["", "", *(match[0] for match in found), ""]
    return [
        Token(
            sort=str(match.lastgroup),
            text=match[0],
            start=match.start(),
            end=match.end(),
            before=(texts[at], texts[at + 1]),
            after=texts[at + 3],
        )
        for at, match in enumerate(found)
    ]
