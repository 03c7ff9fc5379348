"""The judgement of one event: the outcome of the shadow compared with that of the live mapping. Pure."""

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

# Maximum differences and findings that are recorded of an order; the others are counted.
_MAX_DIFFERENCES, _MAX_FINDINGS = 500, 20


@dataclass(frozen=True, slots=True)
class ShadowJudgement:
    """The result, its reason, and a document of the differences, which is empty if there are none."""

    result: ShadowResult
    reason: str | None = None
    document: dict[str, object] = field(default_factory=dict)


def judge_shadow(
    shadow: Plan, live: Plan, prepared: Prepared | None, inputs: Inputs | None = None
) -> ShadowJudgement:
    """Run the shadow and compare both outcomes.

    It runs on the inputs of the live mapping, or on `inputs` that were fetched for it.
    """
    if shadow.version == live.version:
        return ShadowJudgement(ShadowResult.SAME)
    if prepared is None:
        return ShadowJudgement(ShadowResult.UNANSWERED, "the live mapping was not run")
    given = inputs or find_inputs(shadow, live, prepared.inputs)
    if isinstance(given, MissingAnswer):
        return ShadowJudgement(ShadowResult.UNANSWERED, given.reason)
    outcome = get_program(shadow).run(given)
    before = prepared.outcome
    if outcome.state is RunState.RENDERED and before.state is RunState.RENDERED:
        sides = RenderedSide(live, before, prepared.inputs), RenderedSide(shadow, outcome, given)
        return _compare_rendered(*sides)
    if outcome.state is before.state and (reason := _explain(outcome)) == _explain(before):
        return ShadowJudgement(ShadowResult.SAME, reason)
    return _judge_stopped(before, outcome)


def _compare_rendered(live: RenderedSide, shadow: RenderedSide) -> ShadowJudgement:
    every = list_differences(live, shadow)
    found = [difference.document() for difference in islice(every, _MAX_DIFFERENCES)]
    if not found:
        return ShadowJudgement(ShadowResult.SAME)
    more = sum(1 for _ in every)
    document: dict[str, object] = {"differences": found, "more": more}
    return ShadowJudgement(
        ShadowResult.DIFFERENT, None, document | _compare_sums(live.outcome, shadow.outcome)
    )


_STOPPED = {
    RunState.IGNORED: ShadowResult.UNWANTED,
    RunState.NOT_READY: ShadowResult.UNREADY,
    RunState.FAILED: ShadowResult.FINDINGS,
    RunState.RENDERED: ShadowResult.GAINED,
}


def _judge_stopped(live: Outcome, shadow: Outcome) -> ShadowJudgement:
    found = [_show(finding) for finding in islice(select_errors(shadow.findings), _MAX_FINDINGS)]
    document = {"findings": found} if found else {}
    reason = _explain(shadow) or _explain(live)
    return ShadowJudgement(_STOPPED[shadow.state], reason, document | _compare_sums(live, shadow))


def _show(finding: Finding) -> dict[str, object]:
    shown = as_document(finding)
    return {name: shown[name] for name in ("code", "message", "file", "line", "hint")}


def _explain(outcome: Outcome) -> str | None:
    """The codes of findings, or the rule by which an order is ignored or waits."""
    codes = sorted({finding.code for finding in select_errors(outcome.findings)})
    return ", ".join(codes) or outcome.reason


def _compare_sums(live: Outcome, shadow: Outcome) -> dict[str, object]:
    """The sums of checks that differ, or are on one side only; a sum of zero is left out."""
    sums = [*_differing_sums(_written_proofs(live), _written_proofs(shadow))]
    return {"sums": sums} if sums else {}


def _written_proofs(outcome: Outcome) -> dict[str, Proof]:
    """The proofs of payloads that are written: an order with findings writes none."""
    is_written = outcome.state is RunState.RENDERED
    return {proof.check: proof for proof in outcome.proofs if is_written}


def _differing_sums(
    live: dict[str, Proof], shadow: dict[str, Proof]
) -> Iterator[dict[str, object]]:
    for check in dict.fromkeys((*live, *shadow)):
        sides = {"live": live.get(check), "shadow": shadow.get(check)}
        proofs = {name: proof for name, proof in sides.items() if proof is not None}
        sums = {name: proof.sum for name, proof in proofs.items()}
        if sums.get("live", 0) != sums.get("shadow", 0):
            currency = next(proof.currency for proof in proofs.values())
            yield {"check": check, "currency": currency, **sums}
