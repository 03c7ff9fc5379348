"""The limits of what NetSuite takes: lengths, characters, countries and states. They complete the schema of a record.

`schemas/limits.json` holds what no catalog says. A schema's own `maxLength` wins over it, and the file
`limits.json` of a tenant wins over both. Three keywords are ours: `maxBytes` bounds the UTF-8 of a custom
field, `noControls` refuses the characters that XML cannot hold, `statesOf` holds for an address the codes
of the states of each country that has a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ...bundled import bundled
from ...language.places import list_countries, list_states
from .validator import ADDRESS_NAMES, Schema, find_references

# A length beyond this is of no use: no text of a payload is longer.
_LONGEST = 1_000_000
_MOST_NAMES = 2_000
_KINDS = ("record", "address", "line")
_CUSTOM = "cust"
_CUSTOM_LENGTH = "custom"
_LINE = "a line of "
_COUNTRIES = frozenset(["billCountry", "billcountry", "country", "shipCountry", "shipcountry"])
_DEFS = "#/$defs/"
_CHOICE, _CODE = "countryChoice", "countryCode"
# The definition of a custom field whose type is not known.
_ANY_CUSTOM = "custom"
_ABOUT_COUNTRY = (
    "two letters of ISO 3166, as in {id: US}: `| country` makes them of three or a name"
)

Lengths = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """The lengths of fields by kind of place (`record`, `address`, `line`), and the states by country.

    `custom` is the length of the text of every custom field that is not named; None for the shipped one.
    """

    lengths: Lengths = field(default_factory=dict)
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    custom: int | None = None


NO_LIMITS = Limits()


@cache
def load_limits() -> Limits:
    """Load the shipped limits."""
    path = bundled("schemas") / "limits.json"
    return read_limits(json.loads(path.read_text(encoding="utf-8")))


def read_limits(document: object) -> Limits:
    """Read a document of limits; raise ValueError with what is wrong in it."""
    if not isinstance(document, Mapping):
        raise ValueError("it is not a map")  # noqa: TRY004 - readers of schemas raise ValueError
    unknown = sorted(map(str, document.keys() - {*_KINDS, _CUSTOM_LENGTH, "states", "about"}))
    if unknown:
        raise ValueError(
            f"it has the key {unknown[0][:40]!r}; known are {', '.join(_KINDS)}, custom, states"
        )
    lengths = {kind: _read_lengths(kind, document.get(kind, {})) for kind in _KINDS}
    states = _read_states(document.get("states", {}))
    custom = document.get(_CUSTOM_LENGTH)
    if custom is not None:
        _check_length(_CUSTOM_LENGTH, custom)
    return Limits(lengths, states, custom)


def _read_lengths(kind: str, fields: object) -> Mapping[str, int]:
    if not isinstance(fields, Mapping) or len(fields) > _MOST_NAMES:
        raise ValueError(f"its {kind!r} is not a map from fields to lengths")
    for name, most in fields.items():
        _check_length(name, most)
    return dict(fields)


def _check_length(name: object, most: object) -> None:
    if isinstance(most, bool) or not isinstance(most, int) or not 0 < most <= _LONGEST:
        raise ValueError(f"the length of {str(name)[:40]!r} is not a whole number from 1")


def _read_states(states: object) -> Mapping[str, tuple[str, ...]]:
    """Read a list of countries with the usual codes, or a map from countries to codes."""
    if isinstance(states, list):
        known = tuple(list_states())
        unknown = next((country for country in states if country not in known), None)
        if unknown is not None:
            raise ValueError(f"the states of {str(unknown)[:40]!r} are not known: give their codes")
        return {country: list_states()[country] for country in states}
    if not isinstance(states, Mapping) or len(states) > _MOST_NAMES:
        raise ValueError("its 'states' are neither a list of countries nor a map")
    for country, codes in states.items():
        is_list = isinstance(codes, list) and len(codes) <= _MOST_NAMES
        if country not in list_countries() or not is_list or not all(map(_is_text, codes)):
            raise ValueError(f"the states of {str(country)[:40]!r} are not a list of codes")
    return {country: tuple(codes) for country, codes in states.items()}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def add_limits(schema: Schema, own: Limits = NO_LIMITS) -> Schema:
    """Return the schema with the shipped limits where it says nothing, and with a tenant's own limits."""
    shipped = load_limits()
    states = {**shipped.states, **own.states}
    completed = _Completion(
        shipped=shipped,
        own=own,
        states={country: list(codes) for country, codes in states.items()},
    )
    whole: dict[str, Any] = completed.complete(schema, "record")
    defs = {
        name: completed.complete_part(name, part) for name, part in schema.get("$defs", {}).items()
    }
    used = set(find_references([whole, defs]))
    defs |= _country_definitions() if f"{_DEFS}{_CHOICE}" in used else {}
    return whole | ({"$defs": defs} if defs else {})


