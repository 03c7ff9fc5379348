"""Reads an account from plain data, or raises one error with every mistake in it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ...documents import is_numeric
from ...documents.exact import is_number
from ...documents.money import LEDGER_PLACES, MINOR_UNITS
from ...findings.diagnostics import Finding
from ...findings.errors import SpecError
from ...findings.quote import did_you_mean, quoted
from .account import (
    Account,
    AccountEntry,
    Certificate,
    GroupMember,
    StockItem,
    TaxCode,
    TokenSecrets,
    UserScript,
)
from .account_settings import PARSERS
from .kinds import find_kind
from .periods import parse_months

T = TypeVar("T")
LISTS = ("subsidiaries", "locations", "departments", "classes", "currencies", "ship_methods")
CUSTOM_KINDS = {"body": "custbody", "column": "custcol", "entity": "custentity"}
CUSTOM_TYPES = ("any", "text", "number", "checkbox", "date", "list")


def read_account(document: Mapping[str, Any]) -> Account:
    """Return the account that a document of plain data (from YAML or JSON) describes.

    Raise SpecError with a finding for every mistake: unknown keys (E0201), values of the wrong
    type (E0202) or not allowed (E0205), missing values (E0203), duplicate ids (E0219).
    """
    findings: list[Finding] = []
    top = _Map(document, "", findings)
    account = Account(
        id=top.read_text("account"),
        items=top.read_entries("items", _read_item),
        lists={name: top.read_entries(name, _ENTRIES.get(name, _read_entry)) for name in LISTS},
        tax_codes=top.read_entries("tax_codes", _read_tax_code),
        custom_fields=_read_custom_fields(top.read_map("custom_fields")),
        certificates=top.read_entries("certificates", _read_certificate),
        tokens=top.read_entries("tokens", _read_token),
        first_open_day=top.read_day("first_open_day"),
        closed_months=top.read_months("closed_months"),
        locked_months=top.read_months("locked_months"),
        concurrency=top.read_count("concurrency", 5),
        tells_limits=top.read_flag("tells_limits"),
        may_create=_read_record_types(top),
        mandatory=_read_mandatory(top.read_map("mandatory")),
        order_status=top.read_text("order_status", "B", among=("A", "B")),
        settings=_read_settings(top),
        scripts=top.read_entries("scripts", _read_script),
        not_exposed=_read_not_exposed(top.read_map("not_exposed")),
        lengths=_read_lengths(top.read_map("lengths")),
        states=_read_states(top.read_map("states")),
    )
    _check_items(account, top)
    top.reject_unread_keys()
    if findings:
        raise SpecError("the NetSuite account is not valid", findings)
    return account


@dataclass(frozen=True, slots=True)
class _Map:
    """A map with the keys read so far; a key that is never read is a mistake."""

    members: Mapping[str, Any]
    trail: str
    findings: list[Finding]
    read_keys: set[str] = field(default_factory=set)

    def add_finding(self, code: str, key: str, words: str, hint: str | None = None) -> None:
        trail = f"{self.trail}.{key}".strip(".")
        subject = "NetSuite account"
        self.findings.append(
            Finding(code, f"{trail} {words}", hint=hint, subject=subject, trail=trail)
        )

    def get_value(self, key: str) -> Any:
        """Return the value of a key and mark the key as read; a missing key is None."""
        self.read_keys.add(key)
        return self.members.get(key)

    def read_text(
        self, key: str, default: str | None = None, *, among: tuple[str, ...] = ()
    ) -> str:
        """Return a text or a whole number (as ids are) as text; without a default it is required."""
        value = self.get_value(key)
        if value is None:
            if default is None:
                self.add_finding("E0203", key, "is missing")
            return default or ""
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            self.add_finding("E0202", key, "is not a text")
            return ""
        if among and str(value) not in among:
            self.add_finding(
                "E0205", key, f"cannot be {quoted(str(value))}", did_you_mean(str(value), among)
            )
        return str(value)

    def read_optional_text(self, key: str) -> str | None:
        return None if self.get_value(key) is None else self.read_text(key)

    def read_flag(self, key: str) -> bool:
        value = self.get_value(key)
        if not isinstance(value, bool | None):
            self.add_finding("E0202", key, "is neither true nor false")
        return value is True

    def read_count(self, key: str, default: int) -> int:
        value = self.get_value(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.add_finding("E0202", key, "is not a whole number of at least 1")
            return default
        return value

    def read_number(self, key: str) -> Decimal | None:
        """Return a number, written as a number or as text."""
        value = self.get_value(key)
        if value is None:
            return None
        if is_number(value) or (isinstance(value, str) and is_numeric(value)):
            return Decimal(value)
        self.add_finding(
            "E0202", key, "is not a number", "write a number with a fraction in quotes"
        )
        return None

    def read_day(self, key: str) -> date | None:
        value = self.get_value(key)
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.add_finding("E0202", key, "is not a date", "write it as in 2026-12-01")
            return None

    def read_months(self, key: str) -> frozenset[str]:
        """Return a list of months; empty when it is missing."""
        try:
            return parse_months(self.get_value(key) or [])
        except ValueError as error:
            self.add_finding("E0202", key, f"is not valid: {error}")
            return frozenset()

    def read_map(self, key: str) -> _Map:
        """Return a map in this map; empty when it is missing."""
        value = self.get_value(key)
        if not isinstance(value, Mapping | None):
            self.add_finding("E0202", key, "is not a map")
        members = value if isinstance(value, Mapping) else {}
        return _Map(members, f"{self.trail}.{key}".strip("."), self.findings)

    def read_list(self, key: str) -> list[Any]:
        value = self.get_value(key)
        if not isinstance(value, list | None):
            self.add_finding("E0202", key, "is not a list")
        return value if isinstance(value, list) else []

    def read_entries(self, key: str, read: Callable[[_Map], T]) -> tuple[T, ...]:
        """Return the entries of a list of maps, each read by `read`; ids must be unique."""
        found, ids = [], set()
        for index, value in enumerate(self.read_list(key)):
            here = f"{key}[{index}]"
            if not isinstance(value, Mapping):
                self.add_finding("E0202", here, "is not a map")
                continue
            entry = _Map(value, f"{self.trail}.{here}".strip("."), self.findings)
            found.append(read(entry))
            entry.reject_unread_keys()
            if (id_ := value.get("id")) is not None and str(id_) in ids:
                self.add_finding("E0219", here, f"has the id {id_}, which another entry has too")
            ids.add(str(id_))
        return tuple(found)

    def reject_unread_keys(self) -> None:
        """Add a finding for every key that was not read."""
        for key in self.members:
            if key not in self.read_keys:
                self.add_finding(
                    "E0201", str(key), "is not known", did_you_mean(str(key), self.read_keys)
                )


def _read_item(entry: _Map) -> StockItem:
    written = entry.get_value("rate")
    is_percent = isinstance(written, str) and written.endswith("%")
    plain = {**entry.members, "rate": written.removesuffix("%")} if is_percent else entry.members
    return StockItem(
        id=entry.read_text("id"),
        itemid=entry.read_text("itemid"),
        kind=entry.read_text("type", "InvtPart"),
        external_id=entry.read_optional_text("externalid"),
        is_inactive=entry.read_flag("inactive"),
        rate=_Map(plain, entry.trail, entry.findings).read_number("rate"),
        is_percent=is_percent,
        members=entry.read_entries("members", _read_member),
    )


def _read_member(entry: _Map) -> GroupMember:
    quantity = entry.read_number("quantity")
    return GroupMember(entry.read_text("item"), Decimal(1) if quantity is None else quantity)


def _read_entry(entry: _Map) -> AccountEntry:
    return AccountEntry(
        id=entry.read_text("id"),
        name=entry.read_text("name"),
        external_id=entry.read_optional_text("externalid"),
        subsidiary=entry.read_optional_text("subsidiary"),
        is_inactive=entry.read_flag("inactive"),
    )


def _read_currency(entry: _Map) -> AccountEntry:
    symbol = entry.read_text("symbol", among=tuple(MINOR_UNITS))
    places = entry.read_number("precision")
    if places is not None and places not in range(5):
        entry.add_finding("E0202", "precision", "is not a number of decimal places from 0 to 4")
    default = LEDGER_PLACES.get(symbol, 2)
    precision = int(places) if places is not None and places in range(5) else default
    return AccountEntry(entry.read_text("id"), symbol, precision=precision)


_ENTRIES: dict[str, Callable[[_Map], AccountEntry]] = {"currencies": _read_currency}


def _read_tax_code(entry: _Map) -> TaxCode:
    code = TaxCode(
        id=entry.read_text("id"),
        rate=entry.read_number("rate"),
        column=entry.read_optional_text("column"),
        body_field=entry.read_optional_text("body_field"),
        discounts_by=entry.read_optional_text("discounts_by"),
    )
    if (code.rate is None) == (code.column is None):
        entry.add_finding(
            "E0203",
            "rate",
            "is missing or given beside column: a tax code has exactly one of the two",
        )
    return code


def _read_certificate(entry: _Map) -> Certificate:
    key = entry.read_text("public_key")
    try:
        load_pem_public_key(key.encode())
    except (ValueError, UnsupportedAlgorithm):
        entry.add_finding("E0205", "public_key", "is not a public key in PEM format")
    return Certificate(entry.read_text("client_id"), entry.read_text("id"), key)


def _read_token(entry: _Map) -> TokenSecrets:
    return TokenSecrets(
        consumer_key=entry.read_text("consumer_key"),
        consumer_secret=entry.read_text("consumer_secret"),
        id=entry.read_text("id"),
        secret=entry.read_text("secret"),
    )


def _read_custom_fields(kinds: _Map) -> dict[str, dict[str, str]]:
    """Return the custom fields' types by kind and name. A list of names means the type `any`."""
    found = {}
    for kind, prefix in CUSTOM_KINDS.items():
        written = kinds.members.get(kind)
        plain = dict.fromkeys(written, "any") if isinstance(written, list) else written
        fields = _Map({kind: plain}, kinds.trail, kinds.findings).read_map(kind)
        kinds.read_keys.add(kind)
        for name in fields.members:
            if not str(name).startswith(prefix) or str(name) != str(name).lower():
                fields.add_finding(
                    "E0205", str(name), f"does not begin with {prefix}, or is not in lower case"
                )
        found[kind] = {
            str(name): fields.read_text(name, among=CUSTOM_TYPES) for name in fields.members
        }
    kinds.reject_unread_keys()
    return found


