"""What `erpmap sample` does: make synthetic orders of a tenant, and write them or post them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click

from ...documents import write_json
from ...findings.errors import ErpmapError, FindingsError
from ...mapping.files.nodes import MapNode, as_data
from ...mapping.load import LoadedTenant
from ...mapping.plan import Plan
from ...orders.order import run_order
from ...orders.samples.sample_orders import SampledOrder, SampleWish, sample_orders
from ..exit import exit_with_error
from ..new_folder import new_folder
from ..output.terminal import print_json, progress
from ..recorded_lookups import read_recorded_lookups
from ..tenants import load_ready_tenant
from .post_orders import post_orders
from .read_shop import read_shop

_USUAL_DAY = "2026-11-03"


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """Which orders of which tenant are wished; `odd` is None for all odd orders that it can have."""

    root: Path
    tenant: str
    count: int
    seed: int
    day: datetime | None
    odd: tuple[str, ...] | None
    form: str


def write_samples(request: SampleRequest, folder: Path) -> NoReturn:
    """Write the orders into a new folder, a folder for each, all or none; print their names; exit."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError(f"{str(folder)!r} exists and is not empty: name a new folder")
    _, _, orders = _sample(request)
    try:
        with new_folder(folder) as target:
            for order in orders:
                write_order(target / order.name, order)
    except OSError as error:
        exit_with_error(
            ErpmapError(f"{str(folder)!r} cannot be written: {error.strerror}"), request.form
        )
    _print_orders(request, orders, folder)
    sys.exit(0)


def post_samples(request: SampleRequest, url: str, simulator: str) -> NoReturn:
    """Put the orders into the simulated NewStore, post their events, print how many, and exit."""
    loaded, _, orders = _sample(request)
    try:
        with progress("posting") as bar:
            post_orders(request.root, loaded, list(bar.track(orders)), url=url, simulator=simulator)
    except ErpmapError as error:
        exit_with_error(error, request.form)
    _print_orders(request, orders, None)
    sys.exit(0)


def sample_tenant(
    root: Path, tenant: str, plans: tuple[Plan, ...], wish: SampleWish
) -> list[SampledOrder]:
    """Return sampled orders of a loaded tenant. Raise ErpmapError, or FindingsError."""
    shared = read_recorded_lookups(root, tenant, (), "human")
    shop = read_shop(root, tenant, plans, shared)
    return list(sample_orders(shop, wish, lambda order: tuple(run_order(plans, order, shared))))


def write_order(folder: Path, order: SampledOrder) -> None:
    """Write the documents of an order as the files of a folder."""
    folder.mkdir()
    for name, document in order.documents.items():
        text = write_json(document, indent=2) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


def _sample(
    request: SampleRequest,
) -> tuple[LoadedTenant, Sequence[Plan], list[SampledOrder]]:
    loaded, plans = load_ready_tenant(request.root, request.tenant, None, request.form)
    day = request.day.date().isoformat() if request.day else _read_first_day(loaded)
    wish = SampleWish(count=request.count, day=day, seed=request.seed, odd=request.odd)
    try:
        return loaded, plans, sample_tenant(request.root, request.tenant, plans, wish)
    except FindingsError as error:
        click.echo(f"{error}; nothing was written", err=True)
        exit_with_error(error, request.form)
    except ErpmapError as error:
        exit_with_error(error, request.form)


def _read_first_day(loaded: LoadedTenant) -> str:
    """Return the day from which the service takes events, or the usual day."""
    assert loaded.tenant is not None
    events = loaded.tenant.node.get("events")
    document = as_data(events) if isinstance(events, MapNode) else {}
    first = document.get("from") if isinstance(document, dict) else None
    return str(first or _USUAL_DAY)[:10]


def _print_orders(
    request: SampleRequest, orders: Sequence[SampledOrder], folder: Path | None
) -> None:
    if request.form == "json":
        print_json([{"name": order.name, "number": order.number} for order in orders])
        return
    done = "posted" if folder is None else f"written to {folder}"
    click.echo(f"{len(orders):,} orders of {request.tenant} {done}: {_count_kinds(orders)}")


def _count_kinds(orders: Iterable[SampledOrder]) -> str:
    kinds = Counter(order.name.partition("-")[2] for order in orders)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())
