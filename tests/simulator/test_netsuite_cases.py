"""What erpmap proves to balance, NetSuite computes to the same total: every case of the mappings.

Two independent computations meet: the proof from the payload, and the simulator from what was sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from netsuite_account import Json, NetSuite, netsuite

from engine.documents import read_json_bytes
from engine.netsuite import safe_id

CASES = sorted(ROOT.glob("mappings/*/cases/*/payloads.json"))
TENANTS = ("dodici", "nordhus")
DISCOUNTS = {"1101", "501"}
SYMBOLS = {"dodici": {"1": "USD"}, "nordhus": {"5": "JPY", "6": "KWD"}}
# The account of dodici has a script: it taxes by one column, and knows a line's discount by another.
# To NetSuite itself a discount on shipping, directly below an item, would be that item's.
TAXED: dict[str, Json] = {
    "dodici": {"column": "custcol_tax_rate", "discounts_by": "custcol_nws_item_id"},
    "nordhus": {"rate": 0},
}
LISTS = {
    "subsidiary": "subsidiaries", "location": "locations", "department": "departments",
    "class": "classes", "shipMethod": "ship_methods",
}  # fmt: skip


def payloads(path: Path) -> list[Json]:
    mappings: Any = read_json_bytes(str(path), path.read_bytes())
    return [payload for mapping in mappings for payload in mapping["payloads"]]


def bodies(tenant: str) -> list[Json]:
    return [each["body"] for path in CASES if tenant in path.parts for each in payloads(path)]


def lines(tenant: str) -> list[Json]:
    return [line for body in bodies(tenant) for line in body.get("item", {}).get("items", [])]


def ids(found: list[Json], field: str) -> list[str]:
    return sorted({str(each[field]["id"]) for each in found if "id" in each.get(field, {})})


def item(id_: str, payments: set[str]) -> Json:
    kind = "Discount" if id_ in DISCOUNTS else "Payment" if id_ in payments else "InvtPart"
    return {"id": id_, "itemid": id_, "type": kind}


def account(tenant: str) -> Json:
    """An account in which all that the tenant's payloads refer to is there."""
    every, each_line = bodies(tenant), lines(tenant)
    skus = sorted(
        {line["item"]["externalId"] for line in each_line if "externalId" in line["item"]}
    )
    # Payments are what has nothing but an item and an amount.
    payments = set(ids([line for line in each_line if set(line) == {"item", "amount"}], "item"))
    return {
        "items": [item(id_, payments) for id_ in ids(each_line, "item")]
        + [{"id": 90_000 + at, "itemid": sku, "externalid": sku} for at, sku in enumerate(skus)],
        "currencies": [
            {"id": id_, "symbol": SYMBOLS[tenant].get(id_, "EUR")} for id_ in ids(every, "currency")
        ],
        "tax_codes": [{"id": id_, **TAXED[tenant]} for id_ in ids(each_line, "taxCode")],
        "custom_fields": {
            "body": ["custbody_nws_exchange_of"],
            "column": ["custcol_nws_item_id", "custcol_tax_rate"],
            "entity": {"custentity_nws_profilesource": "list"},
        },
        **{
            name: [{"id": id_, "name": id_} for id_ in ids(every, field)]
            for field, name in LISTS.items()
        },
    }


@pytest.fixture(scope="module")
def accounts() -> Iterator[dict[str, NetSuite]]:
    with netsuite(**account("dodici")) as dodici, netsuite(**account("nordhus")) as nordhus:
        yield {"dodici": dodici, "nordhus": nordhus}


@pytest.mark.parametrize("path", CASES, ids=lambda path: "-".join(path.parts[-4:-1]))
def test_a_case_is_stored_with_the_total_that_was_proved(
    accounts: dict[str, NetSuite], path: Path
) -> None:
    there = accounts[path.parts[-4]]
    errors = {"X-NetSuite-PropertyNameValidation": "Error"}
    for payload in payloads(path):
        record, body = payload["record"], payload["body"]
        if record == "customer":
            address = f"/customer/eid:{payload['external_id']}"
            assert there.ask("PUT", address, body, headers=errors).status_code == 204
            customer = there.read(address)["id"]
            continue
        stored = {"externalId": safe_id(payload["external_id"]), "entity": customer}
        answer = there.ask("POST", f"/{record}", body | stored, headers=errors)
        assert answer.status_code == 204, answer.text
        address = f"/{record}/eid:{stored['externalId']}"
        assert there.read(address)["total"] == payload["confirm"]["total"] == 0
        there.ask("DELETE", address)
