"""The orders of the story delivered: both systems simulated, the service beside them, and faults."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
from starlette.types import ASGIApp, Receive, Scope, Send

from ...bundled import bundled
from ...documents import read_json_bytes
from ...journal.database import open_journal
from ...journal.deliveries import DeliveryFilter, ListedDelivery, list_deliveries
from ...journal.states import DeliveryState
from ...mapping.load import open_folder
from ...run import read_order_number
from ...simulator.faults import Fault, FaultMiddleware, Faults
from ...simulator.netsuite.ledger import SimulatedLedger, StoredRecord
from ...simulator.serve import serve_in_thread
from ...simulator.tenants import add_cases, load_simulated_tenant
from ...simulator.world import build_simulator_app
from ..output.terminal import console, has_terminal
from .rendered import TENANT
from .service import Service

_ON_THEIR_WAY = (DeliveryState.WAITING, DeliveryState.RUNNING, DeliveryState.HELD)
_LATE_SECONDS, _MOST_SECONDS = 3.0, 60.0


@dataclass(frozen=True, slots=True)
class Scene:
    """An example order, and what happens to it: `fault` is a key of the table of faults below."""

    case: str
    words: str
    fault: str | None = None
    must_fail: bool = False


SCENES = (
    Scene("web-order", "a web order"),
    Scene("store-plain", "a store sale; NewStore sends its event twice", "twice"),
    Scene("split-payment-gift-card", "a split payment; its payments arrive late", "late"),
    Scene(
        "discounts-and-coupon",
        "the network breaks in mid-write; NetSuite's answer is lost",
        "break",
    ),
    Scene(
        "payment-over", "meant to fail: the customer paid more than the order costs", must_fail=True
    ),
)


@dataclass(frozen=True, slots=True)
class SceneResult:
    """What became of an order: HTTP statuses of its events, its deliveries, its transactions.

    `broken` counts connections that ended before NetSuite's answer, `created` NetSuite's creations.
    """

    answers: tuple[int, ...]
    broken: int
    deliveries: tuple[ListedDelivery, ...]
    transactions: tuple[StoredRecord, ...]
    created: int


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The results by case, and all transactions that NetSuite holds in the end."""

    by_case: Mapping[str, SceneResult]
    transactions: tuple[StoredRecord, ...]


class BrokenWrite:
    """Ends one connection, once armed: NetSuite stores a sales order, and its answer is lost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._faults = Faults(script=deque([Fault.COMMIT_THEN_DROP]))
        self._broken = FaultMiddleware(app, self._faults)
        self.is_armed = False

    @property
    def broken(self) -> int:
        """How many connections were ended."""
        return self._faults.struck[Fault.COMMIT_THEN_DROP]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; break the connection of the first that creates a sales order."""
        if self.is_armed and scope["method"] == "POST" and scope["path"].endswith("/salesOrder"):
            self.is_armed = False
            await self._broken(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def deliver_orders() -> DemoResult:
    """Simulate both systems, serve, send the events, and wait for the end of every delivery."""
    root = bundled("mappings")
    played = load_simulated_tenant(open_folder(root), TENANT)
    add_cases(played, root / TENANT / "cases")
    begun = time.time()
    world = BrokenWrite(build_simulator_app([played]))
    answers: dict[str, tuple[int, ...]] = {}
    with _progress() as tell, _serving(root, world, tell) as (service, journal):
        for scene in SCENES:
            if scene.fault == "late":  # counted from when the orders were put into the shop
                played.shop.settings.payments_delay = time.time() - begun + _LATE_SECONDS
            if scene.fault == "break":
                _finished(journal)  # the orders before it are written without a fault
                world.is_armed = True
            answers[scene.case] = _sent(scene, service, tell)
        tell("waiting until every delivery has ended")
        found = _finished(journal)
    by_case = {
        scene.case: _result(
            scene,
            answers[scene.case],
            world.broken if scene.fault == "break" else 0,
            found,
            played.netsuite.state.ledger,
        )
        for scene in SCENES
    }
    return DemoResult(by_case, played.netsuite.state.ledger.transactions())


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A function that reports progress on stderr: on one line of a terminal, else a line each time."""
    if not has_terminal(stderr=True):
        yield partial(click.echo, err=True)
        return
    with console(stderr=True).status("") as status:
        yield status.update


@contextmanager
def _serving(
    root: Path, world: ASGIApp, tell: Callable[[str], None]
) -> Iterator[tuple[Service, str]]:
    """The service beside the simulators, and the address of its journal."""
    with tempfile.TemporaryDirectory(prefix="erpmap-demo-") as folder:
        journal = f"sqlite:///{Path(folder) / 'journal.db'}"
        tell("starting NewStore's and NetSuite's simulators and the service")
        with serve_in_thread(world) as address, Service(root, journal, address) as service:
            yield service, journal


def _event_of(scene: Scene) -> bytes:
    return (bundled("mappings") / TENANT / "cases" / scene.case / "event.json").read_bytes()


def _number_of(scene: Scene) -> str:
    event = read_json_bytes("the event", _event_of(scene))
    assert isinstance(event, Mapping)
    return read_order_number(event)


def _sent(scene: Scene, service: Service, tell: Callable[[str], None]) -> tuple[int, ...]:
    """Send the event of a scene; the status of each answer."""
    times = 2 if scene.fault == "twice" else 1
    answers = tuple(service.send(TENANT, _event_of(scene)) for _ in range(times))
    tell(f"{_number_of(scene)}: event sent, answered {answers[-1]}")
    return answers


def _finished(journal: str) -> list[ListedDelivery]:
    """All deliveries, once none is on its way."""
    end = time.monotonic() + _MOST_SECONDS
    with open_journal(journal) as beside:
        while True:
            found = beside.run_blocking(
                lambda connection: list_deliveries(connection, DeliveryFilter())
            )
            if not any(one.state in _ON_THEIR_WAY for one in found) or time.monotonic() > end:
                return found
            time.sleep(0.2)


def _result(
    scene: Scene,
    answers: tuple[int, ...],
    broken: int,
    found: list[ListedDelivery],
    ledger: SimulatedLedger,
) -> SceneResult:
    deliveries = tuple(one for one in found if one.order == _number_of(scene))
    posted = {entry["external_id"] for one in deliveries for entry in one.posted}
    records = tuple(one for one in ledger.transactions() if one.external_id in posted)
    created = sum(ledger.created[one.kind.record, str(one.external_id)] for one in records)
    return SceneResult(
        answers=answers, broken=broken, deliveries=deliveries, transactions=records, created=created
    )
