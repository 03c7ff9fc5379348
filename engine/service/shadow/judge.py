"""One event through the shadow, held against what the live mapping made of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from ...delivery import Prepared
from ...findings.diagnostics import Finding, select_errors
from ...journal.shadows import ShadowResult
from ...mapping.plan import Plan
from ...orders.report.findings import as_document
from ...run import Inputs, Outcome, Proof, RunState
from ...run.compiled import get_program
from .compare import RenderedSide, list_differences
from .recorded_answers import MissingAnswer, find_inputs

# Of one order so many are kept; the others are counted.
_MOST_DIFFERENCES, _MOST_FINDINGS = 500, 20


@dataclass(frozen=True, slots=True)
class ShadowJudgement:
    """How they compare, why, and a document that says in what; it is empty where nothing differs."""

    result: ShadowResult
    reason: str | None = None
    document: dict[str, object] = field(default_factory=dict)


def judge_shadow(
    shadow: Plan, live: Plan, prepared: Prepared | None, inputs: Inputs | None = None
) -> ShadowJudgement:
    """Run the shadow and hold both outcomes against each other.

    It runs on what the live mapping was given, unless it has asked for `inputs` of its own.
    """
    if shadow.version == live.version:
        return ShadowJudgement(ShadowResult.SAME)
    if prepared is None:
        return ShadowJudgement(ShadowResult.UNANSWERED, "the live mapping was not run")
    given = inputs or find_inputs(shadow, live, prepared.inputs)
    if isinstance(given, MissingAnswer):
        return ShadowJudgement(ShadowResult.UNANSWERED, given.what)
    outcome = get_program(shadow).run(given)
    before = prepared.outcome
    if outcome.state is RunState.RENDERED and before.state is RunState.RENDERED:
        sides = RenderedSide(live, before, prepared.inputs), RenderedSide(shadow, outcome, given)
        return _both_rendered(*sides)
    if outcome.state is before.state and (why := _why(outcome)) == _why(before):
        return ShadowJudgement(ShadowResult.SAME, why)
    return _one_stopped(before, outcome)


def _both_rendered(live: RenderedSide, shadow: RenderedSide) -> ShadowJudgement:
    every = list_differences(live, shadow)
    found = [one.document() for one in islice(every, _MOST_DIFFERENCES)]
    if not found:
        return ShadowJudgement(ShadowResult.SAME)
    more = sum(1 for _ in every)
    document: dict[str, object] = {"differences": found, "more": more}
    return ShadowJudgement(
        ShadowResult.DIFFERENT, None, document | _sums(live.outcome, shadow.outcome)
    )


_STOPPED = {
    RunState.IGNORED: ShadowResult.UNWANTED,
    RunState.NOT_READY: ShadowResult.UNREADY,
    RunState.FAILED: ShadowResult.FINDINGS,
    RunState.RENDERED: ShadowResult.GAINED,
}


def _one_stopped(live: Outcome, shadow: Outcome) -> ShadowJudgement:
    found = [_shown(one) for one in islice(select_errors(shadow.findings), _MOST_FINDINGS)]
    document = {"findings": found} if found else {}
    reason = _why(shadow) or _why(live)
    return ShadowJudgement(_STOPPED[shadow.state], reason, document | _sums(live, shadow))


def _shown(finding: Finding) -> dict[str, object]:
    shown = as_document(finding)
    return {name: shown[name] for name in ("code", "message", "file", "line", "hint")}


def _why(outcome: Outcome) -> str | None:
    """The codes of findings, or the rule by which an order is ignored or waits."""
    codes = sorted({finding.code for finding in select_errors(outcome.findings)})
    return ", ".join(codes) or outcome.reason


def _sums(live: Outcome, shadow: Outcome) -> dict[str, object]:
    """The sums of checks that are others, or are only on one side; a sum of nothing is left out."""
    sums = [*_differing(_proofs(live), _proofs(shadow))]
    return {"sums": sums} if sums else {}


def _proofs(outcome: Outcome) -> dict[str, Proof]:
    """The proofs of payloads that are written: those of an order with findings are of none."""
    is_written = outcome.state is RunState.RENDERED
    return {proof.check: proof for proof in outcome.proofs if is_written}


def _differing(live: dict[str, Proof], shadow: dict[str, Proof]) -> Iterator[dict[str, object]]:
    for check in dict.fromkeys((*live, *shadow)):
        there = {"live": live.get(check), "shadow": shadow.get(check)}
        proofs = {name: one for name, one in there.items() if one is not None}
        sums = {name: one.sum for name, one in proofs.items()}
        if sums.get("live", 0) != sums.get("shadow", 0):
            currency = next(one.currency for one in proofs.values())
            yield {"check": check, "currency": currency, **sums}
