"""What the simulated NetSuite holds after a contender has delivered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import httpx

from engine.commands.connect import simulated_ledger

from ..ours import TENANT

_GIVEN = {"id", "entityId", "tranId", "createdDate"}


def standing(address: str) -> int:
    """How many sales orders the ledger holds."""
    ledger = httpx.get(f"{address}/{TENANT}/ledger").text
    return len(re.findall(r'"SO-DO\d+"', ledger))


def records(address: str) -> dict[str, Mapping[str, Any]]:
    """Customers and sales orders by external id, without the numbers and times that NetSuite gives.

    Amounts are Decimals, so 12.3 and 12.30 are the same; an order names its customer's external id.
    """
    held: list[Mapping[str, Any]] = list(asyncio.run(simulated_ledger(TENANT, address)))
    names = {one["id"]: one["externalId"] for one in held}
    return {one["externalId"]: _said(one, names) for one in held}


def _said(record: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    said = {key: value for key, value in record.items() if key not in _GIVEN}
    if "entity" in said:
        said["entity"] = names[said["entity"]["id"]]
    return said


def differing(ours: Mapping[str, object], theirs: Mapping[str, object]) -> int:
    """How many records are not the same in both, or in one alone."""
    return sum(ours.get(name) != theirs.get(name) for name in ours.keys() | theirs.keys())
