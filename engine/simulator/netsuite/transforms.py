"""Transforms of one record into another: an order into its invoice, its fulfilment, its return.

Source: the `!transform` operations of the REST API Browser, and Oracle's section_159795520083: lines
that are not sent are taken with their whole remaining quantity, `quantity` 0 leaves a line out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ...documents.exact import Number, add, divide, is_number, multiply, subtract
from .kinds import BILLED, FULFILLED, TRANSFORMS, RecordKind
from .ledger import Fields, StoredRecord
from .names import Body
from .refusals import RefusalDetail, RefusalError, invalid_content, invalid_reference, user_error
from .schemas import find_line_node, has_field
from .site import Site
from .values import find_item
from .write_record import create_record

ZERO = Decimal(0)
_COPIED_FIELDS = (
    "entity", "customer", "subsidiary", "currency", "exchangeRate", "location", "department",
    "class", "memo", "otherRefNum", "shipMethod", "billingAddress", "shippingAddress",
)  # fmt: skip
# Billed once, with the first part of an order.
_BILLED_ONCE = (
    "shippingCost",
    "shippingTaxCode",
    "handlingCost",
    "handlingTaxCode",
    "discountItem",
    "discountRate",
)
_GOODS = frozenset(("InvtPart", "NonInvtPart", "Assembly", "Kit"))


def find_transform(source: RecordKind, target: RecordKind) -> str:
    """Return the kind of a transform (`billed`, …). Raise RefusalError when NetSuite has no such one."""
    done = TRANSFORMS.get((source.record, target.record))
    if done is None:
        words = f"A record of type {source.record} cannot become one of type {target.record}."
        raise RefusalError(400, [RefusalDetail("INVALID_REQUEST", words)])
    return done


def split_lines(body: Body) -> tuple[Body, dict[int, Body]]:
    """Return the body without its item lines, and these lines by the source line they refer to.

    Raise RefusalError for a line without `orderLine`.
    """
    rest = {key: value for key, value in body.items() if key.lower() != "item"}
    sublist = _lower_keys(body).get("item")
    items = None if sublist is None else _lower_keys(sublist).get("items")
    if not isinstance(items, list | None):
        raise invalid_content([("item.items is not a list", "item.items")])
    lines: dict[int, Body] = {}
    for line in items or ():
        key = _lower_keys(line).get("orderline")
        if not isinstance(key, int) or isinstance(key, bool):
            raise user_error(
                "A line of a transform needs orderLine, the number of the source line."
            )
        lines[key] = {name: value for name, value in line.items() if name.lower() != "orderline"}
    return rest, lines


def _lower_keys(value: object) -> dict[str, Any]:
    """Return a map with its keys in lower case; empty for any other value."""
    members = value.items() if isinstance(value, dict) else ()
    return {str(key).lower(): inner for key, inner in members}


def transform_record(
    site: Site, source: StoredRecord, target: RecordKind, body: Body, lines: Mapping[int, Body]
) -> StoredRecord:
    """Store the record made from `source`, and record at `source` the quantities taken over.

    `body` and `lines` (by the source's line), with canonical names, override the copied values.
    Raise RefusalError; then nothing is stored.
    """
    done = find_transform(source.kind, target)
    if source.fields.get("orderStatus") == {"id": "A"}:
        raise user_error("The order is pending approval and cannot be transformed.")
    taken = _compute_taken(site, source, done, lines)
    if not any(quantity > 0 for quantity in taken.values()):
        raise user_error(f"Nothing of this record remains to be {done}.")
    start = _build_start(source, target, done)
    sent = {**start, **body}
    if find_line_node(target.record, "item") is not None:
        sent["item"] = {"items": _build_lines(source, target, taken, lines)}
    made = create_record(site, target, sent)
    _record_taken(site, source, done, taken)
    return made


def compute_remaining(source: StoredRecord, done: str, line: Fields) -> Number:
    """Return the remaining quantity of a line; a line without a quantity counts as 1."""
    if line.get("isClosed") is True:
        return ZERO
    before = source.taken_over.get(f"{done} {line['line']}", ZERO)
    return subtract(line.get("quantity", 1), before)


def _compute_taken(
    site: Site, source: StoredRecord, done: str, lines: Mapping[int, Body]
) -> dict[int | None, Number]:
    """Return the quantity taken over of each line; 1 in total for a record without lines."""
    if not source.lines:
        return {None: subtract(1, source.taken_over.get(done, ZERO))}
    _check_lines(source, lines)
    found: dict[int | None, Number] = {}
    for line in source.lines:
        left = compute_remaining(source, done, line)
        if done == FULFILLED and find_item(site, line).kind not in _GOODS:
            continue
        quantity = lines.get(line["line"], {}).get("quantity", left)
        if quantity > left or quantity < 0:
            raise user_error(f"Only {left} of line {line['line']} can still be {done}.")
        found[line["line"]] = quantity
    return found


def _check_lines(source: StoredRecord, lines: Mapping[int, Body]) -> None:
    """Refuse lines that the source does not have, and quantities that are not numbers."""
    numbers = {line["line"] for line in source.lines}
    for key, line in lines.items():
        if key not in numbers:
            raise invalid_reference("orderLine", str(key), "item")
        if not is_number(line.get("quantity", 0)):
            raise invalid_content([("quantity is not a number", "item")])


def _build_start(source: StoredRecord, target: RecordKind, done: str) -> dict[str, Any]:
    """Return the fields that the new record starts with."""
    is_first = not any(key.startswith(done) for key in source.taken_over)
    names = [*_COPIED_FIELDS, *(_BILLED_ONCE if is_first and done != FULFILLED else ())]
    found = {name: source.fields[name] for name in names if name in source.fields}
    if target.customer and source.kind.customer in source.fields:
        found[target.customer] = source.fields[source.kind.customer]
    found["createdFrom"] = {"id": source.id}
    return {name: value for name, value in found.items() if has_field(target.record, name)}


def _build_lines(
    source: StoredRecord,
    target: RecordKind,
    taken: Mapping[int | None, Number],
    lines: Mapping[int, Body],
) -> list[dict[str, Any]]:
    known = (find_line_node(target.record, "item") or {}).get("properties", {})
    found = []
    for given, line in zip(source.given, source.lines, strict=True):
        quantity = taken.get(line["line"], ZERO)
        if quantity <= 0:
            continue
        share = _build_part(given, line, quantity)
        own = {**share, **lines.get(line["line"], {})}
        found.append(
            {name: own[name] for name in own if name in known or name.startswith("custcol")}
        )
    return found


def _build_part(given: Fields, line: Fields, quantity: Number) -> dict[str, Any]:
    """Return a line for a part of its quantity; given amounts are divided."""
    whole = line.get("quantity", 1)
    part = {name: value for name, value in given.items() if name != "line"}
    for name in ("amount", "tax1Amt"):
        if name in part:
            # A payment is stored negative, and negated again on input.
            sign = -1 if name == "amount" and line.get("itemType") == {"id": "Payment"} else 1
            part[name] = multiply(sign, _compute_share(part[name], quantity, whole))
    return part | ({"quantity": quantity} if "quantity" in line else {})


def _compute_share(amount: Number, quantity: Number, whole: Number) -> Number:
    return amount if quantity == whole else divide(multiply(amount, quantity), whole)


def _record_taken(
    site: Site, source: StoredRecord, done: str, taken: Mapping[int | None, Number]
) -> None:
    """Record at the source the quantities taken over, and its new status."""
    found = dict(source.taken_over)
    for line, quantity in taken.items():
        key = done if line is None else f"{done} {line}"
        found[key] = Decimal(add(found.get(key, ZERO), quantity))
    changed = replace(source, taken_over=found)
    if source.kind.record == "salesOrder":
        changed = replace(
            changed, fields={**changed.fields, "status": {"id": _compute_status(site, changed)}}
        )
    site.ledger.put(changed)


def _compute_status(site: Site, order: StoredRecord) -> str:
    """Return the status of a sales order by its quantities billed and fulfilled."""
    goods = [line for line in order.lines if find_item(site, line).kind in _GOODS]
    if not any(compute_remaining(order, BILLED, line) for line in order.lines):
        return "G"
    is_fulfilled = bool(goods) and not any(
        compute_remaining(order, FULFILLED, line) for line in goods
    )
    is_started = any(
        compute_remaining(order, FULFILLED, line) != line.get("quantity", 1) for line in goods
    )
    return "F" if is_fulfilled else "D" if is_started else "B"
