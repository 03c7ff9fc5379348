"""Prints to the terminal: colours and tables for people, plain text elsewhere.

stdout carries data, stderr messages and progress. There are no colours where the stream is not a
terminal, or NO_COLOR is set.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice

import click
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from ...documents import write_json
from ...findings.diagnostics import Finding, select_errors, sort_findings
from ...mapping.load import LoadedTenant
from ...orders.report.excerpt import clean
from ...orders.report.findings import as_styled, count_findings
from .escape import escape_for_terminal, escape_separators

_PLAIN_WIDTH = 160
# More findings than these are usually one mistake repeated; `--format json` prints them all.
_MAX_FINDINGS = 200
_NOT_STRICT = ", but --strict allows no warnings"


class _Console(Console):
    """A console that raises BrokenPipeError when its reader has closed the stream."""

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError; rich would exit with 1, which means findings."""
        raise BrokenPipeError(errno.EPIPE, "the reader has closed the stream")


@cache
def console(*, stderr: bool = False) -> Console:
    """Return the console of a stream; it is wide enough for tables where it is not a terminal."""
    width = None if has_terminal(stderr=stderr) else _PLAIN_WIDTH
    return _Console(
        stderr=stderr, width=width, soft_wrap=True, highlight=False, emoji=False, markup=False
    )


def has_terminal(*, stderr: bool = False) -> bool:
    """Whether the stream is a terminal; FORCE_COLOR adds colours, and does not make it one."""
    return (sys.stderr if stderr else sys.stdout).isatty()


def print_findings(findings: Iterable[Finding], *, stderr: bool) -> None:
    """Print findings in reading order, and a line that counts them."""
    ordered = sort_findings(findings)
    if not ordered:
        return
    target = console(stderr=stderr)
    for finding in islice(ordered, _MAX_FINDINGS):
        target.print(Text.assemble(*as_styled(finding)))
    if len(ordered) > _MAX_FINDINGS:
        target.print(f"and {len(ordered) - _MAX_FINDINGS:,} more; --format json shows all")
    target.print(
        Text(count_findings(ordered), style="bold red" if select_errors(ordered) else "bold yellow")
    )


def print_heading(words: str) -> None:
    """Print a heading."""
    target = console()
    target.print()
    target.rule(Text(words, style="bold"), align="left")


def print_json(value: object) -> None:
    """Print a JSON document on stdout: coloured on a terminal, else exactly its text."""
    text = write_json(value, indent=2)
    if has_terminal():
        console().print(highlight(escape_for_terminal(text), "json", word_wrap=True))
    else:
        print_json_text(text + "\n")


def print_json_text(text: str | bytes) -> None:
    """Print JSON, or lines of it, on stdout; it is valid JSON of the same meaning everywhere."""
    print_data(escape_separators(text.encode() if isinstance(text, str) else text))


def print_data(text: str | bytes) -> None:
    """Print data on stdout, always in UTF-8, because programs expect it; a terminal gets escapes."""
    data = text.encode() if isinstance(text, str) else text
    if has_terminal():
        data = escape_for_terminal(data.decode()).encode()
    click.echo(data, nl=False)


def print_diff(text: str) -> None:
    """Print a diff on stdout: coloured on a terminal, else exactly its text."""
    if has_terminal():
        console().print(highlight(escape_for_terminal(text), "diff"))
    else:
        print_data(text)


def highlight(text: str, language: str, *, word_wrap: bool = False) -> RenderableType:
    """Return a text with the colours of its language."""
    from rich.syntax import Syntax  # noqa: PLC0415 - all of Pygments, and few commands need it

    return Syntax(text, language, background_color="default", word_wrap=word_wrap)


def print_validation(loaded: Sequence[LoadedTenant], *, is_strict: bool = False) -> None:
    """Print every finding, and a line for each tenant; a strict validation passes none with warnings."""
    target = console()
    for tenant in loaded:
        print_findings(tenant.findings, stderr=False)
        passes = tenant.ok and not (is_strict and tenant.findings)
        verdict = _describe_tenant(tenant) + ("" if passes or not tenant.ok else _NOT_STRICT)
        target.print(Text(f"{clean(tenant.name)}: {verdict}", style="green" if passes else "red"))


def _describe_tenant(tenant: LoadedTenant) -> str:
    if not tenant.ok:
        return "cannot run"
    names = ", ".join(plan.name for plan in tenant.plans)
    plural = "s" if len(tenant.plans) != 1 else ""
    return f"{len(tenant.plans)} mapping{plural} ready: {names}"


def progress(description: str) -> Progress:
    """Return a progress bar for stderr that disappears at the end; hidden without a terminal."""
    target = console(stderr=True)
    return Progress(
        TextColumn(description),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=target,
        transient=True,
        disable=not has_terminal(stderr=True),
    )
