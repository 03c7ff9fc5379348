"""Changes of a user's files: shown as a diff, confirmed, and written whole.

A file keeps its byte order mark and its line ends. It is written only if it is still as it was read.
"""

from __future__ import annotations

import codecs
import difflib
import errno
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from ..files.beneath import Root, read_beneath
from ..files.replace_files import replace_files
from ..findings.diagnostics import Finding, SourceText, TextEdit, apply_edits
from ..findings.errors import ErpmapError, ReadError
from ..findings.quote import quoted
from ..mapping.files.parse_yaml import decode_text
from ..orders.report.findings import as_document
from .exit import exit_with_error
from .output.terminal import has_terminal, print_diff, print_json

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file to write: its real path, its name in messages, its old and its new content, the diff."""

    path: Path
    name: str
    before: bytes
    after: bytes
    diff: str


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A file as read for a change: its real path, its bytes, its text."""

    path: Path
    data: bytes
    text: SourceText

    def change(self, edits: Iterable[TextEdit]) -> FileChange:
        """Return the change that edits make; raise ValueError where they overlap.

        They may be those of a copy of the text in which secrets are masked: the diff shows the copy.
        """
        edits = list(edits)
        mark = codecs.BOM_UTF8 if self.data.startswith(codecs.BOM_UTF8) else b""
        shown = edits[0].text.content if edits else self.text.content
        return FileChange(
            path=self.path,
            name=self.text.name,
            before=self.data,
            after=mark + apply_edits(self.text.content, edits).encode(),
            diff=_make_diff(self.text.name, shown, apply_edits(shown, edits)),
        )


def read_original(path: Path, within: Path, limit: int, name: str = "") -> OriginalFile:
    """Read a file that may be changed, of at most `limit` bytes; `within` is a folder that it must be in.

    Raise ReadError: E0102 unreadable, E0103 a link leads out of the folder, E0104, E0105.
    """
    name = name or path.as_posix()
    roots = (Root(str(within.resolve())),)
    try:
        found = read_beneath(roots, str(path.parent.resolve() / path.name), limit + 1)
    except OSError as error:
        is_outside = error.errno == errno.EXDEV
        why = "leads out of its folder" if is_outside else f"cannot be read: {error.strerror}"
        raise _read_error("E0103" if is_outside else "E0102", name, why) from error
    if len(found.data) > limit:
        raise _read_error("E0104", name, f"is larger than {limit:,} bytes")
    return OriginalFile(Path(found.real), found.data, decode_text(name, found.data))


def offer_changes(changes: Sequence[FileChange], *, write: bool, form: str) -> bool:
    """Show the changes, and write them if that is wished or confirmed; return whether they are written.

    With `json` nothing is shown or asked. Exit with an error when a file has changed meanwhile; then
    nothing is written.
    """
    if form == "human":
        for change in changes:
            print_diff(change.diff)
    is_written = bool(changes) and (write or (form == "human" and _is_confirmed(len(changes))))
    if is_written:
        write_changes(changes, form)
    if changes and form == "human":
        plural = "" if len(changes) == 1 else "s"
        done = "changed" if is_written else "would change; nothing was written: repeat with --write"
        click.echo(f"{len(changes):,} file{plural} {done}", err=True)
    return is_written


def write_changes(changes: Sequence[FileChange], form: str) -> None:
    """Write every file, or none: exit with an error when one is not as it was read."""
    for change in changes:
        if change.path.read_bytes() != change.before:
            message = f"{quoted(change.name)} has changed meanwhile: nothing was written, repeat it"
            exit_with_error(ErpmapError(message), form)
    replace_files([(change.path, change.after) for change in changes])


def print_changes_json(
    changes: Sequence[FileChange], findings: Iterable[Finding], *, is_written: bool
) -> None:
    """Print the changes and findings as one JSON document."""
    files = [
        {"file": change.name, "diff": change.diff, "is_written": is_written} for change in changes
    ]
    print_json({"files": files, "findings": [as_document(finding) for finding in findings]})


def _is_confirmed(count: int) -> bool:
    """Ask on a terminal; elsewhere nothing is confirmed."""
    if not (sys.stdin.isatty() and has_terminal(stderr=True)):
        return False
    return click.confirm(f"Write {count:,} file{'' if count == 1 else 's'}?", err=True)


def _make_diff(name: str, before: str, after: str) -> str:
    """Return a unified diff of two texts; lines end with a line feed only."""
    lines = difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), name, name)
    return "".join(_end_lines(lines))


def _end_lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _read_error(code: str, name: str, why: str) -> ReadError:
    message = f"{quoted(name)} {why}"
    return ReadError(message, [Finding(code, message)])
