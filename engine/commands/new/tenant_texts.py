"""The texts of a new tenant's files, from complete answers. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...documents.money import MINOR_UNITS
from .answers import ANY, Answers, list_payment_key
from .yaml_text import write_flow, write_text

_TEMPLATES = Path(__file__).parent / "templates"
LOCATIONS, PAYMENTS, LEVELS = (
    f"lookups/{name}.csv" for name in ("locations", "payment_items", "shipping_methods")
)
COLUMNS = ("location", "id", "subsidiary", "class", "country", "currencies", "customer_name", "customer_email", "timezone")  # fmt: skip
SUMMARIES = {
    "line": "The currencies of the account; the tax of an order is a line of its own",
    "codes": "Tax by code: every line carries its rate, and the tax line what no rate can carry",
    "included": "VAT is part of the price and stands on its line and on its discount's",
}
# The departments and profile sources that the base mappings use for web and store.
_DEPARTMENTS = ((1, "Web"), (3, "Stores"))
_ITEM_TYPES = {"discount": "Discount", "gift_card": "GiftCert"}
_SIGNS = "$schema="


def write_tenant_files(tenant: str, answers: Answers, schemas: str) -> dict[str, str]:
    """Return the text of each file by its path in the tenant's folder; `schemas` is where editors find ours."""
    overlays = {
        f"{name}.yaml": f"{_head(schemas, 'mapping')}extends: [base/{name}, common]\n"
        for name in ("sales_order", "cash_sale")
    }
    return {
        "tenant.yaml": _write_tenant(tenant, answers, schemas),
        "common.yaml": _write_common(answers, schemas),
        **overlays,
        LOCATIONS: write_csv(COLUMNS, map(list_location, _fill_subsidiaries(answers))),
        PAYMENTS: write_csv(
            ("method", "provider", "currency", "item"), map(list_payment, answers["payments"])
        ),
        LEVELS: write_csv(("service_level", "id"), answers["service_levels"].items()),
        "simulator.yaml": _write_account(answers, schemas),
    }


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV, with a line feed at each end of line."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def list_location(store: Mapping[str, Any]) -> list[object]:
    """Return the cells of a store in the order of `COLUMNS`."""
    return [
        store["channel"],
        store["id"],
        store["subsidiary"],
        store.get("class") or "",
        store["country"],
        " ".join(store["currencies"]) or ANY,
        store["name"],
        store["email"],
        store["timezone"],
    ]


def list_payment(payment: Mapping[str, Any]) -> list[object]:
    """Return the cells of a payment: method, provider, currency, item."""
    return [*list_payment_key(payment), payment["item"]]


def list_account_entries(answers: Answers) -> dict[str, list[Answers]]:
    """Return what the simulated account holds, as the lists of a simulator.yaml."""
    stores = _fill_subsidiaries(answers)
    locations = [
        {"id": store["id"], "name": store["name"], "subsidiary": store["subsidiary"]}
        for store in stores
    ]
    classes = dict.fromkeys(store["class"] for store in stores if store.get("class"))
    return {
        "currencies": [{"id": i, "symbol": code} for code, i in answers["currencies"].items()],
        "subsidiaries": [{"id": i, "name": name} for name, i in answers["subsidiaries"].items()],
        "locations": locations,
        "classes": [{"id": int(str(i)), "name": f"Class {i}"} for i in classes],
        "departments": [{"id": i, "name": name} for i, name in _DEPARTMENTS],
        "ship_methods": _list_ship_methods(answers),
        "tax_codes": _list_tax_codes(answers),
        "items": _list_items(answers),
    }


def _head(schemas: str, kind: str) -> str:
    """Return the comment that tells editors the schema, and the version of the language."""
    version = "" if kind == "simulator" else "erpmap: 1\n"
    return f"# yaml-language-server: {_SIGNS}{schemas}/{kind}.schema.json\n{version}"


def _write_tenant(tenant: str, answers: Answers, schemas: str) -> str:
    name = tenant.upper().replace("-", "_")
    items = answers["items"]
    settings = {f"{kind}_item": items[kind] for kind in items}
    lines = [
        f"tenant: {tenant}",
        f"summary: {write_text('Orders of ' + answers['brand'])}",
        (
            f"newstore: {{tenant: {answers['newstore']}, "
            f'client_id: "${{env:{name}_NEWSTORE_ID}}", client_secret: "${{env:{name}_NEWSTORE_SECRET}}"}}'
        ),
        "netsuite:",
        f"  account: {answers['account']}",
        "  allowance: 5                            # maximum concurrent requests to this account",
        "  auth:",
        (
            f'    certificate: {{client_id: "${{env:{name}_NETSUITE_CLIENT}}", '
            f'key: "${{file:secrets/netsuite.pem}}", id: "${{env:{name}_NETSUITE_CERTIFICATE}}"}}'
        ),
        f'events: {{keys: ["${{env:{name}_EVENT_KEY}}"], acknowledge: delivered}}',
        "mappings: [sales_order, cash_sale]",
        "settings:",
        f"  timezone: {answers['stores'][0]['timezone']}   # of locations that have none",
        f"  brand: {write_text(answers['brand'])}",
        *(f"  {key}: {value}" for key, value in settings.items()),
        *([f"  gift_cards: {write_flow(answers['gift_cards'])}"] if answers["gift_cards"] else []),
    ]
    return _head(schemas, "tenant") + "\n".join(lines) + "\n"


