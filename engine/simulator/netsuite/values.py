"""Checks of a body's values against its record type: values of the right kind, references that exist.

Reads the ledger and changes nothing. Sources: Oracle, section_156570709583 (semantic errors are
always errors), section_157305090645 (values).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ...documents.exact import is_number
from .account import Account, StockItem
from .kinds import RecordGroup, RecordKind
from .names import Body, drop_nulls, list_members
from .refusals import invalid_content, invalid_reference
from .schemas import find_field_node, is_choice, is_reference, require_schema
from .site import Site
from .text_limits import check_lengths, check_places, cut_texts

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CUSTOM: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda _: True,
    "text": lambda value: isinstance(value, str),
    "number": is_number,
    "checkbox": lambda value: isinstance(value, bool),
    "date": lambda value: isinstance(value, str) and bool(_DAY.fullmatch(value)),
    "list": lambda value: isinstance(value, dict) or _is_scalar(value),
}
# The list that a field's reference must be in, by the field's name. Other references are not
# checked: the simulated account has no lists for them.
_LISTS: Mapping[str, str] = {
    "subsidiary": "subsidiaries",
    "location": "locations",
    "inventoryLocation": "locations",
    "department": "departments",
    "class": "classes",
    "currency": "currencies",
    "shipMethod": "ship_methods",
    "item": "items",
    "discountItem": "items",
    "taxCode": "tax_codes",
    "shippingTaxCode": "tax_codes",
    "handlingTaxCode": "tax_codes",
}
_RECORDS: Mapping[str, RecordGroup] = {
    "entity": RecordGroup.ENTITY,
    "customer": RecordGroup.ENTITY,
    "createdFrom": RecordGroup.TRANSACTION,
    "salesOrder": RecordGroup.TRANSACTION,
}


def check_values(site: Site, kind: RecordKind, body: Body) -> Body:
    """Return the body with each reference and choice as `{"id": …}`; nulls, which empty fields, stay.

    Raise RefusalError: INVALID_CONTENT for values of the wrong kind, USER_ERROR for references that
    do not exist.
    """
    schema, sent = require_schema(kind.record), drop_nulls(body)
    check_lengths(site.account, site.settings, sent)
    check_places(site.account, site.settings, sent)
    short = cut_texts(sent)
    if not schema.accepts(short):
        mistakes = schema.mistakes(short)
        raise invalid_content((mistake.message, mistake.trail) for mistake in mistakes)
    _check_custom(site, sent)
    found = {name: _check_value(site, kind, name, value) for name, value in body.items()}
    if isinstance(body.get("item"), dict):
        lines = body["item"].get("items") or []
        found["item"] = {
            "items": [_check_line(site, kind, line, at) for at, line in enumerate(lines)]
        }
    return found


def find_item(site: Site, line: Mapping[str, Any]) -> StockItem:
    """Return the item of a line; it exists, since references are checked."""
    return index_items(site.account)[line["item"]["id"]]


def find_list(field: str) -> str | None:
    """Return the name of the account's list that a field refers to, or None."""
    return _LISTS.get(field)


@lru_cache(maxsize=8)
def index_items(account: Account) -> Mapping[str, StockItem]:
    """Return the items of an account by id."""
    return {item.id: item for item in account.items}


def _check_line(site: Site, kind: RecordKind, line: Body, at: int) -> Body:
    trail = f"item.items[{at}]."
    return {
        name: _check_value(site, kind, name, value, trail=trail)
        for name, value in (line or {}).items()
    }


def _check_value(site: Site, kind: RecordKind, name: str, value: Any, *, trail: str = "") -> Any:
    """Return a value as it is stored."""
    node = find_field_node(kind.record, name, sublist="item" if trail else None)
    if value is None or (name == "item" and not trail):
        return value
    if node is None:  # a custom field
        return _normalize_choice(value) if isinstance(value, dict) else value
    if is_choice(node):
        return _normalize_choice(value)
    return _resolve_reference(site, name, value, trail + name) if is_reference(node) else value


def _normalize_choice(value: Any) -> Any:
    if isinstance(value, dict):
        return {"id": str(value["id"])} if _is_scalar(value.get("id")) else value
    return {"id": str(value)}


def _resolve_reference(site: Site, name: str, value: Any, trail: str) -> Body:
    """Return `{"id": …}` of a reference's target. Raise RefusalError when it does not exist."""
    by_external_id = isinstance(value, dict) and "id" not in value
    key = (value["externalId" if by_external_id else "id"]) if isinstance(value, dict) else value
    if not _is_scalar(key):
        raise invalid_content([(f"{trail} is not a reference", trail)])
    identifier = str(key)
    if name not in _LISTS and name not in _RECORDS:
        return {"externalId" if by_external_id else "id": identifier}
    found = _find_id(site, name, identifier, by_external_id=by_external_id)
    if found is None:
        raise invalid_reference(name, identifier, trail)
    return {"id": found}


def _find_id(site: Site, name: str, identifier: str, *, by_external_id: bool) -> str | None:
    if name in _RECORDS:
        group, ledger = _RECORDS[name], site.ledger
        record = (
            ledger.find_by_external_id(group, identifier)
            if by_external_id
            else ledger.find_by_id(identifier)
        )
        return record.id if record and record.kind.group is group else None
    return _index_ids(site.account, _LISTS[name]).get((by_external_id, identifier))


@lru_cache(maxsize=64)
def _index_ids(account: Account, name: str) -> Mapping[tuple[bool, str], str]:
    """Return the ids of a list's active entries, by id (False) and by external id (True)."""
    if name == "tax_codes":
        return {(False, code.id): code.id for code in account.tax_codes}
    entries = account.items if name == "items" else account.list_entries(name)
    active = [entry for entry in entries if not entry.is_inactive]
    by_id = {(False, entry.id): entry.id for entry in active}
    return by_id | {(True, entry.external_id): entry.id for entry in active if entry.external_id}


def _check_custom(site: Site, body: Body) -> None:
    types = {
        name: kind for kinds in site.account.custom_fields.values() for name, kind in kinds.items()
    }
    wrong = [
        (f"{trail} is not of the type {types[name]}", trail)
        for trail, value in list_members(body)
        if (name := trail.rpartition(".")[2]) in types and not _CUSTOM[types[name]](value)
    ]
    if wrong:
        raise invalid_content(wrong)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
