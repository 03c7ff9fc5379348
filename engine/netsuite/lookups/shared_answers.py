"""A cache of answers that many orders share; each answer is fetched once at a time.

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
# Whether an answer of this age, in seconds, is still valid.
IsFresh = Callable[[V, float], bool]


class SharedAnswers(Generic[K, V]):
    """A bounded cache of answers, and the fetches in progress."""

    def __init__(self, clock: Callable[[], float], entries: int) -> None:
        self._clock = clock
        self._entries = entries
        self._cached: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._pending: dict[K, asyncio.Task[Mapping[K, V]]] = {}
        self._tasks: set[asyncio.Task[Mapping[K, V]]] = set()

    async def get(
        self, keys: Sequence[K], fetch: Fetch[K, V], *, batch_size: int, is_fresh: IsFresh[V]
    ) -> dict[K, V]:
        """Return the answer for each key: cached, already being fetched, or fetched now.

        `fetch` receives at most `batch_size` keys and returns an answer for each. What it raises is
        raised here, in all callers that wait, and not cached. A cancelled caller does not cancel a fetch
        that others wait for.
        """
        found: dict[K, V] = {}
        waiting: dict[K, asyncio.Task[Mapping[K, V]]] = {}
        missing: list[K] = []
        for key in dict.fromkeys(keys):
            cached = self._cached.get(key)
            if cached is not None and is_fresh(cached[1], self._clock() - cached[0]):
                self._cached.move_to_end(key)
                found[key] = cached[1]
            elif key in self._pending:
                waiting[key] = self._pending[key]
            else:
                missing.append(key)
        for start in range(0, len(missing), batch_size):
            batch = missing[start : start + batch_size]
            waiting |= dict.fromkeys(batch, self._start(batch, fetch))
        if waiting:
            await asyncio.wait(set(waiting.values()))
        return found | {key: task.result()[key] for key, task in waiting.items()}

    def forget(self, keys: Iterable[K], is_stale: Callable[[V], bool]) -> None:
        """Drop the stale ones of these answers; answers being fetched are returned, but not cached."""
        for key in keys:
            self._pending.pop(key, None)
            cached = self._cached.get(key)
            if cached is not None and is_stale(cached[1]):
                del self._cached[key]

    def known_keys(self) -> tuple[K, ...]:
        """Return the keys that are cached or being fetched."""
        return tuple({**self._cached, **self._pending})

    async def close(self) -> None:
        """Cancel the fetches in progress, and the callers that wait for them."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, batch: Sequence[K], fetch: Fetch[K, V]) -> asyncio.Task[Mapping[K, V]]:
        task = asyncio.create_task(self._run(batch, fetch))
        self._tasks.add(task)
        task.add_done_callback(self._discard)
        self._pending |= dict.fromkeys(batch, task)
        return task

    async def _run(self, batch: Sequence[K], fetch: Fetch[K, V]) -> Mapping[K, V]:
        since = self._clock()
        task = asyncio.current_task()
        try:
            answers = await fetch(batch)
            for key in batch:
                if self._pending.get(key) is task:
                    self._store(key, since, answers[key])
            return answers
        finally:
            for key in batch:
                if self._pending.get(key) is task:
                    del self._pending[key]

    def _store(self, key: K, since: float, answer: V) -> None:
        self._cached[key] = (since, answer)
        self._cached.move_to_end(key)
        if len(self._cached) > self._entries:
            self._cached.popitem(last=False)

    def _discard(self, task: asyncio.Task[Mapping[K, V]]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # raised in the callers that wait; without one, it is dropped
