"""Run cases: orders with the outcome they must have, in folders beside the mappings.

The expectation is a file beside the event: `payloads.json` if the order is rendered, `findings.txt`
if it ends in findings, `outcome.txt` if it is ignored or not ready. Predicates in `expect.yaml` are
beside it, or in its place.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..documents import write_json
from ..files.beneath import Root
from ..findings.diagnostics import SourceText
from ..findings.errors import ReadError
from ..mapping.plan import Plan
from ..run import Outcome, RunState
from .order import LOOKUPS, read_order, run_order
from .order_folders import EVENT, find_linked_orders, read_bytes
from .predicates import describe_mistake, find_unmet, read_predicates
from .report.excerpt import clean
from .report.findings import as_case_text
from .report.outcomes import describe_outcome, payload_documents

# Time and memory of a comparison grow with the square of the number of lines.
_MAX_DIFFERENCE_LINES = 50_000
EXPECTATIONS = ("payloads.json", "findings.txt", "outcome.txt")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of a case: its expectation file, the expected text and the actual text.

    `unmet` has a line for each predicate that does not hold; it is None for a case without predicates.
    """

    name: str
    folder: Path
    file: str
    expected: str | None
    actual: str
    outcomes: tuple[Outcome, ...]
    unmet: tuple[str, ...] | None = None

    @property
    def passed(self) -> bool:
        """Whether the actual text is the expected text, if there is one, and every predicate holds.

        Line ends and a byte order mark do not count.
        """
        return not self.unmet and self.is_as_expected

    @property
    def is_as_expected(self) -> bool:
        """Whether the actual text is the expected text; predicates may stand in place of one."""
        if self.expected is None and self.unmet is not None:
            return not self._has_expectation()
        return self.expected == self.actual

    @property
    def is_new(self) -> bool:
        """Whether the case has no expectation file yet."""
        return self.expected is None and self.unmet is None and not self._has_expectation()

    def _has_expectation(self) -> bool:
        return any((self.folder / file).is_file() for file in EXPECTATIONS)

    @property
    def is_complete(self) -> bool:
        """Whether the order has all its files; without them its outcome has no meaning."""
        missing = (
            finding.code == "E0703" for outcome in self.outcomes for finding in outcome.findings
        )
        return bool(self.outcomes) and not any(missing)

    def difference(self) -> str:
        """Return the predicates that do not hold, and a unified diff from the expected to the actual text."""
        unmet = "".join(f"{self.name}/{clean(line)}\n" for line in self.unmet or ())
        return unmet if self.is_as_expected else unmet + self._text_difference()

    def _text_difference(self) -> str:
        expected = (self.expected or "").splitlines(keepends=True)
        actual = self.actual.splitlines(keepends=True)
        if max(len(expected), len(actual)) > _MAX_DIFFERENCE_LINES:
            return f"{self.name}/{self.file} differs; it is too long to show the difference\n"
        lines = difflib.unified_diff(
            expected,
            actual,
            f"{self.name}/{self.file} (expected)",
            f"{self.name}/{self.file} (now)",
        )
        return "".join(lines)


def find_cases(root: Path, roots: Sequence[Root] = ()) -> tuple[tuple[str, Path], ...]:
    """Return name and folder of the cases below a folder; a folder without an event counts too.

    Links are followed as far as the `roots`, by default the folder itself. A link that leads out is a
    case that fails.
    """
    allowed = roots or (Root(str(root.resolve())),)
    found = sorted(
        name for name, files in find_linked_orders(str(root), allowed) if _is_case(name, files)
    )
    return tuple((name, root if name == "." else root / name) for name in found)


def _is_case(name: str, files: Collection[str] | None) -> bool:
    """Whether a folder holds an event, or cannot be read, or looks like an order without an event."""
    if files is None or EVENT in files:
        return True
    if "/" in name or name in (".", LOOKUPS):
        return False
    return any(file.endswith(".json") for file in files)


def run_case(
    name: str,
    folder: Path,
    plans: Sequence[Plan],
    shared: Mapping[str, SourceText],
    roots: Sequence[Root] = (),
) -> CaseResult:
    """Run one case through all mappings of its tenant; links of its files lead as far as `roots`."""
    allowed = roots or (Root(str(folder.resolve())),)
    file, actual, outcomes = _render_case(folder, plans, shared, allowed)
    unmet: tuple[str, ...] | None
    try:
        predicates = read_predicates(folder, allowed)
        unmet = None if predicates is None else find_unmet(predicates, outcomes)
    except ReadError as error:
        unmet = tuple(map(describe_mistake, error.findings))
    return CaseResult(
        name=name,
        folder=folder,
        file=file,
        expected=_read_expectation(folder / file, allowed),
        actual=actual,
        outcomes=outcomes,
        unmet=unmet,
    )


def _read_expectation(path: Path, roots: Sequence[Root]) -> str | None:
    """Return the expected text as it was written: some editors and systems change line ends."""
    try:
        text = read_bytes(path, roots).decode("utf-8", "replace")
    except ReadError:
        return None
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def update_expectation(result: CaseResult) -> None:
    """Write the actual text as the expectation, unless files of the order are missing."""
    if not result.is_complete or result.is_as_expected:
        return
    for file in EXPECTATIONS:
        path = result.folder / file
        if path.is_symlink():
            path.unlink()
        if file == result.file:
            path.write_text(result.actual, encoding="utf-8", newline="\n")
        else:
            path.unlink(missing_ok=True)


def _render_case(
    folder: Path,
    plans: Sequence[Plan],
    shared: Mapping[str, SourceText],
    roots: Sequence[Root],
) -> tuple[str, str, tuple[Outcome, ...]]:
    """Render the case; return the name and text of its expectation file, and the outcomes."""
    try:
        outcomes = tuple(run_order(plans, read_order(folder, roots), shared))
    except ReadError as error:
        return "findings.txt", _remove_folder(as_case_text(error.findings), folder), ()
    relevant = [
        outcome for outcome in outcomes if outcome.state is not RunState.IGNORED
    ] or outcomes
    if any(outcome.state is RunState.FAILED for outcome in relevant):
        findings = [finding for outcome in relevant for finding in outcome.findings]
        return "findings.txt", _remove_folder(as_case_text(findings), folder), outcomes
    if all(outcome.state is RunState.RENDERED for outcome in relevant):
        return (
            "payloads.json",
            write_json(list(_list_documents(relevant)), indent=2) + "\n",
            outcomes,
        )
    return (
        "outcome.txt",
        "".join(clean(describe_outcome(outcome)) + "\n" for outcome in relevant),
        outcomes,
    )


def _list_documents(outcomes: Sequence[Outcome]) -> Iterator[dict[str, object]]:
    for outcome in outcomes:
        yield {
            "mapping": outcome.mapping,
            "payloads": payload_documents(outcome),
            "proofs": [proof.document() for proof in outcome.proofs],
        }


def _remove_folder(text: str, folder: Path) -> str:
    """Remove the case's folder from a text, so that it does not depend on the place of the case."""
    return text.replace(f"{folder}/", "")