def _write_common(answers: Answers, schemas: str) -> str:
    """Return the mapping that both records share: currencies and tax."""
    kind = answers["tax"]
    text = (_TEMPLATES / f"{kind}.yaml").read_text(encoding="utf-8")
    whole = [code for code in answers["currencies"] if MINOR_UNITS[code] == 0]
    values = {
        "currencies": write_flow(answers["currencies"]),
        "tax_codes": write_flow(answers["tax_codes"]),
        "tax_rates": write_flow(_as_numbers(answers.get("tax_rates", {}))),
        "tax_steps": write_flow({**dict.fromkeys(whole, 1), ANY: "0.01"}).replace('"0.01"', "0.01"),
        "exempt": str(answers["tax_codes"].get("exempt", "")),
    }
    for name, value in values.items():
        text = text.replace(f"<<{name}>>", value)
    head = f"mapping: common\nsummary: {write_text(SUMMARIES[kind])}\n\n"
    return _head(schemas, "mapping") + head + text


def _as_numbers(rates: Mapping[str, object]) -> dict[str, Decimal]:
    return {country: Decimal(str(rate)) for country, rate in rates.items()}


def _write_account(answers: Answers, schemas: str) -> str:
    lines = [
        "# What exists in this tenant's NetSuite account, as `erpmap simulate` plays it. Not read otherwise.",
        f"account: {answers['account']}",
        "concurrency: 5",
    ]
    for name, entries in list_account_entries(answers).items():
        lines += [f"{name}:", *(f"  - {write_flow(entry)}" for entry in entries)] if entries else []
    column = {"custcol_nws_item_id": "text"}
    column |= {"custcol_tax_rate": "number"} if answers["tax"] == "codes" else {}
    lines += [
        "custom_fields:",
        "  body: {custbody_nws_exchange_of: text}",
        f"  column: {write_flow(column)}",
        "  entity: {custentity_nws_profilesource: list}",
    ]
    return _head(schemas, "simulator") + "\n".join(lines) + "\n"


def _fill_subsidiaries(answers: Answers) -> list[Answers]:
    """Return the stores with the ids of their subsidiaries."""
    ids = answers["subsidiaries"]
    return [{**store, "subsidiary": ids[store["subsidiary"]]} for store in answers["stores"]]


def _list_ship_methods(answers: Answers) -> list[Answers]:
    """Return each shipping method once, named by its first service level."""
    names: dict[int, str] = {}
    for level, found in answers["service_levels"].items():
        names.setdefault(found, level.replace("_", " ").capitalize())
    return [{"id": found, "name": name} for found, name in names.items()]


def _list_tax_codes(answers: Answers) -> list[Answers]:
    codes = answers["tax_codes"]
    entries = {codes["exempt"]: {"id": codes["exempt"], "rate": 0}} if "exempt" in codes else {}
    for key, found in codes.items():
        if answers["tax"] == "codes":
            more: Answers = {"column": "custcol_tax_rate", "discounts_by": "custcol_nws_item_id"}
        else:
            more = {"rate": answers["tax_rates"].get(key, 0)}
        entries.setdefault(found, {"id": found, **more})
    return list(entries.values())


def _list_items(answers: Answers) -> list[Answers]:
    """Return the items that carry no goods, the goods, and the payment items, each id once."""
    entries: dict[int, Answers] = {}
    for kind, found in answers["items"].items():
        name = kind.replace("_", " ").capitalize()
        kind_of_item = _ITEM_TYPES.get(kind, "OthCharge")
        entries.setdefault(found, {"id": found, "itemid": name, "type": kind_of_item})
    for sku, found in answers["goods"].items():
        entries.setdefault(found, {"id": found, "itemid": sku})
    for payment in answers["payments"]:
        parts = [part for part in list_payment_key(payment) if part != ANY]
        name = " ".join(parts).replace("_", " ").capitalize()
        found = payment["item"]
        entries.setdefault(found, {"id": found, "itemid": name, "type": "Payment"})
    return list(entries.values())
