"""The currencies of a tenant's account: the decimal places in which it keeps amounts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ...documents import read_json
from ...documents.money import MINOR_UNITS
from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import ReadError

CURRENCIES_FILE = "schemas/netsuite/currencies.json"
CURRENCIES_QUERY = "SELECT symbol, currencyprecision FROM currency ORDER BY symbol ASC"
MAX_PLACES = 4


def read_places(rows: Iterable[Mapping[str, object]]) -> dict[str, int]:
    """Return the decimal places of each currency in the ledger's answer; others are left out."""
    found: dict[str, int] = {}
    for row in rows:
        symbol, places = str(row.get("symbol")), str(row.get("currencyprecision"))
        if symbol in MINOR_UNITS and places in map(str, range(MAX_PLACES + 1)):
            found[symbol] = int(places)
    return found


def build_currencies(rows: Iterable[Mapping[str, object]]) -> str:
    """Return the text of the snapshot for the ledger's answer."""
    return json.dumps(read_places(rows), indent=2, sort_keys=True) + "\n"


def read_currencies(text: SourceText) -> dict[str, int]:
    """Read the snapshot. Raise ReadError: E05xx not JSON, E0822 not a map of currencies to places."""
    found = read_json(text)
    if isinstance(found, dict) and all(_is_entry(code, places) for code, places in found.items()):
        return {str(code): int(places) for code, places in found.items()}
    message = f"this is not a map of currencies to decimal places from 0 to {MAX_PLACES}"
    hint = "pull it again, or delete it: `netsuite.precision` in tenant.yaml says the same"
    finding = Finding(code="E0822", message=message, place=Place(text), hint=hint)
    raise ReadError(f"{text.name} cannot be used", [finding])


def _is_entry(code: object, places: object) -> bool:
    is_whole = isinstance(places, int) and not isinstance(places, bool)
    return code in MINOR_UNITS and is_whole and places in range(MAX_PLACES + 1)
