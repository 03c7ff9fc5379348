"""The results of health checks. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HealthStatus(StrEnum):
    """The result of a check; only `failed` means that something does not work."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check, in words for people, and what to do about it."""

    verdict: HealthStatus
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A named check and its result; `words` give the reason of a skipped check."""

    name: str
    verdict: HealthStatus
    words: str
    hint: str = ""


def ok(words: str) -> CheckResult:
    """Return the result of a check that passed."""
    return CheckResult(HealthStatus.OK, words)


def warning(words: str, hint: str = "") -> CheckResult:
    """Return the result of a check that passed, with a problem to expect."""
    return CheckResult(HealthStatus.WARNING, words, hint)


def failed(words: str, hint: str = "") -> CheckResult:
    """Return the result of a check that failed."""
    return CheckResult(HealthStatus.FAILED, words, hint)


def skipped(words: str, hint: str = "") -> CheckResult:
    """Return the result of a check that was not carried out, or gave no result."""
    return CheckResult(HealthStatus.SKIPPED, words, hint)
