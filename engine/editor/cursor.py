"""Where a cursor stands in the YAML of a mapping, read from the lines themselves: half-typed text is no YAML. Pure.

Only what the lines above say by their indentation is used, and the flow map or text that the cursor is in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .flow import LIST_STEP, scan_flow

_ENTRY = re.compile(
    r"(?P<before> *(?:- +)*)"
    r"(?P<key>\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^\s:#{}\[\],\"'&*!|>%@`-][^:#{}\[\],\r\n]*?)"
    r" *:(?=[ \r\n]|\Z)"
)
_DASHES = re.compile(r" *(?:- +)*")
_TAG = re.compile(r" *!(?:remove|before:\w*|after:\w*) +")
_BLOCK_HEAD = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?\Z")
_COMMENT = re.compile(r"(?:\A|\s)#")
_MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor: the keys down to the map or value that it is in, `[]` for an entry of a list.

    `before` and `after` are the key's or value's text on both sides, without quotes and escapes. `style` is
    the value's first character when it is quoted or a block, else "".
    """

    path: tuple[str, ...]
    is_key: bool
    before: str
    after: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class _Above:
    """A key in whose value the cursor may be."""

    key: str
    indent: int
    value: int


def locate_cursor(content: str, offset: int) -> Cursor | None:
    """Return where the character `offset` of a YAML text is; None within a comment."""
    start = content.rfind("\n", 0, offset) + 1
    stop = _end_of_line(content, offset)
    line = content[start:stop]
    above = _list_above(content, start, _indent_of(line, offset - start))
    if above and _is_open(content[above[-1].value : start], above[-1].indent, line):
        return _in_value(content, tuple(each.key for each in above), above[-1].value, offset)
    path = tuple(each.key for each in above)
    entry = _ENTRY.match(line)
    if entry is not None and offset >= start + entry.end():
        return _in_value(content, (*path, _unquoted(entry["key"])), start + entry.end(), offset)
    dashes = _DASHES.match(line)
    begin = start + (dashes.end() if dashes else 0)
    if "-" in line[: begin - start] and entry is None:
        return _in_value(content, (*path, LIST_STEP), begin, offset)
    before = content[begin:offset]
    if _COMMENT.search(before):
        return None
    return Cursor(path, is_key=True, before=before.lstrip("\"'"), after=content[offset:stop])


def _end_of_line(content: str, offset: int) -> int:
    end = content.find("\n", offset)
    end = len(content) if end < 0 else end
    return end - 1 if end > offset and content[end - 1] == "\r" else end


def _indent_of(line: str, column: int) -> int:
    """Return the column of the line's first word; that of the cursor where there is none."""
    return len(line) - len(line.lstrip(" ")) if line.strip() else column


def _list_above(content: str, start: int, limit: int) -> list[_Above]:
    """Return the keys above a line, the outermost first: each is written further left than the one below it."""
    found: list[_Above] = []
    end = start - 1
    for _ in range(_MOST_LINES):
        if end < 0 or limit == 0:
            break
        begin = content.rfind("\n", 0, end) + 1
        entry = _ENTRY.match(content, begin, end)
        if entry is not None and len(entry["before"]) < limit:
            above = _Above(_unquoted(entry["key"]), len(entry["before"]), entry.end())
            if _BLOCK_HEAD.fullmatch(_untagged(content[entry.end() : end]).strip()):
                found.clear()
            found.append(above)
            limit = above.indent
        end = begin - 1
    return found[::-1]


def _is_open(value: str, indent: int, line: str) -> bool:
    """Return whether a key's value goes on in the line, which is further right."""
    text = _untagged(value)
    first = text.lstrip(" ")[:1]
    if not line.strip():
        return _BLOCK_HEAD.fullmatch(text.partition("\n")[0].strip()) is not None
    if len(line) - len(line.lstrip(" ")) <= indent:
        return False
    if first in ("{", "["):
        return scan_flow(text.lstrip(" "), ()) is not None
    if first in ('"', "'"):
        return not _is_closed(text.lstrip(" "))
    return first not in ("", "\r", "\n", "#")


def _is_closed(text: str) -> bool:
    inner = re.sub(r"\\." if text[0] == '"' else "''", "", text[1:], flags=re.DOTALL)
    return text[0] in inner


def _in_value(content: str, path: tuple[str, ...], start: int, offset: int) -> Cursor | None:
    """Return the cursor in a value that begins at `start`."""
    text = _untagged(content[start:offset]).lstrip(" ")
    rest = content[offset : _end_of_line(content, offset)]
    first = text[:1]
    if first in ("|", ">"):
        head, _, body = text.partition("\n")
        if not _BLOCK_HEAD.fullmatch(head.strip()):
            return None
        joint = "\n" if first == "|" else " "
        before = joint.join(line.lstrip(" ").rstrip("\r") for line in body.split("\n"))
        return Cursor(path, is_key=False, before=before, after=rest, style=first)
    if first in ("{", "["):
        found = scan_flow(text, path)
        if found is None:
            return None
        return Cursor(
            path=found.path,
            is_key=found.is_key,
            before=found.text,
            after=_cut_after(rest, found.style, in_flow=True),
            style=found.style,
        )
    if first in ("'", '"'):
        if _is_closed(text):
            return None
        return Cursor(
            path=path,
            is_key=False,
            before=unescape(text[1:], first),
            after=_cut_after(rest, first, in_flow=False),
            style=first,
        )
    if _COMMENT.search(text):
        return None
    before = " ".join(part.strip(" \r") for part in text.split("\n")) if "\n" in text else text
    return Cursor(path, is_key=False, before=before, after=_cut_after(rest, "", in_flow=False))


def _untagged(text: str) -> str:
    tag = _TAG.match(text)
    return text[tag.end() :] if tag else text


def _cut_after(rest: str, style: str, *, in_flow: bool) -> str:
    """Return what follows the cursor of the same text, on its line."""
    if style:
        return unescape(rest.partition(style)[0], style)
    ends = re.search(r"[,}\]]| #" if in_flow else r" #", rest)
    return rest[: ends.start()] if ends else rest


def _unquoted(key: str) -> str:
    return unescape(key[1:-1], key[0]) if key[:1] in ('"', "'") else key.strip()


def unescape(text: str, style: str) -> str:
    """Return the text that is written within quotes, as far as escapes matter to expressions."""
    if style == "'":
        return text.replace("''", "'")
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
