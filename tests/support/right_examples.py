"""The right examples of tests/findings/diagnostics: a `right.diff` corrects the mistake of its folder.

The file is a list of changes. A line that begins with a blank, `-` or `+` is a line of a file: as it is, wrong,
or right. Any other line names the file, below the folder; `…` begins another change of the same file. The old
lines are in the file exactly once. With ` (the whole file)` behind its name, the right lines are the file.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

RIGHT, COMMAND = "right.diff", "command"
_WHOLE, _MORE = " (the whole file)", "…"
_BLOCK = r"^(?:(?P<file>\S+):(?P<line>\d+):\d+: )?(?:error|warning)\[{code}\]: (?P<message>.*)\n(?: +\S.*\n)*"


@dataclass
class Change:
    """Lines of one file as they are and as they are to be; `is_whole` replaces the file.

    `wrong` are the indexes of the old lines that are not among the new ones.
    """

    file: str
    is_whole: bool = False
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)

    def shown(self) -> dict[str, str]:
        """The change as `erpmap explain` has it."""
        name = "the command line" if self.file == COMMAND else self.file
        prefix = "erpmap " if self.file == COMMAND else ""
        wrong, right = (
            "\n".join(prefix + line for line in lines) for lines in (self.old, self.new)
        )
        return {"file": name, "wrong": wrong, "right": right}

    def wrong_lines(self, folder: Path) -> list[int]:
        """The numbers of the wrong lines in the file; none for a whole file."""
        if self.is_whole:
            return []
        at = _position(folder.joinpath(self.file).read_text("utf-8").split("\n"), self)
        return [at + 1 + index for index in self.wrong]

    def apply(self, root: Path) -> None:
        """Change the file below this folder."""
        path = root / self.file
        if self.is_whole:
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(self.new) + "\n", encoding="utf-8")
            return
        lines = path.read_text("utf-8").split("\n")
        at = _position(lines, self)
        lines[at : at + len(self.old)] = self.new
        path.write_text("\n".join(lines), encoding="utf-8")


def _position(lines: list[str], change: Change) -> int:
    """Where the old lines begin; they are there exactly once."""
    count = len(change.old)
    found = [at for at in range(len(lines)) if lines[at : at + count] == change.old]
    assert count, f"{change.file}: a change without old lines has no place"
    assert len(found) == 1, f"{change.file}: {change.old} is there {len(found)} times"
    return found[0]


def read_changes(folder: Path) -> list[Change]:
    """The changes that correct the mistake of a folder."""
    changes: list[Change] = []
    for line in folder.joinpath(RIGHT).read_text("utf-8").splitlines():
        if line == _MORE:
            changes.append(Change(changes[-1].file))
        elif line[:1] not in (" ", "-", "+"):
            changes.append(Change(line.removesuffix(_WHOLE), line.endswith(_WHOLE)))
        else:
            if line[0] == "-":
                changes[-1].wrong.append(len(changes[-1].old))
            if line[0] in " -":
                changes[-1].old.append(line[1:])
            if line[0] in " +":
                changes[-1].new.append(line[1:])
    return changes


@dataclass(frozen=True)
class Shown:
    """A finding as a golden file shows it."""

    file: str
    line: int
    message: str
    block: str


def findings_in(text: str, code: str = r"[EW]\d{4}") -> list[Shown]:
    """The findings of a code in what a command printed."""
    return [
        Shown(match["file"] or "", int(match["line"] or 0), match["message"], match[0].rstrip())
        for match in re.finditer(_BLOCK.format(code=code), text, re.MULTILINE)
    ]


def corrected_finding(folder: Path) -> Shown:
    """The finding that the changes correct: the first within their lines, else the first of all."""
    code = folder.name.split("-", 1)[0]
    found = findings_in(folder.joinpath("expected.txt").read_text("utf-8"), code)
    places = {
        (change.file, line)
        for change in read_changes(folder)
        for line in change.wrong_lines(folder)
    }
    return next((shown for shown in found if (shown.file, shown.line) in places), found[0])


def examples(folders: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Each code with its example, as `erpmap explain` reads it."""
    for path in sorted(folders.glob(f"*/{RIGHT}")):
        changes = [change.shown() for change in read_changes(path.parent)]
        shown = corrected_finding(path.parent).block
        yield path.parent.name.split("-", 1)[0], {"shown": shown, "changes": changes}
