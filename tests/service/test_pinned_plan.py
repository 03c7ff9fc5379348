"""A mapping is edited while nobody knows whether an order was posted: it is looked for as it was sent.

The simulated NetSuite carries out the post, does not say so, and is away until the service has the
edited mapping.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from pathlib import Path

from commanded import played_with
from conftest import ROOT
from orders import Sample
from serviced import Service
from shopping import orders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from waiting import until

from engine.documents import write_json_bytes
from engine.findings.diagnostics import select_errors
from engine.journal.database import open_journal
from engine.journal.mapping_versions import StoredVersion, store_versions
from engine.mapping.load import load_accepted, load_tenant, open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

SAMPLES = [sample for what, sample in orders(12) if what.channel_type == "web"][:3]
# An order under another external id would be posted again; with more lines it would be another's.
EDIT = """
records: {sales_order: {external_id: "SX-{{ external_id }}"}}
lines:
  rounding: {body: {item: {id: 1101}, price: {id: "-1"}, amount: "{{ 1 | money }}"}}
  rounding_back: {body: {item: {id: 1101}, price: {id: "-1"}, amount: "{{ -1 | money }}"}}
checks:
  balance:
    terms:
      rounding: !before:payments "{{ (lines.rounding | stored) + (lines.rounding_back | stored) }}"
"""
# No order of the samples has such lines: the payloads are the same.
INCOMPLETE = """
checks:
  $remove: [total]
  balance:
    terms:
      $remove: [cash_rounding]
