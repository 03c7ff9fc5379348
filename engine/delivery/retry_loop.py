"""Repeats attempts at an event, with the waits of the mapping's retry rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ..mapping.plan import Plan
from .attempt import AttemptHistory, attempt
from .results import AttemptState, Delivery
from .systems import Systems


@dataclass(frozen=True, slots=True)
class RetryClock:
    """A monotonic clock and a sleep, both in seconds.

    `patience` is the seconds from the first attempt within which another attempt may start.
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
    on_wait: Callable[[Delivery], None] = lambda _: None,
) -> Delivery:
    """Deliver an event; while it waits, try again within the patience of `time`.

    `on_wait` receives the delivery of every attempt that ends in waiting.
    """
    start = time.now()
    by_rule: dict[str, tuple[int, float]] = {}
    result = await attempt(plan, event, systems)
    while result.state is AttemptState.WAITING and result.wait is not None:
        now, rule = time.now(), result.reason or ""
        if now - start + result.wait > time.patience:
            return result
        on_wait(result)
        times, first = by_rule.get(rule, (0, now))
        by_rule[rule] = (times + 1, first)
        await time.sleep(result.wait)
        result = await attempt(
            plan, event, systems, _build_history(result, by_rule, time.now(), start)
        )
    return result


def _build_history(
    result: Delivery, by_rule: Mapping[str, tuple[int, float]], now: float, start: float
) -> AttemptHistory:
    """Return the history for the next attempt; `by_rule` has each rule's waits and when they began."""
    waited = {rule: (times, now - first) for rule, (times, first) in by_rule.items()}
    return AttemptHistory(
        attempts=result.attempts,
        waited=now - start,
        is_unsure=result.is_unsure,
        by_rule=waited,
    )
