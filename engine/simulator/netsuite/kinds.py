"""The record types and NetSuite's rules for each: data only.

The fields of a type are in its schema (`schemas/netsuite`); a type with a schema and without an entry
here is a transaction when it has a `tranDate`, else an entity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from ...mapping.record_schemas import list_record_types, load_bare_schema


class RecordGroup(StrEnum):
    """A group of types; external ids are unique within it, not within a type (Oracle, section_N3436356)."""

    TRANSACTION = "transaction"
    ENTITY = "entity"


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One record type.

    `code` is SuiteQL's `transaction.type`, `prefix` begins the numbers that the account assigns,
    `customer` is the field that names the customer, `required` are the fields that a record must have.
    `of_goods` is whether its lines have amounts that add up to a total.
    """

    record: str
    group: RecordGroup
    code: str
    prefix: str
    customer: str = "entity"
    required: tuple[str, ...] = ("entity", "item")
    of_goods: bool = True


def _build_transaction_kind(record: str, code: str, prefix: str, **more: object) -> RecordKind:
    return RecordKind(
        record=record,
        group=RecordGroup.TRANSACTION,
        code=code,
        prefix=prefix,
        **more,  # type: ignore[arg-type] # fields of RecordKind
    )


_DEPOSIT = {"customer": "customer", "required": ("customer", "payment"), "of_goods": False}
_REFUND = {"customer": "customer", "required": ("customer",), "of_goods": False}

_KINDS: Mapping[str, RecordKind] = {
    kind.record: kind
    for kind in (
        RecordKind(
            record="customer",
            group=RecordGroup.ENTITY,
            code="CustJob",
            prefix="CUST",
            customer="",
            required=(),
            of_goods=False,
        ),
        _build_transaction_kind("salesOrder", "SalesOrd", "SO"),
        _build_transaction_kind("cashSale", "CashSale", "CS"),
        _build_transaction_kind("invoice", "CustInvc", "INV"),
        _build_transaction_kind("creditMemo", "CustCred", "CM"),
        _build_transaction_kind("cashRefund", "CashRfnd", "CR"),
        _build_transaction_kind("returnAuthorization", "RtnAuth", "RMA"),
        _build_transaction_kind("itemFulfillment", "ItemShip", "IF", of_goods=False),
        _build_transaction_kind("customerDeposit", "CustDep", "CD", **_DEPOSIT),
        _build_transaction_kind("customerRefund", "CustRfnd", "CREF", **_REFUND),
    )
}

# Which record becomes which (record browser 2026.1 for sales orders, 2021.1 and Oracle's agent
# skills for the others), and the kind of transform under which the source's lines count what was taken.
BILLED, FULFILLED, RETURNED, REFUNDED = "billed", "fulfilled", "returned", "refunded"
TRANSFORMS: Mapping[tuple[str, str], str] = {
    ("salesOrder", "cashSale"): BILLED,
    ("salesOrder", "invoice"): BILLED,
    ("salesOrder", "itemFulfillment"): FULFILLED,
    ("salesOrder", "returnAuthorization"): RETURNED,
    ("cashSale", "cashRefund"): REFUNDED,
    ("cashSale", "returnAuthorization"): RETURNED,
    ("invoice", "creditMemo"): REFUNDED,
    ("invoice", "returnAuthorization"): RETURNED,
    ("returnAuthorization", "cashRefund"): REFUNDED,
    ("returnAuthorization", "creditMemo"): REFUNDED,
    ("customerDeposit", "customerRefund"): REFUNDED,
}

SALES_ORDER_STATUSES: Mapping[str, str] = {
    "A": "Pending Approval",
    "B": "Pending Fulfillment",
    "C": "Cancelled",
    "D": "Partially Fulfilled",
    "E": "Pending Billing/Partially Fulfilled",
    "F": "Pending Billing",
    "G": "Billed",
    "H": "Closed",
}


def find_kind(name: str) -> RecordKind | None:
    """Return the record type of a name in any case (`salesOrder`, `salesorder`); None when unknown."""
    return _index_kinds().get(name.lower())


def list_kinds() -> tuple[RecordKind, ...]:
    """Return every record type that has a schema."""
    return tuple(_index_kinds().values())


@cache
def _index_kinds() -> Mapping[str, RecordKind]:
    return {
        record.lower(): _KINDS.get(record) or _derive_kind(record) for record in list_record_types()
    }


def _derive_kind(record: str) -> RecordKind:
    schema = load_bare_schema(record)
    assert schema is not None
    is_transaction = "tranDate" in schema.schema["properties"]
    group = RecordGroup.TRANSACTION if is_transaction else RecordGroup.ENTITY
    return RecordKind(
        record=record,
        group=group,
        code=record,
        prefix=record[:3].upper(),
        customer="",
        required=(),
        of_goods=False,
    )
