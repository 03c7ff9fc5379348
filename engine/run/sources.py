"""Gather the sources of one order: find the needed ones, read them, make their money exact."""

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
from ..mapping.plan.selection import Selection, find_truncated, read_response
from .envelope import evaluate_in, is_true_in_paths
from .inputs import ABSENT, Inputs
from .rest_path import describe_request
from .scope import FAILED, RunContext, ScopeNames


@dataclass(frozen=True, slots=True)
class NotReady:
    """The order has to wait: the retry rule, the missing source or condition, the numbers compared."""

    rule: str
    missing: str
    found: str | None = None


def gather_sources(plan: Plan, context: RunContext, inputs: Inputs) -> dict[str, object] | NotReady:
    """Return the roots of all paths: event, tenant, settings, and every source by its name.

    A source whose `when` does not hold is null. Findings go to `context`.
    """
    roots = ScopeNames(event=inputs.event, tenant=plan.tenant_facts, settings=plan.settings)
    for source in plan.sources:
        document = read_source(source, context, inputs, roots)
        if isinstance(document, NotReady):
            return document
        roots[source.name] = document
    return roots


def find_unmet_condition(
    plan: Plan, context: RunContext, roots: dict[str, object]
) -> NotReady | None:
    """Return the first condition that does not hold yet."""
    for condition in plan.conditions:
        trail = f"ready.{condition.name}"
        holds = evaluate_in(context, condition.check, roots, trail)
        if holds is not FAILED and not is_true_in_paths(holds):
            return NotReady(
                condition.otherwise, trail, describe_shortfall(condition.check.path, roots)
            )
    return None


def is_needed(source: Source, context: RunContext, roots: dict[str, object]) -> bool:
    """Whether a source's `when` holds; true without `when`."""
    if source.when is None:
        return True
    needed = evaluate_in(context, source.when, roots, f"sources.{source.name}.when")
    return needed is not FAILED and is_true_in_paths(needed)


def read_source(
    source: Source, context: RunContext, inputs: Inputs, roots: dict[str, object]
) -> object | NotReady:
    """Return the document of a source: null if it is not needed, FAILED with its finding."""
    if not is_needed(source, context, roots):
        return None
    if source.name not in inputs.sources:
        request = describe_request(source, context, roots)
        answer = "" if request is FAILED else f", the answer to {shortened(str(request), 120)}"
        message = f"the source {quoted(source.name)} was not given"
        hint = f"give it as a file: --source {source.name}=FILE{answer}"
        return _fail(context, source, ("E0703", message), hint)
    return select_document(source, context, inputs.sources[source.name])


def select_document(source: Source, context: RunContext, answer: object) -> object | NotReady:
    """Return the document of a needed source from its answer."""
    document = _select_part(source, context, answer)
    if document is not None:
        return document
    if source.absent is not None:
        return NotReady(source.absent, f"sources.{source.name}")
    message = f"there is no document for the source {quoted(source.name)}"
    return _fail(context, source, ("E0704", message), "write `absent: RULE` if it may come later")


def _select_part(source: Source, context: RunContext, document: object) -> object:
    """Return the selected part of an answer; None if it does not exist."""
    if document is ABSENT or document is None:
        return None
    trail = f"sources.{source.name}"
    selection = source.selection
    if selection is not None:
        document = context.attempt(lambda: _read_exact(document, selection), source.at, trail)
    if source.select is not None and document is not FAILED:
        document = evaluate_in(context, source.select, document, f"{trail}.select")
    return document


def _read_exact(document: object, selection: Selection) -> object:
    """Return the answer's data with exact money; raise ExpressionError for a truncated answer."""
    data = read_response(document, selection)
    cut = find_truncated(data, selection)
    if cut:
        message = f"the answer is incomplete: {', '.join(cut)[:200]} has more entries"
        raise ExpressionError("E0709", message, hint="fetch the other pages too")
    return data


def _fail(context: RunContext, source: Source, problem: tuple[str, str], hint: str) -> object:
    code, message = problem
    context.findings.add(Finding(code, message, place=source.at.place, hint=hint))
    return FAILED


_SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
# Numbers with more digits than any amount has are not shown.
_MAX_SHOWN = 40


def describe_shortfall(path: Path, root: object) -> str | None:
    """Describe the two numbers whose comparison keeps a path from holding; None for any other cause.

    Of alternatives (`||`) the last one is described: exceptions come before it. The path was
    evaluated on the same `root` before, so this at most doubles the cost.
    """
    try:
        return _describe_comparison(path, path.tree, root)
    except ErpmapError:
        return None


def _describe_comparison(path: Path, node: Node, root: object) -> str | None:
    kind = node["type"]
    if kind == "or_expression":
        return _describe_comparison(path, node["children"][1], root)
    if kind == "and_expression":
        left, right = node["children"]
        return _describe_comparison(
            path, right if is_true_in_paths(_evaluate_node(path, left, root)) else left, root
        )
    if kind != "comparator" or node["value"] not in _SIGNS:
        return None
    found, needed = (_evaluate_node(path, child, root) for child in node["children"])
    if not (is_number(found) and is_number(needed)):
        return None
    places = max(_count_places(found), _count_places(needed))
    shown = [f"{Decimal(number):.{places}f}" for number in (found, needed)]
    if max(map(len, shown)) > _MAX_SHOWN:
        return None
    return f"found {shown[0]}, {_SIGNS[node['value']]} {shown[1]} is needed"


def _count_places(number: Number) -> int:
    """Return the number of decimals."""
    return 0 if isinstance(number, int) else max(0, -int(number.as_tuple().exponent))


def _evaluate_node(path: Path, node: Node, root: object) -> object:
    return evaluate_path(replace(path, tree=node), root, Budget())
