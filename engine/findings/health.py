"""What a check comes to. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Warnings and what was skipped do no harm yet; what failed does."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Said:
    """What was found out, in words for people, and what to do about it."""

    verdict: Verdict
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A check that was carried out, or skipped for a reason that `words` give."""

    name: str
    verdict: Verdict
    words: str
    hint: str = ""


def ok(words: str) -> Said:
    """All is well."""
    return Said(Verdict.OK, words)


def warning(words: str, hint: str = "") -> Said:
    """It works, and may not for long."""
    return Said(Verdict.WARNING, words, hint)


def failed(words: str, hint: str = "") -> Said:
    """It does not work."""
    return Said(Verdict.FAILED, words, hint)


def skipped(words: str, hint: str = "") -> Said:
    """It was not looked at, or nobody tells."""
    return Said(Verdict.SKIPPED, words, hint)
