"""A JSON Schema as a yes or no, in microseconds: every payload passes here.

jsonschema-rs says it. It takes JSON's own types only: to a number that remembers how it was written
it says no, or raises, and half a character makes it raise. So a no is asked again of a plain copy.
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
    """The function that says whether a value is what the schema describes.

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
        return is_valid(_plain(value))

    return accepts


def find_references(schema: object) -> Iterator[str]:
    """Every `$ref` and the like of a schema, wherever it stands."""
    if isinstance(schema, list):
        for item in schema:
            yield from find_references(item)
    elif isinstance(schema, Mapping):
        for key, inner in schema.items():
            if key in ("$ref", "$dynamicRef", "$id") and isinstance(inner, str):
                yield inner
            else:
                yield from find_references(inner)


def _plain(value: object) -> object:
    """A copy that holds nothing but JSON's own types; half a character becomes a question mark."""
    if isinstance(value, dict):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Decimal):
        return Decimal(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
