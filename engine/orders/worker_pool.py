"""Batches rendered by several processes, given back in their order.

A worker is the module `worker_process` run by a Python of its own, with a socket for
its standard input. It ends when the socket does: however this process ends,
none is left. It stands in a process group of its own, so that Ctrl-C reaches
this process alone, which then ends the workers. Few batches are under way at
a time: who takes the results slowly makes the work slow, not the memory large.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from ..findings.errors import WorkerError
from .batch import Batch, BatchSettings, FinishedBatch

# One in work and one to go on with at once.
_AT_A_WORKER = 2
# Finished ones may wait for an earlier one that takes longer.
_UNDER_WAY = 3

_WORKER = f"{__package__}.worker_process"


@dataclass(frozen=True, slots=True)
class RenderProcess:
    """A process, the line to it, and the numbers of the batches it has not given back."""

    process: subprocess.Popen[bytes]
    line: Connection[Any, Any]
    given: deque[int] = field(default_factory=deque)


def render_with_workers(
    recipe: BatchSettings, batches: Iterator[Batch], most: int
) -> Iterator[tuple[Batch, FinishedBatch]]:
    """Each batch with what it came to, in their order. Raise WorkerError when a worker is lost.

    No more batches are taken than a few for each worker; whoever stops early closes the iterator.
    """
    workers: list[RenderProcess] = []
    under_way: deque[Batch] = deque()
    finished: dict[int, FinishedBatch] = {}
    number, more = 0, True
    try:
        while more or under_way:
            room = most * _UNDER_WAY
            while more and len(under_way) < room and (worker := _free_one(recipe, workers, most)):
                batch = next(batches, None)
                if batch is None:
                    more = False
                else:
                    _give(worker, number + len(under_way), batch)
                    under_way.append(batch)
            if under_way and number not in finished:
                finished.update(_received(workers))
            elif under_way:
                yield under_way.popleft(), finished.pop(number)
                number += 1
    finally:
        _dismiss(workers)


def _free_one(
    recipe: BatchSettings, workers: list[RenderProcess], most: int
) -> RenderProcess | None:
    """The worker with the least to do, a new one while there may be more; None if all have enough."""
    idle = min(workers, key=lambda worker: len(worker.given), default=None)
    if (idle is None or idle.given) and len(workers) < most:
        return _hire(recipe, workers)
    return idle if idle is not None and len(idle.given) < _AT_A_WORKER else None


def _hire(recipe: BatchSettings, workers: list[RenderProcess]) -> RenderProcess:
    ours, theirs = Pipe()
    with theirs:
        # -P: a folder named engine where the user stands is none of ours.
        process = subprocess.Popen(  # noqa: S603 - this Python and a module of ours
            [sys.executable, "-P", "-m", _WORKER],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            process_group=0,
        )
    worker = RenderProcess(process, ours)
    workers.append(worker)
    _send(worker, recipe)
    return worker


def _give(worker: RenderProcess, number: int, batch: Batch) -> None:
    worker.given.append(number)
    _send(worker, batch.names)


def _send(worker: RenderProcess, what: object) -> None:
    try:
        worker.line.send(what)
    except OSError as error:
        raise _lost(worker) from error


def _received(workers: list[RenderProcess]) -> Iterator[tuple[int, FinishedBatch]]:
    """What workers have finished, at least one; waits for it."""
    busy: dict[object, RenderProcess] = {worker.line: worker for worker in workers if worker.given}
    for line in wait([worker.line for worker in busy.values()]):
        worker = busy[line]
        try:
            finished = worker.line.recv()
        except (EOFError, OSError) as error:
            raise _lost(worker) from error
        yield worker.given.popleft(), finished


def _lost(worker: RenderProcess) -> WorkerError:
    """What to say of a worker whose line is closed: it has ended."""
    code = worker.process.wait()
    try:
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    except ValueError:
        how = f"was killed by signal {-code}"
    return WorkerError(f"a worker process {how} before its orders were done; --jobs 1 needs none")


def _dismiss(workers: list[RenderProcess]) -> None:
    """End all workers, whatever they are at: they keep nothing that could be lost."""
    for worker in workers:
        worker.line.close()
        worker.process.kill()
    for worker in workers:
        worker.process.wait()
