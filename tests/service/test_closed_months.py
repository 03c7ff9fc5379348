"""A month is closed while orders of it arrive: the service moves them, through kill -9, and all agree."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import erpmap
from commanded import Commanded, played_with
from conftest import ROOT
from deadly import Deadly
from orders import a_sample
from serviced import send

from engine.simulator.serve import serve_in_thread
from engine.simulator.world import SimulatedTenant, build_simulator_app

SAMPLE = a_sample(placed_at="2026-10-12T18:41:06.110")
SAMPLE.event["payload"]["created_at"] = "2026-10-12T18:41:06.110Z"
MOVED = {"from": "2026-10-12", "to": "2026-11-01"}
# The requests to NetSuite that may be the last: the refused one, the query for periods, the second
# one, and the confirmation that reads it. Before them: the tokens, the order, its lookups and customer.
REQUESTS = range(7, 11)


@pytest.fixture(scope="module")
def mappings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dodici as a tenant that allows it, without its cases."""
    root = tmp_path_factory.mktemp("mappings")
    ignored = shutil.ignore_patterns("cases")
    shutil.copytree(ROOT / "mappings" / "dodici", root / "dodici", ignore=ignored)
    tenant = root / "dodici" / "tenant.yaml"
    text = tenant.read_text("utf-8")
    allowed = "  allowance: 5\n  closed_period: first_open_day\n"
    text = text.replace("  allowance: 5\n", allowed).replace("from: 2026-12-01", "from: 2026-10-01")
    tenant.write_text(text, "utf-8")
    return root


@contextmanager
def closed(at: int = 0, *, heard: bool = True) -> Iterator[tuple[SimulatedTenant, Deadly, str]]:
    """The systems of dodici, which have closed October."""
    played = played_with(SAMPLE)
    deadly = Deadly(build_simulator_app([played]), at, heard=heard)
    played.periods.change("closed", ["2026-10"])
    with serve_in_thread(deadly) as address:
        yield played, deadly, address


def stands(played: SimulatedTenant) -> bool:
    """Whether the order stands once, on the first open day."""
    (record,) = played.netsuite.state.ledger.transactions()
    assert set(played.netsuite.state.ledger.created.values()) == {1}
    return bool(record.fields["tranDate"] == MOVED["to"])


def said(mappings: Path, simulator: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    head = ("--mappings", str(mappings))
    return erpmap(*head, *arguments, variables={"ERPMAP_SIMULATOR": simulator})


def reconciled(mappings: Path, simulator: str, *days: str) -> tuple[int, list[Any], list[Any]]:
    """How many orders of some days are booked, which differ, and what is there beside them."""
    window = ("--from", days[0], "--to", days[1], "--exact", "--format", "json")
    report = json.loads(said(mappings, simulator, "reconcile", "dodici", *window).stdout)
    booked = sum(one["orders"]["booked"] for one in report["totals"])
    return booked, report["differing"], report["extra"]


def test_what_has_moved_is_told_everywhere_and_nobody_sees_a_difference(
    tmp_path: Path, mappings: Path
) -> None:
    journal = tmp_path / "journal.db"
    at_journal = ("--journal", f"sqlite:///{journal}")
    with closed() as (played, _, simulator):
        with Commanded(journal, simulator, mappings=mappings) as service:
            assert send(service, SAMPLE.event)
            service.drained()
            assert service.stop() == 0
            (ended,) = service.said("delivery ended")
        assert stands(played)
        assert ended["moved"] == [{"record": "sales_order", **MOVED}]

        shown = json.loads(
            said(mappings, simulator, "queue", "show", "1", *at_journal, "--format", "json").stdout
        )
        assert shown["posted"][-1]["moved"] == MOVED
        assert shown["attempts"][0]["answers"][-1]["moved"] == MOVED
        words = "tranDate 2026-11-01 instead of 2026-10-12"
        assert words in said(mappings, simulator, "queue", "show", "1", *at_journal).stdout
        for command in (("queue", "audit", *at_journal), ("queue", "replay", "1", *at_journal)):
            ended_well = said(mappings, simulator, *command)
            assert ended_well.returncode == 0, ended_well.stdout + ended_well.stderr
        for shown_so in (("show", "1", "--payload"), ("replay", "1")):
            as_rendered = said(mappings, simulator, "queue", *shown_so, *at_journal)
            assert json.loads(as_rendered.stdout)[-1]["body"]["tranDate"] == MOVED["from"]
            sent = f"salesOrder's tranDate was sent as {MOVED['to']} instead of {MOVED['from']}"
            assert sent in as_rendered.stderr
            assert "the payloads that were sent" not in as_rendered.stderr
        assert reconciled(mappings, simulator, "2026-10-10", "2026-10-14") == (1, [], [])
        # The days of the next month hold a transaction of an order of this one.
        assert reconciled(mappings, simulator, "2026-11-01", "2026-11-02") == (0, [], [])

        order = SAMPLE.event["payload"]["id"]
        again = ("send", "dodici", "--order", order)
        receipt = said(mappings, simulator, *again)
        assert "already there  dated 2026-11-01 instead of 2026-10-12" in " ".join(
            receipt.stdout.split("\n")
        ).replace("   ", "  ")
        (document,) = json.loads(said(mappings, simulator, *again, "--format", "json").stdout)
        assert (document["posted"][-1]["how"], document["posted"][-1]["moved"]) == (
            "already there",
            MOVED,
        )
        assert stands(played)


def test_a_dry_run_foresees_what_a_closed_period_does(mappings: Path) -> None:
    order = SAMPLE.event["payload"]["id"]
    dry = ("send", "dodici", "--order", order, "--dry-run")
    with closed() as (played, _, simulator):
        moving = said(mappings, simulator, *dry)
        assert moving.returncode == 0, moving.stderr
        words = "would be created; tranDate would move to 2026-11-01, as the period of 2026-10-12 is closed"
        assert words in moving.stderr
        refused = said(ROOT / "mappings", simulator, *dry, "--format", "json")
        (outcome,) = json.loads(refused.stdout)
        last = outcome["foreseen"][-1]
        assert (refused.returncode, last["fate"], last["is_trouble"]) == (1, "closed", True)
        assert last["words"] == "would be refused: the period of 2026-10-12 is closed"
        played.periods.change("closed", [])
        assert said(ROOT / "mappings", simulator, *dry).returncode == 0


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("at", REQUESTS)
def test_killed_between_the_refusal_and_the_end_it_stands_once_on_the_open_day(
    tmp_path: Path,
    mappings: Path,
    at: int,
    heard: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    journal = tmp_path / "journal.db"
    with closed(at, heard=heard) as (played, deadly, simulator):
        with Commanded(journal, simulator, mappings=mappings) as service:
            deadly.victim = service.process
            is_left = not send(service, SAMPLE.event)
            service.process.wait(60)
        deadly.victim = None
        with Commanded(journal, simulator, mappings=mappings) as service:
            assert not is_left or send(service, SAMPLE.event)
            service.drained()
        assert stands(played)


def test_an_undisturbed_order_of_a_closed_month_makes_so_many_requests(
    tmp_path: Path, mappings: Path
) -> None:
    """The last ones are those at which the test above kills."""
    with closed() as (_, deadly, simulator):
        with Commanded(tmp_path / "journal.db", simulator, mappings=mappings) as service:
            assert send(service, SAMPLE.event)
            service.drained()
        assert deadly.count == REQUESTS[-1] == 10
