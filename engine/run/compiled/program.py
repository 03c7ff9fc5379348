"""A mapping ready to run: its compiled function, and the interpreter for orders in doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import getcontext, localcontext, setcontext
from functools import lru_cache
from typing import Any, TypeVar

from ...findings.errors import ErpmapError
from ...findings.quote import shortened
from ...language.budget import STEPS_PER_ORDER, Budget
from ...mapping.plan import Plan
from .. import Inputs, Outcome
from .. import run as interpret
from ..evaluator import run_within
from .function import CALLED_SHARE, FunctionSource
from .mapping_function import write_function
from .runtime import NAMES
from .runtime.doubts import FAST

T = TypeVar("T")
# A function of a mapping; its arguments are an order, or only its event, the budget of its calls, and
# the steps of its own.
Function = Callable[[Any, Budget, int], T]

# The number of plans kept compiled; a reloaded mapping without changes is not compiled again.
MAX_KEPT = 256
# The exceptions of doubt: a guard, a signal of FAST, or an operation that does not fit its operands.
DOUBTS = (
    ErpmapError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
# The exceptions of a mistake of the compiler or of too little memory. Neither may stop an order that
# the interpreter can run.
MISTAKES = (AssertionError, MemoryError, NameError, SyntaxError)
# MISTAKES count as doubt, because the interpreter can run every order; tests let them through.
ALL_DOUBTS = (*DOUBTS, *MISTAKES)


@dataclass(frozen=True, slots=True)
class Program:
    """A plan with its function; `compiled` is None for a mapping that is interpreted."""

    plan: Plan
    compiled: Function[Outcome] | None

    def run(self, inputs: Inputs, steps: int = STEPS_PER_ORDER) -> Outcome:
        """Render one event, always to the interpreter's outcome.

        Raise HeavyOrderError when it needs more than `steps`, fewer than an order may take.
        """
        outcome = self.attempt(inputs, steps=steps)
        return outcome or run_within(interpret, self.plan, inputs, steps)

    def attempt(
        self,
        inputs: Inputs,
        doubts: tuple[type[Exception], ...] = ALL_DOUBTS,
        steps: int = STEPS_PER_ORDER,
    ) -> Outcome | None:
        """Render one event by the compiled function; None in doubt."""
        return attempt_function(self.compiled, inputs, steps, doubts)


def attempt_function(
    function: Function[T] | None,
    argument: object,
    steps: int = STEPS_PER_ORDER,
    doubts: tuple[type[Exception], ...] = ALL_DOUBTS,
) -> T | None:
    """Return the function's result within `steps` steps; None in doubt or without a function."""
    if function is None:
        return None
    ambient = getcontext()
    setcontext(FAST)
    try:
        share = steps // CALLED_SHARE
        return function(argument, Budget(share), steps - share)
    except doubts:
        return None
    finally:
        setcontext(ambient)


@lru_cache(maxsize=MAX_KEPT)
def get_program(plan: Plan) -> Program:
    """Return the program of a plan, compiled once; plans of one version share their function."""
    return Program(plan, _get_shared_function(ProgramVersion(plan.version, plan)))


def render(plan: Plan, inputs: Inputs, steps: int = STEPS_PER_ORDER) -> Outcome:
    """Render one event, as `Program.run` does."""
    return get_program(plan).run(inputs, steps)


def compile_program(plan: Plan) -> Program:
    """Compile a plan."""
    return Program(plan, _make_run(plan))


def format_function(plan: Plan) -> str:
    """Return the source of a plan's function for people. Raise NotCompiledError with the reason."""
    function = write_function(plan)
    values = "".join(
        f"#   {name} = {shortened(repr(value), 90)}\n" for name, value in function.constants.items()
    )
    return f"{_LEGEND}{values}{function.source}"


_LEGEND = """\
# One order: `inputs` are the event, the documents fetched for it and the tables of live lookups.
# `left` and `budget` are the steps left. After DoubtError or any other exception the interpreter runs
# the order and makes the findings. Names are reused for other values.
# Constants:
"""


def instrument_function(plan: Plan, tick: Callable[[str], object]) -> Callable[[Inputs], Outcome]:
    """Return the plan's function, which calls `tick` with the name of each part before it begins.

    For measurements: the function raises in doubt. Raise NotCompiledError as write_function does.
    """
    function = write_function(plan)
    lines: list[str] = []
    for line in function.source.split("\n"):
        lines.append(line)
        if line.startswith(" # "):
            lines.append(f" tick({line[3:]!r})")
    run: Function[Outcome] = _execute("\n".join(lines), plan, function.constants | {"tick": tick})

    def timed(inputs: Inputs) -> Outcome:
        tick("start")
        with localcontext(FAST):
            return run(inputs, Budget(STEPS_PER_ORDER), STEPS_PER_ORDER)

    return timed


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """A plan, identified by its version."""

    version: str
    plan: Plan = field(compare=False)


@lru_cache(maxsize=MAX_KEPT)
def _get_shared_function(version: ProgramVersion) -> Function[Outcome] | None:
    return _make_run(version.plan)


def _make_run(plan: Plan) -> Function[Outcome] | None:
    return make_function(plan, lambda: write_function(plan))


def make_function(plan: Plan, write: Callable[[], FunctionSource]) -> Function[Any] | None:
    """Make a function of a plan; None if the plan cannot be compiled, for any reason.

    A mapping that cannot be compiled is interpreted: it must not stop its tenant.
    """
    try:
        function = write()
        return _execute(function.source, plan, function.constants)
    except ALL_DOUBTS:
        return None


def _execute(source: str, plan: Plan, constants: dict[str, object]) -> Function[Any]:
    code = compile(source, f"<{plan.tenant}/{plan.name}>", "exec")
    names = NAMES | constants
    exec(code, names)  # noqa: S102 - generated source; authors' values are constants in it
    compiled: Function[Any] = names["run"]  # type: ignore[assignment] # defined by the source
    return compiled
