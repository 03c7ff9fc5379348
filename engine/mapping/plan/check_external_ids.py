"""The check of the constant text in external ids: nothing in it is unseen (E0710).

The text that an order gives is checked when the order is rendered.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...language.invisible import CLEAN, explain_unclear
from .expressions import Expressions
from .plan import Plan, Record, TemplateAt


def check_external_ids(plan: Plan, expressions: Expressions) -> None:
    """Report the characters that nobody sees, and the blanks at the ends, of external ids."""
    for record in plan.records:
        for trail, template in _list_ids(record):
            unclear = _explain_constant_text(template)
            if unclear is not None:
                message = f"records.{record.name}.{trail} {unclear}"
                expressions.report("E0710", message, template.at.place, CLEAN)


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
