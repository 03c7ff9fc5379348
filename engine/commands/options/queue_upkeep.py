"""`erpmap queue audit`, `purge`, `erase` and `restored`: what keeps the journal sound and small."""

from __future__ import annotations

import click

from .options import complete_tenant, format_option
from .queue_options import Since, act_of, by_option
from .serve_options import journal_option


@click.command()
@journal_option
@format_option
def audit(journal: str, form: str) -> None:
    """Check that everything adds up: each event has its fate, each delivery its place.

    \b
    erpmap queue audit

    Exit codes: 0 everything adds up, 1 something does not.
    """
    from ..queue.upkeep import show_audit

    show_audit(journal, form)


@click.command()
@click.option("--older-than", type=Since(), required=True, metavar="AGE", help="As in 90d.")
@click.option("--dry-run", is_flag=True, help="Say how many, and remove nothing.")
@journal_option
@format_option
def purge(older_than: int, dry_run: bool, journal: str, form: str) -> None:
    """Remove the documents of deliveries that ended long ago: events, sources, payloads, words.

    Ids, states and external ids stay, so that a late duplicate is still known.

    \b
    erpmap queue purge --older-than 90d --dry-run
    """
    from ..queue.upkeep import remove_old

    remove_old(journal, older_than, dry_run=dry_run, form=form)


@click.command()
@click.option("--order", "-o", metavar="ID", help="The order, by its number or id.")
@click.option("--email", metavar="ADDRESS", help="All orders that name this address anywhere.")
@click.option("--tenant", shell_complete=complete_tenant, help="Only this tenant's.")
@by_option
@journal_option
@format_option
def erase(
    order: str | None, email: str | None, tenant: str | None, by: str | None, journal: str, form: str
) -> None:  # fmt: skip
    """Erase a customer's data from all documents and words; what is on its way is refused.

    \b
    erpmap queue erase --email ann@example.com
    erpmap queue erase --order DO000000101
    """
    if (order is None) == (email is None):
        raise click.UsageError("say whose: --order ID or --email ADDRESS")
    from ..queue.upkeep import erase_customer, erase_order

    if order is not None:
        erase_order(journal, tenant, order, act_of(by, None), form)
    assert email is not None
    if "@" not in email:
        raise click.UsageError(f"{email!r} is no address")
    erase_customer(journal, tenant, email, act_of(by, None), form)


@click.command()
@journal_option
@format_option
def restored(journal: str, form: str) -> None:
    """Say that the journal was restored from a backup, before the service is started on it.

    What is on its way in it may have been written since: it will be looked for first. Then have
    NewStore send again what came after the backup (`stream replay`); what is known already is posted
    once all the same. What people did since has to be repeated: `erase` first, `park`, `resolve`.

    \b
    erpmap queue restored
    """
    from ..queue.acting import restore

    restore(journal, form)
