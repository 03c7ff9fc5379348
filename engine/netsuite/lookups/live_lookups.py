"""Builds the tables of an order's live lookups: finds its keys, queries them, caches the answers.

The answers for one order are cached for the next orders.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from ...findings.diagnostics import Finding
from ...findings.errors import ExpressionError, FindingsError, SpecError
from ...findings.quote import quoted
from ...mapping.lookups import Table
from ...mapping.lookups.parameter_table import table_of_parameter
from ...mapping.plan import LiveLookup, Plan
from ...run import Inputs, WantedKeys, find_lookup_keys
from ...run.envelope import read_order_number
from .query_keys import LookupKey, build_keys, fill_keys
from .rows import LookupQuestion, Row, Rows, build_lookup_table, build_question, group_rows, is_miss
from .shared_answers import SharedAnswers

# Returns all rows of a SuiteQL query: column names in lower case, numbers int or Decimal.
Query = Callable[[str], Awaitable[Sequence[Row]]]
# Returns the text of a parameter; raises FindingsError.
ReadParameter = Callable[[str], Awaitable[str]]
# Finds the keys that an order needs.
FindKeys = Callable[[Plan, Inputs], Awaitable[WantedKeys]]

# With `ignore_case`, a query holds three spellings of a key.
_SPELLINGS = 3
_MOST_REFUSED = 100


@dataclass(frozen=True, slots=True)
class LookupLimits:
    """Limits of live lookups; times in seconds.

    `entries` is the maximum number of cached answers; the least recently used are dropped first.
    `cache_seconds` applies to lookups without `cache:`; `miss_seconds` is the maximum for a key that was
    not found.
    """

    entries: int = 100_000
    # A page of SuiteQL has at most 1,000 rows (netsuite.md §3): one query, one page.
    keys_per_query: int = 1_000
    rounds: int = 8
    cache_seconds: int = 300
    miss_seconds: int = 30


_DEFAULTS = LookupLimits()


@dataclass(slots=True)
class _LookupProgress:
    """The keys, answers and table of one lookup of one order."""

    live: LiveLookup
    wanted: dict[tuple[LookupKey, ...], None] = field(default_factory=dict)
    answers: dict[LookupKey, Rows] = field(default_factory=dict)
    refused: dict[str, Finding] = field(default_factory=dict)
    table: Table | None = None
    findings: tuple[Finding, ...] = ()


async def find_keys_directly(plan: Plan, inputs: Inputs) -> WantedKeys:
    """Find the keys that an order needs, by the interpreter."""
    return find_lookup_keys(plan, inputs)


class LiveLookups:
    """The live lookups of all mappings that use one NetSuite account.

    Answers are cached by query and key, so an object serves one account. Two orders that need the same
    key share one query. For one event loop; `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        query: Query,
        parameter: ReadParameter,
        *,
        clock: Callable[[], float],
        limits: LookupLimits = _DEFAULTS,
        find_keys: FindKeys = find_keys_directly,
    ) -> None:
        self._query = query
        self._find_keys = find_keys
        self._parameter = parameter
        self._limits = limits
        self._rows: SharedAnswers[tuple[LookupQuestion, LookupKey], Rows] = SharedAnswers(
            clock, limits.entries
        )
        self._texts: SharedAnswers[str, str] = SharedAnswers(clock, limits.entries)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Cancel the open queries."""
        await self._rows.close()
        await self._texts.close()

    async def tables(
        self, plan: Plan, inputs: Inputs
    ) -> tuple[dict[str, Table], tuple[Finding, ...]]:
        """Return the tables that `run` needs beside those in `inputs`, and the findings.

        An order that is ignored, not ready or has findings gets no tables. A key that is not found is no
        finding here: `run` reports it (E0601) where it is used. Findings: E0606, E0613 to E0619, and
        those of `keys:` paths. Raise what `query` raises.
        """
        lookups = {
            live.name: _LookupProgress(live)
            for live in plan.live_lookups
            if live.name not in inputs.tables
        }
        tables = dict(inputs.tables)
        findings: list[Finding] = []
        for _ in range(self._limits.rounds):
            wanted = await self._find_keys(plan, replace(inputs, tables=tables))
            findings = list(wanted.findings)
            if not wanted.keys:
                return {}, ()
            is_last = _are_keys_requested(wanted.requested, lookups)
            changed = [lookup for lookup in lookups.values() if _add_wanted_keys(lookup, wanted)]
            if len(changed) == 1:  # without a task: most often all answers are cached
                await self._update_table(changed[0])
            else:
                await asyncio.gather(*map(self._update_table, changed))
            tables |= {name: each.table for name, each in lookups.items() if each.table is not None}
            if is_last or not changed:
                break
        else:
            findings.append(_endless_rounds(plan, self._limits.rounds))
        own = {name: table for name, table in tables.items() if name in lookups}
        subject = f"{plan.tenant}/{plan.name} order {read_order_number(inputs.event)}"
        return own, tuple(_place_findings(findings, lookups.values(), subject))

    def forget(self, live: LiveLookup, keys: Iterable[object] | None = None) -> None:
        """Forget that these keys, or any, were not found: a record that was just created must be found."""
        if live.query is None:
            return
        question = build_question(live)
        if keys is None:
            known = [key for key in self._rows.known_keys() if key[0] == question]
        else:
            known = [(question, key) for value in keys for key in _build_valid_keys(value, live)]
        self._rows.forget(known, is_miss)

    async def _update_table(self, lookup: _LookupProgress) -> None:
        """Query the keys without an answer, and build the table again."""
        try:
            if lookup.live.parameter is not None:
                lookup.table = await self._read_parameter_table(lookup.live, lookup.live.parameter)
                return
            new = [key for keys in lookup.wanted for key in keys if key not in lookup.answers]
            lookup.answers |= await self._fetch_rows(lookup.live, new)
            lookup.table, lookup.findings = build_lookup_table(
                lookup.live, lookup.wanted, lookup.answers
            )
        except SpecError as error:
            lookup.findings = error.findings

    async def _read_parameter_table(self, live: LiveLookup, name: str) -> Table:
        """Return the table of a parameter. Raise SpecError."""

        async def fetch(names: Sequence[str]) -> Mapping[str, str]:
            return {each: await self._parameter(each) for each in names}

        seconds = self._cache_seconds(live)
        try:
            texts = await self._texts.get(
                [name], fetch, batch_size=1, is_fresh=lambda _, age: age < seconds
            )
        except FindingsError as error:
            raise SpecError(str(error), error.findings) from error
        return table_of_parameter(live, texts[name])

    async def _fetch_rows(
        self, live: LiveLookup, keys: Sequence[LookupKey]
    ) -> dict[LookupKey, Rows]:
        """Return the rows for each key. Raise SpecError, and what the query raises."""
        question, seconds = build_question(live), self._cache_seconds(live)

        async def fetch(
            batch: Sequence[tuple[LookupQuestion, LookupKey]],
        ) -> Mapping[tuple[LookupQuestion, LookupKey], Rows]:
            batch_keys = [key for _, key in batch]
            rows = await self._query(fill_keys(question.query, batch_keys))
            groups = group_rows(question, batch_keys, rows)
            return {(question, key): group for key, group in groups.items()}

        def is_fresh(rows: Rows, age: float) -> bool:
            return age < (min(seconds, self._limits.miss_seconds) if is_miss(rows) else seconds)

        spellings = _SPELLINGS if question.ignore_case else 1
        found = await self._rows.get(
            [(question, key) for key in keys],
            fetch,
            batch_size=max(1, self._limits.keys_per_query // spellings),
            is_fresh=is_fresh,
        )
        return {key: rows for (_, key), rows in found.items()}

    def _cache_seconds(self, live: LiveLookup) -> int:
        return self._limits.cache_seconds if live.cache is None else live.cache


def _add_wanted_keys(lookup: _LookupProgress, wanted: WantedKeys) -> bool:
    """Add the keys that a lookup needs; return whether its table must be built again."""
    before = len(lookup.wanted)
    for value in wanted.keys[lookup.live.name] if lookup.live.query is not None else ():
        try:
            keys = build_keys(value, lookup.live.options)
        except ExpressionError as error:
            message = (
                f"the lookup {quoted(lookup.live.name)} cannot query this key: {error.message}"
            )
            lookup.refused[message] = Finding(error.code, message, hint=error.hint)
            continue
        if keys:
            lookup.wanted[keys] = None
    is_untried = lookup.table is None and not lookup.findings
    return is_untried or len(lookup.wanted) > before


def _are_keys_requested(
    keys: Mapping[str, tuple[object, ...]], lookups: Mapping[str, _LookupProgress]
) -> bool:
    """Whether all these keys were queried before: then the next round brings nothing new."""
    return all(
        _has_requested(lookups[name], values) for name, values in keys.items() if name in lookups
    )


def _has_requested(lookup: _LookupProgress, values: tuple[object, ...]) -> bool:
    if lookup.table is None or lookup.live.query is None:
        return lookup.table is not None
    entries = (_build_valid_keys(value, lookup.live) for value in values)
    return all(keys in lookup.wanted for keys in entries if keys)


def _build_valid_keys(value: object, live: LiveLookup) -> tuple[LookupKey, ...]:
    try:
        return build_keys(value, live.options)
    except ExpressionError:
        return ()


def _place_findings(
    findings: Iterable[Finding], lookups: Iterable[_LookupProgress], subject: str
) -> Iterator[Finding]:
    """Return all findings; those of a lookup get its place."""
    for finding in findings:
        yield replace(finding, subject=subject)
    for lookup in lookups:
        for finding in (*list(lookup.refused.values())[:_MOST_REFUSED], *lookup.findings):
            yield replace(finding, place=lookup.live.at.place, subject=subject)


def _endless_rounds(plan: Plan, rounds: int) -> Finding:
    names = ", ".join(quoted(live.name) for live in plan.live_lookups[:4])
    message = f"after {rounds} rounds of queries, the lookups {names} still need more keys"
    hint = "values that need lookups give keys for further lookups: shorten the chain"
    return Finding("E0615", message, place=plan.live_lookups[0].at.place, hint=hint)
