"""Build payload trees: evaluate templates, drop `omit`, convert values to JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from ..findings.errors import AbsentError, ExpressionError
from ..findings.quote import shortened
from ..language.functions import as_text, weigh
from ..language.lines import LineGroup, Reference, RenderedLine
from ..language.templates import OMIT, evaluate
from ..mapping.plan import Body, BodyList, BodyMap, Literal, TemplateAt
from .scope import FAILED, RunContext


def fill_body(body: Body, context: RunContext, trail: str) -> object:
    """Return the JSON value of a body: FAILED if any leaf failed, OMIT if nothing is left of it."""
    return _FILL[type(body)](body, context, trail)


def fill_template(
    template: TemplateAt, context: RunContext, trail: str, *, is_placed: bool = False
) -> object:
    """Return the JSON value of one template; an absent value is a finding, `omit` is not.

    With `is_placed` the value becomes part of a payload: the lines in it are counted.
    """

    def step() -> object:
        result = evaluate(template.template, context.scope(), context.budget)
        if result is None:
            raise AbsentError(
                "E0707",
                f"{shortened(trail, 80)} has no value",
                hint="write `| default(omit)` to leave it out, or give another default",
                length=len(template.template.text),
            )
        weigh(result, context.budget)
        if is_placed and isinstance(result, LineGroup):
            context.placements.update(map(id, result.lines))
        return as_json(result)

    return context.attempt(step, template.at, trail)


def as_json(value: object) -> object:
    """Return a JSON copy of a template's value: line groups become their bodies, dates ISO text.

    Raise ExpressionError (E0413) for `omit` inside a list or map.
    """
    convert = next((converter for type_, converter in _AS_JSON if isinstance(value, type_)), None)
    return value if convert is None else convert(value)


def _inner_json(value: object) -> object:
    if value is OMIT:
        message = "`omit` is inside a list or map"
        raise ExpressionError("E0413", message, hint="`omit` can only be the whole value of a key")
    return as_json(value)


def _fill_literal(body: Literal, context: RunContext, _trail: str) -> object:
    weigh(body.value, context.budget)
    return as_json(body.value)


def _fill_map(body: BodyMap, context: RunContext, trail: str) -> object:
    filled = {
        key: fill_body(entry, context, f"{trail}.{key}" if trail else key)
        for key, entry in body.entries
    }
    if any(value is FAILED for value in filled.values()):
        return FAILED
    kept = {key: value for key, value in filled.items() if value is not OMIT}
    return OMIT if filled and not kept else kept


def _fill_list(body: BodyList, context: RunContext, trail: str) -> object:
    filled = [fill_body(item, context, f"{trail}[{i}]") for i, item in enumerate(body.items)]
    if any(value is FAILED for value in filled):
        return FAILED
    kept = [value for value in filled if value is not OMIT]
    return OMIT if filled and not kept else kept


_AS_JSON: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (LineGroup, lambda group: [as_json(line.body) for line in group.lines]),
    (RenderedLine, lambda line: as_json(line.body)),
    (Reference, lambda reference: {"$record": reference.record, "field": reference.field}),
    (dt.date, lambda day: day.isoformat().replace("+00:00", "Z")),
    (dict, lambda value: {as_text(key): _inner_json(inner) for key, inner in value.items()}),
    (list, lambda value: [_inner_json(inner) for inner in value]),
    (tuple, lambda value: [_inner_json(inner) for inner in value]),
)
_FILL: dict[type, Callable[..., object]] = {
    Literal: _fill_literal,
    TemplateAt: partial(fill_template, is_placed=True),
    BodyMap: _fill_map,
    BodyList: _fill_list,
}
