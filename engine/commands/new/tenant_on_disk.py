"""Reads what a tenant already has, in the form of answers: from its plans' tables, settings and account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...documents import is_numeric, read_json_bytes
from ...findings.errors import ReadError
from ...mapping.files.nodes import as_data
from ...mapping.files.parse_yaml import read_yaml
from ...mapping.load import LoadedTenant, open_folder
from ...mapping.lookups import Row, Table
from ...simulator.tenants import ACCOUNT_FILE
from .answers import ANY, Answers

# The list of the simulated account by the kind of answers.
_LISTS = {
    "subsidiaries": "subsidiaries",
    "currencies": "currencies",
    "stores": "locations",
    "tax_codes": "tax_codes",
    "service_levels": "ship_methods",
    "items": "items",
    "payments": "items",
    "goods": "items",
}
ITEM_ANSWERS = Path("cases", "lookups", "item.json")


@dataclass(frozen=True, slots=True)
class ExistingTenant:
    """A loaded tenant and its answers; `account` is the document of its simulator.yaml, or empty."""

    loaded: LoadedTenant
    answers: Answers
    account: Mapping[str, Any]


def read_existing(root: Path, loaded: LoadedTenant) -> ExistingTenant:
    """Return what the tenant has. Raise ReadError for a simulator.yaml that is not YAML."""
    plan = loaded.plans[0]
    account = _read_account(root, loaded.name)
    settings, facts = plan.settings, plan.tenant_facts
    names = {int(each["id"]): str(each["name"]) for each in account.get("subsidiaries", ())}
    stores = [_as_store(row, names) for row in _list_rows(plan.tables, "location")]
    ids = {name: i for i, name in names.items()}
    ids |= {
        each["subsidiary"]: int(each["subsidiary_id"]) for each in stores if "subsidiary_id" in each
    }
    answers: Answers = {
        "newstore": _read_fact(facts, "newstore", "tenant"),
        "account": _read_fact(facts, "netsuite", "account"),
        "brand": str(settings.get("brand") or loaded.name),
        "subsidiaries": ids,
        "currencies": _read_ids(plan.tables, "currency"),
        **_read_tax(plan.tables),
        "stores": [{k: v for k, v in each.items() if k != "subsidiary_id"} for each in stores],
        "payments": [_as_payment(row) for row in _list_rows(plan.tables, "payment_item")],
        "service_levels": _read_ids(plan.tables, "shipping_method"),
        "items": {
            key.removesuffix("_item"): value
            for key, value in settings.items()
            if key.endswith("_item") and value is not None
        },
        "gift_cards": list(_as_list(settings.get("gift_cards"))),
        "goods": _read_goods(root / loaded.name / ITEM_ANSWERS),
    }
    return ExistingTenant(
        loaded, {k: v for k, v in answers.items() if v or k == "gift_cards"}, account
    )


def list_taken_ids(account: Mapping[str, Any]) -> dict[str, set[int]]:
    """Return the ids that a simulated account has, by the kind of answers."""
    return {
        kind: {int(e["id"]) for e in account.get(name) or () if str(e.get("id")).isdigit()}
        for kind, name in _LISTS.items()
    }


def _read_account(root: Path, tenant: str) -> Mapping[str, Any]:
    if not (root / tenant / ACCOUNT_FILE).is_file():
        return {}
    document = as_data(read_yaml(open_folder(root).read(f"{tenant}/{ACCOUNT_FILE}")))
    return document if isinstance(document, Mapping) else {}


def _list_rows(tables: Mapping[str, Table], name: str) -> Iterable[Row]:
    return tables[name].rows if name in tables else ()


def _read_ids(tables: Mapping[str, Table], name: str) -> dict[str, Any]:
    """Return the ids of a table with one key."""
    return {
        row.key[0]: row.value
        for row in _list_rows(tables, name)
        if len(row.key) == 1 and row.key[0] != ANY and is_numeric(str(row.value))
    }


def _read_tax(tables: Mapping[str, Table]) -> Answers:
    if "vat_rate" in tables:
        rates, codes = _read_ids(tables, "vat_rate"), _read_ids(tables, "vat_code")
        return {"tax": "included", "tax_rates": rates, **_split_codes(codes)}
    if "tax_code" in tables:
        return {"tax": "codes", **_split_codes(_read_ids(tables, "tax_code"))}
    return {"tax": "line"}


def _split_codes(codes: dict[str, Any]) -> Answers:
    exempt = codes.pop("exempt", None)
    return {"tax_codes": codes, "exempt_code": exempt}


def _as_store(row: Row, names: Mapping[int, str]) -> Answers:
    columns = row.value if isinstance(row.value, Mapping) else {}
    found = str(columns.get("subsidiary") or "")
    store: Answers = {
        "channel": row.key[0],
        "name": columns.get("customer_name"),
        "id": columns.get("id"),
        "class": columns.get("class"),
        "country": columns.get("country"),
        "timezone": columns.get("timezone"),
        "email": columns.get("customer_email"),
    }
    currencies = str(columns.get("currencies") or ANY)
    store["currencies"] = [] if currencies == ANY else currencies.split()
    if found.isdigit():
        store["subsidiary"] = names.get(int(found), f"Subsidiary {found}")
        store["subsidiary_id"] = found
    return {key: value for key, value in store.items() if value is not None}


def _as_payment(row: Row) -> Answers:
    parts = dict(zip(("method", "provider", "currency"), row.key, strict=False))
    named = {name: part for name, part in parts.items() if part != ANY or name == "method"}
    return {**named, "item": row.value}


def _read_fact(facts: Mapping[str, object], *path: str) -> object:
    value: object = facts
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _as_list(value: object) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else ()


def _read_goods(path: Path) -> dict[str, Any]:
    try:
        document = read_json_bytes(str(path), path.read_bytes())
    except (OSError, ReadError):
        return {}
    found = document if isinstance(document, Mapping) else {}
    return {str(sku): i for sku, i in found.items() if is_numeric(str(i))}
