"""The options that say which single order a command looks at: a case, files, or a delivery of the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..options import Pair, event_option, journal_option, mapping_option

_OPTIONS = (
    click.option("--case", metavar="NAME", help="A case of the tenant, by the name of its folder."),
    event_option,
    click.option(
        "--source",
        "-s",
        "sources",
        type=Pair(),
        multiple=True,
        help="A source from a file: NAME=FILE; repeatable.",
    ),
    click.option(
        "--lookup",
        "-l",
        "lookups",
        type=Pair(),
        multiple=True,
        help="Recorded answers of a live lookup: NAME=FILE; repeatable.",
    ),
    click.option(
        "--delivery",
        metavar="ID|ORDER",
        help="A delivery of the journal, by its id or order, with its stored documents.",
    ),
    journal_option,
    mapping_option,
)


def order_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; it receives the values of an `OrderChoice`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class OrderChoice:
    """Where the order is: a case, files, or the journal; and its mapping, None for the one that takes it."""

    case: str | None
    event: Path | None
    sources: tuple[tuple[str, Path], ...]
    lookups: tuple[tuple[str, Path], ...]
    delivery: str | None
    journal: str
    mapping: str | None

    @property
    def is_given(self) -> bool:
        """Whether any order is named."""
        return any(each is not None for each in (self.case, self.event, self.delivery))

    def check(self) -> None:
        """Raise UsageError for no order, for several, and for options that do not go together."""
        named = [each for each in (self.case, self.event, self.delivery) if each is not None]
        if len(named) != 1:
            raise click.UsageError("give one of --case NAME, --event FILE and --delivery ID")
        if self.sources and self.event is None:
            raise click.UsageError("--source goes with --event FILE")
        if self.lookups and self.delivery is not None:
            raise click.UsageError("the journal keeps the answers of lookups: leave --lookup out")
        names = ["event", *(name for name, _ in self.sources)]
        if len(set(names)) < len(names):
            raise click.UsageError("each --source needs its own name, other than event")
        if [str(path) for path in (self.event, *(path for _, path in self.sources))].count("-") > 1:
            raise click.UsageError("only one document can come from stdin")
        context = click.get_current_context()
        source = context.get_parameter_source("journal")
        if source is ParameterSource.COMMANDLINE and self.delivery is None:
            raise click.UsageError("--journal goes with --delivery ID")
