"""The parts of a catalog's answer: what a `$ref` leads to, and what has been made of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..record_schemas import Schema

# An account with very many fields of its own has some thousands of them, lines included.
MAX_PROPERTIES = 30_000
MAX_DEPTH = 40
_LONGEST_NAME = 200

# Where JSON Schema and OpenAPI keep what is referred to.
_HOLDERS = (("components", "schemas"), ("definitions",), ("$defs",))


class UnclearError(Exception):
    """The answer cannot be used; its words say why."""


@dataclass(slots=True)
class CatalogParts:
    """The named parts of an answer, by the last step of their references.

    `made` are the definitions made of parts, `names` how they are called; `room` is how many more
    properties there may be.
    """

    record: str
    named: Mapping[str, Any]
    made: dict[str, Schema] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    room: int = MAX_PROPERTIES

    @staticmethod
    def of(record: str, answer: object) -> CatalogParts:
        """The parts of an answer."""
        named: dict[str, Any] = {}
        for holder in _HOLDERS:
            at: object = answer
            for step in holder:
                at = at.get(step) if isinstance(at, Mapping) else None
            named |= at if isinstance(at, Mapping) else {}
        return CatalogParts(record, named)

    def root(self, answer: object) -> Schema:
        """What describes the record itself; raise UnclearError where nothing does."""
        root = self.named.get(self.record)
        if root is None and isinstance(answer, Mapping) and "properties" in answer:
            root = answer
        if root is None:
            lower = self.record.lower()
            root = next((how for name, how in self.named.items() if name.lower() == lower), None)
        if root is None:
            raise UnclearError("nothing in it describes the record")
        resolved, _ = self.resolved(root)
        if resolved is None:
            raise UnclearError("it only links to the record")
        return resolved

    def resolved(self, how: object) -> tuple[Schema | None, str | None]:
        """What a property is in the end, None behind a link that leads out, and how that is called."""
        called: str | None = None
        seen: set[str] = set()
        while True:
            if not isinstance(how, Mapping):
                raise UnclearError("something stands where a schema should")
            only = how.get("allOf")
            if isinstance(only, list) and len(only) == 1:
                how = only[0]
                continue
            if "$ref" not in how:
                return how, called
            reference = how["$ref"]
            called = _last_step(reference)
            if reference in seen:
                raise UnclearError(f"{called[:80]!r} leads to itself")
            seen.add(reference)
            if called not in self.named:
                if reference.startswith("#"):
                    raise UnclearError(f"it refers to {called[:80]!r}, which it does not hold")
                return None, called
            how = self.named[called]

    def charge(self, name: object) -> str:
        """The name of one more property; raise UnclearError where there are too many."""
        self.room -= 1
        if self.room < 0:
            raise UnclearError(f"it has more than {MAX_PROPERTIES:,} properties")
        if (
            not isinstance(name, str)
            or not 0 < len(name) <= _LONGEST_NAME
            or not name.isprintable()
        ):
            raise UnclearError("the name of a property is no name")
        return name


def name_order(entry: tuple[str, object]) -> tuple[str, str]:
    """Sorts names as the schemas shipped do: by their letters, large or small."""
    return entry[0].lower(), entry[0]


def _last_step(reference: object) -> str:
    if not isinstance(reference, str):
        raise UnclearError("a `$ref` is no text")
    step = reference.partition("?")[0].rstrip("/").rpartition("/")[2]
    if not step:
        raise UnclearError("a `$ref` leads nowhere")
    return step
