"""Creates and changes records: every rule is checked first, then the ledger is written once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from ...findings.errors import ExpressionError
from .account import StockItem
from .amounts import compute_amounts
from .exposure import check_exposed
from .item_groups import expand_groups
from .kinds import RecordGroup, RecordKind
from .ledger import Fields, StoredRecord
from .names import Body, drop_nulls
from .refusals import (
    entity_exists,
    invalid_content,
    invalid_reference,
    missing_values,
    name_taken,
    permission_denied,
    record_exists,
    user_error,
)
from .schemas import has_field
from .scripts import add_rounding_lines, change_fields, change_lines
from .site import Site
from .values import check_values, find_item, index_items

# NetSuite sets these itself and ignores what is sent.
_READ_ONLY = frozenset((
    "id", "refName", "links", "status", "subtotal", "taxTotal", "total", "discountTotal",
    "createdDate", "lastModifiedDate", "dateCreated", "source", "transactionNumber",
))  # fmt: skip
_LABELS = {"entity": "Customer", "tranDate": "Date", "item": "Items", "class": "Class"}
_PEOPLE = ("firstName", "lastName")
# As quoted from NetSuite's own pages; the text in the response to a REST create is not documented.
_CLOSED = "The transaction date is not within an open accounting period."


def create_record(
    site: Site, kind: RecordKind, body: Body, *, more: Mapping[str, Any] | None = None
) -> StoredRecord:
    """Store a new record from a body with canonical names; `more` are fields that it starts with.

    Raise RefusalError; then nothing is stored.
    """
    allowed = site.account.may_create
    if allowed is not None and kind.record not in allowed:
        raise permission_denied(
            f"You do not have permission to create a record of type {kind.record}."
        )
    check_exposed(site.account, kind, body)
    record = _build_record(site, StoredRecord(kind, "", more or {}), body, replace=frozenset())
    record = _assign_id(site, record)
    site.ledger.create(record)
    return record


def update_record(
    site: Site, record: StoredRecord, body: Body, replace: frozenset[str]
) -> StoredRecord:
    """Change the fields sent; the sublists named in `replace` (in lower case) are replaced.

    Raise RefusalError; then nothing is changed.
    """
    check_exposed(site.account, record.kind, body)
    changed = _build_record(site, record, body, replace=replace)
    site.ledger.put(changed)
    return changed


def _assign_id(site: Site, record: StoredRecord) -> StoredRecord:
    """Return a record with the id, number and creation time that the account assigns."""
    ledger, kind = site.ledger, record.kind
    number = "tranId" if kind.group is RecordGroup.TRANSACTION else "entityId"
    own = {} if number in record.fields else {number: _issue_number(site, kind)}
    if has_field(kind.record, "createdDate"):
        own["createdDate"] = site.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    return StoredRecord(
        kind=kind,
        id=ledger.issue_id(),
        fields={**record.fields, **own},
        sublists=record.sublists,
        given=record.given,
        taken_over=record.taken_over,
    )


def _issue_number(site: Site, kind: RecordKind) -> str:
    """Return a number of the account that no record has as its name."""
    number = site.ledger.issue_number(kind)
    while site.ledger.find_by_name(kind, number) is not None:
        number = site.ledger.issue_number(kind)
    return number


def _build_record(
    site: Site, before: StoredRecord, body: Body, *, replace: frozenset[str]
) -> StoredRecord:
    """Check a body and return the record as it would be stored."""
    kind, sent = before.kind, check_values(site, before.kind, body)
    fields = _add_defaults(site, kind, _merge_fields(before, sent))
    given = _merge_item_lines(site, before, sent, replace)
    sublists = _merge_sublists(before, sent)
    _check_present(site, kind, fields, given)
    if not before.id:
        fields = change_fields(site.account, kind, fields)
        given = change_lines(site.account, kind, given)
    _check_names(site, before, fields)
    if kind.group is RecordGroup.TRANSACTION:
        _check_transaction(site, before, fields)
    try:
        fields, lines, given = _compute_totals(site, before, fields, given)
    except ExpressionError as error:
        raise invalid_content([(error.message, None)]) from error
    if has_field(kind.record, "item"):
        sublists["item"] = lines
    if "orderStatus" in fields and not before.taken_over:
        fields["status"] = fields["orderStatus"]
    return StoredRecord(
        kind=kind,
        id=before.id,
        fields=fields,
        sublists=sublists,
        given=given,
        taken_over=before.taken_over,
    )


def _merge_fields(before: StoredRecord, sent: Body) -> dict[str, Any]:
    """Return the record's fields with those sent in place of the old ones; null and "" empty a field."""
    own = {
        name: _merge_value(before.fields.get(name), value)
        for name, value in sent.items()
        if name not in _READ_ONLY and not _is_sublist(value)
    }
    together = {**before.fields, **own}
    return {name: value for name, value in together.items() if value not in (None, "")}


