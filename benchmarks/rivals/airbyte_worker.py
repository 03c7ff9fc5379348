"""Renders the orders of a batch with airbyte-cdk's interpolation, and says the seconds.

Runs in an environment of its own: `python airbyte_worker.py TABLES BATCH OUTPUTS`. A batch has an
event and an order on lines that take turns. Whatever the interpolation makes of a text is taken as
it is: it turns texts that look like numbers into numbers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from airbyte_cdk.sources.declarative.interpolation.interpolated_nested_mapping import (
    InterpolatedNestedMapping,
)

_EMAIL = "(record.order.customerEmail or record.event.payload.customer_email or config.stores[record.order.channel].customer_email) | lower"
_KEY = (
    f"((({_EMAIL}) ~ ' ' ~ config.stores[record.order.channel].subsidiary) | hash('sha256'))[:20]"
)
_STORE = "config.stores[record.order.channel]"
_CHANNEL = "{{ {'web': 1, 'store': 3}[record.order.channelType] }}"
_NUMBER = "SO-{{ record.order.externalId }}"


def _address(kind: str) -> dict[str, Any]:
    node = f"record.{kind}"
    cut = {"addr1": ("addressLine1", 150), "addr2": ("addressLine2", 150), "city": ("city", 49)}
    name = f"({node}.firstName or '') ~ ' ' ~ ({node}.lastName or '')"
    return {
        "addressee": f"{{{{ ({name}) | trim | truncate(83, true, '', 0) if {node} else '' }}}}",
        **{
            name: f"{{{{ ({node}.{key} or '') | trim | truncate({length}, true, '', 0) }}}}"
            for name, (key, length) in cut.items()
        },
        "state": f"{{{{ {node}.state or '' }}}}",
        "zip": f"{{{{ {node}.zipCode or '' }}}}",
        "country": {"id": f"{{{{ {node}.country or '' }}}}"},
    }


_PERSON = "(record.billing or record.shipping)"
_LINES = (Path(__file__).parent / "airbyte_lines.j2").read_text(encoding="utf-8")
MAPPING: list[dict[str, Any]] = [
    {
        "name": "customer",
        "record": "customer",
        "write": "ensure",
        "external_id": "C-{{ " + _KEY + " }}",
        "find": {
            "query": "SELECT id FROM customer WHERE LOWER(email) = {customer_email} AND subsidiary = {store.subsidiary} AND isinactive = 'F'",
            "values": {
                "customer_email": "{{ " + _EMAIL + " }}",
                "store.subsidiary": "{{ " + _STORE + ".subsidiary }}",
            },
        },
        "serialize": "{{ " + _KEY + " }}",
        "body": {
            "externalId": "C-{{ " + _KEY + " }}",
            "isPerson": True,
            "firstName": "{{ ("
            + _PERSON
            + ".firstName or '-') | trim | truncate(32, true, '', 0) }}",
            "lastName": "{{ ("
            + _PERSON
            + ".lastName or '-') | trim | truncate(32, true, '', 0) }}",
            "email": "{{ " + _EMAIL + " }}",
            "phone": "{{ (" + _PERSON + ".phone or '5555555555') | regex_replace('[^0-9+]', '') }}",
            "subsidiary": {"id": "{{ " + _STORE + ".subsidiary }}"},
            "custentity_nws_profilesource": {"id": _CHANNEL},
        },
    },
    {
        "name": "sales_order",
        "record": "salesOrder",
        "write": "create",
        "external_id": _NUMBER,
        "confirm": {"total": 0},
        "body": {
            "externalId": _NUMBER,
            "entity": {"id": {"$record": "customer", "field": "id"}},
            # It has no time zones: five hours are the day of New York in winter.
            "tranDate": "{{ format_datetime(str_to_datetime(record.order.placedAt) - duration('PT5H'), '%Y-%m-%d') }}",
            "otherRefNum": "{{ record.order.externalId }}",
            "memo": "{{ record.order.discounts.edges | map(attribute='node.couponCode') | select | unique | join(', ') }}",
            "currency": {
                "id": "{{ {'USD': 1, 'GBP': 2, 'CAD': 3, 'EUR': 4}[record.order.currency] }}"
            },
            "subsidiary": {"id": "{{ " + _STORE + ".subsidiary }}"},
            "location": {"id": "{{ " + _STORE + ".id }}"},
            "class": {"id": "{{ " + _STORE + ".class }}"},
            "department": {"id": _CHANNEL},
            "shipMethod": {
                "id": "{{ config.ship_methods[record.order['items'].edges | map(attribute='node.shippingServiceLevel') | select | first] }}"
            },
            "shippingCost": "{{ (record.order.shippingTotal | float) or '' }}",
            "billingAddress": _address("billing"),
            "shippingAddress": _address("shipping"),
            "item": {"items": _LINES},
        },
    },
]


def main() -> None:
    """Read the batch, render one order untimed and then all, write."""
    tables, batch, outputs = map(Path, sys.argv[1:4])
    config = json.loads(tables.read_text(encoding="utf-8"))
    lines = batch.read_bytes().splitlines()
    mapping = InterpolatedNestedMapping(mapping={"payloads": MAPPING}, parameters={})

    def render(event: bytes, order: bytes) -> bytes:
        found = json.loads(order)["data"]["order"]
        record = {"event": json.loads(event), "order": found, **_addresses(found)}
        payloads = _without_empty(mapping.eval(config, record=record)["payloads"])
        return json.dumps(payloads, ensure_ascii=False, separators=(",", ":")).encode()

    render(lines[0], lines[1])
    start = perf_counter()
    rendered = [render(*pair) for pair in zip(lines[::2], lines[1::2], strict=True)]
    seconds = perf_counter() - start
    outputs.write_bytes(b"".join(line + b"\n" for line in rendered))
    sys.stdout.write(json.dumps({"seconds": seconds}) + "\n")


def _addresses(order: dict[str, Any]) -> dict[str, Any]:
    """The first address of each kind; to pick them within every template would be slow."""
    nodes = [edge["node"] for edge in order["addresses"]["edges"]]
    kinds = ("billing", "shipping")
    return {
        kind: next((node for node in nodes if node["addressType"] == kind), {}) for kind in kinds
    }


def _without_empty(value: Any) -> Any:
    """Empty texts and maps are left out; the interpolation itself drops only null."""
    if isinstance(value, dict):
        kept = {key: _without_empty(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in ("", {}, "-", None)}
    return [_without_empty(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
