"""The fast validator of JSON Schemas, within microseconds: it checks every payload.

jsonschema-rs does the work. It accepts only JSON's own types: it refuses or raises for a number that
remembers its text, and raises for half a character. So a refused value is checked again as a plain copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from jsonschema_rs import Draft202012Validator

from ...language.functions import OMIT

Schema = Mapping[str, Any]
Accepts = Callable[[object], bool]

_DEFS = "#/$defs/"
# The names of a country and of the state beside it, in an address and in a record.
ADDRESS_NAMES = (
    ("country", "state"),
    ("billCountry", "billState"),
    ("billcountry", "billstate"),
    ("shipCountry", "shipState"),
    ("shipcountry", "shipstate"),
    ("returnShipCountry", "returnShipState"),
)
# What XML 1.0 cannot hold in any form, so that NetSuite refuses the whole request.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def build_acceptance(schema: Schema) -> Accepts:
    """Build the function that returns whether a value matches the schema.

    Raise ValueError for a schema that refers to anything but its own `$defs`: nothing is fetched.
    """
    for reference in find_references(schema):
        if reference.removeprefix(_DEFS) not in schema.get("$defs", {}):
            raise ValueError(f"the schema refers to {reference}, which it does not define")
    is_valid = Draft202012Validator(dict(schema), keywords=_KEYWORDS).is_valid

    def accepts(value: object) -> bool:
        with suppress(ValueError):
            if is_valid(value):
                return True
        return is_valid(_plain_copy(value))

    return accepts


def has_at_most_bytes(value: object, most: int) -> bool:
    """Return whether a text has at most `most` bytes of UTF-8; any other value has."""
    if not isinstance(value, str) or len(value) * 4 <= most:
        return True
    return len(value.encode("utf-8", "replace")) <= most


def find_control(text: str) -> str | None:
    """Return the first character of a text that XML cannot hold."""
    found = _CONTROLS.search(text)
    return None if found is None else found[0]


def has_no_controls(value: object) -> bool:
    """Return whether XML can hold every character of a text; any other value has none."""
    return not isinstance(value, str) or _CONTROLS.search(value) is None


def find_unknown_state(
    address: object, states: Mapping[str, Collection[str]]
) -> tuple[str, str | None] | None:
    """Return the name of a state that is not one of its country, and the country; None for no country.

    A country without a list has any state. Return None where every state is right.
    """
    if isinstance(address, Mapping):
        for country_name, state_name in ADDRESS_NAMES:
            country = address.get(country_name)
            country = country.get("id") if isinstance(country, Mapping) else country
            if not is_state_of(country, address.get(state_name), states):
                return state_name, country if isinstance(country, str) else None
    return None


def is_state_of(country: object, state: object, states: Mapping[str, Collection[str]]) -> bool:
    """Return whether a state is in the list of its country; any state is, without a list.

    A state without a country is not: the ledger would hold it against a country that nobody chose.
    """
    if not isinstance(state, str):
        return True
    if isinstance(country, str):
        return state in (states.get(country) or (state,))
    return country is not None and country is not OMIT


class _MaxBytes:
    """The keyword `maxBytes`."""

    def __init__(self, _: object, most: int, __: object) -> None:
        self._most = most

    def validate(self, value: object) -> None:
        """Raise ValueError for a text that is too long."""
        if not has_at_most_bytes(value, self._most):
            raise ValueError("too long")


class _StatesOf:
    """The keyword `statesOf`."""

    def __init__(self, _: object, states: Mapping[str, Collection[str]], __: object) -> None:
        self._states = {country: frozenset(codes) for country, codes in states.items()}

    def validate(self, value: object) -> None:
        """Raise ValueError for an address with an unknown state."""
        if find_unknown_state(value, self._states) is not None:
            raise ValueError("unknown state")


class _NoControls:
    """The keyword `noControls`."""

    def __init__(self, *_: object) -> None:
        pass

    def validate(self, value: object) -> None:
        """Raise ValueError for a text with a character that XML cannot hold."""
        if not has_no_controls(value):
            raise ValueError("a control character")


_KEYWORDS: dict[str, Any] = {
    "maxBytes": _MaxBytes,
    "noControls": _NoControls,
    "statesOf": _StatesOf,
}


def find_references(schema: object) -> Iterator[str]:
    """Yield every `$ref`, `$dynamicRef` and `$id` within a schema."""
    if isinstance(schema, list):
        for item in schema:
            yield from find_references(item)
    elif isinstance(schema, Mapping):
        for key, inner in schema.items():
            if key in ("$ref", "$dynamicRef", "$id") and isinstance(inner, str):
                yield inner
            else:
                yield from find_references(inner)


def _plain_copy(value: object) -> object:
    """Return a copy that holds only JSON's own types; half a character becomes a question mark."""
    if isinstance(value, dict):
        return {_plain_copy(key): _plain_copy(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain_copy(inner) for inner in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Decimal):
        return Decimal(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
