"""Draw the pictures of the documentation: each text file in this folder becomes an SVG beside it.

The grammar of a text file is explained at the top of flow.txt. Run `python docs/draw.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent
# Pixels: the size of a cell, the gap between cells, and the border around the picture.
CELL_WIDTH, CELL_HEIGHT, GAP, BORDER = 136, 72, 40, 12
LINE_HEIGHT = 17
# The fill and the outline of each kind of box.
COLOURS = {
    "system": ("#e8eaf0", "#4a5270"),
    "data": ("#fdf6e3", "#b58a1b"),
    "step": ("#e3f1fb", "#2a6f9e"),
    "store": ("#e6f4e6", "#3c7d3c"),
}
HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" \
height="{height}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="12">
<title>{title}</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" \
orient="auto"><path d="M0 0 8 4 0 8z" fill="#444"/></marker></defs>
<rect width="{width}" height="{height}" fill="#fff"/>"""


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the grid: its kind, its place in cells, and its lines of text."""

    kind: str
    column: int
    row: int
    width: int
    lines: tuple[str, ...]

    @property
    def left(self) -> int:
        """The x of its left side."""
        return BORDER + self.column * (CELL_WIDTH + GAP)

    @property
    def top(self) -> int:
        """The y of its upper side."""
        return BORDER + self.row * (CELL_HEIGHT + GAP)

    @property
    def right(self) -> int:
        """The x of its right side."""
        return self.left + self.width * CELL_WIDTH + (self.width - 1) * GAP

    @property
    def bottom(self) -> int:
        """The y of its lower side."""
        return self.top + CELL_HEIGHT


def draw(text: str) -> str:
    """The SVG that a text file describes."""
    title = ""
    boxes: dict[str, Box] = {}
    arrows: list[tuple[str, str, str]] = []
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "title":
            title = rest.strip()
        elif word == "arrow":
            start, end, *label = rest.split(maxsplit=2)
            arrows.append((start, end, " ".join(label)))
        elif word in COLOURS:
            name, column, row, cells, words = rest.split(maxsplit=4)
            lines = tuple(part.strip() for part in words.split("|"))
            boxes[name] = Box(word, int(column), int(row), int(cells), lines)
        elif word and not word.startswith("#"):
            raise ValueError(f"{word!r} is neither a kind of box nor `title` nor `arrow`")
    width = max(box.right for box in boxes.values()) + BORDER
    height = max(box.bottom for box in boxes.values()) + BORDER
    parts = [HEAD.format(width=width, height=height, title=escape(title))]
    parts += [box_drawn(box) for box in boxes.values()]
    parts += [arrow_drawn(boxes[start], boxes[end], label) for start, end, label in arrows]
    return "\n".join([*parts, "</svg>", ""])


def box_drawn(box: Box) -> str:
    """A rectangle with its lines of text, the first one bold."""
    fill, outline = COLOURS[box.kind]
    middle = (box.left + box.right) // 2
    first = (box.top + box.bottom) // 2 - (len(box.lines) - 1) * LINE_HEIGHT // 2 + 4
    size = f'width="{box.right - box.left}" height="{CELL_HEIGHT}"'
    drawn = [
        f'<rect x="{box.left}" y="{box.top}" {size} rx="6" fill="{fill}" stroke="{outline}"/>',
    ]
    for number, line in enumerate(box.lines):
        weight = ' font-weight="bold"' if number == 0 else ""
        drawn.append(
            f'<text x="{middle}" y="{first + number * LINE_HEIGHT}" text-anchor="middle" '
            f'fill="#222"{weight}>{escape(line)}</text>'
        )
    return "\n".join(drawn)


def arrow_drawn(start: Box, end: Box, label: str) -> str:
    """A straight arrow between two boxes of one row or one column, with its label beside it."""
    if start.row == end.row:
        forward = start.column < end.column
        x1, x2 = (start.right, end.left) if forward else (start.left, end.right)
        y1 = y2 = (start.top + start.bottom) // 2
    else:
        narrow = start if start.width <= end.width else end
        x1 = x2 = (narrow.left + narrow.right) // 2
        down = start.row < end.row
        y1, y2 = (start.bottom, end.top) if down else (start.top, end.bottom)
    drawn = (
        f'<path d="M{x1} {y1} {x2} {y2}" stroke="#444" stroke-width="1.5" marker-end="url(#head)"/>'
    )
    if label:
        x, y = (x1 + x2) // 2 + 8, (y1 + y2) // 2 + 4
        drawn += f'\n<text x="{x}" y="{y}" fill="#222" font-style="italic">{escape(label)}</text>'
    return drawn


def main() -> None:
    """Draw every text file of this folder."""
    for source in sorted(FOLDER.glob("*.txt")):
        drawn = draw(source.read_text(encoding="utf-8"))
        source.with_suffix(".svg").write_text(drawn, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
