"""The inputs of the live mapping, as far as another version of it would request the same ones.

Nothing is fetched: what the live mapping did not request is missing. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from graphql import strip_ignored_characters

from ...documents import write_json
from ...mapping.lookups import Table
from ...mapping.plan import LiveLookup, Plan
from ...run import Inputs, SourceRequest
from ...run.compiled import find_lookup_keys, find_next_request


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """An input that the live mapping did not have, described without any value of the order."""

    reason: str


def find_inputs(shadow: Plan, live: Plan, given: Inputs) -> Inputs | MissingAnswer:
    """Return the inputs of the shadow, taken from those of the live mapping."""
    documents, inputs = list_documents(live, given), Inputs(given.event)
    while (request := find_next_request(shadow, inputs)) is not None:
        name, key = request.source.name, request_key(request)
        if key not in documents:
            return MissingAnswer(f"sources.{name}: the live mapping has another query or path")
        inputs = replace(inputs, sources={**inputs.sources, name: documents[key]})
    return add_tables(shadow, live, given, inputs)


def list_documents(live: Plan, given: Inputs) -> dict[str, object]:
    """Return the fetched documents by the key of their request."""
    inputs, found = Inputs(given.event), {}
    while (request := find_next_request(live, inputs)) is not None:
        name = request.source.name
        if name not in given.sources:
            break
        found[request_key(request)] = given.sources[name]
        inputs = replace(inputs, sources={**inputs.sources, name: given.sources[name]})
    return found


def request_key(request: SourceRequest) -> str:
    """Return a key that is equal for equal requests to the shop."""
    if request.path is not None:
        return request.path
    assert request.source.graphql is not None
    return f"{_query(request.source.graphql)} {write_json(request.variables)}"


@lru_cache(maxsize=64)
def _query(text: str) -> str:
    """Return a query without insignificant characters; it has been parsed before."""
    return strip_ignored_characters(text)


def add_tables(shadow: Plan, live: Plan, given: Inputs, inputs: Inputs) -> Inputs | MissingAnswer:
    """Add the tables of live lookups whose keys the live mapping requested as well."""
    twins = {lookup.name: _find_twin(lookup, live) for lookup in shadow.live_lookups}
    tables = {
        lookup.name: _rename_table(given.tables[twin.name], lookup)
        for lookup in shadow.live_lookups
        if (twin := twins[lookup.name]) is not None and twin.name in given.tables
    }
    inputs = replace(inputs, tables=tables)
    answered = find_lookup_keys(live, given).keys
    for name, keys in find_lookup_keys(shadow, inputs).keys.items():
        twin = twins[name]
        if name not in tables and (keys or _is_whole(shadow, name)):
            return MissingAnswer(f"lookups.{name}: the live mapping has no answer to its question")
        known = set(map(_text, answered.get(twin.name, ()))) if twin else set()
        if not known.issuperset(map(_text, keys)):
            return MissingAnswer(
                f"lookups.{name}: the live mapping did not ask for all of its keys"
            )
    return inputs


def _find_twin(lookup: LiveLookup, live: Plan) -> LiveLookup | None:
    """Return the lookup of the live mapping that requests the same, preferably of the same name."""
    alike = [other for other in live.live_lookups if _asks_the_same(lookup, other)]
    return min(alike, key=lambda other: other.name != lookup.name, default=None)


def _asks_the_same(lookup: LiveLookup, other: LiveLookup) -> bool:
    """Whether two lookups get the same answer; the default for a missing key may differ."""
    options = replace(other.options, default=lookup.options.default)
    return (lookup.query, lookup.parameter, lookup.columns, lookup.options) == (
        other.query,
        other.parameter,
        other.columns,
        options,
    )


def _rename_table(table: Table, lookup: LiveLookup) -> Table:
    default = lookup.options.default
    return replace(table, name=lookup.name, options=replace(table.options, default=default))


def _is_whole(plan: Plan, name: str) -> bool:
    """Whether a lookup is a parameter, which is read as a whole whatever its keys."""
    return any(lookup.name == name and lookup.parameter is not None for lookup in plan.live_lookups)


def _text(key: object) -> tuple[type, str]:
    return type(key), repr(key)
