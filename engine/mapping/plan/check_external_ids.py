"""The checks of external ids: nothing in their text is unseen (E0710), and only the order decides (W0252).

The text that an order gives is checked when the order is rendered.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...findings.quote import quoted
from ...language.invisible import CLEAN, explain_unclear
from ..systems import ENSURE
from .expressions import Expressions
from .known_values import Flow
from .plan import Plan, Record, TemplateAt


def check_external_ids(plan: Plan, expressions: Expressions) -> None:
    """Report the characters that nobody sees, and the blanks at the ends, of external ids."""
    for record in plan.records:
        for trail, template in _list_ids(record):
            unclear = _explain_constant_text(template)
            if unclear is not None:
                message = f"records.{record.name}.{trail} {unclear}"
                expressions.report("E0710", message, template.at.place, CLEAN)
    flow = Flow.of(plan)
    for record in plan.records:
        if record.external_id is not None and record.write != ENSURE:
            _check_only_the_order(record.name, record.external_id, flow, expressions)


def _check_only_the_order(
    record: str, template: TemplateAt, flow: Flow, expressions: Expressions
) -> None:
    foreign = flow.list_foreign(template)
    if foreign:
        message = f"the external id of record {quoted(record)} depends on {', '.join(foreign)}"
        hint = "build it from the order alone: when the other changes, an order gets another id, and may be posted twice"
        expressions.report("W0252", message, template.at.place, hint)


def _list_ids(record: Record) -> Iterator[tuple[str, TemplateAt]]:
    if record.external_id is not None:
        yield "external_id", record.external_id
    if record.origin is not None and record.origin.external_id is not None:
        yield "from.external_id", record.origin.external_id
    yield from ((f"earlier.{name}", template) for name, template in record.earlier)


def _explain_constant_text(template: TemplateAt) -> str | None:
    """Return what nobody sees in the text around the expressions of an id."""
    parts = template.template.parts
    texts = [part if isinstance(part, str) else "x" for part in parts]
    return explain_unclear("".join(texts))
