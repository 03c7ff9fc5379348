"""Payments that do not pay: unknown kinds, voided, refunded, foreign, doubled, missing."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from ..documents import connection
from ..markets import CANADA, KUWAIT, UNITED_STATES, Json
from ..sale import Step
from .damage import (
    ANY_BUT_WRONG,
    FINDING,
    FINDING_OR_RIGHT,
    NOT_RENDERED,
    WAITS,
    Case,
    Change,
    Damage,
    any_instrument,
    any_transaction,
    as_amount,
    drops,
    sets_instrument,
    sets_transaction,
)


def _with_transaction(kind: str | None, share: str = "all") -> Change:
    """Add a transaction of a kind beside those of an instrument that pays."""

    def change(case: Case) -> bool:
        instrument = any_instrument(case)
        if instrument is None:
            return False
        edges = instrument["paymentAccountTransactions"]["edges"]
        row = copy.deepcopy(edges[0]["node"])
        amount = as_amount(row["amount"])
        if share == "some":
            amount = (amount / 2).quantize(case.unit)
        row |= {"transactionType": kind, "amount": amount}
        edges.append({"node": row})
        return amount > 0

    return change


def _voided(case: Case) -> bool:
    """The only authorisation is voided: nothing pays the order any more."""
    return case.simple_payment() is not None and _with_transaction("void")(case)


def _voided_in_part(case: Case) -> bool:
    return case.simple_payment() is not None and _with_transaction("void", "some")(case)


def _refunded(case: Case) -> bool:
    """All that was captured is paid back, and the total still says the price."""
    found = case.simple_payment()
    if found is None:
        return False
    found["transactionType"] = "capture"
    return _with_transaction("refund")(case)


def _refunded_in_part(case: Case) -> bool:
    found = case.simple_payment()
    if found is None:
        return False
    found["transactionType"] = "capture"
    return _with_transaction("refund", "some")(case)


def _captured_more(case: Case) -> bool:
    found = case.simple_payment()
    if found is None:
        return False
    row = copy.deepcopy(found) | {"transactionType": "capture"}
    row["amount"] = as_amount(row["amount"]) + case.unit
    case.instruments()[0]["paymentAccountTransactions"]["edges"].append({"node": row})
    return True


def _authorised_twice(case: Case) -> bool:
    """Authorised anew without a void: the card is charged once."""
    return case.simple_payment() is not None and _with_transaction("authorize")(case)


def _two_cards(case: Case) -> bool:
    if any_instrument(case) is None:
        return False
    edges = case.order["paymentAccount"]["instruments"]["edges"]
    edges += copy.deepcopy(edges)
    return True


def _paid_by_nothing(value: object) -> Change:
    def change(case: Case) -> bool:
        if not case.transactions():
            return False
        case.order["paymentAccount"] = copy.deepcopy(value)
        return True

    return change


def _sets_list(value: object) -> Change:
    """Set the transactions of an instrument that pays."""

    def change(case: Case) -> bool:
        instrument = any_instrument(case)
        if instrument is None:
            return False
        instrument["paymentAccountTransactions"] = copy.deepcopy(value)
        return True

    return change


def _cut_short(case: Case) -> bool:
    instrument = any_instrument(case)
    if instrument is None:
        return False
    instrument["paymentAccountTransactions"]["pageInfo"]["hasNextPage"] = True
    return True


def _instruments_cut_short(case: Case) -> bool:
    if any_instrument(case) is None:
        return False
    case.order["paymentAccount"]["instruments"]["pageInfo"]["hasNextPage"] = True
    return True


def _lost(case: Case) -> bool:
    """One of several instruments is missing."""
    edges = (case.order["paymentAccount"] or {"instruments": {"edges": []}})["instruments"]["edges"]
    if len(case.instruments()) < 2:
        return False
    paid = [at for at, one in enumerate(case.sale.instruments) if one.pays]
    del edges[case.rng.choice(paid)]
    return True


def _currency_everywhere(code: object) -> Change:
    def change(case: Case) -> bool:
        for row in case.transactions():
            row["currency"] = code
        return any_transaction(case) is not None

    return change


def _lowered(case: Case) -> bool:
    for row in case.transactions():
        row["currency"] = row["currency"].lower()
    return any_transaction(case) is not None


def _raised(key: str) -> Change:
    """The same text in capitals."""

    def change(case: Case) -> bool:
        found = any_instrument(case) if key.startswith("payment") else any_transaction(case)
        if found is None:
            return False
        found[key] = found[key].upper()
        return True

    return change


def _account_row(changes: Json) -> Change:
    def change(case: Case) -> bool:
        paid = [row for row in case.account_rows() if row["capture_amount"] or row["refund_amount"]]
        if not paid:
            return False
        case.rng.choice(paid).update(changes)
        return True

    return change


def _account(value: Any) -> Change:
    def change(case: Case) -> bool:
        if not case.account_rows():
            return False
        case.documents.account = copy.deepcopy(value)
        return True

    return change


def _account_instrument(changes: Json) -> Change:
    def change(case: Case) -> bool:
        if not case.account_rows() or case.documents.account is None:
            return False
        case.documents.account["instruments"][-1].update(changes)
        return True

    return change


def _account_also(reason: str, capture: int, refund: int) -> Change:
    """Add a row of a reason that takes all of the only captured instrument."""

    def change(case: Case) -> bool:
        account = case.documents.account
        if account is None or len(account["instruments"]) != 1:
            return False
        one = case.sale.instruments[0]
        if one.steps[-1] != Step("capture", one.pays):
            return False
        rows = account["instruments"][0]["original_transactions"]
        amount = case.sale.market.money(one.pays)
        more = {
            "reason": reason,
            "capture_amount": capture * amount,
            "refund_amount": refund * amount,
        }
        rows.append(copy.deepcopy(rows[-1]) | more)
        return True

    return change


def _account_amount(change_by: int) -> Change:
    """The captured amount of an exchange is off."""

    def change(case: Case) -> bool:
        one = case.sale.instruments[0] if case.sale.instruments else None
        if one is None or len(case.sale.instruments) != 1 or len(one.steps) != 1:
            return False
        if one.steps[0].kind != "capture" or not case.account_rows():
            return False
        row = case.account_rows()[0]
        row["refund_amount"] = as_amount(row["refund_amount"]) + case.unit * change_by
        row["capture_amount"] = -row["refund_amount"]
        return True

    return change


def _paid_in_dinars(case: Case) -> bool:
    """A price with three places, which an account with two cannot hold."""
    if len(case.sale.items) > 1 or case.sale.items[0].charge.quantity != 1:
        return False
    item = case.sale.items[0]
    charge = replace(item.charge, price=item.charge.price + 1)
    if charge.discount or not case.pays_more(1):
        return False
    market = case.sale.market
    case.nodes()[0]["pricebookPrice"] = market.money(charge.price)
    case.payload["items"][0]["pricebook_price"] = market.money(charge.price)
    for key, twin in (("subtotal", "subtotal"), ("grandTotal", "grand_total")):
        case.order[key] = as_amount(case.order[key]) + market.money(1)
        case.payload[twin] = as_amount(case.payload[twin]) + market.money(1)
    case.sale = replace(case.sale, items=(replace(item, charge=charge),))
    return True


DOLLARS = (UNITED_STATES, CANADA)
PAYING: dict[str, Damage] = {
    **{
        f"a transaction of kind {kind!r} beside": Damage(_with_transaction(kind, share), ends)
        for kind, share, ends in (
            ("chargeback", "some", FINDING),
            ("settle", "all", FINDING),
            ("AUTHORISED", "all", FINDING_OR_RIGHT),
            ("", "some", FINDING),
            (None, "some", FINDING),
            ("decline", "all", FINDING),
            ("adjust", "some", FINDING),
        )
    },
    "a kind unknown": Damage(sets_transaction("transactionType", "pending"), NOT_RENDERED),
    "a kind null": Damage(sets_transaction("transactionType", None), NOT_RENDERED),
    "a kind absent": Damage(drops(any_transaction, "transactionType"), NOT_RENDERED),
    "a kind in capitals": Damage(_raised("transactionType"), ANY_BUT_WRONG),
    "a kind of the other API": Damage(
        sets_transaction("transactionType", "authorization"), ANY_BUT_WRONG
    ),
    "the authorisation voided": Damage(_voided, NOT_RENDERED),
    "the authorisation voided in part": Damage(_voided_in_part, NOT_RENDERED),
    "the capture refunded": Damage(_refunded, NOT_RENDERED),
    "the capture refunded in part": Damage(_refunded_in_part, NOT_RENDERED),
    "captured more than authorised": Damage(_captured_more),
    "authorised twice": Damage(_authorised_twice, FINDING_OR_RIGHT),
    "issued beside": Damage(_with_transaction("issue", "some"), NOT_RENDERED),
    "every card twice": Damage(_two_cards),
    "one instrument missing": Damage(_lost, NOT_RENDERED),
    "no payment account": Damage(_paid_by_nothing(None), NOT_RENDERED),
    "no instruments": Damage(_paid_by_nothing({"instruments": connection([])}), NOT_RENDERED),
    "instruments null": Damage(_paid_by_nothing({"instruments": None}), NOT_RENDERED),
    "instruments a text": Damage(_paid_by_nothing({"instruments": "none"}), NOT_RENDERED),
    "an instrument null": Damage(
        _paid_by_nothing({"instruments": connection([None])}), NOT_RENDERED
    ),
    "no transactions": Damage(_sets_list(connection([])), NOT_RENDERED),
    "transactions null": Damage(_sets_list(None), NOT_RENDERED),
    "transactions a list": Damage(_sets_list([]), NOT_RENDERED),
    "a transaction null": Damage(_sets_list(connection([None])), NOT_RENDERED),
    "transactions cut short": Damage(_cut_short),
    "instruments cut short": Damage(_instruments_cut_short),
    "paid in another currency": Damage(_currency_everywhere("CHF")),
    "one payment in another currency": Damage(
        sets_transaction("currency", "EUR"), FINDING, DOLLARS
    ),
    "the payment's currency null": Damage(_currency_everywhere(None), FINDING_OR_RIGHT),
    "the payment's currency empty": Damage(_currency_everywhere(""), FINDING_OR_RIGHT),
    "the payment's currency in small letters": Damage(_lowered, FINDING_OR_RIGHT),
    "the payment's currency a list": Damage(_currency_everywhere(["USD"]), FINDING),
    "a method unknown": Damage(sets_instrument("paymentMethod", "barter")),
    "a method null": Damage(sets_instrument("paymentMethod", None)),
    "a method empty": Damage(sets_instrument("paymentMethod", "")),
    "a method a number": Damage(sets_instrument("paymentMethod", 7)),
    "a method in capitals": Damage(_raised("paymentMethod"), FINDING_OR_RIGHT),
    "a provider in capitals": Damage(_raised("paymentProvider"), FINDING_OR_RIGHT),
    "a provider unknown": Damage(sets_instrument("paymentProvider", "adyen-v2"), FINDING_OR_RIGHT),
    "a provider null": Damage(sets_instrument("paymentProvider", None), FINDING_OR_RIGHT),
    "a payment account of nothing": Damage(_account(None), NOT_RENDERED),
    "a payment account without instruments": Damage(_account({"instruments": []}), NOT_RENDERED),
    "a payment account that is a list": Damage(_account([]), NOT_RENDERED),
    "a payment account of nulls": Damage(_account({"instruments": [None]}), NOT_RENDERED),
    "an account row of an unknown reason": Damage(
        _account_row({"reason": "settled"}), NOT_RENDERED
    ),
    "an account row without reason": Damage(_account_row({"reason": None}), NOT_RENDERED),
    "an account row in another currency": Damage(_account_row({"currency": "CHF"})),
    "an account in another currency": Damage(_account_instrument({"currency": "CHF"})),
    "an account of an unknown method": Damage(
        _account_instrument({"payment_method": "barter"}), FINDING, DOLLARS
    ),
    "an exchange refunded whole": Damage(_account_also("refund", 0, -1), NOT_RENDERED),
    "an exchange charged back": Damage(_account_also("chargeback", 0, -1), NOT_RENDERED),
    "an exchange paid a cent less": Damage(_account_amount(-1), NOT_RENDERED),
    "an exchange paid a cent more": Damage(_account_amount(1), NOT_RENDERED),
    "dinars with three places": Damage(_paid_in_dinars, FINDING_OR_RIGHT | {WAITS}, (KUWAIT,)),
}
