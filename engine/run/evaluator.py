"""Where the pure functions of a mapping run: at once, or by turns and in processes with limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from ..findings.errors import HeavyOrderError
from ..language.budget import STEPS_PER_ORDER, Budget
from ..mapping.plan import Plan
from .inputs import Inputs

T = TypeVar("T")
# A pure function of a module; the number is the most steps that it may take. It raises HeavyOrderError
# when they are fewer than an order may take, and not enough.
Question = Callable[[Plan, Inputs, int], T]


def run_within(
    function: Callable[[Plan, Inputs, Budget], T], plan: Plan, inputs: Inputs, steps: int
) -> T:
    """Return the result of a function of the interpreter.

    An order that needs more than every order may take has a result that says so. Raise HeavyOrderError
    when it needs more than `steps`, and these are fewer.
    """
    budget = Budget(steps)
    result = function(plan, inputs, budget)
    if budget.remaining < 0 and steps < STEPS_PER_ORDER:
        raise HeavyOrderError(f"the order needs more than {steps:,} steps")
    return result


class Evaluator(Protocol):
    """Answers questions about orders."""

    async def evaluate(self, question: Question[T], plan: Plan, inputs: Inputs) -> T:
        """Return the answer. Raise HeavyOrderError for an order that takes more time or memory than it may."""
        ...

    async def work(self, tenant: str, function: Callable[..., T], *arguments: object) -> T:
        """Return the result of a function of a module that takes long, beside the event loop.

        Raise LimitError when it takes more time or memory than it may.
        """
        ...


class DirectEvaluator:
    """Answers at once."""

    async def evaluate(self, question: Question[T], plan: Plan, inputs: Inputs) -> T:
        """Return the answer."""
        return question(plan, inputs, STEPS_PER_ORDER)

    async def work(self, _tenant: str, function: Callable[..., T], *arguments: object) -> T:
        """Return the result of a function that takes long, called on a thread."""
        return await asyncio.to_thread(function, *arguments)


DIRECT: Evaluator = DirectEvaluator()
