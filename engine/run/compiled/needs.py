"""What an order asks for before it is run, by functions of its mapping; in doubt by the interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ...findings.errors import BudgetError
from ...language.budget import STEPS_PER_ORDER, Budget
from ...mapping.plan import Plan
from .. import Inputs, SourceRequest, Wanted
from .. import next_request as interpreted_request
from .. import wanted_keys as interpreted_keys
from ..asking import request_of
from ..beginning import begin
from ..names import Names
from ..wanted import wanted_by
from .asking import write_request, write_wanted
from .program import ALL_DOUBTS, KEPT, Function, Version, attempted, made
from .runtime.answering import SETTLED, Settled

# Names and their values, what was asked of each live lookup, and the steps left.
Reached = tuple[dict[str, object], dict[str, list[object]], int]
# The document that is missing, the roots before it, and the steps left.
Lacking = tuple[str, dict[str, object], int]


@dataclass(frozen=True, slots=True)
class Needs:
    """A plan with its two functions, None where it is interpreted."""

    plan: Plan
    reaching: Function[Reached | Settled] | None
    lacking: Function[Lacking | Settled] | None
    steps: int = STEPS_PER_ORDER

    def attempt_wanted(
        self, inputs: Inputs, doubts: tuple[type[Exception], ...] = ALL_DOUBTS
    ) -> Wanted | None:
        """What the order wants of its live lookups, None where the function is in doubt."""
        reached = attempted(self.reaching, inputs, self.steps, doubts)
        if reached is None or isinstance(reached, Settled):
            return None if reached is None else Wanted()
        names, asked, left = reached
        work = begin(self.plan, inputs, Budget(left))
        work.names = Names(names)
        keys = {live.name: asked.get(live.name, ()) for live in self.plan.live_lookups}
        wanted = wanted_by(self.plan, work, keys)
        # The function counts more steps than the interpreter takes, which may come to the end.
        return None if work.budget.remaining < 0 else wanted

    def attempt_request(
        self, inputs: Inputs, doubts: tuple[type[Exception], ...] = ALL_DOUBTS
    ) -> SourceRequest | Settled | None:
        """What to fetch next, SETTLED where that is nothing, None where the function is in doubt."""
        lacking = attempted(self.lacking, inputs, self.steps, doubts)
        if lacking is None or isinstance(lacking, Settled):
            return lacking
        name, roots, left = lacking
        work = begin(self.plan, inputs, Budget(left))
        source = next(source for source in self.plan.sources if source.name == name)
        try:
            return request_of(source, work, Names(roots)) or SETTLED
        except BudgetError:
            return None


def wanted_keys(plan: Plan, inputs: Inputs) -> Wanted:
    """What `wanted_keys` of `run` tells, sooner."""
    if not plan.live_lookups:
        return Wanted()
    wanted = _needs_of(plan).attempt_wanted(inputs)
    return interpreted_keys(plan, inputs) if wanted is None else wanted


def next_request(plan: Plan, inputs: Inputs) -> SourceRequest | None:
    """What `next_request` of `run` tells, sooner."""
    request = _needs_of(plan).attempt_request(inputs)
    if request is None:
        return interpreted_request(plan, inputs)
    return None if isinstance(request, Settled) else request


def compile_needs(plan: Plan, steps: int = STEPS_PER_ORDER) -> Needs:
    """The needs of a plan, made anew; an order may cost so many steps of each function."""
    has_lookups = bool(plan.live_lookups)
    reaching = made(plan, lambda: write_wanted(plan, steps)) if has_lookups else None
    return Needs(plan, reaching, made(plan, lambda: write_request(plan, steps)), steps)


@lru_cache(maxsize=KEPT)
def _needs_of(plan: Plan) -> Needs:
    """The needs of a plan; mappings of one version share their functions."""
    kept = _kept(Version(plan.version, plan))
    return Needs(plan, kept.reaching, kept.lacking)


@lru_cache(maxsize=KEPT)
def _kept(version: Version) -> Needs:
    return compile_needs(version.plan)
