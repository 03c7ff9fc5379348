"""Plain data becomes an account, or one error that holds every mistake in it. Pure."""

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
from ...documents.money import MINOR_UNITS
from ...findings.diagnostics import Finding
from ...findings.errors import SpecError
from ...findings.quote import did_you_mean, quoted
from .account import Account, AccountEntry, Certificate, StockItem, TaxCode, TokenSecrets
from .kinds import kind_named
from .periods import months_in

T = TypeVar("T")
LISTS = ("subsidiaries", "locations", "departments", "classes", "currencies", "ship_methods")
CUSTOM_KINDS = {"body": "custbody", "column": "custcol", "entity": "custentity"}
CUSTOM_TYPES = ("any", "text", "number", "checkbox", "date", "list")


def read_account(document: Mapping[str, Any]) -> Account:
    """The account that a document of plain data (as YAML or JSON holds it) describes.

    Raise SpecError with a finding for every mistake: keys not known (E0201), values of the wrong
    type (E0202) or not allowed (E0205), what is missing (E0203), ids that stand twice (E0219).
    """
    notes: list[Finding] = []
    top = _Map(document, "", notes)
    account = Account(
        id=top.text("account"),
        items=top.entries("items", _item),
        lists={name: top.entries(name, _ENTRIES.get(name, _entry)) for name in LISTS},
        tax_codes=top.entries("tax_codes", _tax_code),
        custom_fields=_custom_fields(top.map("custom_fields")),
        certificates=top.entries("certificates", _certificate),
        tokens=top.entries("tokens", _token),
        first_open_day=top.day("first_open_day"),
        closed_months=top.months("closed_months"),
        locked_months=top.months("locked_months"),
        concurrency=top.whole("concurrency", 5),
        tells_limits=top.flag("tells_limits"),
        may_create=_record_types(top),
        mandatory=_mandatory(top.map("mandatory")),
        order_status=top.text("order_status", "B", among=("A", "B")),
    )
    top.end()
    if notes:
        raise SpecError("the NetSuite account cannot be used", notes)
    return account


