"""Steps carried out: what depends on nothing at once, each within a deadline, told in order."""

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
# What systems and their clients say no with; their words hold no secret and no customer's data.
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
    """A check to carry out; `needs` are names of steps before it that have to succeed."""

    name: str
    action: Callable[[], Awaitable[CheckResult]]
    needs: tuple[str, ...] = ()


async def run_steps(
    steps: Sequence[CheckStep], *, deadline: float
) -> AsyncGenerator[HealthCheck, None]:
    """The check of each step, in the order of the steps; `deadline` is in seconds, for one step.

    Names are unique. Whoever stops listening ends what is still under way.
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
    """What a question comes to; what systems do is a failure, and so is that they take too long."""
    try:
        async with asyncio.timeout(deadline):
            return await action()
    except TimeoutError:
        return failed(f"no whole answer within {deadline:g} s", "try again; else ask its operator")
    except EXPECTED_ERRORS as error:
        return failed(*_words(error))


def as_health_check(name: str, result: CheckResult) -> HealthCheck:
    """What was said, as a check."""
    return HealthCheck(name, result.verdict, result.words, result.hint)


async def _run_step(
    step: CheckStep,
    before: Sequence[asyncio.Task[HealthCheck]],
    slots: asyncio.Semaphore,
    deadline: float,
) -> HealthCheck:
    for task in before:
        check = await task
        if check.verdict in _BLOCKING:
            return as_health_check(step.name, skipped(f"not tried without {check.name}"))
    async with slots:
        return as_health_check(step.name, await run_within(step.action, deadline))


def _words(error: Exception) -> tuple[str, str]:
    """The words of an error and its hint; of findings the first one's."""
    if isinstance(error, FindingsError) and error.findings:
        first = error.findings[0]
        return first.message, first.hint or ""
    if isinstance(error, ExpressionError):
        return error.message, error.hint or ""
    return str(error), ""
