"""An account with the traps of public reports, and people who meddle while orders are on their way."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

from conftest import ROOT
from orders import Sample

from engine.documents import write_json_bytes
from engine.mapping.load import open_folder
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant

# A free sample on every order, dated a day later than it was sent.
_SCRIPTS = """
scripts:
  - {records: [salesOrder, cashSale], add_line: {item: 4007, quantity: 1, amount: 0}}
  - {records: [salesOrder, cashSale], move_days: 1}
"""
_SETTINGS = {
    "language": "de",
    "search_lag": "1.5",
    "missing_transaction": 400,
    "unsorted": "nothing",
    "overload": 400,
}
# Whoever uses another external id for an order posts it a second time.
_EDIT = 'records: {{{name}: {{external_id: "X{number}-{{{{ external_id }}}}"}}}}\n'
_MAPPINGS = ("sales_order", "cash_sale")


def trapped_mappings(folder: Path) -> Path:
    """The shipped mappings without their cases; dodici's account has scripts."""
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases"))
    simulator = mappings / "dodici" / "simulator.yaml"
    simulator.write_text(simulator.read_text("utf-8") + _SCRIPTS, "utf-8")
    return mappings


def trapped_account(mappings: Path) -> SimulatedTenant:
    """dodici as it is played, with all traps."""
    played = load_simulated_tenant(open_folder(mappings), "dodici")
    played.settings.change(write_json_bytes(_SETTINGS))
    return played


@contextmanager
def meddled(mappings: Path, played: SimulatedTenant, samples: Sequence[Sample]) -> Iterator[None]:
    """Edit the external ids and list the items of orders in another order, again and again."""
    over = threading.Event()

    def meddle() -> None:
        number = 0
        while not over.wait(1.0):
            number += 1
            for name in _MAPPINGS:
                path = mappings / "dodici" / f"{name}.yaml"
                text = path.read_text("utf-8").partition("records:")[0]
                path.write_text(text + _EDIT.format(name=name, number=number), "utf-8")
            # Each order once: its payments are late again.
            for sample in samples[number - 1 :: 13] if number <= 13 else ():
                played.shop.add(sample.event, reversed_items(sample), sample.account)

    thread = threading.Thread(target=meddle)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def reversed_items(sample: Sample) -> dict[str, object]:
    """The order's document with its items in another order."""
    order = deepcopy(sample.order)
    order["data"]["order"]["items"]["edges"].reverse()
    return order
