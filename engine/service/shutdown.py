"""The end of the service: requested by a signal, bounded by a deadline, immediate at a second signal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(slots=True)
class Shutdown:
    """Calls `callbacks` once when the end is requested; all tasks have `seconds` from then on."""

    seconds: float
    callbacks: list[Callable[[], object]] = field(default_factory=list)
    _deadline: float | None = None

    @property
    def is_requested(self) -> bool:
        """Whether the end was requested."""
        return self._deadline is not None

    def handle_signals(self) -> None:
        """Request the end at SIGTERM and SIGINT; call it on the event loop of the main thread."""
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self.request)

    def request(self) -> None:
        """Request the end; from here on a signal ends the process at once."""
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self.seconds
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        for callback in self.callbacks:
            callback()

    async def finish_task(self, task: asyncio.Task[None]) -> None:
        """Wait until a task has ended, and cancel what it waits for at the deadline.

        A delivery that is cancelled stays running in the journal: the next process takes it over,
        and looks its records up before it writes.
        """
        if (
            not self.is_requested
        ):  # `request` has cancelled it; a second time would cancel its cleanup
            task.cancel()
        await asyncio.wait([task], timeout=self._remaining())
        task.cancel()
        await asyncio.wait([task])  # the observer of the task reports its error

    def _remaining(self) -> float:
        """Seconds until the deadline."""
        if self._deadline is None:
            return self.seconds
        return max(0.0, self._deadline - asyncio.get_running_loop().time())