@dataclass(frozen=True, slots=True)
class _Map:
    """A map being read: each member is asked for once, and what was not asked for is a mistake."""

    members: Mapping[str, Any]
    trail: str
    notes: list[Finding]
    asked: set[str] = field(default_factory=set)

    def note(self, code: str, key: str, words: str, hint: str | None = None) -> None:
        trail = f"{self.trail}.{key}".strip(".")
        subject = "NetSuite account"
        self.notes.append(
            Finding(code, f"{trail} {words}", hint=hint, subject=subject, trail=trail)
        )

    def ask(self, key: str) -> Any:
        """What stands there; null is nothing."""
        self.asked.add(key)
        return self.members.get(key)

    def text(self, key: str, default: str | None = None, *, among: tuple[str, ...] = ()) -> str:
        """A text or a whole number, as ids are; needed when there is no default."""
        value = self.ask(key)
        if value is None:
            if default is None:
                self.note("E0203", key, "is missing")
            return default or ""
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            self.note("E0202", key, "is not a text")
            return ""
        if among and str(value) not in among:
            self.note(
                "E0205", key, f"cannot be {quoted(str(value))}", did_you_mean(str(value), among)
            )
        return str(value)

    def optional(self, key: str) -> str | None:
        return None if self.ask(key) is None else self.text(key)

    def flag(self, key: str) -> bool:
        value = self.ask(key)
        if not isinstance(value, bool | None):
            self.note("E0202", key, "is neither true nor false")
        return value is True

    def whole(self, key: str, default: int) -> int:
        value = self.ask(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.note("E0202", key, "is not a whole number from 1 on")
            return default
        return value

    def number(self, key: str) -> Decimal | None:
        """A number, or the text of one."""
        value = self.ask(key)
        if value is None:
            return None
        if is_number(value) or (isinstance(value, str) and is_numeric(value)):
            return Decimal(value)
        self.note("E0202", key, "is not a number", "a number with a fraction is best quoted")
        return None

    def day(self, key: str) -> date | None:
        value = self.ask(key)
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.note("E0202", key, "is not a date", "as in 2026-12-01")
            return None

    def months(self, key: str) -> frozenset[str]:
        """A list of months; none when there is none."""
        try:
            return months_in(self.ask(key) or [])
        except ValueError as error:
            self.note("E0202", key, f"is wrong: {error}")
            return frozenset()

    def map(self, key: str) -> _Map:
        """A map in this one; empty when there is none."""
        value = self.ask(key)
        if not isinstance(value, Mapping | None):
            self.note("E0202", key, "is not a map")
        members = value if isinstance(value, Mapping) else {}
        return _Map(members, f"{self.trail}.{key}".strip("."), self.notes)

    def listed(self, key: str) -> list[Any]:
        value = self.ask(key)
        if not isinstance(value, list | None):
            self.note("E0202", key, "is not a list")
        return value if isinstance(value, list) else []

    def entries(self, key: str, read: Callable[[_Map], T]) -> tuple[T, ...]:
        """A list of maps, each read by `read`; ids stand once."""
        found, ids = [], set()
        for index, value in enumerate(self.listed(key)):
            here = f"{key}[{index}]"
            if not isinstance(value, Mapping):
                self.note("E0202", here, "is not a map")
                continue
            entry = _Map(value, f"{self.trail}.{here}".strip("."), self.notes)
            found.append(read(entry))
            entry.end()
            if (id_ := value.get("id")) is not None and str(id_) in ids:
                self.note("E0219", here, f"has the id {id_}, which another one has")
            ids.add(str(id_))
        return tuple(found)

    def end(self) -> None:
        """Note every key that nobody has asked for."""
        for key in self.members:
            if key not in self.asked:
                self.note("E0201", str(key), "is not known", did_you_mean(str(key), self.asked))


def _item(entry: _Map) -> StockItem:
    written = entry.ask("rate")
    is_percent = isinstance(written, str) and written.endswith("%")
    plain = {**entry.members, "rate": written.removesuffix("%")} if is_percent else entry.members
    return StockItem(
        id=entry.text("id"),
        itemid=entry.text("itemid"),
        kind=entry.text("type", "InvtPart"),
        external_id=entry.optional("externalid"),
        is_inactive=entry.flag("inactive"),
        rate=_Map(plain, entry.trail, entry.notes).number("rate"),
        is_percent=is_percent,
    )


def _entry(entry: _Map) -> AccountEntry:
    return AccountEntry(
        id=entry.text("id"),
        name=entry.text("name"),
        external_id=entry.optional("externalid"),
        subsidiary=entry.optional("subsidiary"),
        is_inactive=entry.flag("inactive"),
    )


def _currency(entry: _Map) -> AccountEntry:
    return AccountEntry(entry.text("id"), entry.text("symbol", among=tuple(MINOR_UNITS)))


_ENTRIES: dict[str, Callable[[_Map], AccountEntry]] = {"currencies": _currency}


def _tax_code(entry: _Map) -> TaxCode:
    code = TaxCode(
        id=entry.text("id"),
        rate=entry.number("rate"),
        column=entry.optional("column"),
        body_field=entry.optional("body_field"),
        discounts_by=entry.optional("discounts_by"),
    )
    if (code.rate is None) == (code.column is None):
        entry.note(
            "E0203", "rate", "is missing, or stands beside column: a tax code has one of them"
        )
    return code


def _certificate(entry: _Map) -> Certificate:
    key = entry.text("public_key")
    try:
        load_pem_public_key(key.encode())
    except (ValueError, UnsupportedAlgorithm):
        entry.note("E0205", "public_key", "is no public key in PEM")
    return Certificate(entry.text("client_id"), entry.text("id"), key)


def _token(entry: _Map) -> TokenSecrets:
    return TokenSecrets(
        consumer_key=entry.text("consumer_key"),
        consumer_secret=entry.text("consumer_secret"),
        id=entry.text("id"),
        secret=entry.text("secret"),
    )


def _custom_fields(kinds: _Map) -> dict[str, dict[str, str]]:
    """The types by name, by kind. A list of names is of no type in particular."""
    found = {}
    for kind, prefix in CUSTOM_KINDS.items():
        written = kinds.members.get(kind)
        plain = dict.fromkeys(written, "any") if isinstance(written, list) else written
        fields = _Map({kind: plain}, kinds.trail, kinds.notes).map(kind)
        kinds.asked.add(kind)
        for name in fields.members:
            if not str(name).startswith(prefix) or str(name) != str(name).lower():
                fields.note("E0205", str(name), f"does not begin with {prefix}, in small letters")
        found[kind] = {str(name): fields.text(name, among=CUSTOM_TYPES) for name in fields.members}
    kinds.end()
    return found


def _record_types(top: _Map) -> frozenset[str] | None:
    if top.ask("may_create") is None:
        return None
    return frozenset(_record_type(top, "may_create", name) for name in top.listed("may_create"))


def _record_type(at: _Map, key: str, name: object) -> str:
    kind = kind_named(str(name))
    if kind is None:
        at.note("E0207", key, f"names {quoted(str(name))}, which is no type of record here")
    return kind.record if kind else ""


def _mandatory(types: _Map) -> dict[str, tuple[str, ...]]:
    return {
        _record_type(types, name, name): tuple(map(str, types.listed(name)))
        for name in types.members
    }
