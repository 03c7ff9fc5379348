"""What a rendered order posts, line by line: the stored amount, and the tax that the ledger computes by rate.

The amounts are those that the checks of the mapping count. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..documents.exact import Number, is_number
from ..language.budget import Budget
from ..language.functions.amounts import stored_amount
from ..language.lines import LineGroup, RenderedLine
from ..language.templates import Node, Template, evaluate, walk_nodes
from ..language.templates.nodes import Call
from ..mapping.plan import Check, Plan, Record, TemplateAt
from ..mapping.plan.record_amounts import read_path, record_form
from .bodies import as_json
from .inputs import Inputs
from .outcome import Outcome, Payload
from .run import run_in
from .run_context import begin_run
from .scope import RunContext

_TAXED = "taxed"
_TOTAL = "total"
GroupPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostedLine:
    """One line: its group, its JSON, the amount that the ledger stores, and the tax computed by its rate."""

    group: str
    body: object
    stored: Number
    tax: Number = 0


@dataclass(frozen=True, slots=True)
class PostedRecord:
    """One payload with what it posts.

    `amounts` are the amounts outside of sublists by their keys, `total` is the sum that the checks of
    the mapping give the record, None where no check does.
    """

    payload: Payload
    currency: str | None
    lines: tuple[PostedLine, ...]
    amounts: tuple[tuple[str, Number], ...]
    total: Number | None


def list_posted_records(plan: Plan, inputs: Inputs) -> tuple[Outcome, tuple[PostedRecord, ...]]:
    """Return the outcome of an event, as `run` does, and what each of its payloads posts."""
    context = begin_run(plan, inputs)
    outcome = run_in(plan, context, inputs)
    if not outcome.payloads:
        return outcome, ()
    lines = tuple(_list_lines(plan, context))
    records = {record.name: record for record in plan.records}
    posted = tuple(
        PostedRecord(
            payload=payload,
            currency=context.currency,
            lines=lines,
            amounts=tuple(_list_amounts(records[payload.name], payload)),
            total=_find_total(plan, outcome, payload),
        )
        for payload in outcome.payloads
    )
    return outcome, posted


def _list_lines(plan: Plan, context: RunContext) -> Iterator[PostedLine]:
    whole = context.names.peek("lines")
    if not isinstance(whole, LineGroup):
        return
    default = max(context.places.values())
    places = context.places.get(context.currency or "", default)
    taxed = _find_taxed(plan.checks)
    for path, line in _walk_groups(whole, ()):
        call = taxed.get(path)
        yield PostedLine(
            group=line.group,
            body=as_json(line.body),
            stored=stored_amount(line, places),
            tax=0 if call is None else _compute_tax(call, path, line, context),
        )


def _walk_groups(group: LineGroup, path: GroupPath) -> Iterator[tuple[GroupPath, RenderedLine]]:
    """Yield each line with the path of its group; `all` repeats the lines of the others."""
    for name, inner in group.groups.items():
        if path or name != "all":
            yield from (((*path, name), line) for line in inner.lines)
            yield from _walk_groups(inner, (*path, name))


def _find_taxed(checks: Sequence[Check]) -> dict[GroupPath, Call]:
    """Return the calls of `taxed` in the terms of checks, by the group whose tax they compute."""
    found: dict[GroupPath, Call] = {}
    for check in checks:
        for _, term in check.terms:
            for node in walk_nodes(term.template) if isinstance(term, TemplateAt) else ():
                path = _read_group(node)
                if path and isinstance(node, Call):
                    found.setdefault(path, node)
    return found


def _read_group(node: Node) -> GroupPath:
    """Return the path of the group that a call of `taxed` is about; empty for any other node."""
    if not isinstance(node, Call) or node.function.name != _TAXED or node.arguments[0] is None:
        return ()
    first, *path = read_path(node.arguments[0]) or ("",)
    return tuple(map(str, path)) if first == "lines" else ()


def _compute_tax(call: Call, path: GroupPath, line: RenderedLine, context: RunContext) -> Number:
    """Return the tax of one line: the call evaluated as if it were the only line of its group."""
    alone = LineGroup((line,), {})
    for name in reversed(path):
        alone = LineGroup((), {name: alone})
    names = context.names.extended_with({"lines": alone})
    value = evaluate(Template("", (call,)), replace(context, names=names).scope(), Budget())
    return value if is_number(value) else 0


def _list_amounts(record: Record, payload: Payload) -> Iterator[tuple[str, Number]]:
    form = record_form(record)
    for key, value in payload.body.items():
        if isinstance(value, Number) and not isinstance(value, bool) and form.is_amount(key):
            yield key, value


def _find_total(plan: Plan, outcome: Outcome, payload: Payload) -> Number | None:
    """Return the total that is confirmed after writing, else the sum of the record's first check with terms."""
    confirm = payload.details.get("confirm")
    total = confirm.get(_TOTAL) if isinstance(confirm, Mapping) else None
    if isinstance(total, Number):
        return total
    own = {check.name for check in plan.checks if check.terms and _is_of(check, payload, outcome)}
    return next((proof.sum for proof in outcome.proofs if proof.check in own), None)


def _is_of(check: Check, payload: Payload, outcome: Outcome) -> bool:
    return (check.of or outcome.payloads[-1].name) == payload.name
