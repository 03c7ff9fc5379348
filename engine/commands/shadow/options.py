"""The options of `erpmap shadow`."""

from __future__ import annotations

import click

from ..options import Since, complete_tenant, format_option, journal_option, limit_option


@click.command(short_help="Show what a new version changes on real orders.")
@click.argument("tenant", required=False, shell_complete=complete_tenant)
@click.option("--mapping", "-m", help="Only this mapping.")
@click.option(
    "--version", help="Versions that begin with this text, not the newest of each mapping."
)
@click.option("--field", metavar="TEXT", help="Only fields whose names contain this text, with the orders in which they differ.")  # fmt: skip
@click.option("--orders", is_flag=True, help="List the orders that differ.")
@click.option("--since", type=Since(), metavar="TIME", help="Only events compared since this time: 2h, 30d or 2026-11-24.")  # fmt: skip
@limit_option
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
    """Show how the mappings of `serve --shadow` differ from the live ones.

    Both run on the events received. The tables count events by result, differences by field and
    rule, and findings; for money they compare the sums of the checks.

    \b
    erpmap shadow dodici
    erpmap shadow dodici --field memo
    erpmap shadow --orders --since 2h --format json

    Exit codes: 0 no event that was compared differs, 1 some do, 2 wrong use.
    """
    from ...journal.shadows import ShadowFilter
    from .shadow import ShadowRequest, show_shadow

    choice = ShadowFilter(tenant=tenant, mapping=mapping, version=version, since=since)
    show_shadow(
        journal,
        ShadowRequest(
            choice=choice, field=field, is_listed=orders or field is not None, most=limit
        ),
        form,
    )
