"""Payload trees: templates filled in, `omit` dropped, values made JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ..errors import AbsentError
from ..language.functions import weigh
from ..language.lines import LineGroup, Reference
from ..language.templates import OMIT, evaluate
from ..plan import Body, BodyList, BodyMap, Literal, TemplateAt
from ..wording import shortened
from .extract import Lookup, scope_of
from .names import FAILED, Work


def fill(body: Body, work: Work, lookup: Lookup, trail: str) -> object:
    """The JSON value of a body: FAILED when any leaf failed, OMIT when nothing is left of it."""
    return _FILL[type(body)](body, work, lookup, trail)


def written(template: TemplateAt, work: Work, lookup: Lookup, trail: str) -> object:
    """The JSON value of one template; absence is a finding, unless it is `omit`."""

    def step() -> object:
        result = evaluate(template.template, scope_of(work, lookup), work.budget)
        if result is None:
            raise AbsentError(
                "E0707",
                f"{shortened(trail, 80)} has no value",
                hint="say `| default(omit)` to leave it out, or give another default",
                length=len(template.template.text),
            )
        weigh(result, work.budget)
        return as_json(result)

    return work.attempt(step, template.at, trail)


def as_json(value: object) -> object:
    """A template's value as JSON: groups of lines are their bodies, dates are ISO text."""
    if isinstance(value, LineGroup):
        return [line.body for line in value.lines]
    if isinstance(value, Reference):
        return {"$record": value.record, "field": value.field}
    if isinstance(value, dt.date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple):
        return list(value)
    return value


def _fill_literal(body: Literal, _work: Work, _lookup: Lookup, _trail: str) -> object:
    return body.value


def _fill_map(body: BodyMap, work: Work, lookup: Lookup, trail: str) -> object:
    filled = {
        key: fill(entry, work, lookup, f"{trail}.{key}" if trail else key)
        for key, entry in body.entries
    }
    if any(value is FAILED for value in filled.values()):
        return FAILED
    kept = {key: value for key, value in filled.items() if value is not OMIT}
    return OMIT if filled and not kept else kept


def _fill_list(body: BodyList, work: Work, lookup: Lookup, trail: str) -> object:
    filled = [fill(item, work, lookup, f"{trail}[{i}]") for i, item in enumerate(body.items)]
    if any(value is FAILED for value in filled):
        return FAILED
    kept = [value for value in filled if value is not OMIT]
    return OMIT if filled and not kept else kept


_FILL: dict[type, Callable[..., object]] = {
    Literal: _fill_literal,
    TemplateAt: written,
    BodyMap: _fill_map,
    BodyList: _fill_list,
}
