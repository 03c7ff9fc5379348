"""The fast validator of JSON Schemas, within microseconds: it checks every payload.

jsonschema-rs does the work. It accepts only JSON's own types: it refuses or raises for a number that
remembers its text, and raises for half a character. So a refused value is checked again as a plain copy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from jsonschema_rs import Draft202012Validator

Schema = Mapping[str, Any]
Accepts = Callable[[object], bool]

_DEFS = "#/$defs/"


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


def has_known_state(address: object, states: Mapping[str, Collection[str]]) -> bool:
    """Return whether an address has a state of its country, no state, or a country without a list."""
    if not isinstance(address, Mapping):
        return True
    country, state = address.get("country"), address.get("state")
    return is_state_of(
        country.get("id") if isinstance(country, Mapping) else country, state, states
    )


def is_state_of(country: object, state: object, states: Mapping[str, Collection[str]]) -> bool:
    """Return whether a state is in the list of its country; any state is, without a list."""
    if not isinstance(country, str) or not isinstance(state, str):
        return True
    return state in (states.get(country) or (state,))


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
        if not has_known_state(value, self._states):
            raise ValueError("unknown state")


_KEYWORDS: dict[str, Any] = {"maxBytes": _MaxBytes, "statesOf": _StatesOf}


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
