"""Repeats attempts at an event, with the waits of the mapping's retry rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ..mapping.plan import Plan
from .attempt import attempt
from .history import AttemptHistory, is_pinned, ways_of
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

    What stands is not written again. A pinned delivery is repeated with its inputs, so that the same
    record is looked up.
    """
    now, start = now_and_start
    inputs, ways = before.inputs, dict[str, str]()
    if result.prepared is not None:
        inputs, ways = result.prepared.inputs, ways_of(result.prepared.outcome.payloads)
    standing = {record.name: record for record in result.posted}
    # Without payloads the attempt wrote nothing: the delivery stays pinned as it was.
    pinned = is_pinned(ways, result.doubts, standing) if ways else before.inputs is not None
    return AttemptHistory(
        attempts=result.attempts,
        waited=now - start,
        by_rule={rule: (times, now - first) for rule, (times, first) in by_rule.items()},
        doubts=result.doubts,
        inputs=inputs if pinned else None,
        written=standing,
    )
