"""A mapping ready to run: its own function, and the interpreter for all that the function doubts."""

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
from .function import CALLED_SHARE, FunctionSource
from .mapping_function import write_function
from .runtime import NAMES
from .runtime.doubts import FAST

T = TypeVar("T")
# A function of a mapping: it is given an order, or only its event, and what its calls may cost.
Function = Callable[[Any, Budget], T]

# So many plans are kept ready; a reloaded mapping that has not changed is not compiled again.
KEPT = 256
# What doubt looks like: a guard, a signal of FAST, or an operation that does not fit its operands.
DOUBTS = (
    ErpmapError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
# What a mistake of the compiler would look like, or too little memory. Neither may stop an order that
# the interpreter can do.
MISTAKES = (AssertionError, MemoryError, NameError, SyntaxError)
# MISTAKES are doubts too, because the interpreter can always decide; tests let them through.
ALL_DOUBTS = (*DOUBTS, *MISTAKES)


@dataclass(frozen=True, slots=True)
class Program:
    """A plan with its function; `compiled` is None for a mapping that is interpreted."""

    plan: Plan
    compiled: Function[Outcome] | None
    steps: int = STEPS_PER_ORDER

    def run(self, inputs: Inputs) -> Outcome:
        """Render one event: the same outcome as the interpreter's, always."""
        return self.attempt(inputs) or interpret(self.plan, inputs)

    def attempt(
        self, inputs: Inputs, doubts: tuple[type[Exception], ...] = ALL_DOUBTS
    ) -> Outcome | None:
        """The outcome by the mapping's own function, None where it is in doubt."""
        return attempted(self.compiled, inputs, self.steps, doubts)


def attempted(
    function: Function[T] | None,
    given: object,
    steps: int = STEPS_PER_ORDER,
    doubts: tuple[type[Exception], ...] = ALL_DOUBTS,
) -> T | None:
    """What a function gives that may take so many steps, None where it is in doubt or there is none."""
    if function is None:
        return None
    ambient = getcontext()
    setcontext(FAST)
    try:
        return function(given, Budget(steps // CALLED_SHARE))
    except doubts:
        return None
    finally:
        setcontext(ambient)


@lru_cache(maxsize=KEPT)
def program_of(plan: Plan) -> Program:
    """The program of a plan, made once; mappings of one version share their function."""
    return Program(plan, _kept(ProgramVersion(plan.version, plan)))


def compile_program(plan: Plan, steps: int = STEPS_PER_ORDER) -> Program:
    """The program of a plan, made anew; an order may cost so many steps of its function."""
    return Program(plan, _function(plan, steps), steps)


def function_text(plan: Plan) -> str:
    """The source of a plan's function for people. Raise NotCompiledError, which says why there is none."""
    function = write_function(plan)
    values = "".join(
        f"#   {name} = {shortened(repr(value), 90)}\n" for name, value in function.constants.items()
    )
    return f"{_LEGEND}{values}{function.source}"


_LEGEND = """\
# One order: `inputs` are the event, the documents fetched for it and the tables of live lookups.
# `left` and `budget` are the steps that may still be taken. DoubtError, and whatever else is raised,
# leaves the order to the interpreter, which makes the findings. Names are used again for other values.
# Constants:
"""


def clocked(plan: Plan, tick: Callable[[str], object]) -> Callable[[Inputs], Outcome]:
    """The plan's function, which calls `tick` with the name of each part before it begins.

    For measuring: it raises where it is in doubt. Raise NotCompiledError as write_function does.
    """
    function = write_function(plan)
    lines: list[str] = []
    for line in function.source.split("\n"):
        lines.append(line)
        if line.startswith(" # "):
            lines.append(f" tick({line[3:]!r})")
    run: Function[Outcome] = _executed("\n".join(lines), plan, function.constants | {"tick": tick})

    def timed(inputs: Inputs) -> Outcome:
        tick("start")
        with localcontext(FAST):
            return run(inputs, Budget(STEPS_PER_ORDER))

    return timed


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """A plan, known by its version."""

    version: str
    plan: Plan = field(compare=False)


@lru_cache(maxsize=KEPT)
def _kept(version: ProgramVersion) -> Function[Outcome] | None:
    return _function(version.plan, STEPS_PER_ORDER)


def _function(plan: Plan, steps: int) -> Function[Outcome] | None:
    return made(plan, lambda: write_function(plan, steps))


def made(plan: Plan, write: Callable[[], FunctionSource]) -> Function[Any] | None:
    """A function of a plan; None where the plan is interpreted, whatever the reason.

    That a compiler cannot write something out must not stop a tenant that can be interpreted.
    """
    try:
        function = write()
        return _executed(function.source, plan, function.constants)
    except ALL_DOUBTS:
        return None


def _executed(source: str, plan: Plan, constants: dict[str, object]) -> Function[Any]:
    code = compile(source, f"<{plan.tenant}/{plan.name}>", "exec")
    names = NAMES | constants
    exec(code, names)  # noqa: S102 - our own source; what authors wrote stands in it as constants
    compiled: Function[Any] = names["run"]  # type: ignore[assignment] # defined by the source
    return compiled
