"""Whether a body is what NetSuite takes for its record, by the schemas and lengths that erpmap ships.

Countries and states are held to their lists where they are looked up.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from .values import Json, RefusedError

_SCHEMAS = Path(__file__).parents[2] / "schemas"
_LENGTHS = json.loads((_SCHEMAS / "limits.json").read_text(encoding="utf-8"))


def _is_valid(record: str) -> Any:
    path = _SCHEMAS / "netsuite" / f"{record}.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    for kind, part in (("record", schema), ("address", schema["$defs"]["address"])):
        for name, most in _LENGTHS[kind].items():
            if part["properties"].get(name, {}).get("type") == "string":
                part["properties"][name].setdefault("maxLength", most)
    return Draft202012Validator(schema).is_valid


_IS_VALID = {record: _is_valid(record) for record in ("customer", "salesOrder")}


def fitting(payloads: list[Json]) -> list[Json]:
    """The payloads themselves. Raise RefusedError when one does not fit its record."""
    for payload in payloads:
        if not _IS_VALID[payload["record"]](payload["body"]):
            raise RefusedError(f"the {payload['record']} has what NetSuite does not take")
    return payloads
