"""The debits and credits of a payload, as finance reads them.

The accounts of items are in NetSuite, not in the payload: an item stands for its account. A sales order
posts when it is billed; its entries are those of that invoice or cash sale. Pure.
Sources: netsuite.md §6 and §7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from ..documents import exact, write_json
from ..documents.exact import Number, is_number
from ..language.lines import TAX_AMOUNTS, TAX_CODE
from ..mapping.posting_amounts import posts_amounts
from ..run.posted_lines import PostedLine, PostedRecord

_CUSTOMER, _UNDEPOSITED = "customer", "undeposited funds"
_GROSS = TAX_AMOUNTS[-1]
_HEADER = ("class", "department", "location")
# Words for amounts of a header; those that reduce the total are sent with their sign.
_HEADER_ACCOUNTS = {
    "shippingcost": "shipping",
    "handlingcost": "handling",
    "discounttotal": "discount",
    "discountrate": "discount",
}

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry: an account, what it is for, the segments, and an amount on one of the two sides."""

    account: str
    purpose: str
    segments: tuple[str, str, str]
    debit: Number
    credit: Number


@dataclass(frozen=True, slots=True)
class RecordPostings:
    """The postings of one payload; `is_proved` is false where no check of the mapping gives its total."""

    record: str
    name: str
    external_id: str | None
    currency: str | None
    postings: tuple[Posting, ...]
    is_proved: bool

    @property
    def debit(self) -> Number:
        """The sum of the debits."""
        return _add(posting.debit for posting in self.postings)

    @property
    def credit(self) -> Number:
        """The sum of the credits."""
        return _add(posting.credit for posting in self.postings)

    @property
    def balances(self) -> bool:
        """Whether both sides are equal."""
        return self.debit == self.credit


def list_postings(posted: PostedRecord) -> RecordPostings | None:
    """Return the postings of a payload; None for a record that posts nothing, or of an unknown kind."""
    payload = posted.payload
    make = _KINDS.get(payload.record.casefold())
    if make is None or not posts_amounts(payload.record):
        return None
    postings, is_proved = make(posted)
    return RecordPostings(
        record=payload.record,
        name=payload.name,
        external_id=payload.external_id,
        currency=posted.currency,
        postings=tuple(it for it in postings if it.debit or it.credit),
        is_proved=is_proved,
    )


def _post_items(
    posted: PostedRecord, *, is_return: bool, is_paid: bool
) -> tuple[list[Posting], bool]:
    """Return the postings of a transaction with items: credits, or debits if it takes goods back.

    The other side is what is left to pay: the total, of the customer or of the account that was paid.
    """
    body = posted.payload.body
    postings = [it for line in _list_lines(posted) for it in _post_line(line, body)]
    header = _read_segments(body, {})
    for key, amount in posted.amounts:
        account = _HEADER_ACCOUNTS.get(key.casefold(), key)
        postings.append(_make(account, key, header, amount))
    left = _add(it.credit for it in postings), _add(it.debit for it in postings)
    total = exact.subtract(*left) if posted.total is None else posted.total
    account = _name_cash(body) if is_paid else _CUSTOMER
    postings.append(_make(account, "total", header, exact.multiply(total, -1)))
    if is_return:
        postings = [_turn(it) for it in postings]
    return postings, posted.total is not None


def _list_lines(posted: PostedRecord) -> Iterator[PostedLine]:
    """Yield the entries of the item sublist; those that no group of the mapping wrote are stored as sent."""
    known: dict[str, list[PostedLine]] = {}
    for line in posted.lines:
        known.setdefault(write_json(line.body), []).append(line)
    for entry in _read_entries(posted.payload.body, "item"):
        same = known.get(write_json(entry))
        yield same.pop(0) if same else PostedLine("", entry, _read_amount(entry))


def _post_line(line: PostedLine, body: Body) -> Iterator[Posting]:
    entry = line.body if isinstance(line.body, Mapping) else {}
    segments = _read_segments(body, entry)
    yield _make(f"item {_name(entry.get('item'))}", line.group, segments, line.stored)
    tax = exact.add(line.tax, _read_tax(entry, line.stored))
    code = entry.get(TAX_CODE)
    yield _make("tax" if code is None else f"tax {_name(code)}", "tax", segments, tax)


