"""Answers that many orders share: asked for once at a time, and remembered for a while.

For one event loop. The clock is passed in.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Fetch = Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]
# Whether an answer that is so many seconds old is still good.
IsFresh = Callable[[V, float], bool]


class SharedAnswers(Generic[K, V]):
    """A bounded memory of answers, and the questions that are under way."""

    def __init__(self, clock: Callable[[], float], entries: int) -> None:
        self._clock = clock
        self._entries = entries
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._flights: dict[K, asyncio.Task[Mapping[K, V]]] = {}
        self._tasks: set[asyncio.Task[Mapping[K, V]]] = set()

    async def answers(
        self, keys: Sequence[K], ask: Fetch[K, V], *, at_once: int, is_fresh: IsFresh[V]
    ) -> dict[K, V]:
        """The answer for each key: remembered, under way already, or asked for now.

        `ask` is given at most so many keys `at_once` and has to answer each. What it raises is raised
        here, for all who wait, and not remembered. Who is cancelled leaves the others' question alone.
        """
        found: dict[K, V] = {}
        waiting: dict[K, asyncio.Task[Mapping[K, V]]] = {}
        missing: list[K] = []
        for key in dict.fromkeys(keys):
            kept = self._kept.get(key)
            if kept is not None and is_fresh(kept[1], self._clock() - kept[0]):
                self._kept.move_to_end(key)
                found[key] = kept[1]
            elif key in self._flights:
                waiting[key] = self._flights[key]
            else:
                missing.append(key)
        for start in range(0, len(missing), at_once):
            batch = missing[start : start + at_once]
            waiting |= dict.fromkeys(batch, self._start(batch, ask))
        if waiting:
            await asyncio.wait(set(waiting.values()))
        return found | {key: task.result()[key] for key, task in waiting.items()}

    def forget(self, keys: Iterable[K], is_stale: Callable[[V], bool]) -> None:
        """Drop the stale ones of these answers; those under way are used by who waits, not kept."""
        for key in keys:
            self._flights.pop(key, None)
            kept = self._kept.get(key)
            if kept is not None and is_stale(kept[1]):
                del self._kept[key]

    def known(self) -> tuple[K, ...]:
        """The keys that are remembered or under way."""
        return tuple({**self._kept, **self._flights})

    async def close(self) -> None:
        """Give up the questions that are under way: who waits for them is cancelled."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, batch: Sequence[K], ask: Fetch[K, V]) -> asyncio.Task[Mapping[K, V]]:
        task = asyncio.create_task(self._fly(batch, ask))
        self._tasks.add(task)
        task.add_done_callback(self._landed)
        self._flights |= dict.fromkeys(batch, task)
        return task

    async def _fly(self, batch: Sequence[K], ask: Fetch[K, V]) -> Mapping[K, V]:
        since = self._clock()
        task = asyncio.current_task()
        try:
            answers = await ask(batch)
            for key in batch:
                if self._flights.get(key) is task:
                    self._keep(key, since, answers[key])
            return answers
        finally:
            for key in batch:
                if self._flights.get(key) is task:
                    del self._flights[key]

    def _keep(self, key: K, since: float, answer: V) -> None:
        self._kept[key] = (since, answer)
        self._kept.move_to_end(key)
        if len(self._kept) > self._entries:
            self._kept.popitem(last=False)

    def _landed(self, task: asyncio.Task[Mapping[K, V]]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it; when nobody did, it is nobody's
