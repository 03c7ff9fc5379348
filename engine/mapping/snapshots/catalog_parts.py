"""The parts of a catalog's answer: the targets of `$ref`, and the definitions built from them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..record_schemas import Schema

# An account with very many custom fields has several thousand, lines included.
MAX_PROPERTIES = 30_000
MAX_DEPTH = 40
_LONGEST_NAME = 200

# The keys under which JSON Schema and OpenAPI hold the targets of `$ref`.
_HOLDERS = (("components", "schemas"), ("definitions",), ("$defs",))


class UnclearError(Exception):
    """The answer cannot be used; the message has the reason."""


@dataclass(slots=True)
class CatalogParts:
    """The named parts of an answer, by the last step of their references.

    `made` are the definitions built from parts, `names` their names; `room` is the number of
    properties that may still be added.
    """

    record: str
    named: Mapping[str, Any]
    made: dict[str, Schema] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    room: int = MAX_PROPERTIES

    @staticmethod
    def of(record: str, answer: object) -> CatalogParts:
        """Collect the parts of an answer."""
        named: dict[str, Any] = {}
        for holder in _HOLDERS:
            at: object = answer
            for step in holder:
                at = at.get(step) if isinstance(at, Mapping) else None
            named |= at if isinstance(at, Mapping) else {}
        return CatalogParts(record, named)

    def root(self, answer: object) -> Schema:
        """Return the schema of the record itself; raise UnclearError where there is none."""
        root = self.named.get(self.record)
        if root is None and isinstance(answer, Mapping) and "properties" in answer:
            root = answer
        if root is None:
            lower = self.record.lower()
            root = next((raw for name, raw in self.named.items() if name.lower() == lower), None)
        if root is None:
            raise UnclearError("it does not describe the record")
        resolved, _ = self.resolve(root)
        if resolved is None:
            raise UnclearError("it only links to the record")
        return resolved

    def resolve(self, raw: object) -> tuple[Schema | None, str | None]:
        """Follow the references of a property; return its schema and name, None for an external link."""
        name: str | None = None
        seen: set[str] = set()
        while True:
            if not isinstance(raw, Mapping):
                raise UnclearError("a schema in it is not a map")
            only = raw.get("allOf")
            if isinstance(only, list) and len(only) == 1:
                raw = only[0]
                continue
            if "$ref" not in raw:
                return raw, name
            reference = raw["$ref"]
            name = _last_step(reference)
            if reference in seen:
                raise UnclearError(f"{name[:80]!r} refers to itself")
            seen.add(reference)
            if name not in self.named:
                if reference.startswith("#"):
                    raise UnclearError(f"it refers to {name[:80]!r}, which it does not hold")
                return None, name
            raw = self.named[name]

    def charge(self, name: object) -> str:
        """Count one more property and return its name; raise UnclearError where there are too many."""
        self.room -= 1
        if self.room < 0:
            raise UnclearError(f"it has more than {MAX_PROPERTIES:,} properties")
        if (
            not isinstance(name, str)
            or not 0 < len(name) <= _LONGEST_NAME
            or not name.isprintable()
        ):
            raise UnclearError("a property has an unusable name")
        return name


def name_order(entry: tuple[str, object]) -> tuple[str, str]:
    """Return the sort key of the bundled schemas: names without regard to case."""
    return entry[0].lower(), entry[0]


def _last_step(reference: object) -> str:
    if not isinstance(reference, str):
        raise UnclearError("a `$ref` is not a text")
    step = reference.partition("?")[0].rstrip("/").rpartition("/")[2]
    if not step:
        raise UnclearError("a `$ref` is empty")
    return step
