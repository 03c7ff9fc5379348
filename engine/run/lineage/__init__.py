"""The lineage of an order: which source values each value of its payloads comes from, step by step.

It is the interpreter of a plan once more, with values that carry their causes. Nothing else uses it: to render
an order costs what it did. It over-approximates: a value may not depend on a cause that is named, but never
depends on a source value that is not.
"""

from __future__ import annotations

from .causes import Cause, LineageStep, Role, SourceValue, StepKind, list_sources
from .order_lineage import CheckLineage, Leaf, OrderLineage, trace_order

__all__ = [
    "Cause",
    "CheckLineage",
    "Leaf",
    "LineageStep",
    "OrderLineage",
    "Role",
    "SourceValue",
    "StepKind",
    "list_sources",
    "trace_order",
]
