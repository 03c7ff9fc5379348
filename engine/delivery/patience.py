"""Attempts, one after another, as the mapping's retry rules let wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..plan import Plan
from .attempt import Past, attempt
from .states import Delivery, State
from .systems import Systems


@dataclass(frozen=True, slots=True)
class Time:
    """How time passes: `now` in seconds and never back, `sleep` for so many of them.

    `patience` are the seconds from the first attempt within which it is tried again.
    """

    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    patience: float


async def deliver(
    plan: Plan,
    event: object,
    systems: Systems,
    time: Time,
    *,
    told: Callable[[Delivery], None] = lambda _: None,
) -> Delivery:
    """Deliver an event; while it waits, try again as long as `time` has patience.

    `told` hears of every attempt that ends in waiting.
    """
    start = time.now()
    result = await attempt(plan, event, systems)
    while result.state is State.WAITING and result.wait is not None:
        told(result)
        waited = time.now() - start
        if waited + result.wait > time.patience:
            return result
        await time.sleep(result.wait)
        past = Past(result.attempts, time.now() - start, result.is_unsure)
        result = await attempt(plan, event, systems, past)
    return result
