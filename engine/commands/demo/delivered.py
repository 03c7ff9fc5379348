"""Some orders delivered for real: both systems played, the service beside them, and trouble on the way."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.table import Table

from ...bundled import bundled
from ...documents import read_json_bytes
from ...journal.database import open_journal
from ...journal.deliveries import DeliveryFilter, ListedDelivery, list_deliveries
from ...journal.states import DeliveryState
from ...mapping.load import open_folder
from ...orders.report.excerpt import clean
from ...orders.report.outcomes import format_amount
from ...simulator.faults import Fault
from ...simulator.serve import serving
from ...simulator.tenants import add_cases, play_tenant
from ...simulator.world import NETSUITE, Played, world_app
from ..output.terminal import console, print_heading
from .service import Service

_TENANT = "dodici"
_ON_THEIR_WAY = (DeliveryState.WAITING, DeliveryState.RUNNING, DeliveryState.HELD)
# Long enough to be waited for, and not to be bored by.
_LATE_SECONDS, _AWAY_SECONDS, _MOST_SECONDS = 3.0, 2.0, 60.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One order of the cases, and what it meets on its way."""

    case: str
    words: str
    trouble: str | None = None


_SCENES = (
    Scene("web-order", "a web order"),
    Scene("exchange-uneven", "an exchange, paid by store credit and card"),
    Scene("split-payment-gift-card", "its payments come late", "late"),
    Scene("discounts-and-coupon", "NetSuite is away for a moment", "away"),
    Scene("payment-over", "paid more than it costs"),
)


def show_delivered() -> None:
    """Play both systems, serve, send the orders, and print what became of each and of the ledger."""
    print_heading(f"{_TENANT}: delivered, both systems played on this machine")
    root = bundled("mappings")
    played = play_tenant(open_folder(root), _TENANT)
    add_cases(played, root / _TENANT / "cases")
    begun = time.time()
    with tempfile.TemporaryDirectory(prefix="erpmap-demo-") as folder:
        journal = f"sqlite:///{Path(folder) / 'journal.db'}"
        with serving(world_app([played])) as address, Service(root, journal, address) as service:
            told = [_sent(scene, root, played, service, begun) for scene in _SCENES]
            found = _ended(journal)
    _print(told, found, played)


def _sent(
    scene: Scene, root: Path, played: Played, service: Service, begun: float
) -> tuple[Scene, str]:
    """Send the event of a scene; its order's number."""
    if scene.trouble == "late":  # counted from when the orders were put into the shop
        played.shop.settings.payments_delay = time.time() - begun + _LATE_SECONDS
    if scene.trouble == "away":
        played.faults[NETSUITE].change(rates={}, spells={Fault.MAINTENANCE: _AWAY_SECONDS})
    body = (root / _TENANT / "cases" / scene.case / "event.json").read_bytes()
    number = _number_in(read_json_bytes("the event", body))
    status = service.send(_TENANT, body)
    click.echo(f"{number}: {scene.words}; the event is answered {status}", err=True)
    return scene, number


def _ended(journal: str) -> list[ListedDelivery]:
    """All deliveries, when none is on its way any more."""
    end = time.monotonic() + _MOST_SECONDS
    with open_journal(journal) as beside:
        while True:
            found = beside.run_blocking(
                lambda connection: list_deliveries(connection, DeliveryFilter())
            )
            if not any(one.state in _ON_THEIR_WAY for one in found) or time.monotonic() > end:
                return found
            time.sleep(0.2)


def _print(told: list[tuple[Scene, str]], found: list[ListedDelivery], played: Played) -> None:
    by_order = {one.order: one for one in found}
    ledger = {one.external_id: one for one in played.netsuite.state.ledger.transactions()}
    table = Table(box=SIMPLE)
    for heading in ("order", "what it met", "became", "attempts", "in NetSuite", "balance"):
        table.add_column(heading, overflow="fold")
    for scene, number in told:
        one = by_order[number]
        posted = one.posted[-1] if one.posted else None
        record = ledger.get(posted["external_id"]) if posted else None
        table.add_row(
            number,
            scene.words,
            one.state if one.words is None else clean(f"{one.state}: {one.words}"),
            str(one.attempts),
            f"{posted['record']} {posted['id']}" if posted else "",
            "" if record is None else format_amount(record.fields["total"], None),
        )
    console().print(table)
    delivered = [one for one in found if one.state is DeliveryState.DELIVERED]
    totals = [one.fields["total"] for one in ledger.values()]
    is_sound = len(ledger) == len(delivered) and not any(totals)
    words = (
        "each order once, and every one balances to 0.00" if is_sound else "and they do not add up"
    )
    click.echo(f"the ledger holds {len(ledger)} transactions: {words}")


def _number_in(event: object) -> str:
    payload = event.get("payload") if isinstance(event, Mapping) else None
    return str(payload.get("external_id")) if isinstance(payload, Mapping) else "?"
