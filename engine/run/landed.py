"""Evaluate `landed`: whether the ledger holds an update already. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ..findings.errors import ExpressionError
from ..language.budget import Budget
from ..language.templates import evaluate
from ..mapping.plan import Plan
from .evaluator import run_within
from .extract import extract_fields
from .inputs import Inputs
from .run_context import begin_run
from .scope import SkippedError
from .sources import NotReady, gather_sources


def has_landed(
    plan: Plan, inputs: Inputs, steps: int, *, record: str, found: Mapping[str, object]
) -> bool:
    """Whether the ledger holds the update of record `record`; `found` is the ledger's record.

    False if the expression cannot be evaluated, for example because a member is missing. Raise
    HeavyOrderError when it needs more than `steps`, fewer than an order may take.
    """
    return run_within(partial(_has_landed, record=record, found=found), plan, inputs, steps)


def _has_landed(
    plan: Plan, inputs: Inputs, budget: Budget, *, record: str, found: Mapping[str, object]
) -> bool:
    landed = next(entry.landed for entry in plan.records if entry.name == record)
    if landed is None:
        return False
    context = begin_run(plan, inputs, budget)
    try:
        roots = gather_sources(plan, context, inputs)
        if isinstance(roots, NotReady):
            return False
        extract_fields(plan, context, roots)
        context.names["found"] = found
        return evaluate(landed.template, context.scope(), context.budget) is True
    except (ExpressionError, SkippedError):
        return False
