"""The schemas of NetSuite's records: the bundled ones, and a tenant's own."""

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
from .limits import Limits, add_limits, read_limits
from .messages import Mistake
from .schema_form import find_flaw
from .validator import Accepts, Schema, build_acceptance

_LIMITS_FORM = 'as in {"record": {"memo": 4000}, "address": {"city": 40}, "states": ["US"]}'
_ENDING = ".schema.json"


@dataclass(frozen=True, slots=True, eq=False)
class RecordSchema:
    """The schema of the body of one record type.

    `schema` is the JSON Schema, `digest` its identity. `accepts` checks a body within microseconds.
    `mistakes` lists why a body is refused, in the order of writing, at most a few hundred mistakes;
    it is empty exactly for an accepted body. Both functions are pure.
    """

    record: str
    schema: Schema
    digest: str
    accepts: Accepts
    mistakes: Callable[[object], tuple[Mistake, ...]]

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        """Pickle the schema alone: its functions are compiled where it arrives, once for each digest."""
        return _restore_schema, (self.record, self.digest, self.schema)


@cache
def load_record_schema(record: str) -> RecordSchema | None:
    """Load the bundled schema of a record type, e.g. `salesOrder`; None when there is none.

    It is completed by the limits of texts, countries and states.
    """
    schema = load_bare_schema(record)
    return None if schema is None else read_schema(record, add_limits(schema.schema))


@cache
def load_bare_schema(record: str) -> RecordSchema | None:
    """Load the bundled schema of a record type as it is shipped, without limits."""
    # Names are compared, because some file systems ignore case and would find `salesorder`, too.
    for path in (bundled("schemas") / "netsuite").iterdir():
        if path.name == f"{record}{_ENDING}":
            return read_schema(record, json.loads(path.read_text(encoding="utf-8")))
    return None


@cache
def list_record_types() -> tuple[str, ...]:
    """List the record types that have a bundled schema."""
    found = (path.name for path in (bundled("schemas") / "netsuite").iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in found if name.endswith(_ENDING)))


def read_schema(record: str, schema: Schema) -> RecordSchema:
    """Compile a JSON Schema (2020-12).

    Raise ValueError when it is not a valid schema, or refers to anything outside of itself.
    """
    digest = hashlib.sha256(json.dumps(schema).encode()).hexdigest()
    return RecordSchema(
        record=record,
        schema=schema,
        digest=digest,
        accepts=build_acceptance(schema),
        mistakes=_explain_when_asked(record, schema),
    )


def _explain_when_asked(record: str, schema: Schema) -> Callable[[object], tuple[Mistake, ...]]:
    """Return the function that lists mistakes; jsonschema, which finds them, is slow to import."""

    @cache
    def build() -> Callable[[object], tuple[Mistake, ...]]:
        from .explain import build_explainer  # noqa: PLC0415 - only a refused body needs it

        return build_explainer(record, schema)

    def mistakes(body: object) -> tuple[Mistake, ...]:
        return build()(body)

    return mistakes


_restored: dict[tuple[str, str], RecordSchema] = {}
_MAX_RESTORED = 500


def _restore_schema(record: str, digest: str, schema: Schema) -> RecordSchema:
    if (record, digest) not in _restored:
        for old in list(_restored)[: max(0, len(_restored) - _MAX_RESTORED + 1)]:
            del _restored[old]
        _restored[record, digest] = read_schema(record, schema)
    return _restored[record, digest]


@lru_cache(maxsize=500)
def limit_schema(schema: RecordSchema, own: Limits) -> RecordSchema:
    """Return a schema with a tenant's own limits."""
    return read_schema(schema.record, add_limits(schema.schema, own))


def read_own_limits(text: SourceText) -> Limits:
    """Read a tenant's own limits; each text is read once.

    Raise ReadError: E05xx not JSON, E0807 no limits.
    """
    read_json(text)
    try:
        return _read_limits_cached(text.content)
    except ValueError as error:
        message = f"these are no limits of what NetSuite takes: {error}"
        finding = Finding(code="E0807", message=message, place=Place(text), hint=_LIMITS_FORM)
        raise ReadError(f"{text.name} cannot be used", [finding]) from error


@lru_cache(maxsize=100)
def _read_limits_cached(content: str) -> Limits:
    return read_limits(json.loads(content))


def read_snapshot(record: str, text: SourceText) -> RecordSchema:
    """Read a tenant's own schema of a record type, and add the shipped limits; each text is read once.

    Raise ReadError: E05xx not JSON, E0807 not a schema of the form of the bundled ones.
    """
    read_json(text)
    try:
        return _read_cached(record, text.content)
    except ValueError as error:
        message = f"this is not a schema of {record}: {error}"
        hint = f"pull it again, or delete it to use the schema of {record} shipped with erpmap"
        finding = Finding(code="E0807", message=message, place=Place(text), hint=hint)
        raise ReadError(f"{text.name} cannot be used", [finding]) from error


@lru_cache(maxsize=100)
def _read_cached(record: str, content: str) -> RecordSchema:
    schema = json.loads(content)
    flaw = find_flaw(schema)
    if flaw is not None:
        raise ValueError(flaw)
    try:
        return read_schema(record, add_limits(schema))
    except ValueError as error:
        raise ValueError("it is not valid as a JSON Schema") from error
