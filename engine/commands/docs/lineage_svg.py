"""Draws the lineage of a record as SVG: sources on the left, NetSuite's fields on the right. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from ...findings.quote import shortened
from .lineage import COLUMNS, Lineage, LineageNode

_WIDTH, _GAP, _HEIGHT, _TOP = 190, 60, 24, 30
_LONGEST = 28
_TITLES = {
    "source": "sources, tables, settings",
    "field": "fields",
    "value": "values",
    "line": "lines",
    "key": "NetSuite fields",
}


@dataclass(frozen=True, slots=True)
class _Box:
    """One thing in the drawing, in pixels."""

    x: int
    y: int


def draw_lineage(lineage: Lineage, keys: list[LineageNode]) -> Markup:
    """Return the drawing of some fields of a record, and of everything that they are made of."""
    behind = lineage.list_behind(keys)
    columns = {name: [each for each in behind if each.column == name] for name in COLUMNS}
    shown = [name for name in COLUMNS if columns[name]]
    boxes = {
        each: _Box(x=at * (_WIDTH + _GAP), y=_TOP + row * _HEIGHT)
        for at, name in enumerate(shown)
        for row, each in enumerate(columns[name])
    }
    width = len(shown) * (_WIDTH + _GAP) - _GAP
    height = _TOP + max(len(columns[name]) for name in shown) * _HEIGHT
    heads = Markup("").join(
        Markup('<text class="head" x="{}" y="14">{}</text>').format(
            at * (_WIDTH + _GAP), _TITLES[name]
        )
        for at, name in enumerate(shown)
    )
    drawn = Markup("").join((*_draw_arrows(behind, boxes), *_draw_boxes(boxes)))
    return Markup(
        '<svg viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" '
        'aria-label="where the values come from">{2}{3}</svg>'
    ).format(width, height, heads, drawn)


def _draw_boxes(boxes: dict[LineageNode, _Box]) -> Iterator[Markup]:
    for each, box in boxes.items():
        name = each.name.partition(".")[2] if each.column == "key" else each.name
        yield Markup(
            '<g><title>{0}</title><rect class="{1}" x="{2}" y="{3}" width="{4}" height="{5}" rx="4"/>'
            '<text x="{6}" y="{7}">{8}</text></g>'
        ).format(
            name, each.column, box.x, box.y, _WIDTH, _HEIGHT - 5, box.x + 6, box.y + 13,
            escape(shortened(name, _LONGEST)),
        )  # fmt: skip


def _draw_arrows(
    behind: dict[LineageNode, tuple[LineageNode, ...]], boxes: dict[LineageNode, _Box]
) -> Iterator[Markup]:
    """Yield a curve from the right side of each part to the left side of what it is a part of."""
    middle = (_HEIGHT - 5) // 2
    for made, parts in behind.items():
        for part in parts:
            start, end = boxes[part], boxes[made]
            x1, y1, x2, y2 = start.x + _WIDTH, start.y + middle, end.x, end.y + middle
            bend = max(30, abs(x2 - x1) // 2)
            if x1 > x2:  # within one column: along its left side
                x1, bend = start.x, -20
            yield Markup('<path d="M{} {} C{} {} {} {} {} {}"/>').format(
                x1, y1, x1 + bend, y1, x2 - abs(bend), y2, x2, y2
            )
