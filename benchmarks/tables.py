"""Dodici's tables, read once and outside of all timing: plain data for everything but the engine."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent.parent
TENANT = ROOT / "mappings" / "dodici"
PLACES = ROOT / "schemas" / "places.json"
ITEM_ANSWERS = TENANT / "cases" / "lookups" / "item.json"

_ZONE = "America/New_York"

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Tables:
    """What the mapping looks up; the keys of `payment_items` are in small letters, `*` fits all; `zones` are by location."""

    items: dict[str, str]
    stores: dict[str, Row]
    payment_items: dict[tuple[str, str, str], str]
    ship_methods: dict[str, str]
    zone: ZoneInfo
    zones: dict[str, ZoneInfo]

    def as_json(self) -> dict[str, object]:
        """The tables for programs in other languages; parts of a key are joined by a bar."""
        return {
            "items": self.items,
            "stores": self.stores,
            "payment_items": {"|".join(key): item for key, item in self.payment_items.items()},
            "ship_methods": self.ship_methods,
            "places": json.loads(PLACES.read_text(encoding="utf-8")),
        }


def read_tables() -> Tables:
    """The tables of the tenant as shipped, with the recorded answers of its live lookup."""
    stores = {row["location"]: row for row in _rows("locations")}
    return Tables(
        items=json.loads(ITEM_ANSWERS.read_text(encoding="utf-8")),
        stores=stores,
        payment_items={
            _payment_key(row["method"], row["provider"], row["currency"]): row["item"]
            for row in _rows("payment_items")
        },
        ship_methods={row["service_level"]: row["id"] for row in _rows("shipping_methods")},
        zone=_zone(_ZONE),
        zones={location: _zone(row["timezone"] or _ZONE) for location, row in stores.items()},
    )


def _payment_key(method: str, provider: str, currency: str) -> tuple[str, str, str]:
    return method.casefold(), provider.casefold(), currency.casefold()


def _rows(name: str) -> list[Row]:
    with (TENANT / "lookups" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _zone(name: str) -> ZoneInfo:
    """The rules of the package tzdata, as the engine takes them, never the machine's own."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)
