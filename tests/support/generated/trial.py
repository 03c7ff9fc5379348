"""Try the shipped mappings of a tenant on one order, and judge how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from engine.documents import read_json_bytes
from engine.findings.diagnostics import SourceText
from engine.findings.errors import ReadError
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.plan import Plan
from engine.orders.order import Order, read_recorded_tables, run_order
from engine.run import Outcome, RunState

from .documents import Documents, write_document
from .ledger import Records, find_differences
from .markets import ROOT
from .sale import Sale

RIGHT, WRONG, REFUSED, WAITS, IGNORED, CRASHED = (
    "right",
    "wrong",
    "refused",
    "waits",
    "ignored",
    "crashed",
)
ENDS = (RIGHT, REFUSED, WAITS, IGNORED, WRONG, CRASHED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an order ended, and why."""

    end: str
    reasons: tuple[str, ...] = ()


@cache
def _load(tenant: str) -> tuple[tuple[Plan, ...], Mapping[str, SourceText]]:
    folder = ROOT / "mappings"
    loaded = load_tenant(open_folder(folder), tenant)
    assert loaded.ok, loaded.findings
    return loaded.plans, read_recorded_tables(folder / tenant / "cases" / "lookups")


def try_order(sale: Sale, documents: Documents) -> Verdict:
    """Run every mapping of the sale's tenant over the documents."""
    plans, tables = _load(sale.market.tenant)
    try:
        order = _read(documents)
    except ReadError as error:
        return Verdict(REFUSED, tuple(finding.code for finding in error.findings))
    try:
        outcomes = tuple(run_order(plans, order, tables))
    except Exception as error:  # noqa: BLE001 - any exception is what the trial looks for
        return Verdict(CRASHED, (f"{type(error).__name__}: {error}",))
    return _judge(sale, outcomes)


def _read(documents: Documents) -> Order:
    sources = {"order": documents.answer, "account": documents.account}
    return Order(
        _reread(documents.event),
        {name: _reread(source) for name, source in sources.items() if source is not None},
    )


def _reread(document: object) -> object:
    return read_json_bytes("document", write_document(document).encode())


def render_order(sale: Sale, documents: Documents) -> Records:
    """Return the records that the mappings make of an order; none when they make none."""
    plans, tables = _load(sale.market.tenant)
    outcomes = tuple(run_order(plans, _read(documents), tables))
    rendered = [outcome for outcome in outcomes if outcome.state is RunState.RENDERED]
    return _records(rendered[0]) if rendered else ()


def _records(outcome: Outcome) -> Records:
    return [
        (payload.record, payload.external_id, dict(payload.body)) for payload in outcome.payloads
    ]


def _judge(sale: Sale, outcomes: tuple[Outcome, ...]) -> Verdict:
    states = {outcome.state for outcome in outcomes}
    if RunState.RENDERED in states:
        rendered = [outcome for outcome in outcomes if outcome.state is RunState.RENDERED]
        if len(rendered) > 1:
            return Verdict(WRONG, ("two mappings take the order",))
        differences = tuple(find_differences(sale, _records(rendered[0])))
        return Verdict(WRONG, differences) if differences else Verdict(RIGHT)
    if RunState.FAILED in states:
        findings = (finding for outcome in outcomes for finding in outcome.findings)
        return Verdict(REFUSED, tuple(f"{each.code} {each.message}" for each in findings))
    if RunState.NOT_READY in states:
        waiting = (outcome for outcome in outcomes if outcome.state is RunState.NOT_READY)
        return Verdict(WAITS, tuple(f"{each.reason} {each.detail}" for each in waiting))
    return Verdict(IGNORED)
