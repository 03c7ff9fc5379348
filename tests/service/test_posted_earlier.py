"""Going live: orders that an earlier integration has posted are left out, by the service and by hand."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from command import erpmap
from commanded import played_with
from conftest import ROOT
from orders import Sample, a_sample
from serviced import Service, send
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from waiting import until

from engine.simulator.faults import Fault
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import NETSUITE, SimulatedTenant, build_simulator_app

NOVEMBER = {"placed_at": "2026-11-12T18:41:06.110"}
LONG_WAITS = """
retry:
  order_pending: {wait: [1h]}
  unavailable:   {wait: [1h]}
"""
AWAY = {Fault.MAINTENANCE: 3600.0}
RULE = "posted_earlier: events.posted lists it"


def sample(number: str) -> Sample:
    made = a_sample(number=number, placed_at="2026-10-12T18:41:06.110")
    made.event["payload"]["created_at"] = "2026-10-12T18:41:06.110Z"
    return made


BY_ID, BY_NUMBER, OURS, LATER, LAST = (sample(f"GL{number}") for number in range(5))


def dodici(folder: Path) -> tuple[Path, Path]:
    """The mappings of dodici without its cases, and its list: one order by its id, one by its number."""
    shutil.copytree(
        ROOT / "mappings" / "dodici",
        folder / "mappings" / "dodici",
        ignore=shutil.ignore_patterns("cases"),
    )
    tenant = folder / "mappings" / "dodici" / "tenant.yaml"
    text = tenant.read_text("utf-8").replace("from: 2026-12-01", "posted: posted.csv")
    tenant.write_text(text, "utf-8")
    posted = tenant.with_name("posted.csv")
    posted.write_bytes(f"\ufefforder\r\n{BY_ID.event['payload']['id']}\r\nGL1\r\n".encode())
    return folder / "mappings", posted


def said(mappings: Path, simulator: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    head = ("--mappings", str(mappings))
    return erpmap(*head, *arguments, variables={"ERPMAP_SIMULATOR": simulator})


def stands(journal: Path) -> list[tuple[str, bool]]:
    """Where the deliveries stand, in the order they began, and whether something may be written."""
    with sqlite3.connect(journal, timeout=10) as connection:
        return list(connection.execute("SELECT state, doubts <> '[]' FROM deliveries ORDER BY id"))


def events(journal: Path) -> list[tuple[str, str | None]]:
    with sqlite3.connect(journal, timeout=10) as connection:
        return list(connection.execute("SELECT fate, reason FROM events ORDER BY id"))


def test_what_is_listed_is_ignored_by_its_rule_and_the_list_may_grow(tmp_path: Path) -> None:
    (mappings, posted), journal = dodici(tmp_path), tmp_path / "journal.db"
    played = played_with(BY_ID, BY_NUMBER, OURS, LATER, LAST)
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Service(journal, simulator, mappings) as service,
    ):
        assert all(send(service, one.event) for one in (BY_ID, BY_NUMBER, OURS))
        _change(service, posted, posted.read_text("utf-8") + "GL3\n", "ready")
        # A list that is wrong leaves the one before at work.
        _change(service, posted, "order\nGL4\nGL4\n", "findings")
        assert all(send(service, one.event) for one in (LATER, LAST))
        service.drained()
        ignored = ("ignored", RULE)
        assert events(journal) == [ignored, ignored, ("routed", None), ignored, ("routed", None)]
        external_ids = {one.external_id for one in played.netsuite.state.ledger.transactions()}
        assert external_ids == {"SO-GL2", "SO-GL4"}
        audit = said(mappings, simulator, "queue", "audit", "--journal", f"sqlite:///{journal}")
        assert (audit.returncode, "3 ignored, 2 routed" in audit.stdout) == (0, True), audit.stdout


def test_what_is_listed_while_it_waits_or_is_parked_is_ignored_unless_it_may_stand(
    tmp_path: Path,
) -> None:
    """One order that waits, one that is parked when its customer stands, one whose answer was lost."""
    (mappings, posted), journal = dodici(tmp_path), tmp_path / "journal.db"
    common = posted.with_name("common.yaml")
    common.write_text(common.read_text("utf-8") + LONG_WAITS, "utf-8")
    posted.write_text("order\n", "utf-8")
    waits, parked, lost = sample("GL5"), sample("GL6"), a_sample(number="GL7", **NOVEMBER)
    played = played_with(parked, lost)
    played.periods.change("closed", ["2026-10"])
    with (
        serve_in_thread(Losing(build_simulator_app([played]), played, "GL7")) as simulator,
        Service(journal, simulator, mappings) as service,
    ):
        at = ("--journal", f"sqlite:///{journal}")
        assert all(send(service, one.event) for one in (waits, parked, lost))
        assert stands(journal) == [("waiting", False), ("parked", False), ("waiting", True)]
        _change(service, posted, "order\nGL5\nGL6\nGL7\n", "ready")
        played.faults[NETSUITE].change(rates={})
        played.periods.change("closed", [])
        played.shop.add(waits.event, waits.order, waits.account)
        said(mappings, simulator, "queue", "retry", "GL5", "GL6", "GL7", *at)
        until(lambda: "waiting" not in dict(stands(journal)), "they are not tried again")
        service.drained()
        assert [state for state, _ in stands(journal)] == ["ignored", "ignored", "delivered"]
        shown = said(mappings, simulator, "queue", "show", "GL5", *at).stdout
        assert RULE in " ".join(shown.split())
        assert said(mappings, simulator, "queue", "audit", *at).returncode == 0
    external_ids = [one.external_id for one in played.netsuite.state.ledger.transactions()]
    assert external_ids == ["SO-GL7"]


class Losing:
    """A simulator that makes one order's transaction, answers nothing, and is away from then on."""

    def __init__(self, app: ASGIApp, played: SimulatedTenant, number: str) -> None:
        self.app, self.faults, self.number = app, played.faults[NETSUITE], number.encode()
        self.is_over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        if (
            is_post
            and "/record/" in scope["path"]
            and "Order" in scope["path"]
            and not self.is_over
        ):
            message = await receive()
            if b"SO-" + self.number in message.get("body", b""):
                self.is_over = True
                self.faults.change(rates={}, script=[Fault.COMMIT_THEN_DROP], spells=AWAY)
            given = iter([message])

            async def again() -> Message:
                return next(given, None) or await receive()

            await self.app(scope, again, send)
            return
        await self.app(scope, receive, send)


