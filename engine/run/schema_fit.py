"""Does a payload fit what NetSuite takes for its record? Findings where the mapping says otherwise.

It charges nothing: the answer costs microseconds for a payload whose every value has been charged
when it was made, and the words for at most 200 mistakes tenths of a second, after which there is no
payload.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings.diagnostics import Finding, Place
from ..findings.quote import quoted, shortened
from ..language.lines import LineGroup
from ..language.templates import template_names
from ..mapping.files.nodes import Scalar
from ..mapping.plan import Body, BodyList, BodyMap, Lines, Literal, Plan, Record, TemplateAt
from ..mapping.record_schemas import Mistake
from .outcome import Payload
from .scope import RunContext


def misfits(record: Record, payload: Payload, plan: Plan, work: RunContext) -> bool:
    """A finding for everything in a payload just built that its record's schema does not have."""
    schema = record.schema
    if schema is None or schema.accepts(payload.body):
        return False
    groups = _groups_placed(plan, work)
    mistakes = schema.mistakes(payload.body)
    if not mistakes:
        # The two validators do not agree: without a finding nobody would know why it failed.
        message = f"record {quoted(record.name)} does not fit the schema of {record.record}"
        work.trouble.add(
            Finding("E0806", message, place=record.at.place, hint="please report this")
        )
    for mistake in mistakes:
        place = _place(record.body, mistake, groups) or record.at.place
        trail = shortened(f"records.{record.name}.{mistake.trail}", 200)
        work.trouble.add(
            Finding("E0806", mistake.message, place=place, hint=mistake.hint, trail=trail)
        )
    return True


def _groups_placed(plan: Plan, work: RunContext) -> tuple[Lines, ...]:
    """Which group of `lines` each line of the payload comes from, in the order they stand there."""
    lines = work.names.known("lines")
    if not isinstance(lines, LineGroup):
        return ()
    groups = {group.name: group for group in every_group(plan.lines)}
    names = {id(line): line.group for line in lines.groups["all"].lines}
    return tuple(groups[names[line]] for line in work.written if line in names)


def every_group(groups: tuple[Lines, ...]) -> Iterator[Lines]:
    """The groups and those behind them."""
    for group in groups:
        yield group
        yield from every_group(group.after)


def _holds_line(body: TemplateAt, groups: tuple[Lines, ...], index: int) -> bool:
    return index < len(groups) and any(
        name.name == "lines" for name in template_names(body.template)
    )


def _place(body: Body, mistake: Mistake, groups: tuple[Lines, ...]) -> Place | None:
    """Where the mapping says what a mistake is about, as near as it can be told."""
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
            break  # deeper in what a template gave, or a name that the record adds itself
    else:
        if mistake.is_of_name and key is not None:
            return key.place
    at = body.at if isinstance(body, TemplateAt | Literal) else key
    return None if at is None else at.place
