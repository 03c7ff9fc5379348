"""Evaluates an expression against the documents and names of an order. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import BudgetError, ExpressionError
from ...findings.quote import did_you_mean, quoted
from ...language.budget import Budget
from ...language.functions.values import kind_of as template_kind
from ...language.paths import Path, PathName, evaluate_path, find_root_names, parse_path
from ...language.paths.values import kind_of as path_kind
from ...language.templates import (
    OMIT,
    Template,
    evaluate,
    find_literal_calls,
    parse_expression,
    parse_template,
)
from ...mapping.plan import Plan
from ...mapping.value_types.path_types import check_path
from ...mapping.value_types.source_types import type_value
from ...run import Inputs
from ...run.bodies import as_json
from ...run.extract import extract_fields
from ...run.open_event import IgnoredEvent, open_event
from ...run.order_lines import build_lines
from ...run.run_context import begin_run
from ...run.scope import RunContext, SkippedError
from ...run.sources import NotReady

PATH, TEMPLATE = "path", "template"
_NAME = "<expression>"


@dataclass(frozen=True, slots=True)
class OpenedOrder:
    """An order whose fields, values and lines are computed: what expressions may use.

    `findings` are those of the order itself: a name without a value because of one has FAILED.
    """

    plan: Plan
    context: RunContext
    roots: Mapping[str, object]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ExpressionValue:
    """The value of an expression as JSON, its type in words, and the language that it was read in."""

    value: object
    type: str
    language: str


def open_order(plan: Plan, inputs: Inputs) -> OpenedOrder | str | tuple[Finding, ...]:
    """Return an order for expressions; the reason why the mapping ignores it, or its findings."""
    context = begin_run(plan, inputs)
    with suppress(BudgetError):
        opened = open_event(plan, context, inputs)
        if isinstance(opened, IgnoredEvent):
            return opened.rule
        if isinstance(opened, NotReady):
            return f"not ready: {opened.missing}"
        if opened is not None:
            extract_fields(plan, context, opened)
            build_lines(plan, context)
            return OpenedOrder(
                plan=plan, context=context, roots=opened, findings=context.findings.in_order()
            )
    return context.findings.in_order()


def evaluate_expression(
    order: OpenedOrder, text: str, *, is_template: bool
) -> ExpressionValue | tuple[Finding, ...]:
    """Return the value of an expression, or the findings about it, with its places."""
    try:
        if is_template or "{{" in text:
            is_whole = "{{" in text
            return _evaluate_template(
                order, parse_template(text) if is_whole else parse_expression(text)
            )
        return _evaluate_bare(order, text)
    except ExpressionError as error:
        return (_make_finding(text, error),)
    except SkippedError as error:
        message = f"{quoted(str(error))} has no value: the order has findings"
        return (*order.findings, Finding("E0410", message, Place(SourceText(_NAME, text))))


def _evaluate_bare(order: OpenedOrder, text: str) -> ExpressionValue:
    """Evaluate an expression without braces: a path that begins with a source, else a template."""
    try:
        path = parse_path(text)
    except ExpressionError as error:
        return _evaluate_template(order, _parse_or_raise(text, error))
    unknown = next((each for each in find_root_names(path) if each.name not in order.roots), None)
    if unknown is None:
        _check_members(path, order)
        value = evaluate_path(path, order.roots, Budget())
        return ExpressionValue(value, path_kind(value), PATH)
    wrong = _unknown_root_error(order, unknown)
    if unknown.name not in order.context.names:
        raise wrong
    return _evaluate_template(order, _parse_or_raise(text, wrong))


def _check_members(path: Path, order: OpenedOrder) -> None:
    """Raise ExpressionError for a member that the order does not have, and nearly has; others may be absent."""
    _, mistakes = check_path(path, type_value(order.roots))
    for mistake in mistakes:
        if mistake.suggestion is not None and mistake.suggestion.only is not None:
            error = ExpressionError(mistake.code, mistake.message, hint=mistake.hint)
            error.offset, error.length = mistake.offset, mistake.length
            raise error


def _parse_or_raise(text: str, error: ExpressionError) -> Template:
    """Return a text as a template without braces; raise `error` where it is none."""
    try:
        return parse_expression(text)
    except ExpressionError:
        raise error from None


def _unknown_root_error(order: OpenedOrder, name: PathName) -> ExpressionError:
    known = [*order.roots, *order.context.names]
    otherwise = f"paths begin with {', '.join(order.roots)}"
    error = ExpressionError(
        "E0207",
        f"there is no source or value {quoted(name.name)}",
        hint=did_you_mean(name.name, known, otherwise=otherwise),
    )
    error.offset, error.length = name.offset, name.length
    return error


def _evaluate_template(order: OpenedOrder, template: Template) -> ExpressionValue:
    _require_lookups(order, template)
    context = order.context
    found = evaluate(template, context.scope(), Budget())
    if found is OMIT:
        return ExpressionValue(None, "omit: the key is left out", TEMPLATE)
    kind = "null" if found is None else template_kind(found)
    return ExpressionValue(as_json(found), kind, TEMPLATE)


def _require_lookups(order: OpenedOrder, template: Template) -> None:
    """Raise ExpressionError for a lookup that the mapping does not have."""
    live = (each.name for each in order.plan.live_lookups)
    known = sorted({*order.plan.tables, *live})
    for call in find_literal_calls(template, "lookup"):
        if call.argument not in known:
            error = ExpressionError(
                "E0210",
                f"there is no lookup {quoted(call.argument)}",
                hint=did_you_mean(call.argument, known, otherwise=f"there are: {', '.join(known)}"),
            )
            error.offset, error.length = call.offset, call.length
            raise error


def _make_finding(text: str, error: ExpressionError) -> Finding:
    """Return an error as a finding, with its place in the expression."""
    source = SourceText(_NAME, text)
    line, column = source.position(min(error.offset, len(text)))
    length = max(1, min(error.length, len(source.line(line)) - column + 1))
    place = Place(text=source, line=line, column=column, length=length)
    return Finding(error.code, error.message, place, hint=error.hint)
