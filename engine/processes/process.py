"""One process that works for this one, with limits."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field

from .frames import LENGTH_BYTES, pack_frame
from .limits import ProcessLimits

_WORKER = f"{__package__}.worker"
# Bytes of a message beside the pickled result.
_HEAD_BYTES = 1 << 16


class ProcessEnded(Exception):  # noqa: N818 - an event, which the pool turns into an error
    """The process ended before it answered; `number` is the signal that ended it, or None."""

    def __init__(self, number: int | None) -> None:
        super().__init__(f"ended by {number}")
        self.number = number


@dataclass(slots=True, eq=False)
class WorkProcess:
    """A process, and the keys of what it keeps, the least recently used first."""

    limits: ProcessLimits
    _process: Process
    kept: dict[object, None] = field(default_factory=dict)
    memory: int = 0

    @classmethod
    async def start(cls, limits: ProcessLimits) -> WorkProcess:
        """Start a process in a group of its own: Ctrl-C is for this process alone. Raise OSError."""
        # -P: a folder named engine in the current folder must not be imported.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            _WORKER,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            process_group=0,
        )
        started = cls(limits, process)
        assert process.stdin is not None
        process.stdin.write(pack_frame(limits))
        return started

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.returncode is None

    async def exchange(self, request: bytes) -> bytes:
        """Send a message and return the pickle of the answer.

        Raise ProcessEnded, and TimeoutError after the seconds of the limits.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            async with asyncio.timeout(self.limits.seconds):
                stdin.write(request)
                await stdin.drain()
                length = int.from_bytes(await stdout.readexactly(LENGTH_BYTES), "big")
                if length > self.limits.answer + _HEAD_BYTES:
                    raise ProcessEnded(None)
                return await stdout.readexactly(length)
        except TimeoutError:
            raise
        except (asyncio.IncompleteReadError, OSError) as error:
            raise ProcessEnded(await self._wait_for_signal()) from error

    async def _wait_for_signal(self) -> int | None:
        code = await self._process.wait()
        return -code if code < 0 else None

    def kill(self) -> None:
        """End the process now: it holds nothing that could be lost."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """End the process and wait until it has ended."""
        self.kill()
        await self._process.wait()


def is_cpu_limit(number: int | None) -> bool:
    """Whether a signal says that the processor time is used up."""
    return number == signal.SIGXCPU


def describe_signal(number: int | None) -> str:
    """Return what ended a process, in words."""
    if number is None:
        return "ended"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(number).name}"
    return f"was ended by signal {number}"
