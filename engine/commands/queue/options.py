"""The options of `erpmap queue` and its commands."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from ..options import Since, complete_tenant, format_option, journal_option
from .selection_options import (
    STATES,
    by_option,
    delivery_filter,
    event_filter,
    filter_options,
    list_options,
    name_argument,
    names_argument,
    operator_action,
)


@click.command()
@journal_option
@format_option
def audit(journal: str, form: str) -> None:
    """Check that the journal is consistent, and its file undamaged.

    Each event must have exactly one fate, and each delivery one state. Deliveries may run meanwhile.

    \b
    erpmap queue audit

    Exit codes: 0 everything adds up, 1 a check has failed or the file is damaged.
    """
    from .upkeep import show_audit

    show_audit(journal, form)


@click.command()
@click.option(
    "--older-than",
    type=Since(),
    required=True,
    metavar="AGE",
    help="Only of deliveries that ended before this time, as in 90d.",
)
@click.option("--dry-run", is_flag=True, help="Print how many events; remove nothing.")
@journal_option
@format_option
def purge(older_than: int, dry_run: bool, journal: str, form: str) -> None:
    """Remove the documents of old deliveries that have ended.

    Events, sources, payloads and messages are removed. Ids, states and external ids stay, so that a
    late duplicate is still recognized.

    \b
    erpmap queue purge --older-than 90d --dry-run
    """
    from .upkeep import purge_documents

    purge_documents(journal, older_than, dry_run=dry_run, form=form)


@click.command()
@click.option("--order", "-o", metavar="ID", help="The number or id of the order.")
@click.option("--email", metavar="ADDRESS", help="All orders whose documents contain this address.")
@click.option("--tenant", shell_complete=complete_tenant, help="Only of this tenant.")
@by_option
@journal_option
@format_option
def erase(
    order: str | None, email: str | None, tenant: str | None, by: str | None, journal: str, form: str
) -> None:  # fmt: skip
    """Erase a customer's data from the journal's documents and messages.

    An order with a delivery that has not ended is refused.

    \b
    erpmap queue erase --email ann@example.com
    erpmap queue erase --order DO000000101
    """
    if (order is None) == (email is None):
        raise click.UsageError("name an order with --order ID, or a customer with --email ADDRESS")
    from .upkeep import erase_customer, erase_order

    if order is not None:
        erase_order(journal, tenant, order, operator_action(by, None), form)
    assert email is not None
    if "@" not in email:
        raise click.UsageError(f"{email!r} is not an e-mail address")
    erase_customer(journal, tenant, email, operator_action(by, None), form)


@click.command()
@journal_option
@format_option
def restored(journal: str, form: str) -> None:
    """Prepare a journal that was restored from a backup.

    Run it before the service is started on the journal. Deliveries that have not ended may have been
    written since the backup: each is looked up in NetSuite before it is written. Afterwards run
    `stream replay` for the events since the backup; an order that is posted already is not posted
    again. Repeat what people did since the backup: `erase` first, then `park` and `resolve`.

    \b
    erpmap queue restored
    """
    from .change import restore_journal

    restore_journal(journal, form)


@click.group(short_help="Show the journal; change waiting or parked deliveries.")
def queue() -> None:
    """Show the journal, and change waiting or parked deliveries.

    The service may run meanwhile. Name a delivery by its id, or by the number of its order.

    \b
    erpmap queue list                        deliveries that have not ended
    erpmap queue list --causes               why deliveries are parked
    erpmap queue list --events               events without a delivery, with the rule
    erpmap queue show DO000000101
    erpmap queue retry --cause 1f3a5c7e9b2d
    erpmap queue audit

    Exit codes: 0 done, 1 refused (findings) or a failed check of the audit, 2 wrong use.
    """


@queue.command("list")
@filter_options
@list_options
@journal_option
@format_option
def list_(after: int, limit: int, journal: str, form: str, **filters: Any) -> None:
    """List deliveries, the oldest first: those that have not ended, or those selected.

    With --events, list events without a delivery: a rule ignores them, they repeat another event, or
    they wait for their tenant's mappings. Select them by --tenant, --order, --since and --reason,
    which is the rule.

    \b
    erpmap queue list --state parked --tenant dodici
    erpmap queue list --causes
    erpmap queue list --events --reason posted_earlier
    erpmap queue list --all --since 2h --format json
    """
    from .events import show_events
    from .list import show_causes, show_list

    everything, causes, events = (filters.pop(name) for name in ("everything", "causes", "events"))
    if events:
        show_events(journal, event_filter(filters), after=after, most=limit, form=form)
        return
    if causes:
        show_causes(journal, delivery_filter(filters), form)
        return
    if not everything and not filters["states"] and not filters["order"]:
        filters["states"] = STATES[:4]
    show_list(journal, delivery_filter(filters), after=after, most=limit, form=form)


@queue.command()
@name_argument
@click.option(
    "--payload", "document", flag_value="payload", help="Print the payloads it sent, as rendered."
)
@click.option("--event", "document", flag_value="event", help="Print the event as it arrived.")
@click.option(
    "--attempt", type=click.IntRange(min=1), help="The payloads of this attempt, not the last."
)
@journal_option
@format_option
@click.pass_obj
def show(
    root: Path,
    /,
    name: str,
    document: str | None,
    attempt: int | None,
    journal: str,
    form: str,
) -> None:
    """Show a delivery: its event, its attempts, its records in NetSuite, what people did.

    Where NetSuite refused a value of a payload, show where the value comes from, as `erpmap explain`
    does: the template with its file and line, and the values of the order.

    For an order without a delivery, show its events and the rule that ignored them.

    \b
    erpmap queue show 12
    erpmap queue show DO000000101 --payload
    """
    from .list import show_delivery

    show_delivery(root, journal, name, document=document, attempt=attempt, form=form)


@queue.command()
@names_argument
@filter_options
@click.option(
    "--anew",
    is_flag=True,
    help="Fetch the sources again and run the mapping of now, though a record stands or may stand.",
)
@by_option
@journal_option
@format_option
@click.pass_obj
def retry(
    root: Path,
    /,
    names: tuple[str, ...],
    anew: bool,
    by: str | None,
    journal: str,
    form: str,
    **filters: Any,
) -> None:
    """Deliver parked or waiting deliveries now: those named, or all parked ones selected.

    The count of attempts starts again. What stands is not written again, and what may stand is looked up
    first: such a delivery repeats with its inputs and its mapping, unless --anew fetches them again.

    \b
    erpmap queue retry 12 13
    erpmap queue retry --cause 1f3a5c7e9b2d
    erpmap queue retry --tenant dodici --reason throttled
    """
    from ...journal.change import retry_deliveries
    from ...journal.states import DeliveryState
    from .change import DeliverySelection, change_deliveries
    from .next_versions import find_next_versions

    selection = DeliverySelection(names, delivery_filter(filters), DeliveryState.PARKED)
    change_deliveries(
        journal,
        selection,
        (partial(retry_deliveries, anew=anew), "due now"),
        operator_action(by, None),
        form=form,
        find_versions=partial(find_next_versions, root=root, anew=anew),
    )


@queue.command()
@names_argument
@filter_options
@click.option("--because", metavar="WORDS", help="The reason, shown by `queue show`.")
@by_option
@journal_option
@format_option
def park(
    names: tuple[str, ...], because: str | None, by: str | None, journal: str, form: str, **filters: Any
) -> None:  # fmt: skip
    """Stop attempts at waiting deliveries until they are retried or resolved.

    \b
    erpmap queue park 12 --because "the customer calls back"
    """
    from ...journal.change import park_deliveries
    from ...journal.states import DeliveryState
    from .change import DeliverySelection, change_deliveries

    selection = DeliverySelection(names, delivery_filter(filters), DeliveryState.WAITING)
    change_deliveries(
        journal, selection, (park_deliveries, "parked"), operator_action(by, because), form=form
    )


@queue.command()
@names_argument
@filter_options
@click.option(
    "--because",
    metavar="WORDS",
    required=True,
    help="What was done instead, shown by `queue show`.",
)
@by_option
@journal_option
@format_option
def resolve(
    names: tuple[str, ...],
    because: str,
    by: str | None,
    journal: str,
    form: str,
    **filters: Any,
) -> None:
    """End parked deliveries that a person has handled; nothing is posted for them any more.

    Deliveries of the same order that were held continue.

    \b
    erpmap queue resolve 12 --because "entered by hand as SO-4711"
    """
    from ...journal.change import resolve_deliveries
    from ...journal.states import DeliveryState
    from .change import DeliverySelection, change_deliveries

    selection = DeliverySelection(names, delivery_filter(filters), DeliveryState.PARKED)
    change_deliveries(
        journal,
        selection,
        (resolve_deliveries, "resolved"),
        operator_action(by, because),
        form=form,
    )


@queue.command()
@filter_options
@click.option("--documents", is_flag=True, help="Add events, sources and payloads in full.")
@journal_option
def export(documents: bool, journal: str, **filters: Any) -> None:
    """Write deliveries with their attempts as lines of JSON: all, or those selected.

    \b
    erpmap queue export --since 2026-11-01 > november.jsonl
    """
    from .list import export_deliveries as write

    write(journal, delivery_filter(filters), documents=documents)


@queue.command()
@name_argument
@click.option(
    "--mapping",
    type=click.Choice(("then", "now")),
    default="then",
    show_default=True,
    help="The mapping of the attempt (then), or the present one (now).",
)
@click.option("--attempt", type=click.IntRange(min=1), help="Replay this attempt, not the last.")
@journal_option
@format_option
@click.pass_obj
def replay(
    root: Path, name: str, mapping: str, attempt: int | None, journal: str, form: str
) -> None:
    """Render a delivery again from its stored documents; nothing is posted.

    With the mapping of then, the payloads are those that were sent, byte for byte; differences that
    the present mapping would make are shown below. A note names each tranDate that was sent on
    another day because its period was closed.

    \b
    erpmap queue replay 12
    erpmap queue replay DO000000101 --mapping now

    Exit codes: 0 the payloads are those that were sent, 1 they differ.
    """
    from .replay import ReplayRequest
    from .replay import replay as render

    render(journal, root, ReplayRequest(name, mapping, attempt), form)


for command in (audit, purge, erase, restored):
    queue.add_command(command)
