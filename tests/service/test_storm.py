"""A storm of events, each sent once to three times and shuffled, while NetSuite fails in every way.

`pytest --full tests/service/test_storm.py -s` is the whole of it, 5,000 orders, and prints figures.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from conftest import ROOT
from exact import assert_once_and_exact
from journals import JOURNALS, Journal
from orders import Sample
from scale import scaled
from serviced import Service, send
from shopping import orders
from trapped import meddled, trapped_account, trapped_mappings

from engine.mapping.load import open_folder
from engine.simulator.faults import Fault
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import NETSUITE, SimulatedTenant, build_simulator_app

ORDERS = scaled(120, full=5_000)
TRAPPED_ORDERS = scaled(60, full=1_500)
SENDERS = 8
RATES = {
    Fault.COMMIT_THEN_TIMEOUT: 30,
    Fault.SERVER_ERROR: 50,
}
# The waits of the mappings, shortened so that the storm is over on the day it begins.
RETRY = """
retry:
  order_pending:   {wait: [1s, 2s]}
  payment_pending: {wait: [1s, 2s, 4s]}
  unavailable:     {wait: [1s, 2s, 4s]}
  throttled:       {wait: [1s, 2s]}
"""
LATE = 3  # the payments of every third order are late
PAYMENTS_DELAY = 4.0
BURSTS = 3  # of answers that say "too many"
OUTAGE = 60.0 if ORDERS >= 1000 else 4.0


@pytest.mark.parametrize("database", JOURNALS)
def test_every_order_stands_once_to_the_cent_after_a_storm(tmp_path: Path, database: str) -> None:
    mappings = _mappings(tmp_path)
    bought = list(orders(ORDERS))
    played = load_simulated_tenant(open_folder(mappings), "dodici")
    _trouble(played)
    early = [one for number, (_, one) in enumerate(bought) if number % LATE]
    for sample in early:
        played.shop.add(sample.event, sample.order, sample.account)
    time.sleep(PAYMENTS_DELAY)
    begun = time.monotonic()
    with (
        JOURNALS[database](tmp_path) as journal,
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(journal, simulator, mappings) as service,
    ):
        for sample in [one for _, one in bought[::LATE]]:
            played.shop.add(sample.event, sample.order, sample.account)
        sent = _send_all(service, [sample for _, sample in bought], played)
        stored = time.monotonic()
        service.drained(120 + ORDERS)
        drained = time.monotonic()
        _assert_adds_up(journal, sent, ORDERS)
    assert_once_and_exact(played, [purchase for purchase, _ in bought])
    _print_figures(f"{database}: {ORDERS}", played, sent, (stored - begun, drained - begun))


@pytest.mark.parametrize("database", JOURNALS)
def test_every_order_stands_once_though_its_account_is_full_of_traps(
    tmp_path: Path, database: str
) -> None:
    """Searches lag, NetSuite speaks German, scripts add lines; mappings and items are edited meanwhile."""
    mappings = _hurried(trapped_mappings(tmp_path))
    bought = list(orders(TRAPPED_ORDERS))
    samples = [sample for _, sample in bought]
    played = trapped_account(mappings)
    _trouble(played)
    for sample in samples:
        played.shop.add(sample.event, sample.order, sample.account)
    begun = time.monotonic()
    with (
        JOURNALS[database](tmp_path) as journal,
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(journal, simulator, mappings) as service,
    ):
        with meddled(mappings, played, samples):
            sent = _send_all(service, samples, played)
            stored = time.monotonic()
            service.drained(120 + TRAPPED_ORDERS)
            drained = time.monotonic()
        _assert_adds_up(journal, sent, TRAPPED_ORDERS)
    assert_once_and_exact(played, [purchase for purchase, _ in bought])
    what = f"{database}, with traps: {TRAPPED_ORDERS}"
    _print_figures(what, played, sent, (stored - begun, drained - begun))


def _mappings(folder: Path) -> Path:
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases"))
    return _hurried(mappings)


def _hurried(mappings: Path) -> Path:
    """The mappings with short waits, answered as soon as an event is stored."""
    common = mappings / "dodici" / "common.yaml"
    common.write_text(common.read_text() + RETRY)
    tenant = mappings / "dodici" / "tenant.yaml"
    text = tenant.read_text()
    assert "acknowledge: delivered" in text
    tenant.write_text(text.replace("acknowledge: delivered", "acknowledge: stored"))
    return mappings


def _trouble(played: SimulatedTenant) -> None:
    faults = played.faults[NETSUITE]
    faults.change(rates={fault: Fraction(part, 1000) for fault, part in RATES.items()})
    faults.stall = 2.0
    played.shop.settings.payments_delay = PAYMENTS_DELAY
    played.shop.settings.rate_limit = None


def _send_all(service: Service, samples: Sequence[Sample], played: SimulatedTenant) -> int:
    """Every event once to three times, shuffled, by eight senders; an outage and bursts meanwhile."""
    random = Random(20261201)
    events = [sample.event for sample in samples for _ in range(random.randint(1, 3))]
    random.shuffle(events)
    weather = threading.Thread(target=_weather, args=(played,))
    weather.start()
    with ThreadPoolExecutor(SENDERS) as senders:
        assert all(senders.map(lambda event: send(service, event), events))
    weather.join()
    return len(events)


def _weather(played: SimulatedTenant) -> None:
    """After a while NetSuite is away, then everybody else uses the account now and then for a moment."""
    faults = played.faults[NETSUITE]
    time.sleep(1.0)
    faults.change(rates=faults.rates, spells={Fault.MAINTENANCE: OUTAGE})
    time.sleep(OUTAGE)
    for _ in range(BURSTS):
        faults.change(rates=faults.rates, spells={Fault.THROTTLE: 2.0})
        time.sleep(OUTAGE / 2)


def _assert_adds_up(journal: Journal, sent: int, orders_sent: int) -> None:
    rows = journal.rows("SELECT fate, arrivals FROM events")
    states = journal.rows("SELECT state, reason FROM deliveries")
    assert Counter(fate for fate, _ in rows) == {"routed": orders_sent}
    assert sum(arrivals for _, arrivals in rows) == sent
    assert Counter(states) == {("delivered", None): orders_sent}


def _print_figures(
    what: str, played: SimulatedTenant, sent: int, seconds: tuple[float, float]
) -> None:
    struck = dict(played.faults[NETSUITE].struck)
    stored, drained = seconds
    sys.stdout.write(
        f"\n{what} orders, {sent} sendings, faults {struck}: all stored after {stored:.1f} s, "
        f"all delivered after {drained:.1f} s\n"
    )
