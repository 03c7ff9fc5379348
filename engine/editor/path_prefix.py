"""What a half-typed JMESPath reads at the cursor: the members there, or the words of the value it compares. Pure.

The text is completed until it parses: with a placeholder at the cursor, and the brackets that are still open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..findings.errors import ExpressionError
from ..language.paths import parse_path
from ..mapping.value_types.path_types import check_path
from ..mapping.value_types.value_type import ANYTHING, ValueType

_PLACEHOLDER = "zzcursorzz"
_WORD = re.compile(r"\w*\Z")
_AFTER_WORD = re.compile(r"\A\w*")
_COMPARED = re.compile(r"(?P<left>[\w.\]\[\"@?*]+)\s*(?:==|!=)\s*'(?P<text>[^']*)\Z")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_MOST_ARGUMENTS = 3
# A longer path is completed without types: each try parses it anew.
_LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class PathPrefix:
    """What may follow: members of `here`, functions where `may_call`, or the `words` of a compared value."""

    here: ValueType = ANYTHING
    may_call: bool = False
    words: frozenset[str] = frozenset()


def read_path_prefix(before: str, after: str, here: ValueType) -> PathPrefix | None:
    """Return what may follow `before` in a path that is read on `here`; None within a text or a literal."""
    if len(before) + len(after) > _LONGEST:
        return None
    state = _scan(before)
    if state.quote == "'":
        return _read_words(before, here)
    if state.quote:
        return None
    head = before[: len(before) - len(_WORD.findall(before)[0])]
    if head.rstrip().endswith(("]", ")", "}", "'", "`", '"', "@")) or re.search(r"\w\s*\Z", head):
        return None
    if state.in_map and head.rstrip().endswith(("{", ",")):
        return None
    found = _infer_at(head, after, state.closers, here)
    is_member = head.rstrip().endswith(".")
    return (
        PathPrefix(here=found, may_call=not head.endswith("."), words=frozenset())
        if (found.members or not is_member)
        else None
    )


def infer_prefix(text: str, here: ValueType) -> ValueType:
    """Return the type of a whole path on `here`; anything where it does not parse."""
    try:
        return check_path(parse_path(text), here)[0]
    except ExpressionError:
        return ANYTHING


def _infer_at(head: str, after: str, closers: str, here: ValueType) -> ValueType:
    """Return the type of the value whose member stands at the end of `head`."""
    found: list[ValueType] = []

    def observe(offset: int, _length: int, _type: ValueType, on: ValueType) -> None:
        if offset == len(head):
            found.append(on)

    for text in _list_tries(head, after, closers):
        try:
            path = parse_path(text)
        except ExpressionError:
            continue
        check_path(path, here, observe=observe)
        if found:
            return found[-1]
    return ANYTHING


def _list_tries(head: str, after: str, closers: str) -> Iterator[str]:
    tail = _AFTER_WORD.sub("", after)
    yield head + _PLACEHOLDER + tail
    yield head + _PLACEHOLDER + closers
    for count in range(1, _MOST_ARGUMENTS + 1):
        if closers.startswith(")"):
            yield head + _PLACEHOLDER + ", @" * count + closers
    if closers.startswith("}"):
        yield head + _PLACEHOLDER + ": @" + closers


def _read_words(before: str, here: ValueType) -> PathPrefix | None:
    compared = _COMPARED.search(before)
    if compared is None:
        return None
    head = before[: compared.end("left")]
    state = _scan(head)
    last = re.search(r"\w+\Z", head)
    if last is None:
        return None
    found: list[ValueType] = []

    def observe(offset: int, _length: int, kind: ValueType, _on: ValueType) -> None:
        if offset == last.start():
            found.append(kind)

    for text in (head + state.closers, head + " == ''" + state.closers):
        try:
            check_path(parse_path(text), here, observe=observe)
        except ExpressionError:
            continue
        if found:
            return PathPrefix(words=found[-1].words)
    return None


@dataclass(frozen=True, slots=True)
class _State:
    """The open quote, the brackets that close what is open, and whether a map is the innermost of them."""

    quote: str
    closers: str
    in_map: bool


def _scan(text: str) -> _State:
    quote, is_escaped, opened = "", False, list[str]()
    for character in text:
        if quote:
            is_end = character == quote and not is_escaped
            is_escaped = character == "\\" and not is_escaped
            quote = "" if is_end else quote
        elif character in "'`\"":
            quote, is_escaped = character, False
        elif character in _CLOSERS:
            opened.append(character)
        elif character in ")]}" and opened:
            opened.pop()
    closers = "".join(_CLOSERS[each] for each in reversed(opened))
    return _State(quote, closers, in_map=opened[-1:] == ["{"])
