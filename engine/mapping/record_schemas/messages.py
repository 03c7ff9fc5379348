"""The messages about differences between a body and its schema.

A message names the field and the kind of value, not the value, which is a customer's data. The same
mistake in every line has the same message and another trail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from ...findings.quote import Suggestion, did_you_mean, quoted, shortened, suggest
from .validator import Schema, find_control, find_unknown_state

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One difference at `path`; `trail` is the path as text: `item.items[3].amount`.

    It is `about` the value; the last `name` of the path, which is not a field; a field that the value
    `lacks`; or a `state`, which depends on the country beside it. `suggestion` is for a misspelled name.
    """

    path: Path
    message: str
    hint: str | None = None
    about: Literal["value", "name", "lack", "state"] = "value"
    suggestion: Suggestion | None = None

    @property
    def trail(self) -> str:
        """The path as text."""
        return _dotted(self.path)


def explain_error(error: ValidationError, record: str) -> Iterator[Mistake]:
    """Yield the mistakes of one error of jsonschema."""
    explain = _WORDS.get(str(error.validator), _not_allowed)
    yield from explain(error, tuple(error.absolute_path), record)


def lacks_member(error: ValidationError) -> bool:
    """Return whether one of several members is required and none exists."""
    return error.validator == "anyOf" and all("required" in each for each in _wanted(error))


