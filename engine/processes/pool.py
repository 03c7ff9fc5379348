"""A few processes with limits, shared fairly by their owners."""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from ..findings.errors import LimitError, WorkerError
from .frames import Failure, KeptKey, Request, Result, pack_frame
from .limits import MEGABYTE, ProcessLimits
from .process import ProcessEnded, WorkProcess, describe_signal, is_cpu_limit
from .turns import FairTurns

T = TypeVar("T")

# A process that had nothing to do for this long is ended.
_IDLE_SECONDS = 60.0
_UNKNOWN = object()
# What one process keeps of arguments that come again.
_MAX_KEPT = 8
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """An argument that comes again: it is sent to a process once, which keeps it under its key."""

    key: Hashable
    value: object


class ProcessPool:
    """At most `most` processes; one owner's calls hold at most half of them, and at least one.

    For one event loop.
    """

    def __init__(self, most: int = 2, limits: ProcessLimits | None = None) -> None:
        self._limits = limits or ProcessLimits()
        self._turns = FairTurns(most, max(1, most // 2))
        self._idle: list[WorkProcess] = []
        self._busy: set[WorkProcess] = set()
        self._pickles: dict[Hashable, bytes] = {}
        self._is_closed = False
        self._timers: dict[WorkProcess, asyncio.TimerHandle] = {}

    async def call(
        self,
        owner: str,
        function: Callable[..., T],
        *arguments: object,
        cpu_seconds: int | None = None,
    ) -> T:
        """Call a function of a module in a process, and return its result.

        A cancelled call ends its process. Raise LimitError when it takes more than the limits allow, and
        WorkerError when it fails or its process is ended by others twice.
        """
        cpu = cpu_seconds or self._limits.cpu_seconds
        async with self._turns.turn(owner):
            try:
                result: T = await self._call(function, arguments, cpu)
            except ProcessEnded as error:
                words = describe_signal(error.number)
                _log.warning("a worker process %s, and its work is repeated", words)
            else:
                return result
            try:
                result = await self._call(function, arguments, cpu)
            except ProcessEnded as error:
                words = f"its worker process {describe_signal(error.number)}, twice"
                raise WorkerError(words) from error
            return result

    async def close(self) -> None:
        """End all processes, also those that work: their calls raise WorkerError."""
        self._is_closed = True
        for timer in self._timers.values():
            timer.cancel()
        await asyncio.gather(*(process.end() for process in (*self._idle, *self._busy)))
        self._idle.clear()

    async def _call(
        self, function: Callable[..., Any], arguments: tuple[object, ...], cpu: int
    ) -> Any:
        """Call a function in an idle process or a new one. Raise ProcessEnded for one that was ended."""
        process = await self._take()
        is_fit = False
        try:
            request = self._build_request(process, function, arguments, cpu)
            answer = pickle.loads(await process.exchange(request))  # noqa: S301 - of this program
            is_fit = isinstance(answer, Result) and answer.memory < self._limits.memory // 2
        except TimeoutError as error:
            raise LimitError(f"it took more than {self._limits.seconds:g} s") from error
        except ProcessEnded as error:
            if is_cpu_limit(error.number):
                raise LimitError(f"it took more than {cpu} s of processor time") from error
            raise
        finally:
            self._busy.discard(process)
            if is_fit:
                self._put_back(process)
            else:
                await process.end()
        return await self._open_answer(answer)

    async def _open_answer(self, answer: Result | Failure) -> Any:
        if isinstance(answer, Failure):
            if answer.is_memory:
                megabytes = self._limits.memory // MEGABYTE
                raise LimitError(f"it needed more than {megabytes} MB of memory")
            _log.error("work in a process failed: %s", answer.trace)
            raise WorkerError(f"erpmap failed ({answer.error}); its log says where")
        if len(answer.pickled) < MEGABYTE:
            return pickle.loads(answer.pickled)  # noqa: S301 - written by this program
        return await asyncio.to_thread(pickle.loads, answer.pickled)

    async def _take(self) -> WorkProcess:
        """Take an idle process, the one used last, or start one. Raise WorkerError."""
        while self._idle:
            process = self._idle.pop()
            self._timers.pop(process).cancel()
            if process.is_alive:
                self._busy.add(process)
                return process
        if self._is_closed:
            raise WorkerError("the worker processes were ended")
        try:
            process = await WorkProcess.start(self._limits)
        except OSError as error:
            raise WorkerError(f"no worker process can be started: {error.strerror}") from error
        self._busy.add(process)
        return process

    def _put_back(self, process: WorkProcess) -> None:
        loop = asyncio.get_running_loop()
        self._idle.append(process)
        self._timers[process] = loop.call_later(_IDLE_SECONDS, self._end_idle, process)

    def _end_idle(self, process: WorkProcess) -> None:
        self._idle.remove(process)
        del self._timers[process]
        process.kill()

    def _build_request(
        self,
        process: WorkProcess,
        function: Callable[..., object],
        arguments: tuple[object, ...],
        cpu: int,
    ) -> bytes:
        """Return the message of a call, with what the process does not keep yet."""
        new: list[tuple[object, bytes]] = []
        for kept in (each for each in arguments if isinstance(each, Kept)):
            if process.kept.pop(kept.key, _UNKNOWN) is _UNKNOWN:
                new.append((kept.key, self._pickle(kept)))
            process.kept[kept.key] = None
        dropped = list(process.kept)[: max(0, len(process.kept) - _MAX_KEPT)]
        for key in dropped:
            del process.kept[key]
        given = (KeptKey(each.key) if isinstance(each, Kept) else each for each in arguments)
        return pack_frame(
            Request(
                function=function,
                arguments=tuple(given),
                cpu_seconds=cpu,
                kept=tuple(new),
                dropped=tuple(dropped),
            )
        )

    def _pickle(self, kept: Kept) -> bytes:
        """Return the pickle of an argument that comes again; the last few are remembered."""
        pickled = self._pickles.pop(kept.key, None)
        if pickled is None:
            pickled = pickle.dumps(kept.value, pickle.HIGHEST_PROTOCOL)
        self._pickles[kept.key] = pickled
        for old in list(self._pickles)[: max(0, len(self._pickles) - _MAX_KEPT)]:
            del self._pickles[old]
        return pickled
