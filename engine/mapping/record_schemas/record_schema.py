"""The schemas of NetSuite's records: those shipped with the program, and a tenant's own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from ...bundled import bundled
from ...documents import read_json
from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import ReadError
from .explain import build_explainer
from .messages import Mistake
from .schema_form import find_flaw
from .validator import Accepts, Schema, build_acceptance

_ENDING = ".schema.json"


@dataclass(frozen=True, slots=True, eq=False)
class RecordSchema:
    """What NetSuite takes in the body of one type of record.

    `schema` is the JSON Schema itself, `digest` tells it from others. `accepts` answers for a body in
    microseconds. `mistakes` says why one is not accepted, in the order of writing and only the first few
    hundred of them; it is empty exactly for what is accepted. Both are pure.
    """

    record: str
    schema: Schema
    digest: str
    accepts: Accepts
    mistakes: Callable[[object], tuple[Mistake, ...]]


@cache
def load_record_schema(record: str) -> RecordSchema | None:
    """The schema of a type of record, as in `salesOrder`; None when none is shipped."""
    # Names are compared, because some file systems find `salesorder` too, and others do not.
    for path in (bundled("schemas") / "netsuite").iterdir():
        if path.name == f"{record}{_ENDING}":
            return read_schema(record, json.loads(path.read_text(encoding="utf-8")))
    return None


@cache
def list_record_types() -> tuple[str, ...]:
    """The types of record that have a schema."""
    found = (path.name for path in (bundled("schemas") / "netsuite").iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in found if name.endswith(_ENDING)))


def read_schema(record: str, schema: Schema) -> RecordSchema:
    """A JSON Schema (2020-12) ready for use.

    Raise ValueError when it is none, or refers to anything outside of itself.
    """
    digest = hashlib.sha256(json.dumps(schema).encode()).hexdigest()
    return RecordSchema(
        record, schema, digest, build_acceptance(schema), build_explainer(record, schema)
    )


def read_snapshot(record: str, text: SourceText) -> RecordSchema:
    """A tenant's own schema of a type of record; one text is read once.

    Raise ReadError: E05.. it is no JSON, E0807 it is no schema of the form of those shipped.
    """
    read_json(text)
    try:
        return _snapshot(record, text.content)
    except ValueError as error:
        message = f"this is no schema of {record}: {error}"
        hint = f"pull it again, or delete it: then the {record} shipped with erpmap is used"
        finding = Finding("E0807", message, Place(text), hint)
        raise ReadError(f"{text.name} cannot be used", [finding]) from error


@lru_cache(maxsize=100)
def _snapshot(record: str, content: str) -> RecordSchema:
    schema = json.loads(content)
    flaw = find_flaw(schema)
    if flaw is not None:
        raise ValueError(flaw)
    try:
        return read_schema(record, schema)
    except ValueError as error:
        raise ValueError("it is not valid as a JSON Schema") from error
