"""`erpmap shadow`: what a new version of the mappings makes different, on the events there were."""

from __future__ import annotations

import click

from ..options import complete_tenant, format_option, journal_option
from ..queue.options import Since


@click.command()
@click.argument("tenant", required=False, shell_complete=complete_tenant)
@click.option("--mapping", "-m", help="Only this mapping.")
@click.option("--version", help="The versions that begin so, not the newest of each mapping.")
@click.option("--field", metavar="TEXT", help="Fields whose names hold this, and the orders they differ in.")  # fmt: skip
@click.option("--orders", is_flag=True, help="List the orders that differ.")
@click.option("--since", type=Since(), metavar="TIME", help="Only events compared since: 2h, 30d or 2026-11-24.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Of the orders listed.")  # fmt: skip
@journal_option
@format_option
def shadow(
    tenant: str | None,
    mapping: str | None,
    version: str | None,
    field: str | None,
    orders: bool,
    since: int | None,
    limit: int,
    journal: str,
    form: str,
) -> None:
    """Show how the mappings of `serve --shadow` differ from the live ones, on the events there were.

    By result, by field with the rule that gives it, and by finding; money by the sums of checks.

    \b
    erpmap shadow dodici
    erpmap shadow dodici --field memo
    erpmap shadow --orders --since 2h --format json

    Exit codes: 0 nothing that was compared differs, 1 something does, 2 wrong use.
    """
    from ...journal.shadows import ShadowFilter
    from .shadow import ShadowRequest, show_shadow

    choice = ShadowFilter(tenant, mapping, version, since)
    show_shadow(journal, ShadowRequest(choice, field, orders or field is not None, limit), form)
