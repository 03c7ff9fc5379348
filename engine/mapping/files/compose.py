"""YAML events become nodes with places; what the language refuses is noted and skipped.

Iterative, with bounds on depth and number of nodes. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ...findings.diagnostics import Place
from ...findings.errors import ExpressionError
from ...findings.quote import quoted
from .nodes import Directive, Entry, ListNode, MapNode, Node, Scalar, Verb
from .scalars import NULLS, ScalarValue, read_plain_scalar
from .yaml_events import ReadingEndedError, YamlEvents

MAX_NODES = 30_000
MAX_DEPTH = 50

_DIRECTIVE = re.compile(r"!(?:(remove)|(before|after):(.+))")
_SPACE = re.compile(r"(?:\s++(?:#[^\n]*+)?)*+")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")

Span = tuple[int, int]


@dataclass(slots=True)
class _OpenNode:
    """A map or list that is not closed yet; the parts of a map alternate between keys and values."""

    is_map: bool
    place: Place
    directive: Directive | None
    parts: list[Node] = field(default_factory=list)


class Composer:
    """Builds the node of the one document in a scan; adds its findings to those of the scan."""

    def __init__(self, scan: YamlEvents) -> None:
        self._scan = scan
        self._content = scan.lines.text.content
        self._open: list[_OpenNode] = []
        self._root: Node | None = None
        self._nodes = 0
        self._documents = 0

    def compose(self) -> Node | None:
        """Return the document's node, or None; it is valid only if the scan has no findings."""
        try:
            for event in self._scan.events():
                step = _STEPS.get(type(event))
                if step is not None:
                    step(self, event)
            self._note_emptiness()
        except ReadingEndedError:
            return None
        return self._root

    def on_document(self, event: Any) -> None:
        """Refuse all documents but the first."""
        self._documents += 1
        if self._documents > 1:
            self._scan.note(
                "E0113",
                "a second document begins here",
                span=_span(event),
                hint="keep one document in a file",
            )
            raise ReadingEndedError

    def on_scalar(self, event: Any) -> None:
        """Add a key where a map expects one, else a value."""
        self._count(event)
        self._add(self._key(event) if self._waits_for_key() else self._value(event))

    def on_start(self, event: Any) -> None:
        """Open a map or list."""
        self._count(event)
        start, _ = span = self._content_span(event)
        if len(self._open) >= MAX_DEPTH:
            message = f"maps and lists are nested more than {MAX_DEPTH} deep"
            self._scan.note("E0111", message, span=span, hint="check the brackets and indentation")
            raise ReadingEndedError
        if self._waits_for_key():
            self._scan.note("E0112", "a key is a map or a list", span=span, hint="write it as text")
        place = self._scan.lines.place(start, start + 1)
        is_map = isinstance(event, MappingStartEvent)
        self._open.append(_OpenNode(is_map, place, self._directive(event)))

    def on_end(self, _event: Any) -> None:
        """Close the map or list that was opened last."""
        done = self._open.pop()
        if done.is_map:
            self._add(MapNode(self._entries(done.parts), done.place, done.directive))
        else:
            self._add(ListNode(tuple(done.parts), done.place, done.directive))

    def on_alias(self, event: Any) -> None:
        """Add null in place of an alias; the scan has noted the alias."""
        self._count(event)
        self._add(Scalar(None, self._scan.lines.place(*_span(event)), ""))

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            message = f"the text holds more than {MAX_NODES:,} values"
            hint = "keep large tables in CSV files"
            self._scan.note("E0104", message, span=_span(event), hint=hint)
            raise ReadingEndedError

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].parts.append(node)
        else:
            self._root = node

    def _waits_for_key(self) -> bool:
        return bool(self._open) and self._open[-1].is_map and len(self._open[-1].parts) % 2 == 0

    def _waits_for_value(self) -> bool:
        return bool(self._open) and self._open[-1].is_map and len(self._open[-1].parts) % 2 == 1

    def _key(self, event: Any) -> Scalar:
        span = self._content_span(event)
        text, style = self._text(event, span), event.style or ""
        self._directive(event)
        if not style and text in NULLS:
            self._scan.note("E0112", "a key is null", span=span, hint="put quotes around the key")
        if not style and text == "<<":
            hint = "name the shared mapping in `extends`, or write the entries out"
            self._scan.note(
                "E0109", "merge keys are not part of the language", span=span, hint=hint
            )
        return Scalar(
            value=text, place=self._scan.lines.place(*span), text=text, style=style, span=span
        )

    def _value(self, event: Any) -> Scalar:
        span = self._content_span(event)
        text, style = self._text(event, span), event.style or ""
        directive = self._directive(event)
        self._check_written(event, span)
        value = text if style else self._plain(text, span)
        return Scalar(
            value=value,
            place=self._scan.lines.place(*span),
            text=text,
            style=style,
            span=span,
            directive=directive,
        )

    def _plain(self, text: str, span: Span) -> ScalarValue:
        try:
            return read_plain_scalar(text)
        except ExpressionError as error:
            self._scan.note(error.code, error.message, span=span, hint=error.hint)
            return None

    def _text(self, event: Any, span: Span) -> str:
        """Return the text of a scalar; two escapes for one character beyond U+FFFF are joined, as in JSON."""
        text: str = event.value
        if event.style != '"' or not _HALF_CHARACTER.search(text):
            return text
        try:
            return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be")
        except UnicodeDecodeError:
            hint = r"write the whole character, or its \U escape of eight digits"
            self._scan.note("E0106", "an escape names half a character", span=span, hint=hint)
            return ""

    def _check_written(self, event: Any, span: Span) -> None:
        """Note a key without value: `{id:order.id}` has a key `id:order.id`, which nobody intends."""
        if event.value or event.style or event.tag or not self._waits_for_value():
            return
        key = self._open[-1].parts[-1]
        if isinstance(key, Scalar) and key.text and ":" not in self._content[key.span[1] : span[0]]:
            hint = "write `key: value`, with a space after the colon"
            message = f"the key {quoted(key.text)} has no value"
            self._scan.note("E0117", message, span=key.span, hint=hint)

    def _directive(self, event: Any) -> Directive | None:
        if event.tag is None:
            return None
        start = event.start_mark.index
        span = (start, start + len(event.tag))
        match = _DIRECTIVE.fullmatch(event.tag)
        reason = self._objection(event) if match else "is not part of the language"
        if match is None or reason:
            hint = (
                "to remove or place an entry, use the keys $remove, $before and $after of its map"
            )
            self._scan.note("E0110", f"the tag {quoted(event.tag)} {reason}", span=span, hint=hint)
            return None
        verb, name = Verb(match[1] or match[2]), match[3] or ""
        return Directive(verb, name, self._scan.lines.place(*span))

    def _objection(self, event: Any) -> str | None:
        if not self._waits_for_value():
            return "is not placed before the value of an entry"
        is_bare = isinstance(event, ScalarEvent) and not event.value and not event.style
        return None if is_bare or event.tag != "!remove" else "takes no value"

    def _entries(self, parts: list[Node]) -> tuple[Entry, ...]:
        entries: dict[str, Entry] = {}
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if not isinstance(key, Scalar) or key.value is None:
                continue
            first = entries.setdefault(key.text, Entry(key, value))
            if first.key is not key:
                message = f"the key {quoted(key.text)} appears twice in this map"
                hint = f"the first one is on line {first.key.place.line}; keep one of them"
                self._scan.note("E0107", message, span=key.span, hint=hint)
        return tuple(entries.values())

    def _content_span(self, event: Any) -> Span:
        """Return the start and end of the node itself, without its tag."""
        start, end = _span(event)
        if event.tag is not None:
            match = _SPACE.match(self._content, start + len(event.tag))
            assert match, "the pattern matches the empty text, too"
            start = min(match.end(), end)
        return start, end

    def _note_emptiness(self) -> None:
        root = self._root
        nothing = isinstance(root, Scalar) and not root.text and not root.style
        if (root is None or nothing) and not self._scan.findings:
            self._scan.note(
                "E0113", "the file is empty", span=(0, 0), hint="write `key: value` lines"
            )


def _span(event: Any) -> Span:
    return event.start_mark.index, event.end_mark.index


_STEPS: dict[type[Event], Callable[[Composer, Any], None]] = {
    DocumentStartEvent: Composer.on_document,
    ScalarEvent: Composer.on_scalar,
    AliasEvent: Composer.on_alias,
    MappingStartEvent: Composer.on_start,
    SequenceStartEvent: Composer.on_start,
    MappingEndEvent: Composer.on_end,
    SequenceEndEvent: Composer.on_end,
}
