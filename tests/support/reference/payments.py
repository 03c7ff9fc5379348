"""What was paid. Authorised and captured are the same money: of each instrument the larger counts."""

from __future__ import annotations

from decimal import Decimal

from orders import Json, Sample

from .amounts import ZERO, amount
from .sale import Payment


def payments_in(sample: Sample, order: Json) -> list[Payment]:
    """An entry for each instrument; an exchange's are in the REST account, if there is a price."""
    if order["isExchange"]:
        account = sample.account if amount(order["grandTotal"]) else None
        return [_from_account(instrument) for instrument in (account or {}).get("instruments", ())]
    return [
        _from_graphql(instrument)
        for instrument in nodes((order["paymentAccount"] or {}).get("instruments"))
    ]


def nodes(connection: Json | None) -> list[Json]:
    """The nodes of a GraphQL connection; none if it is null."""
    return [edge["node"] for edge in connection["edges"]] if connection else []


def _from_graphql(instrument: Json) -> Payment:
    transactions = nodes(instrument["paymentAccountTransactions"])
    authorized = _sum(transactions, "amount", transactionType="authorize")
    captured = _sum(transactions, "amount", transactionType="capture")
    currency = transactions[0]["currency"] if transactions else None
    method, provider = instrument["paymentMethod"], instrument["paymentProvider"] or "unknown"
    larger = max(authorized, captured)
    return Payment(method, provider, larger, larger, currency)


def _from_account(instrument: Json) -> Payment:
    """In the account a capture takes off what was authorised, and shows in another column."""
    transactions = instrument["original_transactions"]
    authorized = _sum(transactions, "capture_amount", reason="authorization")
    voided = _sum(transactions, "capture_amount", reason="void")
    captured = _sum(transactions, "refund_amount", reason="capture")
    method, provider = instrument["payment_method"], instrument["payment_provider"] or "unknown"
    paid, promised = max(authorized + voided, captured), max(authorized, captured)
    return Payment(method, provider, paid, promised, instrument["currency"])


def _sum(transactions: list[Json], column: str, **having: str) -> Decimal:
    rows = (one for one in transactions if having.items() <= one.items())
    return sum((amount(one[column]) for one in rows), ZERO)
