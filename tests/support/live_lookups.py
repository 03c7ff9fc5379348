"""A mapping with live lookups, and a NetSuite that is a function: it records what it was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.mapping.load import load_tenant, open_folder
from engine.mapping.plan import Plan
from engine.netsuite.lookups import LiveLookups, LookupLimits
from engine.run import Inputs, WantedKeys, find_lookup_keys
from engine.run.compiled import find_lookup_keys as quickly_wanted

TENANT = "erpmap: 1\ntenant: t\nnewstore: {tenant: t}\nnetsuite: {account: 1}\nmappings: [m]\n"
HEAD = """
erpmap: 1
mapping: m
on: {event: order.opened, when: "!(event.payload.skip)"}
fields:
  number: {path: event.payload.number, optional: true}
  skus:   {path: event.payload.skus, type: list, default: []}
"""
ITEM = """
lookups:
  item: {suiteql: "SELECT itemid, id FROM item WHERE itemid IN ({keys})", keys: skus}
"""
RECORD = """
records:
  order: {record: salesOrder, write: create, external_id: SO-1, body: {memo: "%s"}}
"""
ITEMS = RECORD % "{{ lookup('item', skus[0]) }}"

Row = Mapping[str, object]


def plan_of(folder: Path, text: str) -> Plan:
    """The one mapping of a tenant."""
    (folder / "t").mkdir(parents=True, exist_ok=True)
    (folder / "t" / "tenant.yaml").write_text(TENANT)
    (folder / "t" / "m.yaml").write_text(text, encoding="utf-8")
    loaded = load_tenant(open_folder(folder), "t")
    assert loaded.ok, loaded.findings
    return loaded.plans[0]


def order(**payload: object) -> Inputs:
    return Inputs(
        {
            "tenant": "t",
            "name": "order.opened",
            "published_at": "2026-01-01T00:00:00Z",
            "payload": payload,
        }
    )


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class NetSuite:
    """Answers the rows whose first column is asked for; `queries` are all texts it was asked."""

    def __init__(self, *rows: Row) -> None:
        self.rows = list(rows)
        self.queries: list[str] = []

    async def __call__(self, query: str) -> Sequence[Row]:
        self.queries.append(query)
        asked = asked_in(query)
        return [row for row in self.rows if str(next(iter(row.values()))) in asked]


def asked_in(query: str) -> list[str]:
    """The keys in the list of a query, read as SQL reads them."""
    (inside,) = re.findall(r"IN \((.*)\)", query, re.DOTALL)
    return [
        found[1:-1].replace("''", "'") if found.startswith("'") else found
        for found in re.findall(r"'(?:[^']|'')*'|[^\s,']+", inside)
    ]


async def no_parameter(name: str) -> str:
    raise AssertionError(name)


def live_of(netsuite: NetSuite, clock: Clock | None = None, **values: int) -> LiveLookups:
    limits = LookupLimits(**values)
    return LiveLookups(
        netsuite, no_parameter, clock=clock or Clock(), limits=limits, find_keys=wanted_both_ways
    )


async def wanted_both_ways(plan: Plan, inputs: Inputs) -> WantedKeys:
    """What the mapping's own function tells, which is what the interpreter does."""
    wanted = quickly_wanted(plan, inputs)
    assert repr(wanted) == repr(find_lookup_keys(plan, inputs))
    return wanted