def test_by_hand_it_is_refused_in_words_and_reconciling_misses_nothing(tmp_path: Path) -> None:
    mappings, posted = dodici(tmp_path)
    played = played_with(BY_ID, BY_NUMBER, OURS)
    with serve_in_thread(build_simulator_app([played])) as simulator:

        def sent(number: str, *more: str) -> subprocess.CompletedProcess[str]:
            return said(mappings, simulator, "send", "dodici", "--order", number, *more)

        for number in ("GL0", "GL1"):
            refused = sent(number)
            assert refused.returncode == 1
            assert "an earlier integration has posted the order" in refused.stderr
            assert "remove it from that file" in refused.stderr
        assert sent("GL0", "--dry-run").returncode == 1
        told: Any = json.loads(sent("GL0", "--format", "json").stdout)
        assert "posted.csv lists it" in told["error"]["words"]
        assert sent("GL2").returncode == 0
        assert [one.external_id for one in played.netsuite.state.ledger.transactions()] == [
            "SO-GL2"
        ]

        window = ("--from", "2026-10-10", "--to", "2026-10-14", "--exact", "--format", "json")
        report: Any = json.loads(said(mappings, simulator, "reconcile", "dodici", *window).stdout)
        counts = report["totals"][0]["orders"]
        assert (counts["booked"], counts["ignored"], counts["missing"]) == (1, 2, 0)
        posted.write_text("order\nGL2\n", "utf-8")
        assert sent("GL0").returncode == 0
        # The earlier integration's own has an external id of ours: it stands there rightly.
        report = json.loads(said(mappings, simulator, "reconcile", "dodici", *window).stdout)
        counts = report["totals"][0]["orders"]
        assert (counts["booked"], counts["ignored"], report["extra"]) == (1, 1, [])


def test_what_the_earlier_integration_posted_under_its_own_id_is_found_and_booked(
    tmp_path: Path,
) -> None:
    mappings, posted = dodici(tmp_path)
    posted.write_text("order\n", "utf-8")
    mapping = mappings / "dodici" / "sales_order.yaml"
    ours = mapping.read_text("utf-8")
    played = played_with(OURS)
    with serve_in_thread(build_simulator_app([played])) as simulator:
        theirs = "\nrecords: {sales_order: {external_id: 'OLD-{{ external_id }}'}}\n"
        mapping.write_text(ours + theirs, "utf-8")
        send_ours = ("send", "dodici", "--order", "GL2", "--format", "json")
        assert said(mappings, simulator, *send_ours).returncode == 0
        earlier = "\nrecords: {sales_order: {earlier: {shop: 'OLD-{{ external_id }}'}}}\n"
        mapping.write_text(ours + earlier, "utf-8")
        (sent,) = json.loads(said(mappings, simulator, *send_ours).stdout)
        last = sent["posted"][-1]
        assert (last["how"], last["external_id"]) == ("posted earlier", "OLD-GL2")
        assert len(played.netsuite.state.ledger.transactions()) == 1
        window = ("--from", "2026-10-10", "--to", "2026-10-14", "--exact", "--format", "json")
        report: Any = json.loads(said(mappings, simulator, "reconcile", "dodici", *window).stdout)
        assert (report["totals"][0]["orders"]["booked"], report["missing"]) == (1, [])


def _change(service: Service, file: Path, text: str, words: str) -> None:
    """Change the list, and wait until the service has said what it makes of it."""
    before = service.log.count(words)
    file.write_text(text, "utf-8")
    until(lambda: service.log.count(words) > before, f"the service never says {words}")
