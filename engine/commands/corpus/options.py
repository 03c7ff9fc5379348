"""The options that say which orders a command looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..options import Since, journal_option

_OPTIONS = (
    click.option(
        "--all",
        "folder",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="The orders in the folders below DIR.  [default: the tenant's cases]",
        metavar="DIR",
    ),
    click.option(
        "--since",
        type=Since(),
        metavar="TIME",
        help="The deliveries of the journal since this time: 2h, 7d or 2026-11-24.",
    ),
    journal_option,
)


def corpus_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; it receives `folder`, `since` and `journal`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class CorpusChoice:
    """Where the orders are: below a folder, in the journal since a time in milliseconds, else the cases."""

    folder: Path | None
    since: int | None
    journal: str

    def __post_init__(self) -> None:
        """Raise UsageError for two places."""
        if self.folder is not None and self.since is not None:
            raise click.UsageError("give one of --all DIR and --since TIME")
