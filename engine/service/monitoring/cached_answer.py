"""A cached answer, shared by all callers that request it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class CachedAnswer(Generic[T]):
    """Caches the result of `ask` for `seconds`; an error is not cached."""

    ask: Callable[[], Awaitable[T]]
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _until: float = float("-inf")
    _value: list[T] = field(default_factory=list)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self) -> T:
        """Return the answer; callers that come while it is computed wait for it."""
        async with self._asking:
            if self.clock() >= self._until:
                self._value = [await self.ask()]
                self._until = self.clock() + self.seconds
            return self._value[0]
