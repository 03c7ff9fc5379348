"""The money of an outcome: the sums of its checks, and its amounts by where they are posted. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...documents.exact import Number, is_number, multiply, subtract
from ...findings.errors import ExpressionError
from ...run import Outcome, RunState
from ..shadow.shadow_sums import is_money
from .compare_order import ComparedOrder

# The keys of a line that name where its amount is posted, the most exact first.
_ACCOUNTS = ("account", "item", "paymentMethod")
# A check, one of its terms or an empty text for its sum, and the currency.
SumKey = tuple[str, str, str]


def find_currency(outcome: Outcome) -> str:
    """Return the currency of an outcome's checks; empty where none is in a currency."""
    return next((proof.currency for proof in outcome.proofs if proof.currency), "")


def pair_sums(
    compared: ComparedOrder,
) -> tuple[dict[SumKey, Number], dict[SumKey, Number]]:
    """Return the sums on both sides; a check that only one of two rendered sides has is left out."""
    before, now = dict(_list_sums(compared.old)), dict(_list_sums(compared.new))
    if before and now:
        common = {key[0] for key in before} & {key[0] for key in now}
        before = {key: number for key, number in before.items() if key[0] in common}
        now = {key: number for key, number in now.items() if key[0] in common}
    return before, now


def _list_sums(outcome: Outcome) -> Iterator[tuple[SumKey, Number]]:
    """Yield the sums of the checks, and their terms, by check, term and currency; none without payloads."""
    if outcome.state is not RunState.RENDERED:
        return
    for proof in outcome.proofs:
        currency = proof.currency or ""
        yield (proof.check, "", currency), proof.sum
        if len(proof.terms) > 1:
            for name, number in proof.terms:
                yield (proof.check, name, currency), number


def list_postings(outcome: Outcome) -> Iterator[tuple[str, Number]]:
    """Yield the amounts of the payloads by where they are posted, as `item 611`, or by their field."""
    if outcome.state is not RunState.RENDERED:
        return
    for payload in outcome.payloads:
        for name, value in payload.body.items():
            if is_number(value) and is_money(name):
                yield f"{payload.record} {name}", value
            else:
                yield from _walk_lines(value, payload.record)


def _walk_lines(value: object, record: str) -> Iterator[tuple[str, Number]]:
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _walk_lines(entry, record)
    elif isinstance(value, Mapping):
        amount, account = _read_amount(value), _read_account(value)
        if amount is not None and account is not None:
            yield f"{record} {account}", amount
        else:
            for inner in value.values():
                yield from _walk_lines(inner, record)


def _read_account(line: Mapping[str, Any]) -> str | None:
    for name in _ACCOUNTS:
        reference = line.get(name)
        if isinstance(reference, Mapping) and reference:
            return f"{name} {next(iter(reference.values()))}"
    return None


def _read_amount(line: Mapping[str, Any]) -> Number | None:
    amount, rate, quantity = (line.get(name) for name in ("amount", "rate", "quantity"))
    if is_number(amount):
        return amount
    if is_number(rate) and is_number(quantity):
        try:
            return multiply(rate, quantity)
        except ExpressionError:
            return None
    return None


def measure_change(compared: ComparedOrder) -> Number:
    """Return the largest change of a sum of the checks, without its sign."""
    before, now = pair_sums(compared)
    largest: Number = 0
    for key in dict.fromkeys((*before, *now)):
        change = subtract(now.get(key, 0), before.get(key, 0))
        largest = max(largest, change, -change)
    return largest
