"""Cases: orders with the outcome they must have, as folders beside the mappings.

What a case expects is a file next to its event: `payloads.json` when the order
is rendered, `findings.txt` when it ends in findings, `outcome.txt` when it is
ignored or not ready yet.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..documents import write_json
from ..findings.diagnostics import SourceText
from ..findings.errors import ReadError
from ..mapping.plan import Plan
from ..run import Outcome, RunState
from .order import LOOKUPS, read_order, run_order
from .order_folders import find_orders, read_bytes
from .report.excerpt import clean
from .report.findings import as_case_text
from .report.outcomes import describe_outcome, payload_documents

# Comparing takes time and memory that grow with the square of the length.
_LONGEST_DIFFERENCE = 50_000
EXPECTATIONS = ("payloads.json", "findings.txt", "outcome.txt")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case, run: the file that should be there, what is in it now, and what came out."""

    name: str
    folder: Path
    file: str
    expected: str | None
    actual: str
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Whether the outcome is the expected one, byte for byte."""
        return self.expected == self.actual

    @property
    def is_new(self) -> bool:
        """Whether nothing is expected yet."""
        return self.expected is None and not any(
            (self.folder / file).is_file() for file in EXPECTATIONS
        )

    @property
    def is_complete(self) -> bool:
        """Whether all the files the order needs are there; else no outcome says anything."""
        missing = (finding.code == "E0703" for each in self.outcomes for finding in each.findings)
        return bool(self.outcomes) and not any(missing)

    def difference(self) -> str:
        """A unified diff from what was expected to what came out."""
        expected = (self.expected or "").splitlines(keepends=True)
        actual = self.actual.splitlines(keepends=True)
        if max(len(expected), len(actual)) > _LONGEST_DIFFERENCE:
            return f"{self.name}/{self.file} differs, and is too long to show how\n"
        lines = difflib.unified_diff(
            expected,
            actual,
            f"{self.name}/{self.file} (expected)",
            f"{self.name}/{self.file} (now)",
        )
        return "".join(lines)


def find_cases(root: Path) -> tuple[tuple[str, Path], ...]:
    """The cases below a folder: name and folder. A folder that forgot its event is one too."""
    if root.is_symlink():
        return ()
    forgotten = (
        path for path in root.glob("*") if path.name != LOOKUPS and any(path.glob("*.json"))
    )
    found = {root / name for name, _ in find_orders(root)}
    folders = sorted(path for path in {*found, *forgotten} if _is_inside(path, root))
    return tuple((path.relative_to(root).as_posix(), path) for path in folders)


def _is_inside(path: Path, root: Path) -> bool:
    """Whether a folder is really below another one: links lead out."""
    return path.resolve().is_relative_to(root.resolve())


def run_case(
    name: str, folder: Path, plans: Sequence[Plan], shared: Mapping[str, SourceText]
) -> CaseResult:
    """Run one case through all mappings of its tenant."""
    file, actual, outcomes = _outcome(folder, plans, shared)
    path = folder / file
    there = path.is_file() and not path.is_symlink()
    expected = read_bytes(path).decode("utf-8", "replace") if there else None
    return CaseResult(
        name=name, folder=folder, file=file, expected=expected, actual=actual, outcomes=outcomes
    )


def update_expectation(result: CaseResult) -> None:
    """Make what came out the expectation; not of an order whose files are incomplete."""
    if not result.is_complete:
        return
    for file in EXPECTATIONS:
        path = result.folder / file
        if path.is_symlink():
            path.unlink()
        if file == result.file:
            path.write_text(result.actual, encoding="utf-8", newline="\n")
        else:
            path.unlink(missing_ok=True)


def _outcome(
    folder: Path, plans: Sequence[Plan], shared: Mapping[str, SourceText]
) -> tuple[str, str, tuple[Outcome, ...]]:
    """The expectation's file name and text that fit what came out."""
    try:
        outcomes = tuple(run_order(plans, read_order(folder), shared))
    except ReadError as error:
        return "findings.txt", _relative(as_case_text(error.findings), folder), ()
    told = [outcome for outcome in outcomes if outcome.state is not RunState.IGNORED] or outcomes
    if any(outcome.state is RunState.FAILED for outcome in told):
        findings = [finding for outcome in told for finding in outcome.findings]
        return "findings.txt", _relative(as_case_text(findings), folder), outcomes
    if all(outcome.state is RunState.RENDERED for outcome in told):
        return "payloads.json", write_json(list(_documents(told)), indent=2) + "\n", outcomes
    return (
        "outcome.txt",
        "".join(clean(describe_outcome(outcome)) + "\n" for outcome in told),
        outcomes,
    )


def _documents(outcomes: Sequence[Outcome]) -> Iterator[dict[str, object]]:
    for outcome in outcomes:
        yield {
            "mapping": outcome.mapping,
            "payloads": payload_documents(outcome),
            "proofs": [proof.document() for proof in outcome.proofs],
        }


def _relative(text: str, folder: Path) -> str:
    """Golden texts do not depend on where the case lies."""
    return text.replace(f"{folder}/", "")
