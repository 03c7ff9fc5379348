"""What a half-typed template expression reads at the cursor: a member, a name, a filter, a test, a lookup. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from ..findings.errors import ExpressionError
from ..language.templates import parse_expression
from ..mapping.value_types.template_types import TemplateScope, check_template
from ..mapping.value_types.value_type import ANYTHING, ValueType

_FILTER = re.compile(r"\|\s*\w*\Z")
_TEST = re.compile(r"\bis\s+(?:not\s+)?\w*\Z")
_MEMBER = re.compile(r"\.\s*\w*\Z")
_LOOKUP = re.compile(r"\blookup\(\s*\Z")
_MEMBER_TEXT = re.compile(r"\|\s*(?:map|total|where)\(\s*\Z")
_COMPARED = re.compile(r"(?:==|!=|\bin\s*[\[(][^\])]*)\s*\Z")
_KEY = re.compile(r"\[\s*\Z")
_NUMBER = re.compile(r"\b\d+\.?\w*\Z")
_OPENERS = {")": "(", "]": "[", "}": "{"}
_LONGEST = 5_000


class PrefixKind(Enum):
    """What may follow the text before the cursor."""

    NAME = "name"
    MEMBER = "member"
    FILTER = "filter"
    TEST = "test"
    LOOKUP = "lookup"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class TemplatePrefix:
    """What may follow, and the value whose members or words they are."""

    kind: PrefixKind
    of: ValueType = ANYTHING


def read_template_prefix(before: str, scope: TemplateScope) -> TemplatePrefix | None:
    """Return what may follow `before`, a part of an expression; None within a text that may be anything."""
    before = before[-_LONGEST:]
    opened = _find_open_quote(before)
    if opened is not None:
        return _read_text(before[:opened], scope)
    if _NUMBER.search(before):
        return None
    for pattern, kind in ((_FILTER, PrefixKind.FILTER), (_TEST, PrefixKind.TEST)):
        if pattern.search(before):
            return TemplatePrefix(kind)
    member = _MEMBER.search(before)
    if member is not None:
        receiver = find_receiver(before, member.start())
        return TemplatePrefix(PrefixKind.MEMBER, infer_expression(receiver, scope))
    return TemplatePrefix(PrefixKind.NAME)


def _read_text(head: str, scope: TemplateScope) -> TemplatePrefix | None:
    """Return what may stand in a quoted text that begins after `head`."""
    if _LOOKUP.search(head):
        return TemplatePrefix(PrefixKind.LOOKUP)
    listed = _MEMBER_TEXT.search(head)
    if listed is not None:
        found = infer_expression(find_chain(head, listed.start()), scope)
        return TemplatePrefix(PrefixKind.MEMBER, found.entry or ANYTHING)
    key = _KEY.search(head)
    if key is not None:
        receiver = find_receiver(head, key.start())
        if receiver:
            return TemplatePrefix(PrefixKind.MEMBER, infer_expression(receiver, scope))
    compared = _COMPARED.search(head)
    if compared is None:
        return None
    left = head[: compared.start()].rstrip()
    return TemplatePrefix(PrefixKind.WORD, infer_expression(find_chain(left, len(left)), scope))


def infer_expression(text: str, scope: TemplateScope) -> ValueType:
    """Return the type of an expression; anything where it does not parse."""
    try:
        return check_template(parse_expression(text), scope)[0]
    except ExpressionError:
        return ANYTHING


def find_receiver(text: str, end: int) -> str:
    """Return the operand that ends at `end`: `line.item`, `lookup('a', b)`, `(items | first)`."""
    at = end
    while at > 0:
        character = text[at - 1]
        if character in _OPENERS:
            at = _find_opener(text, at - 1)
        elif character in "'\"":
            at = max(0, text.rfind(character, 0, at - 1))
        elif character.isalnum() or character in "_.":
            at -= 1
        else:
            break
    return text[at:end]


def find_chain(text: str, end: int) -> str:
    """Return the operand that ends at `end`, with the filters that are applied to it."""
    start = end
    while True:
        head = text[:start].rstrip()
        start = len(head) - len(find_receiver(head, len(head)))
        before = text[:start].rstrip()
        if not before.endswith("|"):
            return text[start:end]
        start = len(before) - 1


def _find_opener(text: str, at: int) -> int:
    """Return where the bracket opens that closes at `at`; 0 where none does."""
    depth = 0
    while at >= 0:
        character = text[at]
        if character in "'\"":
            at = text.rfind(character, 0, at)
            if at < 0:
                return 0
        elif character in _OPENERS:
            depth += 1
        elif character in _OPENERS.values():
            depth -= 1
            if depth == 0:
                return at
        at -= 1
    return 0


def _find_open_quote(text: str) -> int | None:
    """Return where a text begins that is not closed; None outside of texts."""
    opened: int | None = None
    is_escaped = False
    for index, character in enumerate(text):
        if opened is None:
            opened = index if character in "'\"" else None
        elif is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        elif character == text[opened]:
            opened = None
    return opened
