"""Extract fields from the documents by JMESPath, then compute values from fields by templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..documents.exact import Number, format_plain
from ..findings.errors import AbsentError, ExpressionError
from ..findings.quote import quoted
from ..language.paths import evaluate_path
from ..language.templates import evaluate
from ..language.types import convert_value
from ..mapping.plan import AnyField, Entries, Field, FieldChoice, Join, Plan, Value
from .envelope import evaluate_in, is_true_in_paths
from .scope import FAILED, RunContext

# The field that holds the currency of all amounts of the order.
CURRENCY = "currency"
Roots = Mapping[str, object]


def extract_fields(plan: Plan, context: RunContext, roots: Roots) -> None:
    """Add every field and every value to `context.names`."""
    for field in plan.fields:
        value = _READERS[type(field)](field, context, roots)
        context.names[field.name] = value
        if field.name == CURRENCY:
            context.currency = value if isinstance(value, str) else None
    compute_values(plan.values, context)


def compute_values(values: Iterable[Value], context: RunContext, trail: str = "values") -> None:
    """Add each value to `context.names`, in order; a value may use the values before it."""
    for value in values:
        context.names[value.name] = _compute_value(value, context, f"{trail}.{value.name}")


def _read_field(field: Field, context: RunContext, roots: Roots) -> object:
    return _read_path(field, context, roots, f"fields.{field.name}")


def _read_path(field: Field, context: RunContext, root: object, trail: str) -> object:
    def step() -> object:
        found = evaluate_path(field.path.path, root, context.budget)
        if found is None and field.default is not None:
            found = field.default.value
        if found is None:
            if field.optional:
                return None
            raise AbsentError(
                "E0705",
                f"{field.path.path.text} is absent",
                hint="if it may be absent, write `optional: true` or give a `default`",
                length=len(field.path.path.text),
            )
        return _convert_value(found, field.type, field.path.path.text)

    return context.attempt(step, field.path.at, trail)


def _convert_value(value: object, type_name: str | None, text: str) -> object:
    """Convert a value to its type; an error marks the whole expression `text`."""
    try:
        return convert_value(value, type_name)
    except ExpressionError as error:
        error.length = len(text)
        raise


def _read_choice(choice: FieldChoice, context: RunContext, roots: Roots) -> object:
    for option in choice.options:
        if option.when is not None:
            holds = evaluate_in(context, option.when, roots, f"fields.{choice.name}.{option.name}")
            if holds is FAILED:
                return FAILED
            if not is_true_in_paths(holds):
                continue
        return _READERS[type(option.field)](option.field, context, roots)
    error = AbsentError(
        "E0706",
        f"no option of {quoted(choice.name)} holds",
        hint=_NO_OPTION,
        length=len(choice.name),
    )
    context.findings.add_error(error, choice.at, f"fields.{choice.name}")
    return FAILED


def _read_entries(entries: Entries, context: RunContext, roots: Roots) -> object:
    trail = f"fields.{entries.name}"
    whole = Field(
        name=entries.name,
        at=entries.at,
        path=entries.each,
        type="list",
        optional=entries.optional,
        default=entries.default,
    )
    elements = _read_path(whole, context, roots, trail)
    if elements is FAILED or elements is None:
        return elements
    assert isinstance(elements, list | tuple)
    joined = {
        join.name: _index_join(join, context, roots, f"{trail}.{join.name}")
        for join in entries.joins
    }
    found = [
        _read_entry(
            entries, context, _join_element(entries, context, element, joined), f"{trail}[{index}]"
        )
        for index, element in enumerate(elements)
    ]
    return FAILED if any(entry is FAILED for entry in found) else found


def _read_entry(entries: Entries, context: RunContext, element: object, trail: str) -> object:
    own: dict[str, object] = {}
    for field in entries.fields:
        own[field.name] = _read_path(field, context, element, f"{trail}.{field.name}")
    if entries.values:
        inner = context.with_names(own)
        compute_values(entries.values, inner, trail)
        own |= {value.name: inner.names.peek(value.name) for value in entries.values}
    return FAILED if any(value is FAILED for value in own.values()) else own


def _join_element(
    entries: Entries,
    context: RunContext,
    element: object,
    joined: Mapping[str, Mapping[str, object]],
) -> object:
    """Add the matching element of each joined list to an element, under the join's name."""
    if not entries.joins or not isinstance(element, dict):
        return element
    partners: dict[str, object] = {}
    for join in entries.joins:
        index = joined[join.name]
        key = evaluate_in(context, join.on, element, f"fields.{entries.name}.{join.name}")
        shared = _join_key(key)
        partners[join.name] = None if shared is None else index.get(shared)
    return element | partners


def _index_join(join: Join, context: RunContext, roots: Roots, trail: str) -> dict[str, object]:
    """Index the elements of the joined list by key; the first of two equal keys counts."""
    elements = evaluate_in(context, join.source, roots, trail)
    index: dict[str, object] = {}
    for element in elements if isinstance(elements, list) else ():
        key = evaluate_in(context, join.on, element, trail)
        shared = _join_key(key)
        if shared is not None:
            index.setdefault(shared, element)
    return index


def _join_key(key: object) -> str | None:
    """Return a key as text, so that a number equals its text; None for any other kind."""
    if isinstance(key, str):
        return key
    return format_plain(key) if isinstance(key, Number) and not isinstance(key, bool) else None


def _compute_value(value: Value, context: RunContext, trail: str) -> object:
    def step() -> object:
        result = evaluate(value.template.template, context.scope(), context.budget)
        if result is None:
            if value.optional:
                return None
            raise AbsentError(
                "E0705",
                f"the value {quoted(value.name)} is absent",
                hint="if it may be absent, write `optional: true` or use `default(…)`",
                length=len(value.template.template.text),
            )
        return _convert_value(result, value.type, value.template.template.text)

    return context.attempt(step, value.template.at, trail)


_READERS: dict[type[AnyField], Callable[..., object]] = {
    Field: _read_field,
    Entries: _read_entries,
    FieldChoice: _read_choice,
}
_NO_OPTION = "leave `when` out of the last option, which then holds always"
