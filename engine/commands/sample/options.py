"""The options of `erpmap sample`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ..options import Moment, check_simulator, format_option, simulator_option, tenant_argument

_MOST_ORDERS = 100_000


def _split_names(
    _ctx: click.Context, _param: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    """Split names at commas; `none` is no name."""
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if names == ("none",):
        return ()
    from ...findings.quote import did_you_mean
    from ...orders.samples.odd_sales import ODD

    for name in names:
        if name not in ODD:
            near = did_you_mean(name, ODD) or f"the names are {', '.join(ODD)}"
            raise click.UsageError(f"--odd: there are no orders of the kind {name!r}; {near}")
    return names


@click.command(short_help="Make synthetic orders of a tenant.")
@tenant_argument
@click.option(
    "--count",
    "-n",
    type=click.IntRange(1, _MOST_ORDERS),
    default=20,
    show_default=True,
    help="How many orders.",
)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A new folder, which receives a folder for each order.",
)
@click.option(
    "--post",
    metavar="URL",
    help="Put the orders into the simulated NewStore, and send their events to `erpmap serve` at URL.",
)
@click.option(
    "--odd",
    callback=_split_names,
    metavar="NAMES",
    help="Mix in only these odd orders: exchange,gift-card,cancelled,refund,…; none for no odd orders.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 999),
    default=1,
    show_default=True,
    help="Another seed gives other orders with other numbers.",
)
@click.option(
    "--day",
    type=Moment(),
    metavar="DATE",
    help="The day on which they are placed.  [default: events.from of the tenant, else 2026-11-03]",
)
@simulator_option
@format_option
@click.pass_obj
def sample(
    root: Path,
    tenant: str,
    count: int,
    folder: Path | None,
    post: str | None,
    odd: tuple[str, ...] | None,
    seed: int,
    day: datetime | None,
    simulator: str | None,
    form: str,
) -> None:
    """Make synthetic orders of TENANT's own channels, methods, service levels and currencies.

    They are read from its tables and settings. Every order balances and is rendered by the tenant's
    mappings before it is written. The same seed and day give the same orders. Odd orders are mixed
    in; the name of each order's folder says what it is: cancelled, discount, exchange, free,
    gift-card, gift-card-payment, mixed-cart, no-email, refund, shipping-discount, split-payment,
    tax-exempt, void.

    With --post, start `erpmap simulate` and `erpmap serve` first, and set the key of the tenant's
    events as for `serve`.

    \b
    erpmap sample dodici --count 20 --to orders
    erpmap sample dodici --count 6 --odd exchange,gift-card --to orders
    erpmap sample dodici --post http://127.0.0.1:8080 --simulator http://127.0.0.1:8100

    Exit codes: 0 done, 1 an order does not render, or is not taken.
    """
    if (folder is None) == (post is None):
        raise click.UsageError("give one of --to DIR and --post URL")
    if post is not None and simulator is None:
        raise click.UsageError("--post needs the simulator: --simulator URL or ERPMAP_SIMULATOR")
    from .sample import SampleRequest, post_samples, write_samples

    request = SampleRequest(
        root=root, tenant=tenant, count=count, seed=seed, day=day, odd=odd, form=form
    )
    if folder is not None:
        write_samples(request, folder)
    if post is not None:
        post_samples(request, post, check_simulator(simulator) or "")
