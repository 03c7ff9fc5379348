"""Work without processes and without limits: on threads of this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from .pool import Kept, ProcessPool

T = TypeVar("T")


class Work(Protocol):
    """Calls functions of modules for their owners."""

    async def call(
        self,
        owner: str,
        function: Callable[..., T],
        *arguments: object,
        cpu_seconds: int | None = None,
    ) -> T:
        """Return the result. Raise LimitError and WorkerError."""
        ...

    async def close(self) -> None:
        """End all work."""
        ...


class LocalWork:
    """For tenants that trust each other on a small machine: a heavy order delays the answers of others."""

    async def call(
        self,
        owner: str,  # noqa: ARG002 - as Work has it
        function: Callable[..., T],
        *arguments: object,
        cpu_seconds: int | None = None,  # noqa: ARG002 - as Work has it
    ) -> T:
        """Return the result of a function, called on a thread."""
        given = (each.value if isinstance(each, Kept) else each for each in arguments)
        return await asyncio.to_thread(function, *given)

    async def close(self) -> None:
        """Do nothing: threads cannot be ended."""


def open_work(processes: int) -> Work:
    """Return work in at most so many processes, or on threads for 0."""
    return ProcessPool(processes) if processes else LocalWork()
