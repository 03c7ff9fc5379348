"""Options of `erpmap eval`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..corpus.order_choice import OrderChoice, order_options
from ..options import format_option, tenant_argument


@click.command("eval", short_help="Evaluate a path or a template against an order.")
@tenant_argument
@click.argument("expression", required=False)
@click.option(
    "--template", "is_template", is_flag=True, help="EXPRESSION is a template, braces or not."
)
@order_options
@format_option
@click.pass_obj
def evaluate(
    root: Path,
    /,
    tenant: str,
    expression: str | None,
    is_template: bool,
    form: str,
    **given: Any,
) -> None:
    """Evaluate a JMESPath or a template against an order; print its value and type.

    An expression with {{ }} is a template: it sees the fields, values, lines, lookups and settings of the
    mapping. Without braces it is a path, if it begins with a source (order, event) and can be read as one;
    else a template without its braces.

    Without an EXPRESSION, each line of stdin is one; on a terminal with a prompt, history and completion
    by Tab. The history is in ~/.local/state/erpmap/eval_history, readable by you alone.

    \b
    erpmap eval nordhus --case shipping-discount order.grandTotal
    erpmap eval nordhus --case shipping-discount "{{ items | total('gross') | money }}"
    erpmap eval nordhus --case shipping-discount "sum(order.items.edges[].node.tax)" --format json
    erpmap eval nordhus --case shipping-discount

    Exit codes: 0 the value is shown, 1 the expression has findings.
    """
    from .evaluate import evaluate_lines, evaluate_once

    choice = OrderChoice(**given)
    if expression is None:
        evaluate_lines(root, tenant, choice, form, is_template=is_template)
    else:
        evaluate_once(root, tenant, choice, expression, form=form, is_template=is_template)
