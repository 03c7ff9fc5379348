"""Which keys an order will ask its live lookups for, found out before they are answered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ..findings.diagnostics import Finding
from ..findings.errors import BudgetError
from ..language.budget import Budget
from ..mapping.plan import Plan
from .envelope import evaluate_in
from .extract import extract
from .inputs import Inputs
from .open_event import IgnoredEvent, open_event
from .run_context import begin
from .scope import FAILED, Lookup, RunContext, RunFindings
from .sources import NotReady

Keys = Mapping[str, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class WantedKeys:
    """What one round found out; `keys` has every live lookup, a parameter with no keys.

    `asked` are those keys that fields and values needed themselves: unless their answers were among
    the inputs already, another round may want more. `findings` are about `keys:` paths only.
    """

    keys: Keys = field(default_factory=dict)
    asked: Keys = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def wanted_keys(plan: Plan, inputs: Inputs, budget: Budget | None = None) -> WantedKeys:
    """What the order asks of its live lookups, as far as the tables in `inputs` let it be known.

    The plan is run as far as its values. Keys are those its `keys:` paths find, lists taken apart, and
    those its values ask for; nulls are left out, each stands once, in the order found. An order
    that is ignored or not ready wants nothing. What fails on the way is left out and no finding:
    `run` makes those. `budget` is what the order may cost; that of every order by default.
    """
    if not plan.live_lookups:
        return WantedKeys()
    asked: dict[str, list[object]] = {live.name: [] for live in plan.live_lookups}
    work = begin(plan, inputs, budget)
    work.lookup = _listening(work.lookup, asked)
    with suppress(BudgetError):
        roots = open_event(plan, work, inputs)
        if roots is None or isinstance(roots, IgnoredEvent | NotReady):
            return WantedKeys()
        extract(plan, work, roots)
    return wanted_by(plan, work, asked)


def wanted_by(plan: Plan, work: RunContext, asked: Mapping[str, Sequence[object]]) -> WantedKeys:
    """What is wanted by an order whose fields and values are the names in `work`.

    `asked` is what they asked each live lookup for. A `work` whose budget is used up ends it early.
    """
    work.trouble = RunFindings(work.trouble.subject)
    pointed = _pointed_at(plan, work)
    return WantedKeys(
        {name: _once([*keys, *pointed.get(name, ())]) for name, keys in asked.items()},
        {name: _once(keys) for name, keys in asked.items() if keys},
        work.trouble.findings(),
    )


def _listening(answer: Lookup, asked: Mapping[str, list[object]]) -> Lookup:
    """The same lookup, which notes what live lookups are asked for; of several keys nothing is known."""

    def ask(name: str, keys: tuple[object, ...]) -> object:
        if name in asked:
            asked[name].append(keys[0] if len(keys) == 1 else None)
        return answer(name, keys)

    return ask


def _pointed_at(plan: Plan, work: RunContext) -> dict[str, list[object]]:
    """The keys that the paths of lookups find. Findings go to `work`."""
    found: dict[str, list[object]] = {}
    with suppress(BudgetError):
        for live in plan.live_lookups:
            if live.keys is not None and live.suiteql is not None:
                keys = evaluate_in(work, live.keys, work.names, f"lookups.{live.name}.keys")
                found[live.name] = [] if keys is FAILED else list(_flat(keys))
    return found


def _flat(value: object) -> Iterator[object]:
    """The value itself, or what the lists in it hold; their depth is that of documents."""
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _flat(entry)
    else:
        yield value


def _once(keys: Sequence[object]) -> tuple[object, ...]:
    """Without nulls and doubles; 1, 1.0, true and the text are four keys."""
    kept: dict[tuple[type, str], object] = {}
    for key in keys:
        if key is not None:
            kept.setdefault((type(key), repr(key)), key)
    return tuple(kept.values())
