"""What an order asks for before it is run, by functions of its mapping; in doubt by the interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ...findings.errors import BudgetError
from ...language.budget import STEPS_PER_ORDER, Budget
from ...mapping.plan import Plan
from .. import Inputs, SourceRequest, WantedKeys
from .. import next_request as interpreted_request
from .. import wanted_keys as interpreted_keys
from ..lookup_keys import wanted_by
from ..run_context import begin
from ..scope import ScopeNames
from ..source_requests import request_of
from .field_code import compile_fields, compile_values
from .function import FunctionSource, function_of, tables_of
from .path_context import Here
from .program import ALL_DOUBTS, KEPT, Function, ProgramVersion, attempted, made
from .prologue import Opening, all_opened, documents_opened
from .runtime.lookup_answers import SETTLED, Settled
from .source_writer import SourceWriter
from .template_environment import Environment

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
    ) -> WantedKeys | None:
        """What the order wants of its live lookups, None where the function is in doubt."""
        reached = attempted(self.reaching, inputs, self.steps, doubts)
        if reached is None or isinstance(reached, Settled):
            return None if reached is None else WantedKeys()
        names, asked, left = reached
        work = begin(self.plan, inputs, Budget(left))
        work.names = ScopeNames(names)
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
            return request_of(source, work, ScopeNames(roots)) or SETTLED
        except BudgetError:
            return None


def wanted_keys(plan: Plan, inputs: Inputs) -> WantedKeys:
    """What `wanted_keys` of `run` tells, sooner."""
    if not plan.live_lookups:
        return WantedKeys()
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
    kept = _kept(ProgramVersion(plan.version, plan))
    return Needs(plan, kept.reaching, kept.lacking)


@lru_cache(maxsize=KEPT)
def _kept(version: ProgramVersion) -> Needs:
    return compile_needs(version.plan)


_LEAVE = "return SETTLED"


def write_wanted(plan: Plan, steps: int = STEPS_PER_ORDER) -> FunctionSource:
    """The function that goes as far as the values, as `wanted_keys` does.

    It returns the names with their values, the keys that were asked by the name of their live lookup,
    and the steps left; SETTLED for an order that is ignored or not ready. What it may take is as in
    `write_function`. Raise NotCompiledError.
    """
    out, tables = SourceWriter(), tables_of(plan, noted=True)
    roots = all_opened(Opening(plan, out, lambda _: _LEAVE, unready=_LEAVE))
    names = {"settings": roots["settings"], "tenant": roots["tenant"]}
    env = compile_fields(plan.fields, Here(None, roots), Environment(names, tables, out))
    env = compile_values(plan.values, env)
    reached = ", ".join(f"{name!r}: {value.code}" for name, value in env.names.items())
    asked = ", ".join(f"{name!r}: {code}" for name, code in tables.notes.items())
    out.doubt_if("left < 0")
    out.put(f"return {{{reached}}}, {{{asked}}}, left")
    return function_of(out, tables, steps)


def write_request(plan: Plan, steps: int = STEPS_PER_ORDER) -> FunctionSource:
    """The function that goes as far as the first document that is needed and not there.

    It returns the document's name, the roots before it, and the steps left; SETTLED where nothing is
    missing, or the order is ignored or not ready. What it may take is as in `write_function`.
    Raise NotCompiledError.
    """
    out, tables = SourceWriter(), tables_of(plan)
    opening = Opening(plan, out, lambda _: _LEAVE, asks=True)
    documents_opened(opening)
    opening.leave("")
    return function_of(out, tables, steps)
