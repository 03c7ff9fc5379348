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
    history = AttemptHistory()
    result = await attempt(plan, event, systems, history)
    while result.state is AttemptState.WAITING and result.wait is not None:
        now, rule = time.now(), result.reason or ""
        if now - start + result.wait > time.patience:
            return result
        on_wait(result)
        times, first = by_rule.get(rule, (0, now))
        by_rule[rule] = (times + 1, first)
        await time.sleep(result.wait)
        history = _build_history(result, history, by_rule, (time.now(), start))
        result = await attempt(plan, event, systems, history)
    return result


def _build_history(
    result: Delivery,
    before: AttemptHistory,
    by_rule: Mapping[str, tuple[int, float]],
    now_and_start: tuple[float, float],
) -> AttemptHistory:
    """Return the history for the next attempt; `by_rule` has each rule's waits and when they began.

    An unsure attempt is repeated with its inputs, so that the record that it may have written is found.
    What is certainly written is not written again.
    """
    now, start = now_and_start
    inputs = before.inputs if result.prepared is None else result.prepared.inputs
    return AttemptHistory(
        attempts=result.attempts,
        waited=now - start,
        is_unsure=result.is_unsure,
        by_rule={rule: (times, now - first) for rule, (times, first) in by_rule.items()},
        inputs=inputs if result.is_unsure else None,
        written={record.name: record for record in result.posted},
    )
