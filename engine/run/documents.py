"""The sources of one order: which are needed, whether they are there, their money made exact."""

from __future__ import annotations

from dataclasses import dataclass

from ..findings.diagnostics import Finding
from ..findings.errors import ExpressionError
from ..findings.wording import quoted, shortened
from ..mapping.plan import Plan, Source
from ..mapping.plan.selection import Selection, read_response, truncated
from .envelope import evaluate_in, is_true
from .inputs import ABSENT, Inputs
from .names import FAILED, Names, Work
from .requests import request_for
from .shortfall import shortfall


@dataclass(frozen=True, slots=True)
class NotReady:
    """Something has to be waited for: the retry rule, what was missing, and what was found instead."""

    rule: str
    what: str
    found: str | None = None


def gather(plan: Plan, work: Work, inputs: Inputs) -> dict[str, object] | NotReady:
    """The roots of all paths: event, tenant, settings, and every source by its name.

    A source whose `when` does not hold is null. Findings go to `work`.
    """
    roots = Names(event=inputs.event, tenant=plan.tenant_facts, settings=plan.settings)
    for source in plan.sources:
        document = document_of(source, work, inputs, roots)
        if isinstance(document, NotReady):
            return document
        roots[source.name] = document
    return roots


def not_ready(plan: Plan, work: Work, roots: dict[str, object]) -> NotReady | None:
    """The first condition that does not hold yet."""
    for condition in plan.conditions:
        trail = f"ready.{condition.name}"
        holds = evaluate_in(work, condition.check, roots, trail)
        if holds is not FAILED and not is_true(holds):
            return NotReady(condition.otherwise, trail, shortfall(condition.check.path, roots))
    return None


def is_needed(source: Source, work: Work, roots: dict[str, object]) -> bool:
    """Whether a source's `when` holds, or it has none."""
    if source.when is None:
        return True
    needed = evaluate_in(work, source.when, roots, f"sources.{source.name}.when")
    return needed is not FAILED and is_true(needed)


def document_of(
    source: Source, work: Work, inputs: Inputs, roots: dict[str, object]
) -> object | NotReady:
    """What a source's name stands for: null when it is not needed, FAILED with its finding."""
    if not is_needed(source, work, roots):
        return None
    if source.name not in inputs.sources:
        asked = request_for(source, work, roots)
        answer = "" if asked is FAILED else f", the answer to {shortened(str(asked), 120)}"
        message = f"the source {quoted(source.name)} was not given"
        hint = f"give it as a file: --source {source.name}=FILE{answer}"
        return _fail(work, source, ("E0703", message), hint)
    return fetched(source, work, inputs.sources[source.name])


def fetched(source: Source, work: Work, answer: object) -> object | NotReady:
    """The same for a source that is needed, out of its answer."""
    document = _selected(source, work, answer)
    if document is not None:
        return document
    if source.absent is not None:
        return NotReady(source.absent, f"sources.{source.name}")
    message = f"there is no document for the source {quoted(source.name)}"
    return _fail(work, source, ("E0704", message), "say `absent: RULE` if it may come later")


def _selected(source: Source, work: Work, document: object) -> object:
    """The part of the answer that the source's name stands for; None when it is not there."""
    if document is ABSENT or document is None:
        return None
    trail = f"sources.{source.name}"
    selection = source.selection
    if selection is not None:
        document = work.attempt(lambda: _exact(document, selection), source.at, trail)
    if source.select is not None and document is not FAILED:
        document = evaluate_in(work, source.select, document, f"{trail}.select")
    return document


def _exact(document: object, selection: Selection) -> object:
    """The answer's data with exact money; an answer that was cut short is refused."""
    data = read_response(document, selection)
    cut = truncated(data, selection)
    if cut:
        message = f"the answer is cut short: {', '.join(cut)[:200]} has more entries"
        raise ExpressionError("E0709", message, hint="fetch the other pages too")
    return data


def _fail(work: Work, source: Source, what: tuple[str, str], hint: str) -> object:
    code, message = what
    work.trouble.add(Finding(code, message, place=source.at.place, hint=hint))
    return FAILED
