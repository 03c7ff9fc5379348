"""`erpmap render`: the payloads of an order, dry."""

from __future__ import annotations

from pathlib import Path

import click

from .options import (
    Pair,
    event_option,
    format_option,
    mapping_option,
    order_option,
    simulator_option,
    tenant_argument,
)


@click.command()
@tenant_argument
@event_option
@click.option(
    "--source",
    "-s",
    "sources",
    type=Pair(),
    multiple=True,
    help="A fetched document: NAME=FILE; repeatable.",
)
@click.option(
    "--lookup",
    "-l",
    "lookups",
    type=Pair(),
    multiple=True,
    help="A live lookup's recorded answers: NAME=FILE.",
)
@mapping_option
@click.option(
    "--all",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Every order in the folders below DIR.",
    metavar="DIR",
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that render the orders of --all.  [default: one for each core]",
)
@order_option
@simulator_option
@format_option
@click.pass_obj
def render(
    root: Path,
    tenant: str,
    event: Path | None,
    sources: tuple[tuple[str, Path], ...],
    lookups: tuple[tuple[str, Path], ...],
    mapping: str | None,
    folder: Path | None,
    jobs: int | None,
    order: str | None,
    simulator: str | None,
    form: str,
) -> None:
    """Render the NetSuite payloads of an order, dry, with the proof that they balance.

    The payloads go to stdout, words to stderr. With --all, DIR holds a folder for each order with
    event.json and SOURCE.json (for the base mappings order.json, for exchanges account.json too);
    --format json then writes one line for each mapping of an order. Of more than 200 orders people
    get counts, and each kind of finding once. Live lookups are answered from --lookup, or from
    files in TENANT/cases/lookups.

    With --order the order, its payments and all lookups are asked of the live systems; nothing is
    written there. NewStore keeps no events, so the event is made of the order; what only an event
    tells (tax_provider_details) is there when you give it too, with --event.

    \b
    erpmap render dodici --event event.json --source order=order.json
    erpmap render dodici --order DO000000101
    cat event.json | erpmap render dodici --event - --source order=order.json --format json
    erpmap render dodici --all mappings/dodici/cases
    """
    from ..commands import (
        ready_plans,
        recorded_answers,
        refuse_ambiguous,
        render_one,
    )

    if order is not None:
        _refuse_files(sources, lookups, folder, jobs)
        from ..live_commands import Asked, render_live

        render_live(Asked(root, tenant, mapping, order, event, simulator, form))
    if (event is None) == (folder is None):
        raise click.UsageError("give one of --event FILE, --order ID and --all DIR")
    refuse_ambiguous(event, sources, jobs)
    plans = ready_plans(root, tenant, mapping, form)
    shared = recorded_answers(root, tenant, lookups, form)
    if folder is not None:
        from ..batches import Task
        from ..rendering import render_all

        render_all(Task(plans, folder, shared, form), root, jobs)
    else:
        assert event is not None
        render_one(plans, event, sources, shared, form)


def _refuse_files(*files: object) -> None:
    """Refuse files beside an order that is fetched."""
    if any(files):
        raise click.UsageError("--order fetches all itself; of files it takes --event only")
