"""`erpmap render`: the payloads of an order, dry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..options import (
    Pair,
    check_simulator,
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
def render(root: Path, /, tenant: str, mapping: str | None, form: str, **given: Any) -> None:
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
    what = _RenderOptions(**given)
    what.refuse_unclear()
    if what.order is not None:
        from ..send.send import SendRequest, render_live

        simulator = check_simulator(what.simulator)
        render_live(SendRequest(root, tenant, mapping, what.order, what.event, simulator, form))
    from ..selection import load_plans, read_recorded_lookups, render_order

    plans = load_plans(root, tenant, mapping, form)
    shared = read_recorded_lookups(root, tenant, what.lookups, form)
    if what.folder is not None:
        from ...orders.batch import BatchTask
        from .render import render_all

        render_all(BatchTask(plans, what.folder, shared, form), root, what.jobs)
    assert what.event is not None
    render_order(plans, what.event, what.sources, shared, form)


@dataclass(frozen=True, slots=True)
class _RenderOptions:
    """What the command line says of where orders are and what is fetched for them."""

    event: Path | None
    sources: tuple[tuple[str, Path], ...]
    lookups: tuple[tuple[str, Path], ...]
    folder: Path | None
    jobs: int | None
    order: str | None
    simulator: str | None

    def refuse_unclear(self) -> None:
        """Raise UsageError unless it is clear which order is meant, or which folder of orders."""
        if self.order is not None:
            if any((self.sources, self.lookups, self.folder, self.jobs)):
                raise click.UsageError("--order fetches all itself; of files it takes --event only")
            return
        if (self.event is None) == (self.folder is None):
            raise click.UsageError("give one of --event FILE, --order ID and --all DIR")
        from ..selection import refuse_ambiguous

        refuse_ambiguous(self.event, self.sources, self.jobs)
