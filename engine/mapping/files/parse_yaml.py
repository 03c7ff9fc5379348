"""YAML text becomes nodes with places, or a list of every mistake in it.

The language is YAML 1.2's core schema without anchors, aliases, merge keys,
directives and tags other than `!remove`, `!before:NAME` and `!after:NAME` (the
earlier spelling of `placements`); a key is plain text and unique. Bounded: 500,000
bytes, 30,000 values, 50 levels, no recursion. Pure.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import islice

from ...findings.diagnostics import Finding, Place, SourceText, sort_findings
from ...findings.errors import ReadError
from ...language.invisible import explain_unclear
from .compose import Composer
from .nodes import ListNode, Node, entries_of
from .scalars import ScalarLines
from .yaml_events import YamlEvents

MAX_BYTES = 500_000

_FORBIDDEN = re.compile(
    "[^\t\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)"
)
_MAX_FORBIDDEN = 20
# Blanks of word processors where a line is indented or behind a colon, and their quotes where a value begins.
_LOOKALIKE = re.compile(
    "(?:^|[:,\\[{-])[ \t]*(?:(?P<blank>[\u00a0\u2000-\u200b\u202f\u3000]+)"
    "|(?P<quote>[\u2018\u2019\u201a\u201c\u201d\u201e]))",
    re.MULTILINE,
)


def decode_text(name: str, data: bytes) -> SourceText:
    """Decode `data` as UTF-8, with or without a byte order mark; raise ReadError (E0105)."""
    try:
        return SourceText(name, data.removeprefix(codecs.BOM_UTF8).decode())
    except UnicodeDecodeError as error:
        text = SourceText(name, error.object.decode(errors="replace"))
        index = len(error.object[: error.start].decode(errors="replace"))
        place = ScalarLines.of(text).place(index, index + 1)
        finding = Finding(
            code="E0105",
            message="the text is not UTF-8",
            place=place,
            hint="save the file as UTF-8",
        )
        raise ReadError(f"{name} is not UTF-8", [finding]) from error


def read_yaml(text: SourceText) -> Node:
    """Read the one document in `text`; raise ReadError with every finding (E0104 to E0117)."""
    findings = [*_too_large(text), *_forbidden_characters(text)]
    if not findings:
        scan = YamlEvents(text)
        node = Composer(scan).compose()
        findings = scan.findings
        if node is not None and not findings:
            findings = list(_find_unseen_keys(node))
            if not findings:
                return node
        else:
            findings = [*_find_lookalikes(text), *findings]
    raise ReadError(f"{text.name} cannot be read", sort_findings(findings))


def _find_lookalikes(text: SourceText) -> Iterator[Finding]:
    """Yield the characters that look like blanks or quotes, in a text that is no YAML: they are likely why."""
    lines = ScalarLines.of(text)
    for found in islice(_LOOKALIKE.finditer(text.content), _MAX_FORBIDDEN):
        start, end = found.span("blank") if found["blank"] else found.span("quote")
        kind = "a blank" if found["blank"] else "a quote"
        yield Finding(
            code="E0127",
            message=f"the character U+{ord(text.content[start]):04X} is not {kind} of YAML",
            place=lines.place(start, end),
            hint="write an ordinary blank" if found["blank"] else "write ' or \"",
        )


def _find_unseen_keys(node: Node) -> Iterator[Finding]:
    """Yield the keys with a character that nobody sees or tells from a blank."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ListNode):
            waiting += each.items
        for entry in entries_of(each):
            waiting.append(entry.value)
            unclear = None if entry.name.isascii() else explain_unclear(entry.name)
            if unclear is not None:
                message = f"the key {unclear}"
                hint = "write the key anew, with ordinary blanks before it"
                yield Finding(code="E0127", message=message, place=entry.key.place, hint=hint)


def _too_large(text: SourceText) -> list[Finding]:
    if len(text.content) <= MAX_BYTES:
        return []
    hint = "keep large tables in CSV files, and split a mapping with `extends`"
    return [
        Finding(
            code="E0104",
            message=f"the text is larger than {MAX_BYTES:,} bytes",
            place=Place(text),
            hint=hint,
        )
    ]


def _forbidden_characters(text: SourceText) -> list[Finding]:
    """Find controls, halves of characters, and line ends that editors and YAML count differently."""
    begin = 1 if text.content.startswith("\ufeff") else 0
    found = list(islice(_FORBIDDEN.finditer(text.content, begin), _MAX_FORBIDDEN))
    if not found:
        return []
    lines = ScalarLines.of(text)
    return [
        Finding(
            code="E0106",
            message=f"the character U+{ord(match.group()):04X} cannot stand in a YAML text",
            place=lines.place(*match.span()),
            hint="delete it, or write it as an escape in double quotes; lines end in LF or CRLF",
        )
        for match in found
    ]
