"""The keys of payloads for editors: names and descriptions from the schemas of NetSuite's records.

They complete and explain, and refuse nothing: a template may stand in place of every value, and an
account has fields of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..files.grammar import Schema
from ..record_schemas import Schema as RecordPart
from ..record_schemas import list_record_types, load_record_schema

# The definition of the keys of a line, of all records together.
LINE = "line"
_DEFS = "#/$defs/"
_LINE_OF_RECORD = "itemLine"
_WORDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a map",
    "string": "a text",
}


def body_definition(record: str) -> str:
    """Return the name of the definition that has the keys of a record's body."""
    return f"body_{record}"


def list_body_definitions() -> dict[str, Schema]:
    """Return a definition for each record type's body, one for lines, and those that they refer to."""
    found: dict[str, Schema] = {}
    lines: dict[str, Schema] = {}
    for record in list_record_types():
        loaded = load_record_schema(record)
        assert loaded is not None, "a listed record type has a schema"
        keys = _PayloadKeys(loaded.schema, record, found)
        found[body_definition(record)] = keys.convert(loaded.schema)
        line = loaded.schema["$defs"].get(_LINE_OF_RECORD, {})
        lines = keys.convert_members(line.get("properties", {})) | lines
    found[LINE] = {"description": "a line of the item sublist", "properties": _sorted(lines)}
    return _sorted(found)


def _sorted(members: Mapping[str, Schema]) -> dict[str, Schema]:
    return dict(sorted(members.items()))


@dataclass(frozen=True, slots=True)
class _PayloadKeys:
    """The conversion of one record's schema; `found` has the definitions of all records so far."""

    root: RecordPart
    record: str
    found: dict[str, Schema]
    names: dict[str, str] = field(default_factory=dict)

    def convert(self, part: RecordPart) -> Schema:
        """Return the keys and the description of a part, without what refuses values."""
        named = part.get("$ref")
        if named is not None:
            return self._convert_named(named.removeprefix(_DEFS))
        alternatives = [self._resolve(one) for one in (part, *part.get("anyOf", ()))]
        result: Schema = {"description": _describe(part, alternatives)}
        members = [one["properties"] for one in alternatives if _is_map(one)]
        if members:
            result["properties"] = self.convert_members(members[0])
        items = [one["items"] for one in alternatives if "items" in one]
        if items:
            result["items"] = self.convert(items[0])
        choices = [one["enum"] for one in alternatives if "enum" in one]
        if choices and len(choices[0]) <= 30:
            result["examples"] = list(choices[0])
        return result

    def convert_members(self, members: Mapping[str, Any]) -> dict[str, Schema]:
        """Return the keys of a map, each with its description."""
        return {name: self.convert(part) for name, part in members.items()}

    def _convert_named(self, name: str) -> Schema:
        """Return what a definition says; a map becomes a definition that records share."""
        if name in self.names:
            return {"$ref": _DEFS + self.names[name]}
        self.names[name] = name
        result = self.convert(self.root["$defs"][name])
        if "properties" not in result:
            del self.names[name]
            return result
        if self.found.setdefault(name, result) != result:
            self.names[name] = f"{name}_{self.record}"
            self.found[self.names[name]] = result
        return {"$ref": _DEFS + self.names[name]}

    def _resolve(self, part: RecordPart) -> RecordPart:
        named = part.get("$ref")
        inner: RecordPart = part if named is None else self.root["$defs"][named.removeprefix(_DEFS)]
        return inner


def _is_map(part: RecordPart) -> bool:
    """Whether a part has keys that an author writes; those of a record written earlier are the program's."""
    return "properties" in part and "$record" not in part["properties"]


def _describe(part: RecordPart, alternatives: Iterable[RecordPart]) -> str:
    """Return what a value is, in words."""
    types = [one["type"] for one in alternatives if isinstance(one.get("type"), str)]
    words = part.get("title") or (_WORDS[types[0]] if types else "a value")
    if "maxLength" in part and types == ["string"]:
        words += f" of at most {part['maxLength']:,} characters"
    about = part.get("description")
    return f"{words}: {about}" if about else words
