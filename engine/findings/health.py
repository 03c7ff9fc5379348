"""What a check comes to. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HealthStatus(StrEnum):
    """Warnings and what was skipped do no harm yet; what failed does."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What was found out, in words for people, and what to do about it."""

    verdict: HealthStatus
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A check that was carried out, or skipped for a reason that `words` give."""

    name: str
    verdict: HealthStatus
    words: str
    hint: str = ""


def ok(words: str) -> CheckResult:
    """All is well."""
    return CheckResult(HealthStatus.OK, words)


def warning(words: str, hint: str = "") -> CheckResult:
    """It works, and may not for long."""
    return CheckResult(HealthStatus.WARNING, words, hint)


def failed(words: str, hint: str = "") -> CheckResult:
    """It does not work."""
    return CheckResult(HealthStatus.FAILED, words, hint)


def skipped(words: str, hint: str = "") -> CheckResult:
    """It was not looked at, or nobody tells."""
    return CheckResult(HealthStatus.SKIPPED, words, hint)
