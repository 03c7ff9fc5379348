"""What the bare server answers, and what is sent to it: recorded from the cases, or made here."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from engine.documents import read_json_bytes, write_json_bytes

from ..tables import TENANT

CASE = TENANT / "cases" / "web-order"
ROWS = 100
ID = "4711"

TOKEN_PATH = "/token"  # noqa: S105 - a path
QUERY_PATH = "/api/v1/org/data/query"
ACCOUNT_PATH = "/v0/c/payments/accounts/141c1244-7fb1-5df9-9408-0f3854947671"
RECORDS_PATH = "/services/rest/record/v1/salesOrder"
RECORD_PATH = f"{RECORDS_PATH}/{ID}"
SUITEQL_PATH = "/services/rest/query/v1/suiteql"

# Good for a day: it is fetched before anything is measured.
TOKEN = b'{"access_token":"%s","token_type":"bearer","expires_in":86400}' % (b"t" * 600)


def order() -> bytes:
    """GraphQL's answer to the mapping's query, as it was recorded."""
    return write_json_bytes(read_json_bytes("order.json", (CASE / "order.json").read_bytes()))


def sales_order() -> dict[str, object]:
    """The body of the sales order of that case, the customer's id in place."""
    payloads: Any = read_json_bytes("payloads.json", (CASE / "payloads.json").read_bytes())
    records = {record["name"]: record["body"] for record in payloads[0]["payloads"]}
    body: dict[str, object] = records["sales_order"] | {"entity": {"id": ID}}
    return body


def record() -> bytes:
    """The same sales order as NetSuite answers it: with id and links."""
    links = [{"rel": "self", "href": f"https://1234567.suitetalk.api.netsuite.com{RECORD_PATH}"}]
    return write_json_bytes({"links": links, "id": ID, **sales_order()})


def rows() -> bytes:
    """A page of SuiteQL: items with their ids."""
    items = [
        {"links": [], "id": str(n), "itemid": f"SKU-{n:06}", "itemtype": "InvtPart"}
        for n in range(ROWS)
    ]
    page = {"links": [], "count": ROWS, "hasMore": False, "items": items, "offset": 0}
    return json.dumps(page | {"totalResults": ROWS}, separators=(",", ":")).encode()


def account() -> bytes:
    """A payment account, as NewStore's REST API answers it: amounts are numbers."""
    transaction = {
        "transaction_id": "8d1f0c2e-6c0f-5a8e-9d9b-1f9d6f2f4f10",
        "reason": "capture",
        "capture_amount": Decimal("136.98"),
        "refund_amount": Decimal("0.00"),
        "currency": "USD",
        "created_at": "2026-12-03T18:41:06.110Z",
        "metadata": {},
    }
    instrument = {
        "id": "0b7c6f3e-55f8-5f0e-8b0f-8d8f7a0f1b11",
        "payment_method": "credit_card",
        "payment_provider": "adyen",
        "currency": "USD",
        "authorize_amount": Decimal("136.98"),
        "capture_amount": Decimal("136.98"),
        "refund_amount": Decimal("0.00"),
        "original_transactions": [transaction, transaction],
    }
    return write_json_bytes(
        {"balance": Decimal("0.00"), "transactions": [], "instruments": [instrument]}
    )
