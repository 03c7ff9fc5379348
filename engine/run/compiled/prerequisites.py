"""Find what an order needs before its run, by compiled functions; in doubt by the interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ...findings.errors import BudgetError
from ...language.budget import STEPS_PER_ORDER, Budget
from ...mapping.plan import Plan
from .. import Inputs, SourceRequest, WantedKeys
from .. import find_lookup_keys as interpreted_keys
from .. import find_next_request as interpreted_request
from ..evaluator import run_within
from ..lookup_keys import collect_lookup_keys
from ..run_context import begin_run
from ..scope import ScopeNames
from ..source_requests import build_request
from .field_code import compile_fields, compile_values
from .function import FunctionSource, build_function, collect_tables
from .path_context import PathContext
from .program import (
    ALL_DOUBTS,
    MAX_KEPT,
    Function,
    ProgramVersion,
    attempt_function,
    make_function,
)
from .prologue import Prologue, compile_documents, compile_ready_documents
from .runtime.lookup_answers import NOTHING_NEEDED, NothingNeeded
from .source_writer import SourceWriter
from .template_environment import Environment

# Names and their values, the keys requested from each live lookup, and the steps left.
ReachedValues = tuple[dict[str, object], dict[str, list[object]], int]
# The name of the missing document, the roots before it, and the steps left.
MissingDocument = tuple[str, dict[str, object], int]


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """A plan with its two functions; None for a function that is interpreted."""

    plan: Plan
    keys_function: Function[ReachedValues | NothingNeeded] | None
    request_function: Function[MissingDocument | NothingNeeded] | None

    def attempt_keys(
        self,
        inputs: Inputs,
        doubts: tuple[type[Exception], ...] = ALL_DOUBTS,
        steps: int = STEPS_PER_ORDER,
    ) -> WantedKeys | None:
        """Find the keys the order needs from its live lookups; None in doubt."""
        reached = attempt_function(self.keys_function, inputs, steps, doubts)
        if reached is None or isinstance(reached, NothingNeeded):
            return None if reached is None else WantedKeys()
        names, requested, left = reached
        context = begin_run(self.plan, inputs, Budget(left))
        context.names = ScopeNames(names)
        keys = {live.name: requested.get(live.name, ()) for live in self.plan.live_lookups}
        wanted = collect_lookup_keys(self.plan, context, keys)
        # The function counts more steps than the interpreter takes: near the limit it is in doubt.
        return None if context.budget.remaining < 0 else wanted

    def attempt_request(
        self,
        inputs: Inputs,
        doubts: tuple[type[Exception], ...] = ALL_DOUBTS,
        steps: int = STEPS_PER_ORDER,
    ) -> SourceRequest | NothingNeeded | None:
        """Find the next request; NOTHING_NEEDED if there is none, None in doubt."""
        request_function = attempt_function(self.request_function, inputs, steps, doubts)
        if request_function is None or isinstance(request_function, NothingNeeded):
            return request_function
        name, roots, left = request_function
        context = begin_run(self.plan, inputs, Budget(left))
        source = next(source for source in self.plan.sources if source.name == name)
        try:
            return build_request(source, context, ScopeNames(roots)) or NOTHING_NEEDED
        except BudgetError:
            return None


def find_lookup_keys(plan: Plan, inputs: Inputs, steps: int = STEPS_PER_ORDER) -> WantedKeys:
    """Find the keys an order needs from its live lookups, as `run.find_lookup_keys` does.

    Raise HeavyOrderError when it needs more than `steps`, fewer than an order may take.
    """
    if not plan.live_lookups:
        return WantedKeys()
    wanted = get_prerequisites(plan).attempt_keys(inputs, steps=steps)
    return run_within(interpreted_keys, plan, inputs, steps) if wanted is None else wanted


def find_next_request(
    plan: Plan, inputs: Inputs, steps: int = STEPS_PER_ORDER
) -> SourceRequest | None:
    """Find the next document to fetch, as `run.find_next_request` does.

    Raise HeavyOrderError when it needs more than `steps`, fewer than an order may take.
    """
    request = get_prerequisites(plan).attempt_request(inputs, steps=steps)
    if request is None:
        return run_within(interpreted_request, plan, inputs, steps)
    return None if isinstance(request, NothingNeeded) else request


def compile_prerequisites(plan: Plan) -> Prerequisites:
    """Compile the prerequisites of a plan."""
    has_lookups = bool(plan.live_lookups)
    keys_function = make_function(plan, lambda: write_keys_function(plan)) if has_lookups else None
    return Prerequisites(
        plan=plan,
        keys_function=keys_function,
        request_function=make_function(plan, lambda: write_request_function(plan)),
    )


@lru_cache(maxsize=MAX_KEPT)
def get_prerequisites(plan: Plan) -> Prerequisites:
    """Return the prerequisites of a plan; plans of one version share their functions."""
    kept = _get_shared(ProgramVersion(plan.version, plan))
    return Prerequisites(plan, kept.keys_function, kept.request_function)


@lru_cache(maxsize=MAX_KEPT)
def _get_shared(version: ProgramVersion) -> Prerequisites:
    return compile_prerequisites(version.plan)


_RETURN = "return NOTHING_NEEDED"


def write_keys_function(plan: Plan) -> FunctionSource:
    """Write the function that runs a plan up to its values, as `find_lookup_keys` does.

    It returns the names with their values, the requested keys by live lookup, and the steps left;
    NOTHING_NEEDED for an order that is ignored or not ready. Its steps are limited as in
    `write_function`. Raise NotCompiledError.
    """
    out, tables = SourceWriter(), collect_tables(plan, notes_keys=True)
    roots = compile_ready_documents(
        Prologue(plan=plan, out=out, leave_statement=lambda _: _RETURN, unready_statement=_RETURN)
    )
    names = {"settings": roots["settings"], "tenant": roots["tenant"]}
    env = compile_fields(plan.fields, PathContext(None, roots), Environment(names, tables, out))
    env = compile_values(plan.values, env)
    reached = ", ".join(f"{name!r}: {value.code}" for name, value in env.names.items())
    requested = ", ".join(f"{name!r}: {code}" for name, code in tables.notes.items())
    out.doubt_if("left < 0")
    out.put(f"return {{{reached}}}, {{{requested}}}, left")
    return build_function(out, tables)


def write_request_function(plan: Plan) -> FunctionSource:
    """Write the function that runs a plan up to the first needed document that is missing.

    It returns the document's name, the roots before it, and the steps left; NOTHING_NEEDED if none
    is missing, or the order is ignored or not ready. Its steps are limited as in `write_function`.
    Raise NotCompiledError.
    """
    out, tables = SourceWriter(), collect_tables(plan)
    prologue = Prologue(plan=plan, out=out, leave_statement=lambda _: _RETURN, returns_missing=True)
    compile_documents(prologue)
    prologue.leave("")
    return build_function(out, tables)
