"""Whether an update has been written already: its `landed`, over the record that was found. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..findings.errors import ExpressionError
from ..language.templates import evaluate
from ..mapping.plan import Plan
from .extract import extract
from .inputs import Inputs
from .run_context import begin
from .scope import SkippedError
from .sources import NotReady, gather


def has_landed(plan: Plan, inputs: Inputs, record: str, found: Mapping[str, object]) -> bool:
    """Whether what record `record` writes stands in NetSuite: `found` is what stands there.

    Where the expression cannot be evaluated, as when a member is missing, it has not landed.
    """
    landed = next(one.landed for one in plan.records if one.name == record)
    if landed is None:
        return False
    work = begin(plan, inputs)
    try:
        roots = gather(plan, work, inputs)
        if isinstance(roots, NotReady):
            return False
        extract(plan, work, roots)
        work.names["found"] = found
        return evaluate(landed.template, work.scope(), work.budget) is True
    except (ExpressionError, SkippedError):
        return False
