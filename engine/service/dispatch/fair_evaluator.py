"""Evaluates the orders of all tenants: light ones here, by turns, and heavy ones in processes with limits.

The event loop renders a light order in some milliseconds. An order that needs more than a small share of the
steps that it may take begins again in another process, so that no other order waits for it. The tenant that
has used the least time is the next, here and there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ...findings.errors import HeavyOrderError, LimitError
from ...language.budget import STEPS_PER_ORDER
from ...mapping.plan import Plan
from ...processes import FairTurns, Kept, Work
from ...run import Inputs
from ...run.evaluator import Question

T = TypeVar("T")

# An order of 60 items takes about so many steps, and some 30 milliseconds.
LIGHT_STEPS = 20_000
# Every step together takes about a second: this is for a machine that is busy.
_CPU_SECONDS = 10
# An order that a process answers within this time is light.
_LIGHT_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class FairEvaluator:
    """Evaluates light orders on the event loop, one after another, and heavy ones in `processes`.

    After a heavy order the next ones of its mapping go to a process at once, until one is light there.
    """

    processes: Work
    light_steps: int = LIGHT_STEPS
    _turns: FairTurns = field(default_factory=FairTurns)
    _heavy: set[tuple[str, str]] = field(default_factory=set)

    async def evaluate(self, question: Question[T], plan: Plan, inputs: Inputs) -> T:
        """Return the answer to a question about an order.

        Raise HeavyOrderError when it takes more time or memory than a process may, and WorkerError when
        no process answers.
        """
        key = (plan.tenant, plan.name)
        if key not in self._heavy:
            async with self._turns.turn(plan.tenant):
                if key not in self._heavy:  # as an order showed that had its turn meanwhile
                    try:
                        return question(plan, inputs, self.light_steps)
                    except HeavyOrderError:
                        self._heavy.add(key)
        begun = time.monotonic()
        try:
            answer = await self.processes.call(
                plan.tenant,
                question,
                Kept((*key, plan.version), plan),
                inputs,
                STEPS_PER_ORDER,
                cpu_seconds=_CPU_SECONDS,
            )
        except LimitError as error:
            raise HeavyOrderError(f"the order is too large: {error}") from error
        if time.monotonic() - begun < _LIGHT_SECONDS:
            self._heavy.discard(key)
        return answer

    async def work(self, tenant: str, function: Callable[..., T], *arguments: object) -> T:
        """Return the result of a function that takes long, called in a process.

        Raise LimitError when it takes more time or memory than it may, and WorkerError when no process
        answers.
        """
        return await self.processes.call(tenant, function, *arguments)
