"""What `erpmap test --watch` does: run the cases again whenever a file that they were run from changes."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from itertools import count
from typing import NoReturn

import click
from rich.text import Text

from ...mapping.load import list_tenants
from ..output.terminal import console, has_terminal
from .run_cases import TestRequest, TestRun, run_tests

_POLL_SECONDS = 0.5


def watch_tests(request: TestRequest) -> NoReturn:
    """Run the cases, and again after each change of a mapping, table or case, until Ctrl-C.

    A terminal is cleared before each further run. Wrong use ends the first run, and no later one: a
    folder that is gone may come back.
    """
    for number in count(1):
        tenants = list_tenants(request.root)
        if number > 1 and has_terminal():
            console().clear()
        console().print(Text(f"run {number}, {time.strftime('%H:%M:%S')}", style="bold"))
        run = TestRun()
        try:
            with suppress(SystemExit):
                run_tests(request, run)
        except click.UsageError as error:
            if number == 1:
                raise
            click.echo(f"Error: {error.format_message()}", err=True)
        click.echo("waiting for a change; Ctrl-C ends")
        sys.stdout.flush()
        while not _has_changed(request, run, tenants):
            time.sleep(_POLL_SECONDS)
    raise AssertionError  # the count has no end


def _has_changed(request: TestRequest, run: TestRun, tenants: tuple[str, ...]) -> bool:
    """Whether a file that the run has read is another now, or a tenant has come or gone."""
    return list_tenants(request.root) != tenants or any(it.has_changed() for it in run.reads)
