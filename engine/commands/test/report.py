"""Prints the results of cases: each case with its verdict, failures grouped by cause, the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.text import Text

from ...orders.cases import CaseResult
from ...orders.report.excerpt import clean
from ..output.terminal import console, highlight, print_json
from .causes import FailureCause

# A cause names this many of its other cases; `--format json` names all.
_MOST_NAMED = 20


def print_cases(
    results: Sequence[tuple[str, CaseResult]], causes: Sequence[FailureCause], *, updated: bool
) -> None:
    """Print each case that passed, then each cause with its first case in full, and the counts."""
    target = console()
    for tenant, result in results:
        verdict, style = _judge(result, updated=updated)
        if verdict != "failed":
            line = (f"{verdict:7}", style), f" {tenant}/{clean(result.name)}"
            target.print(Text.assemble(*line))
    for cause in causes:
        _print_cause(cause)
    target.print(describe_counts(results, causes, updated=updated))
    if any(_judge(result, updated=updated)[0] == "new" for _, result in results):
        target.print(
            "new cases have no expected outcome yet: check them with render, then run test --update"
        )
    if not results:
        target.print("no case matches: a case is a folder TENANT/cases/NAME with event.json")


def describe_counts(
    results: Sequence[tuple[str, CaseResult]], causes: Sequence[FailureCause], *, updated: bool
) -> str:
    """Return how many cases have each verdict, and how many causes the failures have."""
    verdicts = Counter(_judge(result, updated=updated)[0] for _, result in results)
    named = [word for word in ("updated", "new") if verdicts[word]]
    counts = ", ".join(f"{verdicts[word]:,} {word}" for word in ("passed", "failed", *named))
    is_grouped = 0 < len(causes) < verdicts["failed"]
    return f"{counts}; {_count_causes(len(causes))}" if is_grouped else counts


def select_failed(
    results: Sequence[tuple[str, CaseResult]], *, updated: bool
) -> list[tuple[str, CaseResult]]:
    """Return the cases that count as failed: not those that are new or were updated."""
    return [it for it in results if _judge(it[1], updated=updated)[0] == "failed"]


def print_cases_json(
    results: Sequence[tuple[str, CaseResult]], causes: Sequence[FailureCause]
) -> None:
    """Print the results as a JSON document."""
    known = {id(result): cause for cause in causes for _, result in cause.cases}
    print_json([_case_document(tenant, it, known.get(id(it))) for tenant, it in results])


def _print_cause(cause: FailureCause) -> None:
    (tenant, first), *others = cause.cases
    target = console()
    target.print(Text.assemble(("failed ", "red"), f" {tenant}/{clean(first.name)}"))
    at = "" if cause.at is None else f"\n        at {clean(cause.at)}"
    target.print(Text(f"        {clean(cause.words)}{at}", style="bold"))
    target.print(highlight("\n".join(map(clean, first.difference().split("\n"))), "diff"))
    if others:
        names = [f"{tenant}/{clean(result.name)}" for tenant, result in others[:_MOST_NAMED]]
        rest = len(others) - _MOST_NAMED
        more = f" and {rest:,} more" if rest > 0 else ""
        cases = "another case" if len(others) == 1 else f"{len(others):,} other cases"
        target.print(Text(f"        and {cases}: {', '.join(names)}{more}\n"))


def _count_causes(count: int) -> str:
    return f"{count:,} cause{'' if count == 1 else 's'}"


def _judge(result: CaseResult, *, updated: bool) -> tuple[str, str]:
    if result.passed:
        return "passed", "green"
    if updated and result.is_complete and not result.unmet:
        return "updated", "yellow"
    if result.is_new and result.is_complete:
        return "new", "yellow"
    return "failed", "red"


def _case_document(
    tenant: str, result: CaseResult, cause: FailureCause | None
) -> dict[str, object]:
    return {
        "tenant": tenant,
        "case": result.name,
        "file": result.file,
        "passed": result.passed,
        "difference": result.difference(),
        "unmet": list(result.unmet or ()),
        "cause": None if cause is None else {"words": cause.words, "at": cause.at},
    }