def _unknown_fields(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    schema = _schema(error)
    known = schema.get("properties", {})
    patterns = list(schema.get("patternProperties", {}))
    for name in _value(error):
        if name not in known and not any(re.search(pattern, name) for pattern in patterns):
            message = f"{_field(path, record)} has no field {quoted(name)}"
            otherwise = _OWN if patterns else f"it has: {shortened(', '.join(known), 200)}"
            found = suggest(name, known, otherwise=otherwise)
            yield Mistake((*path, name), message, found.hint, about="name", suggestion=found)


def _wrong_kind(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    """Yield the mistake of a wrong type, or of a value that fits no alternative."""
    wanted, value = _wanted(error), _value(error)
    words = _schema(error).get("title") or _KINDS.get(str(wanted), "of an accepted kind")
    if wanted == "integer" and _kind_of(value) == "a number":
        kind = "a number with a fraction"
    else:
        kind = _kind_of(value)
    hint = _schema(error).get("description") or _HINTS.get((kind, str(wanted)))
    yield Mistake(path, f"{_field(path, record)} is {kind}, not {words}", hint)


def _no_alternative(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    if not lacks_member(error):
        yield from _wrong_kind(error, path, record)
        return
    names = " or ".join(f"`{key}`" for each in _wanted(error) for key in each["required"])
    yield Mistake(path, f"{_field(path, record)} has no {names}", about="lack")


def _missing(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    missing = (key for key in _wanted(error) if key not in _value(error))
    # jsonschema raises one error for each missing key; only its message names the key.
    name = next(key for key in missing if error.message.startswith(repr(key)))
    message = f"{_field(path, record)} has no `{name}`"
    yield Mistake(path, message, _schema(error).get("description"), about="lack")


def _not_one_of(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    allowed = [str(each) for each in _wanted(error)]
    value = _value(error)
    shown = quoted(value) if isinstance(value, str) else _kind_of(value)
    about = _schema(error).get("description")
    hint = about or did_you_mean(
        str(value), allowed, otherwise=f"allowed: {shortened(', '.join(allowed), 200)}"
    )
    yield Mistake(path, f"{_field(path, record)} cannot be {shown}", hint)


def _malformed(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    schema = _schema(error)
    message = f"{_field(path, record)} is not {schema.get('title', 'of the right form')}"
    yield Mistake(path, message, schema.get("description"))


def _too_long(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    most, count = _wanted(error), len(_value(error))
    message = f"{_field(path, record)} is longer than {most} characters"
    is_custom = "maxBytes" in _schema(error)
    cut = f"cut_bytes({most})" if is_custom else f"cut({most})"
    yield Mistake(
        path, message, f"it has {count:,}: `| {cut}` shortens it{_OF_TEXT if is_custom else ''}"
    )


def _too_many_bytes(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    most, text = _wanted(error), _value(error)
    if len(text) <= most:  # else `maxLength` says it
        count = len(text.encode("utf-8", "replace"))
        message = f"{_field(path, record)} is longer than {most} bytes of UTF-8"
        hint = f"it has {count:,}: `| cut_bytes({most})` shortens it{_OF_TEXT}"
        yield Mistake(path, message, hint)


def _control_character(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    character = find_control(_value(error))
    assert character is not None  # `noControls` refused it
    message = f"{_field(path, record)} has the control character U+{ord(character):04X}"
    yield Mistake(path, message, "NetSuite's XML cannot hold it: `| plain` drops it")


def _unknown_state(error: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    found = find_unknown_state(_value(error), _wanted(error))
    assert found is not None  # `statesOf` refused it
    name, country = found
    at = (*path, name)
    if country is None:
        message = f"{_field(at, record)} has no country beside it"
        yield Mistake(at, message, _NO_COUNTRY, about="state")
        return
    message = f"{_field(at, record)} is no state of {country}"
    hint = f"its code, as in {_wanted(error)[country][0]}: {_STATE}"
    yield Mistake(at, message, hint, about="state")


def _not_allowed(_: ValidationError, path: Path, record: str) -> Iterator[Mistake]:
    yield Mistake(path, f"{_field(path, record)} is not allowed")


def _field(path: Path, record: str) -> str:
    """Return the field for a message, the same in every line: `salesOrder.item.items[].amount`."""
    return shortened(_dotted((record, *path), index="[]"), 80)


def _dotted(path: Path, index: str = "[{}]") -> str:
    parts = (index.format(step) if isinstance(step, int) else f".{step}" for step in path)
    return "".join(parts).removeprefix(".")


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return next((words for kind, words in _KINDS_OF if isinstance(value, kind)), "null")


def _value(error: ValidationError) -> Any:
    """Return the value that is wrong; its type depends on the keyword."""
    return error.instance


def _wanted(error: ValidationError) -> Any:
    """Return the value of the schema's keyword; its type depends on the keyword."""
    return error.validator_value


def _schema(error: ValidationError) -> Schema:
    """Return the part of the schema that does not match."""
    return error.schema if isinstance(error.schema, dict) else {}


_KINDS_OF: tuple[tuple[type, str], ...] = (
    (dict, "a map"),
    (list, "a list"),
    (str, "a text"),
    (int, "a number"),
    (Decimal, "a number"),
)
_KINDS = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}
_STATE = "`| state(country)` makes it of a name"
_NO_COUNTRY = "write it, as in {id: US}; without it NetSuite decides of which country the state is"
_OF_TEXT = "; if the field takes more, say so in schemas/netsuite/limits.json"
_OWN = "a custom field begins with custbody, custcol, custentity or similar"
# Hints by the actual and the expected kind of a value.
_HINTS = {
    ("a text", "number"): "`| number` reads the number of a text",
    ("a text", "integer"): "`| integer` reads the whole number of a text",
    ("a number", "string"): "`| string` makes a text of it",
    ("a number with a fraction", "integer"): "`| round | integer` makes it whole",
    ("a list", "object"): "write a sublist as `{items: [...]}`",
}
Explain = Callable[["ValidationError", Path, str], Iterator[Mistake]]
_WORDS: dict[str, Explain] = {
    "additionalProperties": _unknown_fields,
    "type": _wrong_kind,
    "anyOf": _no_alternative,
    "required": _missing,
    "enum": _not_one_of,
    "pattern": _malformed,
    "maxLength": _too_long,
    "maxBytes": _too_many_bytes,
    "noControls": _control_character,
    "statesOf": _unknown_state,
}
