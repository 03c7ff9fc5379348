"""Fields out of the documents by JMESPath, then values out of the fields by templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..documents.exact import Number, plain
from ..findings.errors import AbsentError, ExpressionError
from ..findings.quote import quoted
from ..language.paths import evaluate_path
from ..language.templates import evaluate
from ..language.types import convert
from ..mapping.plan import AnyField, Choice, Entries, Field, Join, Plan, Value
from .envelope import evaluate_in, is_true
from .scope import FAILED, RunContext

# The field that says which currency all money of the order is in.
CURRENCY = "currency"
Roots = Mapping[str, object]


def extract(plan: Plan, work: RunContext, roots: Roots) -> None:
    """Put every field and every value into `work.names`."""
    for field in plan.fields:
        value = _HOW[type(field)](field, work, roots)
        work.names[field.name] = value
        if field.name == CURRENCY:
            work.currency = value if isinstance(value, str) else None
    compute(plan.values, work)


def compute(values: Iterable[Value], work: RunContext, trail: str = "values") -> None:
    """Put each value into `work.names`, in order; later ones may use earlier ones."""
    for value in values:
        work.names[value.name] = _value(value, work, f"{trail}.{value.name}")


def _field(field: Field, work: RunContext, roots: Roots) -> object:
    return _read(field, work, roots, f"fields.{field.name}")


def _read(field: Field, work: RunContext, root: object, trail: str) -> object:
    def step() -> object:
        found = evaluate_path(field.path.path, root, work.budget)
        if found is None and field.default is not None:
            found = field.default.value
        if found is None:
            if field.optional:
                return None
            raise AbsentError(
                "E0705",
                f"{field.path.path.text} is absent",
                hint="if that is fine, say `optional: true` or give a `default`",
                length=len(field.path.path.text),
            )
        return _typed(found, field.type, field.path.path.text)

    return work.attempt(step, field.path.at, trail)


def _typed(value: object, type_name: str | None, written: str) -> object:
    """The value as its type; an error is about the whole of what was `written` to get it."""
    try:
        return convert(value, type_name)
    except ExpressionError as error:
        error.length = len(written)
        raise


def _choice(choice: Choice, work: RunContext, roots: Roots) -> object:
    for option in choice.options:
        if option.when is not None:
            holds = evaluate_in(work, option.when, roots, f"fields.{choice.name}.{option.name}")
            if holds is FAILED:
                return FAILED
            if not is_true(holds):
                continue
        return _HOW[type(option.how)](option.how, work, roots)
    error = AbsentError(
        "E0706",
        f"no option of {quoted(choice.name)} holds",
        hint=_NO_OPTION,
        length=len(choice.name),
    )
    work.trouble.add_error(error, choice.at, f"fields.{choice.name}")
    return FAILED


def _entries(entries: Entries, work: RunContext, roots: Roots) -> object:
    trail = f"fields.{entries.name}"
    whole = Field(entries.name, entries.each, "list", entries.optional, entries.default)
    elements = _read(whole, work, roots, trail)
    if elements is FAILED or elements is None:
        return elements
    assert isinstance(elements, list | tuple)
    joined = {
        join.name: _index(join, work, roots, f"{trail}.{join.name}") for join in entries.joins
    }
    found = [
        _entry(entries, work, _with_joins(entries, work, element, joined), f"{trail}[{index}]")
        for index, element in enumerate(elements)
    ]
    return FAILED if any(entry is FAILED for entry in found) else found


def _entry(entries: Entries, work: RunContext, element: object, trail: str) -> object:
    own: dict[str, object] = {}
    for field in entries.fields:
        own[field.name] = _read(field, work, element, f"{trail}.{field.name}")
    if entries.values:
        inner = work.inside(own)
        compute(entries.values, inner, trail)
        own |= {value.name: inner.names.known(value.name) for value in entries.values}
    return FAILED if any(value is FAILED for value in own.values()) else own


def _with_joins(
    entries: Entries, work: RunContext, element: object, joined: Mapping[str, Mapping[str, object]]
) -> object:
    """The element with the matching element of each joined list under the join's name."""
    if not entries.joins or not isinstance(element, dict):
        return element
    partners: dict[str, object] = {}
    for join in entries.joins:
        index = joined[join.name]
        key = evaluate_in(work, join.on, element, f"fields.{entries.name}.{join.name}")
        shared = _key(key)
        partners[join.name] = None if shared is None else index.get(shared)
    return element | partners


def _index(join: Join, work: RunContext, roots: Roots, trail: str) -> dict[str, object]:
    """The other list's elements by key; of two with one key the first counts."""
    others = evaluate_in(work, join.source, roots, trail)
    index: dict[str, object] = {}
    for other in others if isinstance(others, list) else ():
        key = evaluate_in(work, join.on, other, trail)
        shared = _key(key)
        if shared is not None:
            index.setdefault(shared, other)
    return index


def _key(key: object) -> str | None:
    """Ids are compared as text: a number and its text are the same id; all else is none."""
    if isinstance(key, str):
        return key
    return plain(key) if isinstance(key, Number) and not isinstance(key, bool) else None


def _value(value: Value, work: RunContext, trail: str) -> object:
    def step() -> object:
        result = evaluate(value.template.template, work.scope(), work.budget)
        if result is None:
            if value.optional:
                return None
            raise AbsentError(
                "E0705",
                f"the value {quoted(value.name)} is absent",
                hint="if that is fine, say `optional: true` or use `default(…)`",
                length=len(value.template.template.text),
            )
        return _typed(result, value.type, value.template.template.text)

    return work.attempt(step, value.template.at, trail)


_HOW: dict[type[AnyField], Callable[..., object]] = {
    Field: _field,
    Entries: _entries,
    Choice: _choice,
}
_NO_OPTION = "let the last option have no `when`"
