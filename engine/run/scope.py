"""What the templates of one order can name, and what it has cost so far.

A name whose value could not be had is *failed*: whoever uses it is skipped in
silence, so that each mistake is reported once, at its root, and independent
mistakes are all reported together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeVar

from ..findings.diagnostics import Finding, Place
from ..findings.errors import BudgetError, ErpmapError, ExpressionError, LookupMissingError
from ..language.budget import Budget
from ..language.templates import Scope
from ..mapping.files.nodes import Scalar


class _Failed(Enum):
    FAILED = "failed"


FAILED: Final = _Failed.FAILED
T = TypeVar("T")


class SkippedError(ErpmapError):
    """An expression needs a value that already failed; its finding has been made."""


class ScopeNames(dict[str, object]):
    """Names and their values; to ask for a failed one raises SkippedError."""

    def __getitem__(self, name: str) -> object:
        value = super().__getitem__(name)
        if value is FAILED:
            raise SkippedError(name)
        return value

    def get(self, name: str, default: object = None) -> object:
        """As for any mapping, but a failed name raises SkippedError."""
        try:
            return self[name]
        except KeyError:
            return default

    def known(self, name: str) -> object:
        """The value as it is, FAILED included; None when there is no such name."""
        return super().get(name)

    def and_also(self, more: Mapping[str, object]) -> ScopeNames:
        """These names and more, as for the entry of a loop."""
        return ScopeNames({**self, **more})


@dataclass(slots=True)
class RunFindings:
    """The findings of one order; the same mistake in many entries is one finding."""

    subject: str
    found: dict[tuple[str, str, Place | None], Finding] = field(default_factory=dict)
    repeated: dict[tuple[str, str, Place | None], int] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Keep a finding, or count it when the same one is there already."""
        finding = replace(finding, subject=finding.subject or self.subject)
        key = (finding.code, finding.message, finding.place)
        if key in self.found:
            self.repeated[key] = self.repeated.get(key, 0) + 1
        else:
            self.found[key] = finding

    def add_error(self, error: ExpressionError, at: Scalar, trail: str) -> None:
        """Turn an expression's error into a finding at its place."""
        place = at.place_at(error.offset, error.length)
        missed = error.lookup if isinstance(error, LookupMissingError) else None
        self.add(
            Finding(
                error.code,
                error.message,
                place=place,
                hint=error.hint,
                trail=trail,
                lookup=missed,
            )
        )

    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order they were made."""
        return tuple(self._with_count(key, finding) for key, finding in self.found.items())

    def _with_count(self, key: tuple[str, str, Place | None], finding: Finding) -> Finding:
        more = self.repeated.get(key)
        return replace(finding, trail=f"{finding.trail} and {more:,} more") if more else finding


Lookup = Callable[[str, tuple[object, ...]], object]


@dataclass(slots=True)
class RunContext:
    """One order on its way through a plan: its budget, its trouble, its names and tables.

    `currency` is the order's own, whatever the entry of a loop calls so; `written` counts how often
    each rendered line was put into the payload at hand, by its identity, and `placed` keeps which
    lines each record holds.
    """

    budget: Budget
    trouble: RunFindings
    names: ScopeNames
    lookup: Lookup
    currency: str | None = None
    written: Counter[int] = field(default_factory=Counter)
    placed: dict[str, frozenset[int]] = field(default_factory=dict)

    def inside(self, more: Mapping[str, object]) -> RunContext:
        """The same work with more names, as for the entry of a loop."""
        self.budget.charge(1 + len(more))
        return replace(self, names=self.names.and_also(more))

    def scope(self) -> Scope:
        """What a template sees now."""
        return Scope(self.names, self.lookup, self.currency)

    def attempt(self, step: Callable[[], T], at: Scalar, trail: str) -> T | _Failed:
        """The step's value, or FAILED with the finding kept; a BudgetError ends the order."""
        try:
            return step()
        except ExpressionError as error:
            self.trouble.add_error(error, at, trail)
            if isinstance(error, BudgetError):
                raise
        except SkippedError:
            pass
        return FAILED
