"""Tenants break, are mended, change and go while the service runs; events of all are stored."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from commanded import Commanded
from conftest import ROOT
from serviced import Service, send
from shopping import orders

from cli import main
from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant, build_simulator_app

# Web orders: sales orders all of them.
SAMPLES = [sample for what, sample in orders(12) if what.channel_type == "web"][:4]


def test_a_broken_tenants_events_are_stored_and_wait_until_it_is_mended(tmp_path: Path) -> None:
    mappings, played = _mappings(tmp_path), _played()
    broken = mappings / "dodici" / "common.yaml"
    good = broken.read_text()
    broken.write_text(good + "\nno_such_key: 1\n")
    journal = tmp_path / "journal.db"
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(journal, simulator, mappings) as service,
    ):
        assert all(send(service, sample.event) for sample in SAMPLES)
        assert _rows(journal, "SELECT fate FROM events") == ["unrouted"] * len(SAMPLES)
        broken.write_text(good)
        _until(lambda: len(played.netsuite.state.ledger.transactions()) == len(SAMPLES))
        service.drained()
    assert _rows(journal, "SELECT fate FROM events") == ["routed"] * len(SAMPLES)
    assert _rows(journal, "SELECT state FROM deliveries") == ["delivered"] * len(SAMPLES)


def test_a_change_counts_when_it_is_whole_and_right(tmp_path: Path) -> None:
    """A wrong change leaves the old mapping at work; one whose cases fail does, too."""
    mappings, played = _mappings(tmp_path), _played()
    changed = mappings / "dodici" / "sales_order.yaml"
    good = changed.read_text()
    memo = "\nrecords: {sales_order: {body: {memo: MEMO}}}\n"
    journal = tmp_path / "journal.db"
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(journal, simulator, mappings) as service,
    ):
        wrong = good + memo.replace("MEMO", "'{{ no_such_name }}'")
        _change(service, changed, wrong, "findings")
        assert send(service, SAMPLES[0].event)
        _change(service, changed, good + memo.replace("MEMO", "of the new mapping"), "ready")
        assert send(service, SAMPLES[1].event)
        service.drained()
    memos = [one.fields.get("memo") for one in played.netsuite.state.ledger.transactions()]
    assert sorted(memos, key=str) == [None, "of the new mapping"]


@pytest.mark.parametrize("gone", ["mappings/dodici", "mappings"])
def test_the_events_of_a_tenant_whose_folder_is_gone_are_to_be_sent_again(
    tmp_path: Path, gone: str
) -> None:
    """503 until it is back: a mount may have failed. Told by SIGHUP that it is meant so, 404."""
    mappings, played = _mappings(tmp_path), _played()
    journal, away = tmp_path / "journal.db", tmp_path / "away"
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(journal, simulator, mappings) as service,
    ):
        (tmp_path / gone).rename(away)
        _until(lambda: service.request("POST", "/events/dodici", b"{}") == 503)
        dodici = service.tenants()["dodici"]
        assert (dodici["ready"], dodici["trouble"]) == (
            False,
            "its folder is gone, or cannot be read",
        )
        away.rename(tmp_path / gone)
        _until(lambda: service.request("POST", "/events/dodici", b"{}") == 400)
        assert send(service, SAMPLES[0].event)
        service.drained()
        (tmp_path / gone).rename(away)
        _until(lambda: service.request("POST", "/events/dodici", b"{}") == 503)
        service.process.send_signal(signal.SIGHUP)
        _until(lambda: service.request("POST", "/events/dodici", b"{}") == 404)
        assert service.tenants() == {}
    assert len(played.netsuite.state.ledger.transactions()) == 1


def test_a_folder_whose_name_is_no_text_is_none_of_a_tenant(tmp_path: Path) -> None:
    """The others are served, and shown."""
    mappings, journal = _mappings(tmp_path), tmp_path / "journal.db"
    shutil.copytree(mappings / "dodici", mappings / os.fsdecode(b"\xff"))
    assert CliRunner().invoke(main, ["--mappings", str(mappings), "validate"]).exit_code == 0
    with (
        serve_in_thread(build_simulator_app([_played()])) as simulator,
        Commanded(journal, simulator, mappings=mappings, tenants=()) as service,
    ):
        assert list(service.tenants()) == ["dodici"]
        assert service.get("/metrics")[0] == 200


def _mappings(folder: Path) -> Path:
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases", "nordhus"))
    return mappings


def _played() -> SimulatedTenant:
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    for sample in SAMPLES:
        played.shop.add(sample.event, sample.order, sample.account)
    return played


def _change(service: Service, file: Path, text: str, words: str) -> None:
    """Change a file, and wait until the service has said what it makes of it."""
    before = service.log.count(words)
    file.write_text(text)
    _until(lambda: service.log.count(words) > before)


def _rows(journal: Path, query: str) -> list[str]:
    with sqlite3.connect(journal, timeout=10) as connection:
        return [value for (value,) in connection.execute(query)]


def _until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_files_behind_links_and_cases_are_watched(tmp_path: Path) -> None:
    """Shared mappings and cases are mounted beside the tenant, and exchanged as a ConfigMap is."""
    mappings, played = _mappings(tmp_path), _played()
    shared, own = mappings / "shared", mappings / "dodici"
    shared.mkdir()
    (own / "sales_order.yaml").rename(shared / "sales_order.yaml")
    (own / "sales_order.yaml").write_text("erpmap: 1\nextends: shared/sales_order\n")
    mapping = shared / "sales_order.yaml"
    good = mapping.read_text().replace(", common]", ", dodici/common]")
    mapping.write_text(good)
    case, mount = "web-order", mappings / "mount"
    for name in (case, "lookups"):
        shutil.copytree(ROOT / "mappings" / "dodici" / "cases" / name, mount / "v1" / name)
    shutil.copytree(mount / "v1", mount / "v2")
    (mount / "v2" / case / "payloads.json").write_text("[]\n")
    (mount / "now").symlink_to("v1")
    shutil.rmtree(own / "cases", ignore_errors=True)
    (own / "cases").symlink_to("../mount/now")
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(tmp_path / "journal.db", simulator, mappings) as service,
    ):
        _change(service, mapping, good + "\nno_such_key: 1\n", "findings")
        _change(service, mapping, good, "ready")
        (mount / "next").symlink_to("v2")
        (mount / "next").rename(mount / "now")
        _until(lambda: "of its cases fail" in service.log)
