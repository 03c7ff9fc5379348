"""Writes a page to a file that the user names: the file is replaced as a whole, a link to it too."""

from __future__ import annotations

from pathlib import Path

import click

from ...files.replace_files import replace_files
from ...findings.quote import quoted


def check_page_file(path: Path) -> None:
    """Raise UsageError if a page cannot be written there: no folder, or something other than a file."""
    if not path.parent.is_dir():
        raise click.UsageError(f"there is no folder {quoted(str(path.parent))}")
    if path.exists() and not path.is_file():
        raise click.UsageError(f"{quoted(str(path))} is not a file: name a new file")


def write_page_file(path: Path, page: str) -> None:
    """Write the page. Raise UsageError with the reason if it cannot be written."""
    check_page_file(path)
    try:
        replace_files([(path, page.encode())])
    except OSError as error:
        reason = error.strerror or "unknown"
        raise click.UsageError(f"{quoted(str(path))} cannot be written: {reason}") from error
