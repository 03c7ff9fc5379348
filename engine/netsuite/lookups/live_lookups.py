"""The tables of one order's live lookups: its keys found, asked for, and what was answered.

What one order asked is remembered for the next ones.
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

# A SuiteQL text to all its rows: column names in lower case, numbers int or Decimal.
Query = Callable[[str], Awaitable[Sequence[Row]]]
# The name of a parameter to its text; raises FindingsError.
ReadParameter = Callable[[str], Awaitable[str]]
# As `find_lookup_keys`, interpreted or compiled.
FindKeys = Callable[[Plan, Inputs], WantedKeys]

# With `ignore_case` a key is asked in three spellings.
_SPELLINGS = 3
_MOST_REFUSED = 100


@dataclass(frozen=True, slots=True)
class LookupLimits:
    """Limits of live lookups; times in seconds.

    `entries` answers are remembered at most, the least recently used go first. `kept` is how long,
    where a lookup has no `cache:`, and `misses_kept` how long at most that something is not there.
    """

    entries: int = 100_000
    # A page of SuiteQL has at most 1,000 rows (netsuite.md §3): one query, one page.
    keys_a_query: int = 1_000
    rounds: int = 8
    kept: int = 300
    misses_kept: int = 30


_DEFAULTS = LookupLimits()


@dataclass(slots=True)
class _LookupProgress:
    """How far one lookup of one order has come."""

    live: LiveLookup
    wanted: dict[tuple[LookupKey, ...], None] = field(default_factory=dict)
    answers: dict[LookupKey, Rows] = field(default_factory=dict)
    refused: dict[str, Finding] = field(default_factory=dict)
    table: Table | None = None
    findings: tuple[Finding, ...] = ()


class LiveLookups:
    """The live lookups of all mappings whose NetSuite account `query` reaches.

    What was answered is remembered by query and key, so it must not serve a second account. Two orders
    that want the same key share one question. For one event loop; `clock` is in seconds and never
    goes back.
    """

    def __init__(
        self,
        query: Query,
        parameter: ReadParameter,
        *,
        clock: Callable[[], float],
        bounds: LookupLimits = _DEFAULTS,
        wanted: FindKeys = find_lookup_keys,
    ) -> None:
        self._query = query
        self._wanted = wanted
        self._parameter = parameter
        self._bounds = bounds
        self._rows: SharedAnswers[tuple[LookupQuestion, LookupKey], Rows] = SharedAnswers(
            clock, bounds.entries
        )
        self._texts: SharedAnswers[str, str] = SharedAnswers(clock, bounds.entries)

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
        """Give up what is being asked."""
        await self._rows.close()
        await self._texts.close()

    async def tables(
        self, plan: Plan, inputs: Inputs
    ) -> tuple[dict[str, Table], tuple[Finding, ...]]:
        """The tables that `run` needs beside those in `inputs`, and what stands in their way.

        No tables for an order that is ignored, not ready or broken. A key that is not there is no
        finding: `run` has it (E0601) where it is used. Findings: E0606, E0613 to E0619, and what
        `keys:` paths fail with. What `query` raises is raised here.
        """
        asked = {
            live.name: _LookupProgress(live)
            for live in plan.live_lookups
            if live.name not in inputs.tables
        }
        tables = dict(inputs.tables)
        findings: list[Finding] = []
        for _ in range(self._bounds.rounds):
            wanted = self._wanted(plan, replace(inputs, tables=tables))
            findings = list(wanted.findings)
            if not wanted.keys:
                return {}, ()
            is_last = _are_keys_requested(wanted.requested, asked)
            news = [lookup for lookup in asked.values() if _add_wanted_keys(lookup, wanted)]
            if len(news) == 1:  # without a task of its own: most often it is all in memory
                await self._ask(news[0])
            else:
                await asyncio.gather(*map(self._ask, news))
            tables |= {name: each.table for name, each in asked.items() if each.table is not None}
            if is_last or not news:
                break
        else:
            findings.append(_endless_rounds(plan, self._bounds.rounds))
        own = {name: table for name, table in tables.items() if name in asked}
        subject = f"{plan.tenant}/{plan.name} order {read_order_number(inputs.event)}"
        return own, tuple(_place_findings(findings, asked.values(), subject))

    def forget(self, live: LiveLookup, keys: Iterable[object] | None = None) -> None:
        """Forget that these keys, or any, were not there: what was just created has to be found."""
        if live.query is None:
            return
        question = build_question(live)
        if keys is None:
            known = [key for key in self._rows.known() if key[0] == question]
        else:
            known = [(question, key) for value in keys for key in _build_valid_keys(value, live)]
        self._rows.forget(known, is_miss)

    async def _ask(self, lookup: _LookupProgress) -> None:
        """Ask what is not answered yet, and make the table anew."""
        try:
            if lookup.live.parameter is not None:
                lookup.table = await self._read(lookup.live, lookup.live.parameter)
                return
            new = [key for keys in lookup.wanted for key in keys if key not in lookup.answers]
            lookup.answers |= await self._answers(lookup.live, new)
            lookup.table, lookup.findings = build_lookup_table(
                lookup.live, lookup.wanted, lookup.answers
            )
        except SpecError as error:
            lookup.findings = error.findings

    async def _read(self, live: LiveLookup, name: str) -> Table:
        """The table of a parameter. Raise SpecError."""

        async def ask(names: Sequence[str]) -> Mapping[str, str]:
            return {each: await self._parameter(each) for each in names}

        kept = self._kept(live)
        try:
            texts = await self._texts.answers(
                [name], ask, at_once=1, is_fresh=lambda _, age: age < kept
            )
        except FindingsError as error:
            raise SpecError(str(error), error.findings) from error
        return table_of_parameter(live, texts[name])

    async def _answers(self, live: LiveLookup, keys: Sequence[LookupKey]) -> dict[LookupKey, Rows]:
        """The rows for each key. Raise SpecError, and what the query raises."""
        question, kept = build_question(live), self._kept(live)

        async def ask(
            batch: Sequence[tuple[LookupQuestion, LookupKey]],
        ) -> Mapping[tuple[LookupQuestion, LookupKey], Rows]:
            asked = [key for _, key in batch]
            rows = await self._query(fill_keys(question.query, asked))
            told = group_rows(question, asked, rows)
            return {(question, key): of_key for key, of_key in told.items()}

        def is_fresh(rows: Rows, age: float) -> bool:
            return age < (min(kept, self._bounds.misses_kept) if is_miss(rows) else kept)

        spellings = _SPELLINGS if question.ignore_case else 1
        found = await self._rows.answers(
            [(question, key) for key in keys],
            ask,
            at_once=max(1, self._bounds.keys_a_query // spellings),
            is_fresh=is_fresh,
        )
        return {key: rows for (_, key), rows in found.items()}

    def _kept(self, live: LiveLookup) -> int:
        return self._bounds.kept if live.cache is None else live.cache


def _add_wanted_keys(lookup: _LookupProgress, wanted: WantedKeys) -> bool:
    """Note what a lookup is wanted for; whether there is anything new to ask."""
    before = len(lookup.wanted)
    for value in wanted.keys[lookup.live.name] if lookup.live.query is not None else ():
        try:
            keys = build_keys(value, lookup.live.options)
        except ExpressionError as error:
            message = f"the lookup {quoted(lookup.live.name)} cannot be asked: {error.message}"
            lookup.refused[message] = Finding(error.code, message, hint=error.hint)
            continue
        if keys:
            lookup.wanted[keys] = None
    is_untried = lookup.table is None and not lookup.findings
    return is_untried or len(lookup.wanted) > before


def _are_keys_requested(
    keys: Mapping[str, tuple[object, ...]], asked: Mapping[str, _LookupProgress]
) -> bool:
    """Whether all these keys were answered before: then nothing that follows from them is new."""
    return all(
        _has_requested(asked[name], values) for name, values in keys.items() if name in asked
    )


def _has_requested(lookup: _LookupProgress, values: tuple[object, ...]) -> bool:
    if lookup.table is None or lookup.live.query is None:
        return lookup.table is not None
    every = (_build_valid_keys(value, lookup.live) for value in values)
    return all(keys in lookup.wanted for keys in every if keys)


def _build_valid_keys(value: object, live: LiveLookup) -> tuple[LookupKey, ...]:
    try:
        return build_keys(value, live.options)
    except ExpressionError:
        return ()


def _place_findings(
    findings: Iterable[Finding], asked: Iterable[_LookupProgress], subject: str
) -> Iterator[Finding]:
    """All findings, each about a lookup at the lookup's place."""
    for finding in findings:
        yield replace(finding, subject=subject)
    for lookup in asked:
        for finding in (*list(lookup.refused.values())[:_MOST_REFUSED], *lookup.findings):
            yield replace(finding, place=lookup.live.at.place, subject=subject)


def _endless_rounds(plan: Plan, rounds: int) -> Finding:
    names = ", ".join(quoted(live.name) for live in plan.live_lookups[:4])
    message = f"after {rounds} rounds of questions the lookups {names} still ask for more"
    hint = "values that need lookups give keys for lookups, again and again: shorten the chain"
    return Finding("E0615", message, plan.live_lookups[0].at.place, hint=hint)
