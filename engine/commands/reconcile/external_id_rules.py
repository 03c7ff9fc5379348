"""Predicts the external id of an order's transaction from the order's id or number. Pure.

This works for `external_id: "SO-{{ external_id }}"` with the field `external_id: order.externalId`.
For a template that computes a value, the order must be rendered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...language.templates.nodes import Name
from ...mapping.plan import Field, Plan, Record, TemplateAt
from ...netsuite import LONGEST_ID, safe_id
from .shop_orders import ShopOrder

# The events of orders themselves; others are of returns, cancellations, fulfilments.
_EVENTS = frozenset(("order.opened", "order.created"))
NUMBER, ID = "number", "id"
_IN_EVENT = {"event.payload.external_id": NUMBER, "event.payload.id": ID}
_IN_ORDER = {"externalId": NUMBER, "id": ID}
_ENCODED = re.compile(r"_x([0-9A-F]+)_")


@dataclass(frozen=True, slots=True)
class IdPattern:
    """The external id of a mapping's transaction: a member of the order between two texts."""

    mapping: str
    record: str
    before: str
    member: str
    after: str

    def external_id(self, order: ShopOrder) -> str | None:
        """Return the external id as it is sent to NetSuite; None without the member, or if too long."""
        value = order.number if self.member == NUMBER else order.id
        external_id = safe_id(f"{self.before}{value}{self.after}")
        return external_id if value and len(external_id) <= LONGEST_ID else None

    def member_in(self, external_id: str) -> str | None:
        """Return the order's member in an external id; None if the id does not match the pattern."""
        before, after = safe_id(self.before), safe_id(self.after)
        end = len(external_id) - len(after)
        is_ours = external_id.startswith(before) and external_id.endswith(after)
        if not is_ours or end <= len(before):
            return None
        return _ENCODED.sub(lambda match: chr(int(match[1], 16)), external_id[len(before) : end])


def select_order_plans(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """Return the mappings that write a transaction for an order itself."""
    return tuple(plan for plan in plans if plan.trigger.event in _EVENTS and plan.records)


def find_id_patterns(plans: Sequence[Plan]) -> Mapping[str, IdPattern]:
    """Return the patterns of the mappings whose external id follows from the order, by mapping."""
    found = ((plan, main_record(plan)) for plan in plans)
    patterns = (_id_pattern(plan, record) for plan, record in found)
    return {pattern.mapping: pattern for pattern in patterns if pattern is not None}


def main_record(plan: Plan) -> Record:
    """Return the record that represents the order: the last, which the others are written for."""
    return plan.records[-1]


def _id_pattern(plan: Plan, record: Record) -> IdPattern | None:
    parts = _split_template(record.external_id)
    if parts is None:
        return None
    before, name, after = parts
    field = next(
        (field for field in plan.fields if isinstance(field, Field) and field.name == name), None
    )
    member = None if field is None else _order_member(plan, field.path.path.text.strip())
    return (
        None
        if member is None
        else IdPattern(
            mapping=plan.name, record=record.record, before=before, member=member, after=after
        )
    )


def _split_template(template: TemplateAt | None) -> tuple[str, str, str] | None:
    """Return the text before the only name in a template, the name, and the text after it."""
    parts = () if template is None else template.template.parts
    names = [index for index, part in enumerate(parts) if not isinstance(part, str)]
    if len(names) != 1:
        return None
    (at,) = names
    node = parts[at]
    if not isinstance(node, Name):
        return None
    before, after = ("".join(map(str, texts)) for texts in (parts[:at], parts[at + 1 :]))
    return before, node.name, after


def _order_member(plan: Plan, path: str) -> str | None:
    """Return the member of an order that a path reads, from the event or from the queried order."""
    if path in _IN_EVENT:
        return _IN_EVENT[path]
    source_name, _, member = path.partition(".")
    queried = (
        source.select for source in plan.sources if source.name == source_name and source.graphql
    )
    is_order = any(select is not None and select.path.text.strip() == "order" for select in queried)
    return _IN_ORDER.get(member) if is_order else None
