"""A new version of the mappings beside the live one: run on real events, reported, and nothing posted."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from commanded import ERPMAP, Commanded, played_with
from conftest import ROOT
from serviced import send
from shopping import orders
from waiting import until

from engine.simulator.serving import serving
from engine.simulator.world import world_app

# Web orders: sales orders all of them.
SAMPLES = [sample for what, sample in orders(12) if what.channel_type == "web"][:3]
MEMO = "\nrecords: {sales_order: {body: {memo: MEMO}}}\n"


def test_the_live_mapping_posts_and_the_shadow_reports(tmp_path: Path) -> None:
    """The same requests reach NetSuite as without a shadow, and the report has both values."""
    shadow, journal = _mappings(tmp_path), tmp_path / "journal.db"
    _reworded(shadow, "of the shadow")
    alone = _requests_for(tmp_path / "alone.db")
    played = played_with(*SAMPLES)
    with (
        serving(world_app([played])) as simulator,
        Commanded(journal, simulator, "--shadow", str(shadow)) as service,
    ):
        assert all(send(service, sample.event) for sample in SAMPLES)
        service.drained()
        _compared(journal, len(SAMPLES))
        assert _requests(simulator) == alone
        page = service.get("/metrics")[1]
        assert 'erpmap_shadow_total{result="different",tenant="dodici"} 3.0' in page
    stands = played.netsuite.state.ledger.transactions()
    assert [one.fields.get("memo") for one in stands] == [None] * len(SAMPLES)
    code, report = _report(journal, "dodici", "--field", "memo")
    (one,) = report["shadows"]
    (field,) = one["fields"]
    assert (code, one["results"]) == (1, {"different": len(SAMPLES)})
    assert (field["record"], field["field"], field["orders"]) == ("sales_order", "body.memo", 3)
    assert field["rule"] == "records.sales_order.body.memo"
    assert "sales_order.yaml:" in field["at"]
    assert field["example"]["shadow"] == "of the shadow"
    assert one["sums"] == one["findings"] == []
    assert [order["delivery"] for order in report["orders"]] == [1, 2, 3]
    for order in report["orders"]:
        (difference,) = order["differences"]
        assert (difference.get("live"), difference["shadow"]) == (None, "of the shadow")


def _mappings(folder: Path) -> Path:
    mappings = folder / "next"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases", "nordhus"))
    return mappings


def _reworded(mappings: Path, memo: str) -> None:
    file = mappings / "dodici" / "sales_order.yaml"
    file.write_text(file.read_text() + MEMO.replace("MEMO", f"'{memo}'"))


def _requests_for(journal: Path) -> Any:
    """What reaches NetSuite without a shadow."""
    with (
        serving(world_app([played_with(*SAMPLES)])) as simulator,
        Commanded(journal, simulator) as service,
    ):
        assert all(send(service, sample.event) for sample in SAMPLES)
        service.drained()
        return _requests(simulator)


def _requests(simulator: str) -> Any:
    with urllib.request.urlopen(f"{simulator}/dodici/requests") as answer:
        return json.load(answer)


def _compared(journal: Path, count: int) -> None:
    until(lambda: len(_rows(journal, "SELECT result FROM shadows")) >= count, "nothing is compared")


def _rows(journal: Path, query: str) -> list[Any]:
    with sqlite3.connect(journal, timeout=10) as connection:
        return connection.execute(query).fetchall()


def _report(journal: Path, *arguments: str) -> tuple[int, Any]:
    command = [ERPMAP, "shadow", *arguments, "--journal", f"sqlite:///{journal}"]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, check=False)
    return done.returncode, json.loads(done.stdout)
