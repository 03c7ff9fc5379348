"""A mapping ready to run: its own function, and the interpreter for all that the function doubts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import getcontext, setcontext

from ..errors import ErpmapError
from ..language.budget import Budget
from ..plan import Plan
from ..run import Inputs, Outcome
from ..run import run as interpret
from .doubts import FAST
from .mapping import HELPERS_STEPS, write_function
from .runtime import NAMES
from .source import NotCompiledError

Compiled = Callable[[Inputs, Budget], Outcome]

# What doubt looks like: a guard, a signal of FAST, or an operation that does not fit its operands.
_DOUBTS = (
    ErpmapError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Program:
    """A plan with its function; `compiled` is None for a mapping that is interpreted."""

    plan: Plan
    compiled: Compiled | None

    def run(self, inputs: Inputs) -> Outcome:
        """Render one event: the same outcome as the interpreter's, always."""
        return self.attempt(inputs) or interpret(self.plan, inputs)

    def attempt(self, inputs: Inputs) -> Outcome | None:
        """The outcome by the mapping's own function, None where it is in doubt."""
        if self.compiled is None:
            return None
        ambient = getcontext()
        setcontext(FAST)
        try:
            return self.compiled(inputs, Budget(HELPERS_STEPS))
        except _DOUBTS:
            return None
        finally:
            setcontext(ambient)


def compile_program(plan: Plan) -> Program:
    """The program of a plan."""
    return Program(plan, _function(plan))


def _function(plan: Plan) -> Compiled | None:
    try:
        function = write_function(plan)
        code = compile(function.source, f"<{plan.tenant}/{plan.name}>", "exec")
    except (NotCompiledError, SyntaxError, RecursionError, MemoryError):
        return None
    names = NAMES | function.constants
    exec(code, names)  # noqa: S102 # our own source; what authors wrote stands in it as constants
    compiled: Compiled = names["run"]  # type: ignore[assignment] # defined by the source
    return compiled
