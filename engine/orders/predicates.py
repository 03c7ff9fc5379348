"""Predicates of a case: JMESPaths over its outcome that must be true, each with a reason.

They are in `expect.yaml` beside the event, a list of maps with `that` and `reason`. A path sees
`payloads`, `proofs` and `findings` of the mappings that take the event, and `states` by mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..files.beneath import Root
from ..findings.diagnostics import Finding, Place
from ..findings.errors import ExpressionError, ReadError
from ..findings.quote import shortened
from ..language.budget import Budget
from ..language.paths import Path as JmesPath
from ..language.paths import evaluate_path, parse_path
from ..mapping.files.nodes import ListNode, MapNode, Node, Scalar
from ..mapping.files.parse_yaml import decode_text, read_yaml
from ..run import Outcome, RunState
from .order_folders import read_bytes
from .report.findings import as_document
from .report.outcomes import payload_documents

PREDICATES = "expect.yaml"
_KEYS = ("that", "reason")
_HINT = 'write `- {that: "length(payloads) == `2`", reason: why}`'
_SHAPE = "E0202"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One path that must be true of the outcome; `at` is its scalar."""

    path: JmesPath
    at: Scalar
    reason: str


def read_predicates(folder: Path, roots: Sequence[Root]) -> tuple[Predicate, ...] | None:
    """Return the predicates of a case; None without a file. Raise ReadError with all its findings."""
    file = folder / PREDICATES
    try:
        data = read_bytes(file, roots)
    except ReadError as error:
        if [finding.code for finding in error.findings] == ["E0101"]:
            return None
        raise
    node = read_yaml(decode_text(PREDICATES, data))
    if not isinstance(node, ListNode) or not node.items:
        raise ReadError(f"{file} is not a list", [_finding("it is not a list of predicates", node)])
    read = [_read_predicate(item) for item in node.items]
    findings = [it for it in read if isinstance(it, Finding)]
    if findings:
        raise ReadError(f"{file} cannot be used", findings)
    return tuple(it for it in read if isinstance(it, Predicate))


def find_unmet(predicates: Sequence[Predicate], outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return a line for each predicate that is not true of the outcomes of an order."""
    return tuple(_list_unmet(predicates, _make_root(outcomes)))


def describe_mistake(finding: Finding) -> str:
    """Return a finding about the file of predicates as a line, with its place in the file."""
    where = PREDICATES if finding.place is None else f"{PREDICATES}:{finding.place.line}"
    hint = f"; {finding.hint}" if finding.hint else ""
    return f"{where}: {finding.code}: {finding.message}{hint}"


def _list_unmet(predicates: Sequence[Predicate], root: object) -> Iterator[str]:
    for predicate in predicates:
        where = f"{PREDICATES}:{predicate.at.place.line}"
        words = f"{shortened(predicate.path.text, 200)} ({shortened(predicate.reason, 200)})"
        try:
            value = evaluate_path(predicate.path, root, Budget())
        except ExpressionError as error:
            yield f"{where}: {words}: {error}"
            continue
        if value is not True:
            shown = "false" if value is False else "not true or false: compare with something"
            yield f"{where}: {words}: it is {shown}"


def _make_root(outcomes: Sequence[Outcome]) -> dict[str, object]:
    taken = [it for it in outcomes if it.state is not RunState.IGNORED]
    return {
        "payloads": [payload for it in taken for payload in payload_documents(it)],
        "proofs": [proof.document() for it in taken for proof in it.proofs],
        "findings": [as_document(finding) for it in taken for finding in it.findings],
        "states": {it.mapping: str(it.state) for it in outcomes},
    }


def _read_predicate(node: Node) -> Predicate | Finding:
    if not isinstance(node, MapNode) or sorted(node.keys()) != sorted(_KEYS):
        return _finding("a predicate has `that`, a path, and `reason`", node)
    that, reason = (node.get(key) for key in _KEYS)
    if not _is_text(that) or not _is_text(reason):
        return _finding("`that` and `reason` are texts", node)
    assert isinstance(that, Scalar)
    assert isinstance(reason, Scalar)
    try:
        return Predicate(path=parse_path(that.text), at=that, reason=reason.text)
    except ExpressionError as error:
        place: Place = that.place_at(error.offset, error.length)
        return Finding(error.code, error.message, place, hint=error.hint)


def _is_text(node: Node | None) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, str) and bool(node.text.strip())


def _finding(message: str, node: Node) -> Finding:
    return Finding(_SHAPE, message, node.place, hint=_HINT)