def _read_tax(entry: Body, stored: Number) -> Number:
    """Return the tax that a line carries itself; a gross amount carries what it has more than the amount."""
    for key, value in entry.items():
        if is_number(value) and key in TAX_AMOUNTS:
            return exact.subtract(value, stored) if key == _GROSS else value
    return 0


def _post_payment(
    posted: PostedRecord, *, account: str, is_refund: bool
) -> tuple[list[Posting], bool]:
    """Return the postings of money received, or of money given back: between cash and an account."""
    body = posted.payload.body
    header = _read_segments(body, {})
    amounts = [value for key, value in posted.amounts if key.casefold() in ("payment", "amount")]
    entries = [entry for sublist in ("apply", "deposit") for entry in _read_entries(body, sublist)]
    amounts = amounts or [_read_amount(entry) for entry in entries]
    amount = _add(iter(amounts))
    postings = [
        _make(account, "total", header, amount),
        _make(_name_cash(body), "total", header, exact.multiply(amount, -1)),
    ]
    return [_turn(it) for it in postings] if is_refund else postings, True


def _post_journal(posted: PostedRecord) -> tuple[list[Posting], bool]:
    """Return the lines of a journal entry, which names its accounts itself."""
    body = posted.payload.body
    postings = [
        Posting(
            account=f"account {_name(entry.get('account'))}",
            purpose=str(entry.get("memo", "")),
            segments=_read_segments(body, entry),
            debit=_read_number(entry.get("debit")),
            credit=_read_number(entry.get("credit")),
        )
        for entry in _read_entries(body, "line")
    ]
    return postings, True


def _make(account: str, purpose: str, segments: tuple[str, str, str], credit: Number) -> Posting:
    """Return a credit, or a debit for a negative amount."""
    is_debit = credit < 0
    return Posting(
        account=account,
        purpose=purpose,
        segments=segments,
        debit=exact.multiply(credit, -1) if is_debit else 0,
        credit=0 if is_debit else credit,
    )


def _turn(posting: Posting) -> Posting:
    return Posting(
        account=posting.account,
        purpose=posting.purpose,
        segments=posting.segments,
        debit=posting.credit,
        credit=posting.debit,
    )


def _name_cash(body: Body) -> str:
    account = body.get("account")
    return _UNDEPOSITED if account is None else f"account {_name(account)}"


def _read_segments(body: Body, entry: Body) -> tuple[str, str, str]:
    """Return class, department and location: those of the line, else of the whole record."""
    first, second, third = (_name(entry.get(key, body.get(key))) for key in _HEADER)
    return first, second, third


def _name(value: object) -> str:
    """Return the id, external id or name of a reference; empty without one."""
    if isinstance(value, Mapping):
        found = (value.get(key) for key in ("id", "externalId", "refName"))
        return next((str(each) for each in found if each is not None), "")
    return "" if value is None else str(value)


def _read_entries(body: Body, sublist: str) -> list[Body]:
    found = body.get(sublist)
    entries = found.get("items") if isinstance(found, Mapping) else None
    return (
        [it for it in entries or () if isinstance(it, Mapping)] if isinstance(entries, list) else []
    )


def _read_amount(entry: Body) -> Number:
    amount = entry.get("amount")
    if is_number(amount):
        return _read_number(amount)
    return exact.multiply(_read_number(entry.get("rate")), _read_number(entry.get("quantity", 1)))


def _read_number(value: object) -> Number:
    return value if is_number(value) else 0


def _add(amounts: Iterator[Number]) -> Number:
    total: Number = 0
    for amount in amounts:
        total = exact.add(total, amount)
    return total


_DEPOSITS, _RECEIVABLE = "customer deposits", "customer"
_KINDS: dict[str, Callable[[PostedRecord], tuple[list[Posting], bool]]] = {
    "salesorder": partial(_post_items, is_return=False, is_paid=False),
    "invoice": partial(_post_items, is_return=False, is_paid=False),
    "cashsale": partial(_post_items, is_return=False, is_paid=True),
    "creditmemo": partial(_post_items, is_return=True, is_paid=False),
    "returnauthorization": partial(_post_items, is_return=True, is_paid=False),
    "cashrefund": partial(_post_items, is_return=True, is_paid=True),
    "customerdeposit": partial(_post_payment, account=_DEPOSITS, is_refund=False),
    "customerpayment": partial(_post_payment, account=_RECEIVABLE, is_refund=False),
    "customerrefund": partial(_post_payment, account=_RECEIVABLE, is_refund=True),
    "journalentry": _post_journal,
}
