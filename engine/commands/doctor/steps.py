"""Runs the steps of a check concurrently, each within a deadline, and yields the results in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from ...findings.errors import (
    AddressError,
    CredentialError,
    ExpressionError,
    FindingsError,
    LedgerError,
    NoAnswerError,
    ShopError,
)
from ...findings.health import CheckResult, HealthCheck, HealthStatus, failed, skipped

_AT_ONCE = 4
_BLOCKING = (HealthStatus.FAILED, HealthStatus.SKIPPED)
# Errors of systems and their clients; their messages hold no secret and no customer data.
EXPECTED_ERRORS = (
    AddressError,
    CredentialError,
    ExpressionError,
    FindingsError,
    LedgerError,
    ShopError,
    NoAnswerError,
)


@dataclass(frozen=True, slots=True)
class CheckStep:
    """A check to run; `needs` are the names of earlier steps that must succeed."""

    name: str
    action: Callable[[], Awaitable[CheckResult]]
    needs: tuple[str, ...] = ()


async def run_steps(
    steps: Sequence[CheckStep], *, deadline: float
) -> AsyncGenerator[HealthCheck, None]:
    """Run the steps and yield their checks in order; `deadline` is in seconds, for one step.

    Names are unique. Closing the generator cancels the steps that still run.
    """
    slots = asyncio.Semaphore(_AT_ONCE)
    tasks: dict[str, asyncio.Task[HealthCheck]] = {}
    for step in steps:
        before = [tasks[name] for name in step.needs]
        tasks[step.name] = asyncio.create_task(_run_step(step, before, slots, deadline))
    try:
        for task in tasks.values():
            yield await task
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


async def run_within(action: Callable[[], Awaitable[CheckResult]], deadline: float) -> CheckResult:
    """Run an action and return its result; an expected error or a timeout is a failed check."""
    try:
        async with asyncio.timeout(deadline):
            return await action()
    except TimeoutError:
        return failed(
            f"no complete answer within {deadline:g} s", "try again; then ask the system's operator"
        )
    except EXPECTED_ERRORS as error:
        return failed(*_words(error))


def as_health_check(name: str, result: CheckResult) -> HealthCheck:
    """Return a result as a named check."""
    return HealthCheck(name=name, verdict=result.verdict, words=result.words, hint=result.hint)


async def _run_step(
    step: CheckStep,
    before: Sequence[asyncio.Task[HealthCheck]],
    slots: asyncio.Semaphore,
    deadline: float,
) -> HealthCheck:
    for task in before:
        check = await task
        if check.verdict in _BLOCKING:
            return as_health_check(step.name, skipped(f"skipped: needs {check.name}"))
    async with slots:
        return as_health_check(step.name, await run_within(step.action, deadline))


def _words(error: Exception) -> tuple[str, str]:
    """Return the message and hint of an error; of several findings, those of the first."""
    if isinstance(error, FindingsError) and error.findings:
        first = error.findings[0]
        return first.message, first.hint or ""
    if isinstance(error, ExpressionError):
        return error.message, error.hint or ""
    return str(error), ""
