"""The one place that says how erpmap is called: text in, text out."""

from __future__ import annotations

from collections.abc import Callable

from engine.documents import read_json_bytes
from engine.mapping.load import LoadedTenant, load_tenant, open_folder
from engine.mapping.lookups import Table
from engine.mapping.plan import Plan
from engine.mapping.plan.compile_lookups import read_table
from engine.orders.order import read_text
from engine.orders.report.outcomes import payloads_text
from engine.run import Inputs, RunState
from engine.run.compiled import get_program

from .tables import ITEM_ANSWERS, ROOT

Render = Callable[[bytes, bytes], bytes | None]

TENANT, MAPPING = "dodici", "sales_order"


def load() -> LoadedTenant:
    """The tenant read, checked and compiled, as every command does it first."""
    return load_tenant(open_folder(ROOT / "mappings"), TENANT)


def plan() -> Plan:
    """The compiled mapping that the benchmarks are about."""
    return next(plan for plan in load().plans if plan.name == MAPPING)


def live_tables() -> dict[str, Table]:
    """The answers of the live lookup."""
    (live,) = plan().live_lookups
    return {live.name: read_table(live.name, read_text(ITEM_ANSWERS), live.options)}


def renderer() -> Render:
    """How erpmap renders an order: the bytes of event and order become those of the payloads.

    The plan and the table of the live lookup are made once, before. None for an order that is not
    rendered.
    """
    ready, tables = plan(), live_tables()

    run = get_program(ready).run

    def render(event: bytes, order: bytes) -> bytes | None:
        document = read_json_bytes("event.json", event)
        sources = {"order": read_json_bytes("order.json", order)}
        outcome = run(Inputs(document, sources, tables))
        if outcome.state is not RunState.RENDERED:
            return None
        return payloads_text(outcome)

    return render
