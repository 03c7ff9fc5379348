"""Prints a digest of many orders: the count of each outcome, and each kind of finding once."""

from __future__ import annotations

from rich.box import SIMPLE
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from ...orders.report.excerpt import clean
from ...orders.report.summary import MAX_MESSAGES, OutcomeGroup, OutcomeSummary
from ...run import RunState
from .outcomes import STATE_COLOURS, STATE_WORDS
from .terminal import console, has_terminal

# More groups and messages than these rarely show another mistake.
_MAX_GROUPS, _SHOWN_MESSAGES = 50, 5


class RenderRate(ProgressColumn):
    """Orders rendered in a second."""

    def render(self, task: Task) -> Text:
        """Return the average rate since the start, because batches come in bursts."""
        done, elapsed = task.completed, task.elapsed
        return Text(f"{done / elapsed:,.0f}/s" if done and elapsed else "")


def order_progress(*, visible: bool) -> Progress:
    """Return a progress bar with the rate for stderr; it disappears at the end."""
    return Progress(
        TextColumn("rendering"),
        BarColumn(),
        MofNCompleteColumn(),
        RenderRate(),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
        disable=not (visible and has_terminal(stderr=True)),
    )


def print_digest(digest: OutcomeSummary) -> None:
    """Print a row for each kind of outcome on stdout, and groups of findings on stderr."""
    table = Table(box=SIMPLE)
    for heading in ("outcome", "mapping", "reason"):
        table.add_column(heading, overflow="fold")
    table.add_column("orders", justify="right")
    for state in RunState:
        kinds = [kind for kind in digest.kinds if kind[0] is state]
        for kind in sorted(kinds, key=lambda kind: (-digest.kinds[kind], kind[1:])):
            words = (STATE_WORDS[state], clean(kind[1]), clean(kind[2]), f"{digest.kinds[kind]:,}")
            table.add_row(*words, style=STATE_COLOURS[state])
    target = console()
    target.print(table)
    counts = (f"{digest.states[state]:,} {STATE_WORDS[state]}" for state in RunState)
    target.print(f"{digest.orders:,} orders: {', '.join(counts)}")
    _print_groups(digest)


def _print_groups(digest: OutcomeSummary) -> None:
    target = console(stderr=True)
    groups = sorted(digest.groups.values(), key=lambda group: -group.orders)
    for group in groups[:_MAX_GROUPS]:
        _print_group(group)
    rest = len(groups) - _MAX_GROUPS
    if rest > 0 or digest.unlisted:
        beyond = sum(digest.unlisted.values())
        words = f"and {max(0, rest):,} more kinds of findings"
        target.print(words + (f", and {beyond:,} findings that are not grouped" if beyond else ""))
    if groups:
        words = f"{digest.refused:,} order{'s' if digest.refused > 1 else ''} with findings"
        target.print(Text(f"{words}; --format json shows them all", style="bold red"))


def _print_group(group: OutcomeGroup) -> None:
    """Print a group's first finding, how many orders have it, and its other messages."""
    target = console(stderr=True)
    heading = f"{group.orders:,} orders, the first is" if group.orders > 1 else "1 order:"
    target.print(
        Text.assemble(*group.shown, (f"   {heading} {clean(group.first)}\n", "bold")), end=""
    )
    if len(group.messages) > 1:
        for message, count in group.messages.most_common(_SHOWN_MESSAGES):
            target.print(Text(f"   {count:>9,} × {message}"))
    rest = len(group.messages) - _SHOWN_MESSAGES
    if rest > 0:
        others = f"{rest} or more" if len(group.messages) == MAX_MESSAGES else f"{rest}"
        target.print(f"   and {others} other messages")
    target.print()
