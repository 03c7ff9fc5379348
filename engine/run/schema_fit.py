"""Validate a payload against the schema of its record; a finding marks the place in the mapping.

Validation takes no steps of the budget: it costs microseconds, and every value was charged when it
was made. Findings for at most 200 mistakes cost tenths of a second, and then there is no payload.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings.diagnostics import Finding, Place
from ..findings.quote import quoted, shortened
from ..language.lines import LineGroup
from ..language.templates import find_names
from ..mapping.files.nodes import Scalar
from ..mapping.plan import Body, BodyList, BodyMap, Lines, Literal, Plan, Record, TemplateAt
from ..mapping.record_schemas import Mistake
from .outcome import Payload
from .scope import RunContext


def report_misfits(record: Record, payload: Payload, plan: Plan, context: RunContext) -> bool:
    """Add a finding for every part of a new payload that its schema refuses; return whether any."""
    schema = record.schema
    if schema is None or schema.accepts(payload.body):
        return False
    groups = _list_placed_groups(plan, context)
    mistakes = schema.mistakes(payload.body)
    if not mistakes:
        # The two validators disagree: without a finding the failure would have no reason.
        message = f"record {quoted(record.name)} does not fit the schema of {record.record}"
        context.findings.add(
            Finding(
                "E0806",
                message,
                place=record.at.place,
                hint="please report this as a bug of erpmap",
            )
        )
    for mistake in mistakes:
        place = _find_place(record.body, mistake, groups) or record.at.place
        trail = shortened(f"records.{record.name}.{mistake.trail}", 200)
        context.findings.add(
            Finding("E0806", mistake.message, place=place, hint=mistake.hint, trail=trail)
        )
    return True


def _list_placed_groups(plan: Plan, context: RunContext) -> tuple[Lines, ...]:
    """Return the group of `lines` of each line of the payload, in the payload's order."""
    lines = context.names.peek("lines")
    if not isinstance(lines, LineGroup):
        return ()
    groups = {group.name: group for group in walk_groups(plan.lines)}
    names = {id(line): line.group for line in lines.groups["all"].lines}
    return tuple(groups[names[line]] for line in context.placements if line in names)


def walk_groups(groups: tuple[Lines, ...]) -> Iterator[Lines]:
    """Yield the groups, each followed by the groups in its `after`."""
    for group in groups:
        yield group
        yield from walk_groups(group.after)


def _holds_line(body: TemplateAt, groups: tuple[Lines, ...], index: int) -> bool:
    return index < len(groups) and any(name.name == "lines" for name in find_names(body.template))


def _find_place(body: Body, mistake: Mistake, groups: tuple[Lines, ...]) -> Place | None:
    """Return the place in the mapping nearest to a mistake."""
    key: Scalar | None = None
    for step in mistake.path:
        if (
            isinstance(body, TemplateAt)
            and isinstance(step, int)
            and _holds_line(body, groups, step)
        ):
            group = groups[step]
            key, body = group.at, group.body
        elif isinstance(body, BodyList) and isinstance(step, int) and step < len(body.items):
            body = body.items[step]
        elif isinstance(body, BodyMap) and step in dict(body.entries):
            key = next((key for key in body.keys if key.text == step), None)
            body = dict(body.entries)[str(step)]
        else:
            break  # inside a template's value, or a name that the record adds itself
    else:
        if mistake.about == "name" and key is not None:
            return key.place
    at = body.at if isinstance(body, TemplateAt | Literal) else key
    return None if at is None else at.place
