"""Find the keys an order needs from its live lookups, before they are answered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ..findings.diagnostics import Finding
from ..findings.errors import BudgetError
from ..language.budget import Budget
from ..mapping.plan import Plan
from .envelope import evaluate_in
from .extract import extract_fields
from .inputs import Inputs
from .open_event import IgnoredEvent, open_event
from .run_context import begin_run
from .scope import FAILED, Lookup, RunContext, RunFindings
from .sources import NotReady

Keys = Mapping[str, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class WantedKeys:
    """The keys that one round found, by live lookup; a parameter lookup has no keys.

    `requested` are the keys that fields and values requested: unless the inputs held their answers
    already, another round may find more. `findings` are about `keys:` paths only.
    """

    keys: Keys = field(default_factory=dict)
    requested: Keys = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def find_lookup_keys(plan: Plan, inputs: Inputs, budget: Budget | None = None) -> WantedKeys:
    """Find the keys an order needs from its live lookups, as far as the tables in `inputs` allow.

    Run the plan up to its values. The keys are those its `keys:` paths find, with lists flattened,
    and those its values request: without nulls, each once, in the order found. An order that is
    ignored or not ready needs none. A failure on the way leaves its key out and makes no finding:
    `run` makes it. `budget` holds the steps the order may take, by default those of every order.
    """
    if not plan.live_lookups:
        return WantedKeys()
    requested: dict[str, list[object]] = {live.name: [] for live in plan.live_lookups}
    context = begin_run(plan, inputs, budget)
    context.lookup = _record_keys(context.lookup, requested)
    with suppress(BudgetError):
        roots = open_event(plan, context, inputs)
        if roots is None or isinstance(roots, IgnoredEvent | NotReady):
            return WantedKeys()
        extract_fields(plan, context, roots)
    return collect_lookup_keys(plan, context, requested)


def collect_lookup_keys(
    plan: Plan, context: RunContext, requested: Mapping[str, Sequence[object]]
) -> WantedKeys:
    """Collect the keys of an order whose fields and values are the names in `context`.

    `requested` holds the keys they requested from each live lookup. A used-up budget ends it early.
    """
    context.findings = RunFindings(context.findings.subject)
    path_keys = _read_key_paths(plan, context)
    return WantedKeys(
        {
            name: _drop_duplicates([*keys, *path_keys.get(name, ())])
            for name, keys in requested.items()
        },
        {name: _drop_duplicates(keys) for name, keys in requested.items() if keys},
        context.findings.in_order(),
    )


def _record_keys(lookup: Lookup, requested: Mapping[str, list[object]]) -> Lookup:
    """Return the same lookup, which also records the keys of live lookups; None for several keys."""

    def look_up(name: str, keys: tuple[object, ...]) -> object:
        if name in requested:
            requested[name].append(keys[0] if len(keys) == 1 else None)
        return lookup(name, keys)

    return look_up


def _read_key_paths(plan: Plan, context: RunContext) -> dict[str, list[object]]:
    """Return the keys that the `keys:` paths of lookups find. Findings go to `context`."""
    found: dict[str, list[object]] = {}
    with suppress(BudgetError):
        for live in plan.live_lookups:
            if live.keys is not None and live.query is not None:
                keys = evaluate_in(context, live.keys, context.names, f"lookups.{live.name}.keys")
                found[live.name] = [] if keys is FAILED else list(_flatten(keys))
    return found


def _flatten(value: object) -> Iterator[object]:
    """Yield the value itself, or the entries of its lists; their depth is that of documents."""
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _flatten(entry)
    else:
        yield value


def _drop_duplicates(keys: Sequence[object]) -> tuple[object, ...]:
    """Drop nulls and repeated keys; 1, 1.0, true and the text are four keys."""
    kept: dict[tuple[type, str], object] = {}
    for key in keys:
        if key is not None:
            kept.setdefault((type(key), repr(key)), key)
    return tuple(kept.values())
