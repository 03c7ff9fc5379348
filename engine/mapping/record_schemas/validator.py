"""The fast validator of JSON Schemas, within microseconds: it checks every payload.

jsonschema-rs does the work. It accepts only JSON's own types: it refuses or raises for a number that
remembers its text, and raises for half a character. So a refused value is checked again as a plain copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
    is_valid = Draft202012Validator(dict(schema)).is_valid

    def accepts(value: object) -> bool:
        with suppress(ValueError):
            if is_valid(value):
                return True
        return is_valid(_plain_copy(value))

    return accepts


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
