"""The options of `erpmap render`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

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

if TYPE_CHECKING:
    from ...findings.diagnostics import SourceText
    from ...mapping.plan import Plan


@click.command(short_help="Render the payloads of an order; writes nothing.")
@tenant_argument
@event_option
@click.option(
    "--source",
    "-s",
    "sources",
    type=Pair(),
    multiple=True,
    help="A source from a file: NAME=FILE; repeatable.",
)
@click.option(
    "--lookup",
    "-l",
    "lookups",
    type=Pair(),
    multiple=True,
    help="Recorded answers of a live lookup: NAME=FILE; repeatable.",
)
@mapping_option
@click.option(
    "--all",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Render every order in the folders below DIR.",
    metavar="DIR",
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that render the orders of --all.  [default: one for each core]",
)
@click.option(
    "--journal",
    "is_journal",
    is_flag=True,
    help="Print debits and credits by account, class and location, in place of the payloads. "
    "(Here it is a flag: `render` reads no journal of deliveries.)",
)
@order_option
@simulator_option
@format_option
@click.pass_obj
def render(root: Path, /, tenant: str, mapping: str | None, form: str, **given: Any) -> None:
    """Render the NetSuite payloads of an order, with the proof that they balance. Writes nothing.

    The payloads go to stdout, messages to stderr. With --all, DIR holds a folder for each order with
    event.json and SOURCE.json (order.json for the base mappings, for exchanges account.json too);
    --format json then writes one line for each order and mapping. For more than 200 orders, the
    human format prints counts, and each kind of finding once. Live lookups use the answers of
    --lookup, or of the files in TENANT/cases/lookups.

    With --order, the order, its payments and all lookups are read from the live systems. NewStore
    keeps no events, so the event is built from the order; values that only an event has
    (tax_provider_details) are missing unless you add --event.

    With --journal, each record is shown as finance reads it: debits and credits that must be equal. An
    item stands for its account, because NetSuite knows the accounts of items; a sales order posts when
    it is billed. With --all, the entries of all orders are summed by account.

    \b
    erpmap render dodici --event event.json --source order=order.json
    erpmap render dodici --order DO000000101
    cat event.json | erpmap render dodici --event - --source order=order.json --format json
    erpmap render dodici --all mappings/dodici/cases
    erpmap render dodici --all mappings/dodici/cases --journal
    """
    options = _RenderOptions(**given)
    options.check()
    if options.order is not None:
        from ..send.send import SendRequest, render_live

        simulator = check_simulator(options.simulator)
        render_live(
            SendRequest(
                root=root,
                tenant=tenant,
                mapping=mapping,
                order=options.order,
                event=options.event,
                simulator=simulator,
                form=form,
            )
        )
    from ..recorded_lookups import read_recorded_lookups
    from ..tenants import load_plans
    from .render import render_order

    plans = load_plans(root, tenant, mapping, form)
    shared = read_recorded_lookups(root, tenant, options.lookups, form)
    if options.is_journal:
        _show_journal(options, plans, shared, form)
    if options.folder is not None:
        from ...orders.batch import BatchTask
        from .render import render_all

        render_all(
            BatchTask(plans=plans, folder=options.folder, shared=shared, form=form),
            root,
            options.jobs,
        )
    assert options.event is not None
    render_order(plans, options.event, options.sources, shared, form)


def _show_journal(
    options: _RenderOptions,
    plans: Sequence[Plan],
    shared: dict[str, SourceText],
    form: str,
) -> NoReturn:
    """Print the debits and credits of the order, or of all orders of the folder, and exit."""
    from .journal_view import show_folder_journal, show_order_journal

    if options.folder is not None:
        show_folder_journal(plans, options.folder, shared, form)
    assert options.event is not None
    show_order_journal(plans, options.event, options.sources, shared, form)


@dataclass(frozen=True, slots=True)
class _RenderOptions:
    """Where orders come from and what is fetched for them."""

    event: Path | None
    sources: tuple[tuple[str, Path], ...]
    lookups: tuple[tuple[str, Path], ...]
    folder: Path | None
    jobs: int | None
    is_journal: bool
    order: str | None
    simulator: str | None

    def check(self) -> None:
        """Raise UsageError for options that do not go together, and for stdin read twice."""
        if self.order is not None:
            if any((self.sources, self.lookups, self.folder, self.jobs)):
                raise click.UsageError(
                    "--order fetches every document: use it without --source, --lookup, --all and --jobs"
                )
            if self.is_journal:
                raise click.UsageError("--journal is for --event FILE and --all DIR")
            return
        if (self.event is None) == (self.folder is None):
            raise click.UsageError("give one of --event FILE, --order ID and --all DIR")
        names = [name for name, _ in self.sources]
        if self.event is not None and self.jobs is not None:
            raise click.UsageError("--jobs N needs --all DIR")
        if self.event is None and names:
            raise click.UsageError("--all reads each order's sources from its folder, not --source")
        if len({"event", *names}) <= len(names):
            raise click.UsageError("each --source needs its own name, other than event")
        if [str(path) for path in (self.event, *(path for _, path in self.sources))].count("-") > 1:
            raise click.UsageError("only one document can come from stdin")
