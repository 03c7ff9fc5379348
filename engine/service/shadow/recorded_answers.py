"""What the live mapping was given, as far as another version of it would have asked for the same.

Nobody is asked anything: what the live mapping did not ask for is not known. Pure.
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
    """Something that the live mapping was not given: what, without any value of the order."""

    what: str


def find_inputs(shadow: Plan, live: Plan, given: Inputs) -> Inputs | MissingAnswer:
    """The inputs of the shadow, out of those that the live mapping was given."""
    there, inputs = list_documents(live, given), Inputs(given.event)
    while (request := find_next_request(shadow, inputs)) is not None:
        name, key = request.source.name, request_key(request)
        if key not in there:
            return MissingAnswer(f"sources.{name}: the live mapping has another query or path")
        inputs = replace(inputs, sources={**inputs.sources, name: there[key]})
    return add_tables(shadow, live, given, inputs)


def list_documents(live: Plan, given: Inputs) -> dict[str, object]:
    """The documents that were fetched, by what was asked for."""
    inputs, found = Inputs(given.event), {}
    while (request := find_next_request(live, inputs)) is not None:
        name = request.source.name
        if name not in given.sources:
            break
        found[request_key(request)] = given.sources[name]
        inputs = replace(inputs, sources={**inputs.sources, name: given.sources[name]})
    return found


def request_key(request: SourceRequest) -> str:
    """The same for the same question to NewStore."""
    if request.path is not None:
        return request.path
    assert request.source.graphql is not None
    return f"{_query(request.source.graphql)} {write_json(request.variables)}"


@lru_cache(maxsize=64)
def _query(text: str) -> str:
    """A query without what does not count; it has been parsed before."""
    return strip_ignored_characters(text)


def add_tables(shadow: Plan, live: Plan, given: Inputs, inputs: Inputs) -> Inputs | MissingAnswer:
    """The inputs with the tables of live lookups, where the live mapping asked for the same keys."""
    twins = {one.name: _twin(one, live) for one in shadow.live_lookups}
    tables = {
        one.name: _as_asked(given.tables[twin.name], one)
        for one in shadow.live_lookups
        if (twin := twins[one.name]) is not None and twin.name in given.tables
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


def _twin(one: LiveLookup, live: Plan) -> LiveLookup | None:
    """The lookup of the live mapping that asks the same; one of the same name first."""
    alike = [other for other in live.live_lookups if _asks_the_same(one, other)]
    return min(alike, key=lambda other: other.name != one.name, default=None)


def _asks_the_same(one: LiveLookup, other: LiveLookup) -> bool:
    """Whether both are answered alike; what stands for a key that is not there is each one's own."""
    options = replace(other.options, default=one.options.default)
    return (one.query, one.parameter, one.columns, one.options) == (
        other.query,
        other.parameter,
        other.columns,
        options,
    )


def _as_asked(table: Table, one: LiveLookup) -> Table:
    default = one.options.default
    return replace(table, name=one.name, options=replace(table.options, default=default))


def _is_whole(plan: Plan, name: str) -> bool:
    """Whether a lookup is a parameter, which is read whole whatever its keys."""
    return any(one.name == name and one.parameter is not None for one in plan.live_lookups)


def _text(key: object) -> tuple[type, str]:
    return type(key), repr(key)