def _read_record_types(top: _Map) -> frozenset[str] | None:
    if top.get_value("may_create") is None:
        return None
    return frozenset(
        _read_record_type(top, "may_create", name) for name in top.read_list("may_create")
    )


def _read_record_type(at: _Map, key: str, name: object) -> str:
    kind = find_kind(str(name))
    if kind is None:
        at.add_finding("E0207", key, f"names {quoted(str(name))}, which is not a known record type")
    return kind.record if kind else ""


def _read_mandatory(types: _Map) -> dict[str, tuple[str, ...]]:
    return {
        _read_record_type(types, name, name): tuple(map(str, types.read_list(name)))
        for name in types.members
    }


def _read_settings(top: _Map) -> dict[str, object]:
    """Return the parsed settings; the same names and values as those of the control path."""
    settings = top.read_map("settings")
    found: dict[str, object] = {}
    for name, parse in PARSERS.items():
        value = settings.get_value(name)
        if name not in settings.members:
            continue
        try:
            found[name] = parse(value)
        except ValueError as error:
            settings.add_finding("E0205", name, f"is not valid: {error}")
    settings.reject_unread_keys()
    return found


def _read_script(entry: _Map) -> UserScript:
    records = [_read_record_type(entry, "records", name) for name in entry.read_list("records")]
    places = entry.get_value("round_rates_to")
    script = UserScript(
        records=frozenset(records),
        line=_read_script_line(entry.read_map("add_line")),
        round_total_to=entry.read_number("round_total_to"),
        rounding_item=entry.read_optional_text("rounding_item"),
        move_days=_read_whole(entry, "move_days", at_least=-366, at_most=366),
        rate_places=None if places is None else _read_whole(entry, "round_rates_to", at_most=8),
    )
    if (script.round_total_to is None) != (script.rounding_item is None):
        entry.add_finding("E0203", "rounding_item", "and round_total_to belong together")
    elif script.round_total_to is not None and script.round_total_to <= 0:
        entry.add_finding("E0205", "round_total_to", "is not above 0")
    return script


