"""Attempts, one after another, as the mapping's retry rules let wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ..mapping.plan import Plan
from .attempt import AttemptHistory, attempt
from .results import AttemptState, Delivery
from .systems import Systems


@dataclass(frozen=True, slots=True)
class RetryClock:
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
    time: RetryClock,
    *,
    told: Callable[[Delivery], None] = lambda _: None,
) -> Delivery:
    """Deliver an event; while it waits, try again as long as `time` has patience.

    `told` hears of every attempt that ends in waiting.
    """
    start = time.now()
    under: dict[str, tuple[int, float]] = {}
    result = await attempt(plan, event, systems)
    while result.state is AttemptState.WAITING and result.wait is not None:
        now, rule = time.now(), result.reason or ""
        if now - start + result.wait > time.patience:
            return result
        told(result)
        times, first = under.get(rule, (0, now))
        under[rule] = (times + 1, first)
        await time.sleep(result.wait)
        result = await attempt(
            plan, event, systems, _build_history(result, under, time.now(), start)
        )
    return result


def _build_history(
    result: Delivery, under: Mapping[str, tuple[int, float]], now: float, start: float
) -> AttemptHistory:
    """What the next attempt has to know; `under` has how often each rule let wait, and since when."""
    waited = {rule: (times, now - first) for rule, (times, first) in under.items()}
    return AttemptHistory(result.attempts, now - start, result.is_unsure, waited)
