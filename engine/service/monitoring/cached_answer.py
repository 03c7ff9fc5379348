"""An answer that is asked for often and made seldom, once for all who ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class CachedAnswer(Generic[T]):
    """What `ask` gives, for so many seconds; what it raises is not remembered."""

    ask: Callable[[], Awaitable[T]]
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _until: float = float("-inf")
    _value: list[T] = field(default_factory=list)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self) -> T:
        """The answer; whoever comes while it is made waits for it."""
        async with self._asking:
            if self.clock() >= self._until:
                self._value = [await self.ask()]
                self._until = self.clock() + self.seconds
            return self._value[0]
