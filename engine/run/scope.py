"""The state of one run: the names that templates see, the findings, the budget.

A name without a value because of a mistake is FAILED: expressions that use it are skipped without a
finding. So each mistake is reported once, where it is made, and all independent mistakes at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeVar

from ..documents.money import LEDGER_PLACES
from ..findings.diagnostics import Finding, Place
from ..findings.errors import BudgetError, ErpmapError, ExpressionError, LookupMissingError
from ..findings.quote import quoted
from ..language.budget import Budget
from ..language.templates import Scope
from ..mapping.files.nodes import Scalar
from ..mapping.plan import Retyped

# The names of an order are copied for each entry of a loop: this many cost a step.
NAMES_PER_STEP: Final = 64
# A hint may be the result of a search of some milliseconds.
_MOST_HINTS: Final = 100
_STEPS_OF_AN_ERROR: Final = 10
# What does not fit the operands of an expression, and what cannot be converted to a type.
_OF_OPERANDS: Final = frozenset(("E0412", "E0414", "E0415"))
_OF_TYPES: Final = frozenset(("E0510", "E0511", "E0512", "E0513", "E0514", "E0515"))
_WORD: Final = re.compile(r"[A-Za-z_]\w*")


class _Failed(Enum):
    FAILED = "failed"


FAILED: Final = _Failed.FAILED
T = TypeVar("T")


class SkippedError(ErpmapError):
    """An expression needs a FAILED value, which has its finding already."""


class ScopeNames(dict[str, object]):
    """Names and their values; reading a FAILED one raises SkippedError."""

    def __getitem__(self, name: str) -> object:
        value = super().__getitem__(name)
        if value is FAILED:
            raise SkippedError(name)
        return value

    def get(self, name: str, default: object = None) -> object:
        """Return the value or `default`; raise SkippedError if the value is FAILED."""
        try:
            return self[name]
        except KeyError:
            return default

    def peek(self, name: str) -> object:
        """Return the value, FAILED included; None if there is no such name."""
        return super().get(name)

    def extended_with(self, more: Mapping[str, object]) -> ScopeNames:
        """Return these names and more, as for the entry of a loop."""
        return ScopeNames({**self, **more})


@dataclass(slots=True)
class RunFindings:
    """The findings of one order; a mistake that repeats in many entries is one finding.

    `retyped` are the names that have another type by an overlay.
    """

    subject: str
    retyped: Mapping[str, Retyped] = field(default_factory=dict)
    unique: dict[tuple[str, str, Place | None], Finding] = field(default_factory=dict)
    repeats: dict[tuple[str, str, Place | None], int] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Keep a finding, or count it if it is a repeat."""
        finding = replace(finding, subject=finding.subject or self.subject)
        key = (finding.code, finding.message, finding.place)
        if key in self.unique:
            self.repeats[key] = self.repeats.get(key, 0) + 1
        else:
            self.unique[key] = finding

    def add_error(self, error: ExpressionError, at: Scalar, trail: str) -> None:
        """Add an expression's error as a finding at its place; only the first 100 have a hint."""
        place = at.place_at(error.offset, error.length)
        missed, table = None, None
        if isinstance(error, LookupMissingError):
            missed, table = error.lookup, error.table
        is_shown = len(self.unique) < _MOST_HINTS
        is_repeat = (error.code, error.message, place) in self.unique
        finding = Finding(
            error.code,
            error.message,
            place=place,
            hint=error.hint if is_shown and not is_repeat else None,
            trail=trail,
            lookup=missed,
            related=() if table is None else ((table, "the table is here"),),
        )
        name = self._find_retyped(error, at, trail) if self.retyped else None
        self.add(finding if name is None else _blame_type(finding, name, self.retyped[name]))

    def _find_retyped(self, error: ExpressionError, at: Scalar, trail: str) -> str | None:
        """Return a name of an expression to which a later file gave the type that does not fit."""
        if error.code in _OF_OPERANDS:
            names = _WORD.findall(at.text)
        elif error.code in _OF_TYPES:
            names = _WORD.findall(trail)[-1:]
        else:
            return None
        text = at.place.text.name
        return next(
            (name for name in names if name in self.retyped and text in self.retyped[name].earlier),
            None,
        )

    def in_order(self) -> tuple[Finding, ...]:
        """Return all findings, in the order in which they were added."""
        return tuple(self._with_count(key, finding) for key, finding in self.unique.items())

    def _with_count(self, key: tuple[str, str, Place | None], finding: Finding) -> Finding:
        more = self.repeats.get(key)
        return replace(finding, trail=f"{finding.trail} and {more:,} more") if more else finding


def _blame_type(finding: Finding, name: str, retyped: Retyped) -> Finding:
    """Return a finding about the line of the overlay that changed a type, with its use as the second place."""
    assert finding.place is not None  # an expression has one
    return replace(
        finding,
        message=f"the type of {quoted(name)} is changed to {retyped.type} here: {finding.message}",
        place=retyped.at,
        related=((finding.place, "it is used here"), *finding.related),
    )


Lookup = Callable[[str, tuple[object, ...]], object]


@dataclass(slots=True)
class RunContext:
    """The state of one order in a plan: its budget, findings, names and lookups.

    `currency` is the order's own, even where an entry of a loop has a field of that name; `places` are
    the decimal places of each currency in the ledger's account.
    `placements` counts how often the current payload holds each line, by the line's `id()`, and
    `placed_lines` keeps the lines of each record.
    """

    budget: Budget
    findings: RunFindings
    names: ScopeNames
    lookup: Lookup
    currency: str | None = None
    places: Mapping[str, int] = field(default_factory=lambda: LEDGER_PLACES)
    placements: Counter[int] = field(default_factory=Counter)
    placed_lines: dict[str, frozenset[int]] = field(default_factory=dict)

    def with_names(self, more: Mapping[str, object]) -> RunContext:
        """Return the same context with more names, as for the entry of a loop."""
        self.budget.charge(1 + len(more) + len(self.names) // NAMES_PER_STEP)
        return replace(self, names=self.names.extended_with(more))

    def scope(self) -> Scope:
        """Return the scope of a template."""
        return Scope(
            names=self.names, lookup=self.lookup, currency=self.currency, places=self.places
        )

    def attempt(self, step: Callable[[], T], at: Scalar, trail: str) -> T | _Failed:
        """Return the step's value, or FAILED and keep the finding; a BudgetError ends the order."""
        try:
            return step()
        except ExpressionError as error:
            self.findings.add_error(error, at, trail)
            if isinstance(error, BudgetError):
                raise
            self.budget.charge(_STEPS_OF_AN_ERROR)
        except SkippedError:
            pass
        return FAILED
