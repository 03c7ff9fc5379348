"""Work on batches of orders in several processes, with the results in order.

The settings of the work say what is done: a worker loads them, and calls the function that they return.

A worker runs the module `worker_process` with a socket as its standard input, and ends when the
socket is closed, however this process ends. It has a process group of its own: Ctrl-C reaches only
this process, which then stops the workers. Few batches are in progress at a time: a slow consumer
slows the work and does not fill the memory.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, TypeVar

from ..findings.errors import WorkerError
from .batch import Batch

# One batch in work and one that follows at once.
_BATCHES_PER_WORKER = 2
# Finished batches may wait for an earlier one that takes longer.
_IN_PROGRESS_PER_WORKER = 3

_WORKER = f"{__package__}.worker_process"
# Starting the worker processes takes as long as rendering a thousand orders.
_SINGLE_PROCESS_SECONDS = 1.0

Result = TypeVar("Result")
Loaded_co = TypeVar("Loaded_co", covariant=True)


class WorkSettings(Protocol[Loaded_co]):
    """The data from which another process loads the same work; it can be pickled."""

    def load(self) -> Callable[[Sequence[str]], Loaded_co]:
        """Return the function that works on the names of a batch. Raise WorkerError."""
        ...


@dataclass(frozen=True, slots=True)
class BatchProcess:
    """A process, the connection to it, and the numbers of its unfinished batches."""

    process: subprocess.Popen[bytes]
    connection: Connection[Any, Any]
    assigned: deque[int] = field(default_factory=deque)


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_batches(
    work: Callable[[Sequence[str]], Result],
    settings: WorkSettings[Result],
    batches: Iterator[Batch],
    jobs: int | None,
) -> Generator[tuple[Batch, Result], None, None]:
    """Yield each batch with its result, in order. Raise WorkerError if a worker is lost.

    This process does the `work` alone for a second; `jobs` processes, by default one for each core, load
    it from the `settings` for the rest.
    """
    processes = count_cores() if jobs is None else jobs
    single_until = time.monotonic() + (_SINGLE_PROCESS_SECONDS if jobs is None else 0)
    while processes == 1 or time.monotonic() < single_until:
        batch = next(batches, None)
        if batch is None:
            return
        yield batch, work(batch.names)
    yield from run_with_workers(settings, batches, processes)


def run_with_workers(
    settings: WorkSettings[Result], batches: Iterator[Batch], max_workers: int
) -> Iterator[tuple[Batch, Result]]:
    """Yield each batch with its result, in order. Raise WorkerError if a worker is lost.

    At most a few batches for each worker are taken ahead. A caller that stops early closes the
    iterator.
    """
    workers: list[BatchProcess] = []
    in_progress: deque[Batch] = deque()
    finished: dict[int, Result] = {}
    number, more = 0, True
    try:
        while more or in_progress:
            max_batches = max_workers * _IN_PROGRESS_PER_WORKER
            while (
                more
                and len(in_progress) < max_batches
                and (worker := _find_free_worker(settings, workers, max_workers))
            ):
                batch = next(batches, None)
                if batch is None:
                    more = False
                else:
                    _assign_batch(worker, number + len(in_progress), batch)
                    in_progress.append(batch)
            if in_progress and number not in finished:
                finished.update(_receive_finished(workers))
            elif in_progress:
                yield in_progress.popleft(), finished.pop(number)
                number += 1
    finally:
        _stop_workers(workers)


def _find_free_worker(
    settings: WorkSettings[Any], workers: list[BatchProcess], max_workers: int
) -> BatchProcess | None:
    """Return the least busy worker, or a new one if there may be more; None if all are busy."""
    idle = min(workers, key=lambda worker: len(worker.assigned), default=None)
    if (idle is None or idle.assigned) and len(workers) < max_workers:
        return _start_worker(settings, workers)
    return idle if idle is not None and len(idle.assigned) < _BATCHES_PER_WORKER else None


def _start_worker(settings: WorkSettings[Any], workers: list[BatchProcess]) -> BatchProcess:
    ours, theirs = Pipe()
    with theirs:
        # -P: a folder named engine in the current folder must not be imported.
        process = subprocess.Popen(  # noqa: S603 - this Python and a module of this program
            [sys.executable, "-P", "-m", _WORKER],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            process_group=0,
        )
    worker = BatchProcess(process, ours)
    workers.append(worker)
    _send(worker, settings)
    return worker


def _assign_batch(worker: BatchProcess, number: int, batch: Batch) -> None:
    worker.assigned.append(number)
    _send(worker, batch.names)


def _send(worker: BatchProcess, message: object) -> None:
    try:
        worker.connection.send(message)
    except OSError as error:
        raise _lost_worker_error(worker) from error


def _receive_finished(workers: list[BatchProcess]) -> Iterator[tuple[int, Any]]:
    """Wait for at least one finished batch; yield all finished ones."""
    busy: dict[object, BatchProcess] = {
        worker.connection: worker for worker in workers if worker.assigned
    }
    for connection in wait([worker.connection for worker in busy.values()]):
        worker = busy[connection]
        try:
            finished = worker.connection.recv()
        except (EOFError, OSError) as error:
            raise _lost_worker_error(worker) from error
        yield worker.assigned.popleft(), finished


def _lost_worker_error(worker: BatchProcess) -> WorkerError:
    """Return the error for a worker that ended and closed its connection."""
    code = worker.process.wait()
    try:
        end = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    except ValueError:
        end = f"was killed by signal {-code}"
    return WorkerError(f"a worker process {end} before its orders were rendered; try --jobs 1")


def _stop_workers(workers: list[BatchProcess]) -> None:
    """Kill all workers: they hold no data that could be lost."""
    for worker in workers:
        worker.connection.close()
        worker.process.kill()
    for worker in workers:
        worker.process.wait()