def _read_script_line(line: _Map) -> dict[str, Any] | None:
    """Return the line that a script adds, as it would be sent; None when it adds none."""
    if not line.members:
        return None
    found: dict[str, Any] = {"item": {"id": line.read_text("item")}}
    for name in ("quantity", "rate", "amount"):
        number = line.read_number(name)
        if number is not None:
            found[name] = number
    code = line.read_optional_text("taxCode")
    line.reject_unread_keys()
    return found if code is None else found | {"taxCode": {"id": code}}


def _read_whole(entry: _Map, key: str, *, at_least: int = 0, at_most: int) -> int:
    value = entry.get_value(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not at_least <= value <= at_most:
        entry.add_finding("E0202", key, f"is not a whole number from {at_least} to {at_most}")
        return 0
    return int(value)


def _read_not_exposed(tables: _Map) -> dict[str, frozenset[str]]:
    return {
        str(name).lower(): frozenset(str(field).lower() for field in tables.read_list(name))
        for name in tables.members
    }


def _read_lengths(fields: _Map) -> dict[str, int]:
    return {str(name): fields.read_count(name, 1) for name in fields.members}


def _read_states(countries: _Map) -> dict[str, frozenset[str]]:
    """Return the states by country; an empty list makes the state of a country free text."""
    return {
        str(name).upper(): frozenset(map(str, countries.read_list(name)))
        for name in countries.members
    }


def _check_items(account: Account, top: _Map) -> None:
    """Add a finding for every item of a group or a script that the account does not have."""
    known = {item.id for item in account.items}
    named = [("items", member.item) for item in account.items for member in item.members]
    for script in account.scripts:
        items = [script.rounding_item, *([script.line["item"]["id"]] if script.line else [])]
        named += [("scripts", item) for item in items if item is not None]
    for key, item in named:
        if item not in known:
            top.add_finding("E0207", key, f"names the item {item}, which does not exist")