def _merge_value(before: Any, value: Any) -> Any:
    """Return the value that replaces another; in an inner map (an address) only the members sent change."""
    if not isinstance(value, Mapping) or not isinstance(before, Mapping) or "id" in value:
        return drop_nulls(value)
    return drop_nulls({**before, **value})


def _is_sublist(value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("items"), list)


def _merge_sublists(before: StoredRecord, sent: Body) -> dict[str, tuple[Fields, ...]]:
    """Return the sublists without a key; lines sent are added (Oracle, section_1545295601)."""
    found = dict(before.sublists)
    for name, value in sent.items():
        if _is_sublist(value) and name != "item":
            found[name] = (*found.get(name, ()), *drop_nulls(value["items"]))
    return found


def _merge_item_lines(
    site: Site, before: StoredRecord, sent: Body, replace: frozenset[str]
) -> tuple[Fields, ...]:
    """Return the item lines as given, after the body is applied."""
    if not _is_sublist(sent.get("item")):
        return before.given
    is_new = not before.id
    lines: Iterable[Fields] = sent["item"]["items"]
    if is_new:
        lines = [{key: value for key, value in line.items() if key != "line"} for line in lines]
    known = {line["line"] for line in before.given}
    return merge_lines(
        before.given,
        expand_groups(
            lines, index_items(site.account), is_new=lambda line: line.get("line") not in known
        ),
        replace="item" in replace or is_new,
        find_item=partial(find_item, site),
    )


