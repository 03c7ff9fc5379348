"""What `erpmap eval` does: evaluate one expression, or one for each line of stdin or of a prompt."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click
from rich.text import Text

from ...findings.diagnostics import Finding
from ...orders.report.excerpt import clean
from ...orders.report.findings import as_document
from ..corpus.chosen_order import read_chosen_order
from ..corpus.order_choice import OrderChoice
from ..exit import FINDINGS, exit_with_findings
from ..explain.lineage_text import value_document
from ..output.terminal import console, print_findings, print_json
from .completion import list_words
from .expression import ExpressionValue, OpenedOrder, evaluate_expression, open_order
from .prompt import open_prompt, read_prompt


def evaluate_once(
    root: Path,
    tenant: str,
    choice: OrderChoice,
    expression: str,
    *,
    form: str,
    is_template: bool,
) -> NoReturn:
    """Print the value of an expression, and exit."""
    order = _open(root, tenant, choice, form)
    is_right = _show(evaluate_expression(order, expression, is_template=is_template), form)
    sys.exit(0 if is_right else FINDINGS)


def evaluate_lines(
    root: Path, tenant: str, choice: OrderChoice, form: str, *, is_template: bool
) -> NoReturn:
    """Print the value of each line of stdin, with a prompt on a terminal, and exit.

    Exit with 1 if a line that was not typed at the prompt has findings.
    """
    if choice.event is not None and str(choice.event) == "-":
        raise click.UsageError("stdin holds the event: give the EXPRESSION as an argument")
    order = _open(root, tenant, choice, form)
    has_prompt = sys.stdin.isatty()
    failed = False
    for line in _read_lines(order, has_prompt=has_prompt):
        found = evaluate_expression(order, line, is_template=is_template)
        failed = not _show(found, form) or failed
    sys.exit(FINDINGS if failed and not has_prompt else 0)


def _read_lines(order: OpenedOrder, *, has_prompt: bool) -> Iterator[str]:
    lines: Iterator[str] = iter(sys.stdin)
    if has_prompt:
        open_prompt(list_words(order))
        lines = read_prompt(f"{order.plan.name}> ")
    for line in lines:
        if line.strip():
            yield line.strip()


def _open(root: Path, tenant: str, choice: OrderChoice, form: str) -> OpenedOrder:
    """Return the order in the first mapping that takes it; exit with the reasons if none does."""
    chosen = read_chosen_order(root, tenant, choice, form)
    reasons = []
    for plan, inputs in chosen.inputs:
        opened = open_order(plan, inputs)
        if isinstance(opened, OpenedOrder):
            return opened
        if isinstance(opened, tuple):
            exit_with_findings(opened, form)
        reasons.append(f"{plan.name}: {opened}")
    raise click.UsageError(f"no mapping takes the order; {'; '.join(reasons)}")


def _show(found: ExpressionValue | tuple[Finding, ...], form: str) -> bool:
    """Print a value, or the findings about an expression; return whether it has a value."""
    if isinstance(found, tuple):
        if form == "json":
            print_json({"findings": [as_document(finding) for finding in found]})
        else:
            print_findings(found, stderr=True)
        return False
    value = value_document(found.value)
    if form == "json":
        print_json({"value": value, "type": found.type, "language": found.language})
        return True
    print_json(value)
    console(stderr=True).print(Text(f"{clean(found.type)} ({found.language})", style="dim"))
    return True
