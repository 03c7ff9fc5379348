"""The sources of one order: which are needed, whether they are there, their money made exact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from ..documents.exact import Number, is_number
from ..findings.diagnostics import Finding
from ..findings.errors import ErpmapError, ExpressionError
from ..findings.quote import quoted, shortened
from ..language.budget import Budget
from ..language.paths import Node, Path, evaluate_path
from ..mapping.plan import Plan, Source
from ..mapping.plan.selection import Selection, read_response, truncated
from .envelope import evaluate_in, is_true
from .inputs import ABSENT, Inputs
from .rest_path import request_for
from .scope import FAILED, RunContext, ScopeNames


@dataclass(frozen=True, slots=True)
class NotReady:
    """Something has to be waited for: the retry rule, what was missing, and what was found instead."""

    rule: str
    what: str
    found: str | None = None


def gather(plan: Plan, work: RunContext, inputs: Inputs) -> dict[str, object] | NotReady:
    """The roots of all paths: event, tenant, settings, and every source by its name.

    A source whose `when` does not hold is null. Findings go to `work`.
    """
    roots = ScopeNames(event=inputs.event, tenant=plan.tenant_facts, settings=plan.settings)
    for source in plan.sources:
        document = document_of(source, work, inputs, roots)
        if isinstance(document, NotReady):
            return document
        roots[source.name] = document
    return roots


def not_ready(plan: Plan, work: RunContext, roots: dict[str, object]) -> NotReady | None:
    """The first condition that does not hold yet."""
    for condition in plan.conditions:
        trail = f"ready.{condition.name}"
        holds = evaluate_in(work, condition.check, roots, trail)
        if holds is not FAILED and not is_true(holds):
            return NotReady(condition.otherwise, trail, shortfall(condition.check.path, roots))
    return None


def is_needed(source: Source, work: RunContext, roots: dict[str, object]) -> bool:
    """Whether a source's `when` holds, or it has none."""
    if source.when is None:
        return True
    needed = evaluate_in(work, source.when, roots, f"sources.{source.name}.when")
    return needed is not FAILED and is_true(needed)


def document_of(
    source: Source, work: RunContext, inputs: Inputs, roots: dict[str, object]
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


def fetched(source: Source, work: RunContext, answer: object) -> object | NotReady:
    """The same for a source that is needed, out of its answer."""
    document = _selected(source, work, answer)
    if document is not None:
        return document
    if source.absent is not None:
        return NotReady(source.absent, f"sources.{source.name}")
    message = f"there is no document for the source {quoted(source.name)}"
    return _fail(work, source, ("E0704", message), "say `absent: RULE` if it may come later")


def _selected(source: Source, work: RunContext, document: object) -> object:
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


def _fail(work: RunContext, source: Source, what: tuple[str, str], hint: str) -> object:
    code, message = what
    work.trouble.add(Finding(code, message, place=source.at.place, hint=hint))
    return FAILED


_SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
# Numbers with more digits than any amount has are not told.
_LONGEST = 40


def shortfall(path: Path, root: object) -> str | None:
    """The two numbers whose comparison keeps a path from holding; None where it is something else.

    Of alternatives (`||`) the last one is told: before it stand the exceptions. The path has been
    evaluated before over the same `root`, so this costs an order as much again at most.
    """
    try:
        return _told(path, path.tree, root)
    except ErpmapError:
        return None


def _told(path: Path, node: Node, root: object) -> str | None:
    kind = node["type"]
    if kind == "or_expression":
        return _told(path, node["children"][1], root)
    if kind == "and_expression":
        left, right = node["children"]
        return _told(path, right if is_true(_value(path, left, root)) else left, root)
    if kind != "comparator" or node["value"] not in _SIGNS:
        return None
    found, needed = (_value(path, child, root) for child in node["children"])
    if not (is_number(found) and is_number(needed)):
        return None
    places = max(_places(found), _places(needed))  # type: ignore[arg-type] # is_number says so
    shown = [f"{Decimal(number):.{places}f}" for number in (found, needed)]  # type: ignore[arg-type] # numbers, as above
    if max(map(len, shown)) > _LONGEST:
        return None
    return f"found {shown[0]}, {_SIGNS[node['value']]} {shown[1]} is needed"


def _places(number: Number) -> int:
    """The decimals of a number."""
    return 0 if isinstance(number, int) else max(0, -int(number.as_tuple().exponent))


def _value(path: Path, node: Node, root: object) -> object:
    return evaluate_path(replace(path, tree=node), root, Budget())
