"""Inserts entries behind the last one of a YAML map or list, and rows into CSV; all other text stays. Pure.

Block and flow style are kept. The caller reads the result again: a text that means something else than
intended is not written.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from ...findings.diagnostics import SourceText, TextEdit
from ...mapping.files.nodes import ListNode, MapNode, Node, list_scalars
from .yaml_text import write_flow, write_text

_CLOSING = re.compile(r"[\s\]}]*?(?=[\]}])")


def insert_into_map(
    text: SourceText, node: MapNode, entries: Mapping[str, object], *, is_json: bool = False
) -> TextEdit:
    """Return the edit that adds entries to a map that has some."""
    quote = _write_json_text if is_json else write_text
    values = {
        name: quote(str(value)) if is_json else write_flow(value) for name, value in entries.items()
    }
    written = [f"{quote(str(name))}: {value}" for name, value in values.items()]
    if text.content[node.place.offset : node.place.offset + 1] == "{":
        return _insert_in_flow(text, node.entries[-1].value, written, first=node.entries[0].key)
    column = node.entries[0].key.place.column - 1
    return _insert_lines(text, node.entries[-1].value, [" " * column + line for line in written])


def insert_into_list(text: SourceText, node: ListNode, entries: Sequence[object]) -> TextEdit:
    """Return the edit that adds entries to a list that has some."""
    written = list(map(write_flow, entries))
    if text.content[node.place.offset : node.place.offset + 1] == "[":
        return _insert_in_flow(text, node.items[-1], written, first=node.items[0])
    start = node.items[0].place.offset
    line = text.content[text.content.rfind("\n", 0, start) + 1 : start]
    indent = line[: len(line) - len(line.lstrip())]
    return _insert_lines(text, node.items[-1], [f"{indent}- {each}" for each in written])


def append_lines(text: SourceText, lines: Iterable[str]) -> TextEdit:
    """Return the edit that adds lines at the end of a text, with the line ends that it has."""
    content = text.content
    end = "\r\n" if "\r\n" in content else "\n"
    start = "" if not content or content.endswith("\n") else end
    return TextEdit(
        text,
        start=len(content),
        end=len(content),
        new=start + "".join(each + end for each in lines),
    )


def append_rows(text: SourceText, rows: Sequence[Mapping[str, object]]) -> TextEdit:
    """Return the edit that adds rows to a CSV text, in the order of its columns; others stay empty."""
    header = next(csv.reader(io.StringIO(text.content.removeprefix("\ufeff"))))
    lines = []
    for row in rows:
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow([row.get(name.strip(), "") for name in header])
        lines.append(out.getvalue())
    return append_lines(text, lines)


def _insert_in_flow(
    text: SourceText, last: Node, written: Sequence[str], *, first: Node
) -> TextEdit:
    """Insert behind the last entry; entries that stand on lines of their own get one each."""
    end = _find_end(text, last)
    start = first.place.offset
    before = text.content[text.content.rfind("\n", 0, start) + 1 : start]
    separator = ", " if before.strip() else f",\n{before}"
    return TextEdit(text, start=end, end=end, new="".join(separator + each for each in written))


def _find_end(text: SourceText, node: Node) -> int:
    """Return the offset behind a node; of one in flow style behind its closing bracket."""
    scalars = list(list_scalars(node))
    end = scalars[-1].span[1] if scalars else node.place.offset
    opening = text.content[node.place.offset : node.place.offset + 1]
    if opening in ("{", "[") and isinstance(node, MapNode | ListNode):
        depth = text.content.count(opening, node.place.offset, end) or 1
        for _ in range(depth):
            closing = _CLOSING.match(text.content, end)
            end = closing.end() + 1 if closing is not None else end
    return end


def _insert_lines(text: SourceText, last: Node, lines: Sequence[str]) -> TextEdit:
    """Insert lines below that in which a node ends."""
    end = text.content.find("\n", _find_end(text, last))
    if end < 0:
        return append_lines(text, lines)
    ending = "\r\n" if text.content[end - 1 : end] == "\r" else "\n"
    return TextEdit(text, start=end + 1, end=end + 1, new="".join(line + ending for line in lines))


def _write_json_text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