"""


class Silent:
    """NetSuite carries out so many posts of orders, and answers 503 to them and from then on, until `back`.

    None of them is answered before the last is carried out.
    """

    def __init__(self, app: ASGIApp, posts: int = 1) -> None:
        self.app, self.posts = app, posts
        self.away, self.back = threading.Event(), threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_netsuite = scope["type"] == "http" and "/netsuite/" in scope["path"]
        is_post = (
            is_netsuite and scope["method"] == "POST" and scope["path"].endswith("/salesOrder")
        )
        is_carried_out = is_post and not self.away.is_set()
        if is_carried_out:
            await self.app(scope, receive, _unheard)
            self.posts -= 1
            if not self.posts:
                self.away.set()
            while not self.away.is_set():
                await asyncio.sleep(0.01)
        if is_carried_out or (is_netsuite and self.away.is_set() and not self.back.is_set()):
            await Response(status_code=503)(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def _unheard(_message: Message) -> None:
    """The answer that never leaves."""


def test_an_edited_mapping_is_not_held_against_what_the_old_one_sent(tmp_path: Path) -> None:
    journal, edited = tmp_path / "journal.db", _mapping(tmp_path)
    played = played_with(SAMPLES[0])
    silent = Silent(build_simulator_app([played]))
    with serve_in_thread(silent) as simulator, Service(journal, simulator, tmp_path) as service:
        sender = _sent(service, SAMPLES[0])
        assert silent.away.wait(60)
        edited.write_text(edited.read_text() + EDIT)
        until(lambda: service.log.count("dodici: ready") == 2, "the mapping is not loaded anew")
        silent.back.set()
        service.drained()
        sender.join()
    assert len(played.netsuite.state.ledger.transactions()) == 1
    assert _rows(journal, "SELECT state FROM deliveries") == [("delivered",)]
    written_by = "SELECT DISTINCT version FROM attempts WHERE pinned IS NOT NULL"
    assert len(_rows(journal, written_by)) == 1


def test_what_an_earlier_erpmap_accepted_is_delivered_by_a_stricter_one(tmp_path: Path) -> None:
    """A check of the kept mapping does not count an amount: nothing new would be accepted with it."""
    journal, edited = tmp_path / "journal.db", _mapping(tmp_path)
    played = played_with(SAMPLES[0])
    silent = Silent(build_simulator_app([played]))
    with serve_in_thread(silent) as simulator:
        with Service(journal, simulator, tmp_path) as service:
            sender = _sent(service, SAMPLES[0])
            assert silent.away.wait(60)
        sender.join()
        complete = edited.read_text()
        edited.write_text(complete + INCOMPLETE)
        _as_an_earlier_erpmap_kept(journal, tmp_path)
        edited.write_text(complete + EDIT)
        silent.back.set()
        with Service(journal, simulator, tmp_path) as service:
            service.drained()
    assert _rows(journal, "SELECT state, reason FROM deliveries") == [("delivered", None)]
    assert len(played.netsuite.state.ledger.transactions()) == 1


def test_what_cannot_be_made_again_waits_for_a_person(tmp_path: Path) -> None:
    """It is parked at once, with words, and nothing is posted."""
    journal, edited = tmp_path / "journal.db", _mapping(tmp_path)
    played = played_with(*SAMPLES)
    silent = Silent(build_simulator_app([played]), posts=len(SAMPLES))
    with serve_in_thread(silent) as simulator:
        with Service(journal, simulator, tmp_path) as service:
            senders = [_sent(service, sample) for sample in SAMPLES]
            assert silent.away.wait(60)
        for sender in senders:
            sender.join()
        (first,), (second,), _ = _rows(journal, "SELECT id FROM deliveries ORDER BY id")
        _rows(journal, f"UPDATE attempts SET pinned = x'00' WHERE delivery_id = {first}")
        its_event = f"(SELECT event_id FROM deliveries WHERE id = {second})"
        _rows(journal, f"UPDATE events SET document = x'00' WHERE id = {its_event}")
        _rows(journal, "DELETE FROM versions")
        edited.write_text(edited.read_text() + EDIT)
        silent.back.set()
        with Service(journal, simulator, tmp_path) as service:
            service.drained()
    found = _rows(journal, "SELECT state, reason, words FROM deliveries ORDER BY id")
    reasons = [(state, reason) for state, reason, _ in found]
    damaged = ("parked", "damaged")
    assert reasons == [damaged, damaged, ("parked", "version_gone")]
    assert all("look whether its records stand" in str(words) for _, _, words in found)
    assert len(played.netsuite.state.ledger.transactions()) == len(SAMPLES)


def _mapping(folder: Path) -> Path:
    """A folder of mappings, and the file in it that is edited."""
    ignored = shutil.ignore_patterns("cases", "nordhus")
    shutil.copytree(ROOT / "mappings", folder, ignore=ignored, dirs_exist_ok=True)
    return folder / "dodici" / "sales_order.yaml"


def _sent(service: Service, sample: Sample) -> threading.Thread:
    """The event, sent by somebody who is kept waiting while NetSuite is away."""
    body = write_json_bytes(sample.event)
    sender = threading.Thread(target=service.request, args=("POST", "/events/dodici", body))
    sender.start()
    return sender


def _as_an_earlier_erpmap_kept(journal: Path, mappings: Path) -> None:
    """The journal as if the present files, which erpmap refuses, had been live and sent the order."""
    folder = open_folder(mappings)
    refused = load_tenant(folder, "dodici")
    assert {finding.code for finding in select_errors(refused.findings)} == {"E0231"}
    accepted = load_accepted(folder, "dodici")
    texts = {path: (text.name, text.content) for path, text in refused.texts.items()}
    for plan in accepted.plans:
        version = StoredVersion("dodici", plan.name, plan.version)
        with open_journal(f"sqlite:///{journal}") as opened:
            opened.run_blocking(store_versions, [version], texts, 0)
        _rows(
            journal,
            f"UPDATE attempts SET version = '{plan.version}' WHERE delivery_id IN"
            f" (SELECT id FROM deliveries WHERE mapping = '{plan.name}')",
        )


def _rows(journal: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(journal, timeout=10) as connection:
        return connection.execute(query).fetchall()
