"""The service's end: told by a signal, within a deadline, and at once by a second one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(slots=True)
class Shutdown:
    """Told to stop, it tells everyone in `tell`, once; all of it has `seconds` from then on."""

    seconds: float
    tell: list[Callable[[], object]] = field(default_factory=list)
    _end: float | None = None

    @property
    def is_told(self) -> bool:
        """Whether it was told to stop."""
        return self._end is not None

    def listen(self) -> None:
        """Hear SIGTERM and SIGINT; must be called on the event loop of the main thread."""
        for one in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(one, self.told)

    def told(self) -> None:
        """Stop; from here on a signal ends the process as it would end any."""
        loop = asyncio.get_running_loop()
        self._end = loop.time() + self.seconds
        for one in _SIGNALS:
            loop.remove_signal_handler(one)
            signal.signal(one, signal.SIG_DFL)
        for tell in self.tell:
            tell()

    async def ended(self, task: asyncio.Task[None]) -> None:
        """A task that is told to end has ended by itself, or what it waits for is given up.

        A delivery that is given up stays begun in the journal: who serves it next takes it over,
        and looks before it writes.
        """
        if not self.is_told:  # a second time would end what the first one only asked to end
            task.cancel()
        await asyncio.wait([task], timeout=self._left())
        task.cancel()
        await asyncio.wait([task])  # how it ended is told by whoever watches it

    def _left(self) -> float:
        """Seconds until all has to have ended."""
        if self._end is None:
            return self.seconds
        return max(0.0, self._end - asyncio.get_running_loop().time())
