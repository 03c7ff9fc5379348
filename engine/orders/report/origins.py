"""Format a merged mapping as text, each key with its file and line."""

from __future__ import annotations

from collections.abc import Iterator

from ...mapping.files.nodes import ListNode, MapNode, Node, Scalar
from .excerpt import clean

_COLUMN = 72


def origin_lines(node: MapNode, indent: int = 0) -> Iterator[str]:
    """Yield the mapping as YAML-like lines, with `# file:line` beside every key."""
    for entry in node.entries:
        place = entry.value.place
        shown = f"{' ' * indent}{clean(entry.name)}:{_inline(entry.value)}"
        yield f"{shown:<{_COLUMN}} # {clean(place.text.name)}:{place.line}"
        if isinstance(entry.value, MapNode):
            yield from origin_lines(entry.value, indent + 2)
        elif isinstance(entry.value, Scalar) and "\n" in entry.value.text.rstrip():
            yield from (
                f"{' ' * (indent + 2)}{clean(line)}" for line in entry.value.text.splitlines()
            )


def _inline(node: Node) -> str:
    if isinstance(node, MapNode):
        return "" if node.entries else " {}"
    if isinstance(node, ListNode):
        return " [" + ",".join(_inline(item) for item in node.items).strip() + "]"
    return " " + clean(_first_line(node))


def _first_line(scalar: Scalar) -> str:
    """Return a one-line text; a text of several lines follows below its key."""
    text = scalar.text.rstrip()
    return "|" if "\n" in text else text
