"""The schemas of NetSuite's records, read once from what is shipped with the program."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ..bundled import bundled
from .accepting import Accepts, Schema, acceptance
from .mistakes import explainer
from .words import Mistake

_ENDING = ".schema.json"


@dataclass(frozen=True, slots=True, eq=False)
class RecordSchema:
    """What NetSuite takes in the body of one type of record.

    `schema` is the JSON Schema itself. `accepts` answers for a body in microseconds. `mistakes` says why one is not accepted, in the
    order of writing and only the first few hundred of them; it is empty exactly for what is accepted.
    Both are pure.
    """

    record: str
    schema: Schema
    accepts: Accepts
    mistakes: Callable[[object], tuple[Mistake, ...]]


@cache
def record_schema(record: str) -> RecordSchema | None:
    """The schema of a type of record, as in `salesOrder`; None when none is shipped."""
    # Names are compared, because some file systems find `salesorder` too, and others do not.
    for path in (bundled("schemas") / "netsuite").iterdir():
        if path.name == f"{record}{_ENDING}":
            return read_schema(record, json.loads(path.read_text(encoding="utf-8")))
    return None


@cache
def record_types() -> tuple[str, ...]:
    """The types of record that have a schema."""
    found = (path.name for path in (bundled("schemas") / "netsuite").iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in found if name.endswith(_ENDING)))


def read_schema(record: str, schema: Schema) -> RecordSchema:
    """A JSON Schema (2020-12) ready for use.

    Raise ValueError when it is none, or refers to anything outside of itself.
    """
    return RecordSchema(record, schema, acceptance(schema), explainer(record, schema))
