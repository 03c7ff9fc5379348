"""The options of `erpmap forecast`."""

from __future__ import annotations

from pathlib import Path

import click

from ..corpus.options import CorpusChoice, corpus_options
from ..options import format_option, mapping_option, tenant_argument, write_option


@click.command(short_help="Show what orders hit that the mappings do not cover.")
@tenant_argument
@corpus_options
@mapping_option
@click.option(
    "--stubs",
    is_flag=True,
    help="Show the missing rows of lookup tables, to be filled in; see --write.",
)
@write_option
@format_option
@click.pass_obj
def forecast(
    root: Path,
    tenant: str,
    folder: Path | None,
    since: int | None,
    journal: str,
    mapping: str | None,
    stubs: bool,
    write: bool,
    form: str,
) -> None:
    """Show what orders hit that the mappings of TENANT do not cover. Sends nothing.

    Every row that a lookup table lacks is listed with the number of orders, the first order and the
    money at stake, also the rows that would be missed after the first one is added; so is every other
    finding, once for each cause. An order's money is its field grand_total, else its largest field of
    the type money.

    With --stubs the missing rows are added to the CSV files of the tenant's lookups, with a mark in
    the cells that you fill in: shown as a diff, and written with --write, or when you confirm it on a
    terminal. Rows of YAML and JSON tables are printed as lines to add. A row with the mark counts as
    missing until it is filled in.

    \b
    erpmap forecast dodici                               the tenant's cases
    erpmap forecast dodici --all orders
    erpmap forecast dodici --since 7d --journal sqlite:///journal.db
    erpmap forecast dodici --all orders --stubs --write

    Exit codes: 0 every order that a mapping takes is covered, 1 some are not, 2 wrong use.
    """
    if write and not stubs:
        raise click.UsageError("--write belongs to --stubs")
    from .forecast import ForecastRequest, show_forecast

    show_forecast(
        ForecastRequest(
            root=root,
            tenant=tenant,
            choice=CorpusChoice(folder, since, journal),
            mapping=mapping,
            stubs=stubs,
            write=write,
            form=form,
        )
    )
