"""A script of the account refuses an order for now: only the tenant's own file of refusals says so."""

from __future__ import annotations

import shutil
from pathlib import Path

from commanded import played_with
from conftest import ROOT
from journals import journal_at
from serviced import Service, send
from shopping import orders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

SAMPLE = next(sample for what, sample in orders(12) if what.channel_type == "web")
REFUSALS = """
- code: BUDGET_LOCKED
  verdict: unavailable
  words: ["the budget is locked"]
  cause: a script of the account locks budgets at night
  remedy: nothing; it is tried again
"""


class Locked:
    """NetSuite refuses the first order in the words of a script, and takes it afterwards."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.refused = app, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        if is_post and scope["path"].endswith("/salesOrder") and not self.refused:
            self.refused += 1
            detail = {"o:errorCode": "USER_ERROR", "detail": "Sorry: The Budget is locked!"}
            await JSONResponse({"o:errorDetails": [detail]}, 400)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def test_a_refusal_that_the_tenants_file_explains_is_waited_for(tmp_path: Path) -> None:
    mappings = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases"))
    (mappings / "dodici" / "own.yaml").write_text(REFUSALS, "utf-8")
    tenant = mappings / "dodici" / "tenant.yaml"
    text = tenant.read_text("utf-8")
    assert "netsuite:\n" in text
    tenant.write_text(text.replace("netsuite:\n", "netsuite:\n  refusals: own.yaml\n"), "utf-8")
    common = mappings / "dodici" / "common.yaml"
    waits = "\nretry: {unavailable: {wait: [1s]}}\n"
    common.write_text(common.read_text("utf-8") + waits, "utf-8")
    played, journal = played_with(SAMPLE), journal_at(tmp_path / "journal.db")
    locked = Locked(build_simulator_app([played]))
    with serve_in_thread(locked) as simulator, Service(journal, simulator, mappings) as service:
        assert send(service, SAMPLE.event)
        service.drained()
    assert locked.refused == 1
    assert journal.rows("SELECT state, reason FROM deliveries") == [("delivered", None)]
    assert len(played.netsuite.state.ledger.transactions()) == 1
