"""Why an order has no payloads: what one of both outcomes says, and the other does not. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ...findings.diagnostics import Finding, Place, select_errors
from ...findings.quote import shortened
from ...run import Outcome, RunState

_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class StopReason:
    """The code of a finding, or the rule; the words, and the place of the finding.

    `part` is the part of the mapping that stopped the order, if that is no finding.
    """

    code: str
    message: str
    place: Place | None = None
    part: tuple[str, ...] = ()


def list_reasons(outcome: Outcome) -> object:
    """Return why an outcome has no payloads, to compare it with another; all ignored events are alike."""
    if outcome.state is RunState.IGNORED:
        return None
    if outcome.state is RunState.NOT_READY:
        return outcome.reason, outcome.detail
    return {_key(finding) for finding in select_errors(outcome.findings)}


def find_stop(old: Outcome, new: Outcome) -> StopReason:
    """Return why the new outcome has no payloads, or the old one where the new one has.

    Where both have findings, it is the first that the old one lacks, else the first that is gone.
    """
    if new.state is RunState.RENDERED:
        return _explain(old, list(select_errors(old.findings)))
    before, now = (list(select_errors(outcome.findings)) for outcome in (old, new))
    known = {_key(finding) for finding in before}
    more = [finding for finding in now if _key(finding) not in known]
    if more or not now or old.state is not new.state:
        return _explain(new, more or now)
    left = {_key(finding) for finding in now}
    gone = [finding for finding in before if _key(finding) not in left]
    return _of_finding(gone[0], "no longer: ") if gone else _explain(new, now)


def _explain(outcome: Outcome, findings: list[Finding]) -> StopReason:
    if findings:
        return _of_finding(findings[0])
    words = " ".join(part for part in (outcome.detail, outcome.found) if part)
    is_waiting = outcome.state is RunState.NOT_READY
    part = tuple((outcome.detail or "").split(".")) if is_waiting else ("on",)
    code = outcome.reason or outcome.state.value
    return StopReason(code, shortened(words, _MESSAGE), part=part)


def _of_finding(finding: Finding, words: str = "") -> StopReason:
    return StopReason(finding.code, words + shortened(finding.message, _MESSAGE), finding.place)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.message