def _is_line(part: object) -> bool:
    return isinstance(part, Mapping) and str(part.get("title", "")).startswith(_LINE)


def _bound_custom(most: int) -> dict[str, int]:
    return {"maxLength": most, "maxBytes": most}


def _exclude_named(patterns: Mapping[str, Any], part: Schema) -> dict[str, Any]:
    """Return the patterns of custom fields without those that the part names: these have their own length."""
    named = [re.escape(name) for name in part["properties"] if name.startswith(_CUSTOM)]
    if not named:
        return dict(patterns)
    not_named = f"^(?!(?:{'|'.join(named)})(?![\\s\\S]))"
    return {not_named + pattern.removeprefix("^"): inner for pattern, inner in patterns.items()}


def _country_definitions() -> dict[str, Any]:
    reference = {"$ref": f"{_DEFS}{_CODE}"}
    whole = {
        "type": "object",
        "properties": {"id": reference, "refName": {"type": "string"}},
        "required": ["id"],
        "additionalProperties": False,
    }
    return {
        _CODE: {"description": _ABOUT_COUNTRY, "enum": sorted(list_countries())},
        _CHOICE: {"title": "a choice", "anyOf": [reference, whole]},
    }


@dataclass(frozen=True, slots=True)
class _Completion:
    """The limits that complete the parts of one schema."""

    shipped: Limits
    own: Limits
    states: Mapping[str, list[str]]

    def complete_part(self, name: str, part: Any) -> Any:
        """Return a definition with limits: a line, a custom field of any type, or something else."""
        if name == _ANY_CUSTOM and isinstance(part, Mapping) and "type" not in part:
            return {**part, **_bound_custom(self._custom_length()), "noControls": True}
        return self.complete(part, "line" if _is_line(part) else "part")

    def complete(self, part: Any, kind: str) -> Any:
        """Return a part of a schema, which is a record, an address, a line or something else, with limits."""
        if not isinstance(part, Mapping):
            return part  # true and false are schemas
        found = dict(part)
        fields = part.get("properties")
        if isinstance(fields, Mapping):
            here = "address" if "addr1" in fields else kind
            found["properties"] = self._complete_fields(fields, here)
            if "patternProperties" in part:
                found["properties"] |= self._own_custom_fields(fields, here)
                found["patternProperties"] = _exclude_named(part["patternProperties"], found)
            if any(state in fields for _, state in ADDRESS_NAMES):
                found["statesOf"] = self.states
        if "items" in part:
            found["items"] = self.complete(part["items"], "line")
        if "anyOf" in part:
            found["anyOf"] = [self.complete(each, kind) for each in part["anyOf"]]
        return found

    def _complete_fields(self, fields: Mapping[str, Any], kind: str) -> dict[str, Any]:
        return {name: self._complete_field(name, field, kind) for name, field in fields.items()}

    def _complete_field(self, name: str, field: Any, kind: str) -> Any:
        if not isinstance(field, Mapping):
            return field
        if name in _COUNTRIES and field.get("$ref") == "#/$defs/choice":
            return {"$ref": f"{_DEFS}{_CHOICE}"}
        if field.get("type") != "string":
            return self.complete(field, "part")
        if "enum" in field or "pattern" in field:
            return field
        is_custom = name.startswith(_CUSTOM)
        most = self.own.lengths.get(kind, {}).get(name) or field.get("maxLength")
        most = most or self.shipped.lengths.get(kind, {}).get(name)
        most = most or (self._custom_length() if is_custom else None)
        if most is None:
            return {**field, "noControls": True}
        limit = _bound_custom(most) if is_custom else {"maxLength": most}
        return {**field, **limit, "noControls": True}

    def _custom_length(self) -> int:
        most = self.own.custom or self.shipped.custom
        assert most is not None  # the shipped limits say it
        return most

    def _own_custom_fields(self, known: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """Return the custom fields that only a tenant's limits name: they are texts."""
        return {
            name: {"type": "string", **_bound_custom(most), "noControls": True}
            for name, most in self.own.lengths.get(kind, {}).items()
            if name.startswith(_CUSTOM) and name not in known
        }
