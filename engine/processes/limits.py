"""The limits of work in another process, which the process sets for itself before it begins."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """The most that one piece of work may take.

    `cpu_seconds` are seconds of processor time, `seconds` those of the clock, `memory` the bytes of the
    process, and `answer` the bytes of the result.
    """

    cpu_seconds: int = 20
    seconds: float = 60.0
    memory: int = 256 * MEGABYTE
    answer: int = 32 * MEGABYTE


def limit_memory(limits: ProcessLimits) -> None:
    """Limit the memory of this process, and make no core files of it: they would hold orders.

    What is mapped from files does not count. macOS does not enforce the limit.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))


def limit_cpu(seconds: int) -> None:
    """Limit the processor time of the work that begins now; the system ends the process at the limit."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def measure_memory() -> int:
    """Return the memory that this process has now, in bytes; 0 where the system does not say it."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()