def _add_defaults(site: Site, kind: RecordKind, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with the account's defaults."""
    if kind.group is not RecordGroup.TRANSACTION:
        return _name_entity(fields) if not site.settings.auto_numbering else fields
    customer = _find_customer(site, kind, fields)
    own: dict[str, Any] = {"tranDate": site.now().date().isoformat(), "exchangeRate": 1}
    for name in ("subsidiary", "currency"):
        if customer and name in customer.fields:
            own[name] = customer.fields[name]
    currencies = site.account.list_entries("currencies")
    if currencies:
        own.setdefault("currency", {"id": currencies[0].id})
    if kind.record == "salesOrder":
        own["orderStatus"] = {"id": site.account.order_status}
    if has_field(kind.record, "source"):
        own["source"] = {"id": "restWebServices"}
    return {name: own[name] for name in own if has_field(kind.record, name)} | fields


def _name_entity(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an entity's fields with its name as its id, as in an account without automatic numbers."""
    names = _PEOPLE if fields.get("isPerson") is True else ("companyName",)
    name = " ".join(str(fields[part]) for part in names if fields.get(part))
    return {"entityId": name} | fields if name else fields


def _find_customer(site: Site, kind: RecordKind, fields: Fields) -> StoredRecord | None:
    reference = fields.get(kind.customer) if kind.customer else None
    return site.ledger.find_by_id(reference["id"]) if reference else None


def _check_present(site: Site, kind: RecordKind, fields: Fields, given: tuple[Fields, ...]) -> None:
    """Refuse a record without a field that its type or the account's form requires."""
    needed = [*kind.required, *site.account.mandatory.get(kind.record, ())]
    present = {**fields, "item": given or None}
    missing = [name for name in dict.fromkeys(needed) if present.get(name) is None]
    missing += ["item" for line in given if "item" not in line][:1]
    if kind.record == "customer":
        missing += _list_missing_of_customer(site, fields)
    if missing:
        raise missing_values(map(_format_label, dict.fromkeys(missing)))


def _list_missing_of_customer(site: Site, fields: Fields) -> Iterator[str]:
    names = _PEOPLE if fields.get("isPerson") is True else ("companyName",)
    yield from (name for name in names if not fields.get(name))
    if site.account.list_entries("subsidiaries") and "subsidiary" not in fields:
        yield "subsidiary"


def _format_label(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return _LABELS.get(name, words[:1].upper() + words[1:])


def _check_names(site: Site, before: StoredRecord, fields: Fields) -> None:
    """Refuse an external id or an entity name that another record has."""
    external_id, kind = fields.get("externalId"), before.kind
    other = site.ledger.find_by_external_id(kind.group, external_id) if external_id else None
    if other is not None and other.id != before.id:
        raise record_exists()
    name = fields.get("entityId") if kind.group is RecordGroup.ENTITY else None
    namesake = site.ledger.find_by_name(kind, name) if name else None
    if namesake is not None and namesake.id != before.id:
        raise entity_exists() if site.settings.auto_numbering else name_taken()


def _check_transaction(site: Site, before: StoredRecord, fields: Fields) -> None:
    """Refuse an inactive customer, a subsidiary other than the customer's, a day in a closed period."""
    kind = before.kind
    customer = _find_customer(site, kind, fields)
    if kind.customer and customer is not None and customer.kind.record != "customer":
        raise invalid_reference(kind.customer, customer.id, kind.customer)
    is_kept = fields.get(kind.customer) == before.fields.get(kind.customer)
    if customer is not None and customer.fields.get("isInactive") is True and not is_kept:
        raise invalid_reference(kind.customer, customer.id, kind.customer)
    own = customer.fields.get("subsidiary") if customer else None
    subsidiary = fields.get("subsidiary")
    if own and subsidiary and own != subsidiary:
        raise invalid_reference("subsidiary", subsidiary["id"], "subsidiary")
    if not site.periods.is_open_on(_parse_day(fields["tranDate"])):
        raise user_error(_CLOSED, "tranDate")


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid_content([("tranDate is not a date", "tranDate")]) from error


def _compute_totals(
    site: Site, before: StoredRecord, fields: dict[str, Any], given: tuple[Fields, ...]
) -> tuple[dict[str, Any], tuple[Fields, ...], tuple[Fields, ...]]:
    """Return the fields with their totals, the lines with their amounts, and the lines as given.

    A script may round a new record's total by one more line.
    """
    kind = before.kind
    if not kind.of_goods:
        return fields, given, given
    totals, lines = compute_amounts(fields, given, site.account)
    if not before.id:
        rounded = add_rounding_lines(site.account, kind, given, totals["total"])
        if rounded != given:
            given = rounded
            totals, lines = compute_amounts(fields, given, site.account)
    known = {name: totals[name] for name in totals if has_field(kind.record, name)}
    return fields | known, lines, given


Line = Mapping[str, Any]
_PRICING = ("quantity", "rate")


def merge_lines(
    existing: Iterable[Line],
    sent: Iterable[Line],
    *,
    replace: bool,
    find_item: Callable[[Line], StockItem],
) -> tuple[Line, ...]:
    """Return the lines as given, after `sent` is applied to the `existing` lines.

    The amount of a payment item is sent positive and stored negative, as in NetSuite.
    """
    before = {line["line"]: line for line in existing}
    after: dict[int, Line] = {} if replace else dict(before)
    last = max(before, default=0)
    for line in sent:
        key = line.get("line")
        if key is None or key not in before:
            last += 1
            key = last
        after[int(key)] = _merge_line(before.get(key, {}), line, int(key), find_item)
    return tuple(after.values())


def _merge_line(before: Line, sent: Line, key: int, find_item: Callable[[Line], StockItem]) -> Line:
    """Return a line with the fields sent for it; null empties a field."""
    kept = dict(before)
    if any(name in sent for name in _PRICING) and "amount" not in sent:
        kept.pop("amount", None)
    line = {**kept, **sent, "line": key}
    line = {name: value for name, value in line.items() if value is not None}
    amount = sent.get("amount")
    if amount is not None and "item" in line and find_item(line).kind == "Payment":
        line["amount"] = -Decimal(amount)
    return line
