"""Fields and values become Python: extracted, typed, and put under their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ...findings.errors import ExpressionError, NotCompiledError
from ...language.types import convert
from ...mapping.plan import AnyField, Choice, Entries, Field, Join, Value
from .path_code import path_value
from .path_context import Here, path_truth
from .shapes import (
    DECIMAL,
    INT,
    JSON,
    LIST,
    MAP,
    MOMENT,
    NEVER,
    NULL,
    NUMBERS,
    TEXT,
    TRUTH,
    KnownValue,
    Shape,
    joined,
    shape_of,
)
from .template_code import template_value
from .template_environment import Environment

# The field that says which currency all money of the order is in.
CURRENCY = "currency"


def compile_fields(fields: Iterable[AnyField], roots: Here, env: Environment) -> Environment:
    """The environment with every field."""
    for field in fields:
        env.out.note(f"fields.{field.name}")
        value = _HOW[type(field)](field, roots, env)
        env = env.with_names({field.name: value})
        if field.name == CURRENCY:
            unit = env.out.let(
                f"CURRENCY_UNITS.get({value.code}) if {value.code}.__class__ is str else None"
            )
            env.out.put(f"currency = {value.code} if {value.code}.__class__ is str else None")
            env = replace(env, unit=unit)
    return env


def compile_values(values: Iterable[Value], env: Environment) -> Environment:
    """The environment with every value; later ones may use earlier ones."""
    for value in values:
        env.out.note(f"values.{value.name}")
        found = template_value(value.template.template, env)
        if found.group is not None:
            raise NotCompiledError(f"the value {value.name} is a group of lines")
        result = _typed(found, value.type, env, optional=value.optional)
        env = env.with_names({value.name: result})
    return env


def _field(field: Field, roots: Here, env: Environment) -> KnownValue:
    found = path_value(field.path.path, roots, env.out)
    if field.default is None or field.default.value is None:
        return _typed(found, field.type, env, optional=field.optional)
    return _or_default(found, field, field.default.value, env)


def _or_default(found: KnownValue, field: Field, value: object, env: Environment) -> KnownValue:
    """The value found, or else the default, each as the field's type."""
    out = env.out
    default = _default(value, field.type, env)
    result = out.let(default.code)
    with out.block(f"if {found.code} is not None"):
        there = _typed(found.sure(), field.type, env, optional=False)
        out.put(f"{result} = {there.code}")
    return KnownValue(result, joined(there.shape, default.shape))


def _default(value: object, type_name: str | None, env: Environment) -> KnownValue:
    """The default as the field's type, converted once."""
    try:
        converted = convert(value, type_name)
    except ExpressionError as error:
        raise NotCompiledError(f"a default is no {type_name}") from error
    return KnownValue(env.out.constant(converted), shape_of(converted), converted)


def _typed(
    found: KnownValue, type_name: str | None, env: Environment, *, optional: bool
) -> KnownValue:
    """The value as a type; null only where it is optional."""
    out, shape = env.out, found.shape
    if shape.kind in {"any", "omit", "reference"} and type_name is None:
        # What may be `omit` can be a value too; what it is, is asked wherever it is used.
        if not optional:
            out.doubt_if(f"{found.code} is None")
        return found
    if not shape.null and shape.kind != "any":
        return _converted(found, type_name, env)
    if not optional:
        out.doubt_if(f"{found.code} is None")
        return _converted(found.sure() if not shape.omit else found, type_name, env)
    if type_name is None:
        return found
    result = out.let("None")
    with out.block(f"if {found.code} is not None"):
        there = _converted(found.sure() if not shape.omit else found, type_name, env)
        out.put(f"{result} = {there.code}")
    return KnownValue(result, joined(there.shape, NULL))


def _converted(found: KnownValue, type_name: str | None, env: Environment) -> KnownValue:
    """A value that is there, as a type."""
    if type_name is None:
        return found
    target = _SHAPES.get(type_name)
    if target is None:
        raise NotCompiledError(f"the type {type_name} has no short form")
    shape = found.shape
    if shape.kind == target.kind and shape.is_sure and type_name not in _ALWAYS_CHECKED:
        return found
    if type_name in {"list", "table"} and shape.kind == target.kind and not shape.omit:
        return found.sure()
    code = f"to_{type_name}({found.code})"
    quick = _QUICK.get(type_name)
    if quick is not None and (type_name == "integer" or shape.kind in NUMBERS):
        code = f"{found.code} if {quick.format(found.code)} else {code}"
    result = env.out.once(code)
    if type_name in {"decimal", "money"} and shape.kind in NUMBERS:
        env.out.remember(("number", result), KnownValue(result, target))
    return KnownValue(result, target)


def _choice(choice: Choice, roots: Here, env: Environment) -> KnownValue:
    result = env.out.fresh()
    shape = _option(choice, 0, result, roots, env)
    return KnownValue(result, shape)


def _option(choice: Choice, index: int, result: str, roots: Here, env: Environment) -> Shape:
    """The option at `index` if it holds, else those behind it."""
    out = env.out
    if index == len(choice.options):
        out.put("raise DoubtError")
        return NEVER
    option = choice.options[index]
    if option.when is None:
        found = _HOW[type(option.how)](option.how, roots, env)
        out.put(f"{result} = {found.code}")
        return found.shape
    holds = path_value(option.when.path, roots, out)
    with out.block(f"if {path_truth(holds)}"):
        found = _HOW[type(option.how)](option.how, roots, env)
        out.put(f"{result} = {found.code}")
    with out.block("else"):
        rest = _option(choice, index + 1, result, roots, env)
    return joined(found.shape, rest)


def _entries(entries: Entries, roots: Here, env: Environment) -> KnownValue:
    out = env.out
    whole = Field(entries.name, entries.each, "list", entries.optional, entries.default)
    elements = _field(whole, roots, env)
    if elements.shape.null:
        result = out.let("None")
        with out.block(f"if {elements.code} is not None"):
            found = _list_of(entries, elements.sure(), roots, env)
            out.put(f"{result} = {found.code}")
        return KnownValue(result, found.shape.or_null())
    return _list_of(entries, elements, roots, env)


def _list_of(entries: Entries, elements: KnownValue, roots: Here, env: Environment) -> KnownValue:
    out = env.out
    indices = {join.name: _index(join, roots, env) for join in entries.joins}
    result, element = out.let("[]"), out.fresh()
    inside = elements.shape.element or JSON
    with out.loop(f"for {element} in {elements.code}", elements.code):
        here = _with_joins(entries, KnownValue(element, inside), indices, env)
        own = {field.name: _field(field, here, env) for field in entries.fields}
        out.pay(1 + len(own))
        inner = compile_values(entries.values, env.with_names(own))
        own |= {value.name: _held(inner.names[value.name], env) for value in entries.values}
        display = ", ".join(f"{name!r}: {value.code}" for name, value in own.items())
        out.put(f"{result}.append({{{display}}})")
    members = {name: value.shape for name, value in own.items()}
    return KnownValue(result, Shape("list", element=Shape("map", members=members)))


def _held(value: KnownValue, env: Environment) -> KnownValue:
    """A value that an entry can hold: what is known of an entry may be lost, and `omit` with it."""
    if not (value.shape.omit or value.shape.kind == "any"):
        return value
    env.out.doubt_if(f"{value.code} is OMIT")
    return replace(value, shape=replace(value.shape, omit=False))


def _with_joins(
    entries: Entries, element: KnownValue, indices: Mapping[str, str], env: Environment
) -> Here:
    """The element, with the matching element of each joined list under the join's name."""
    out = env.out
    if not entries.joins:
        return Here(element)
    if not element.shape.is_a("map"):
        out.doubt_if(f"{element.code}.__class__ is not dict")
        element = replace(
            element, shape=Shape("map") if element.shape.kind != "map" else element.shape.sure()
        )
    partners = {}
    for join in entries.joins:
        key = path_value(join.on.path, Here(element), out)
        partner = out.let(f"{indices[join.name]}.get(key_of({key.code}))")
        partners[join.name] = KnownValue(partner, JSON)
    return Here(element, partners)


def _index(join: Join, roots: Here, env: Environment) -> str:
    """The other list's elements by key; of two with one key the first counts."""
    out = env.out
    others = path_value(join.source.path, roots, out)
    index, other, key = out.let("{}"), out.fresh(), out.fresh()
    with (
        out.block(f"if isinstance({others.code}, list)"),
        out.loop(f"for {other} in {others.code}", others.code),
    ):
        found = path_value(join.on.path, Here(KnownValue(other, JSON)), out)
        out.put(f"{key} = key_of({found.code})")
        with out.block(f"if {key} is not None"):
            out.put(f"{index}.setdefault({key}, {other})")
    return index


# What a field of a type is; a type that is not here is interpreted.
_SHAPES: dict[str, Shape] = {
    "string": TEXT,
    "integer": INT,
    "decimal": DECIMAL,
    "money": DECIMAL,
    "datetime": MOMENT,
    "boolean": TRUTH,
    "id": TEXT,
    "list": LIST,
    "table": MAP,
    "timezone": TEXT,
}
# Their class alone does not make them of the type.
_ALWAYS_CHECKED = frozenset({"id", "timezone"})
# Where this holds the value is of the type already; amounts were looked at when they were read.
_QUICK = {
    "integer": "{0}.__class__ is int and -1000000000 < {0} < 1000000000",
    "decimal": "{0}.__class__ is Decimal",
    "money": "{0}.__class__ is Decimal",
}
_HOW: dict[type[AnyField], Callable[..., KnownValue]] = {
    Field: _field,
    Entries: _entries,
    Choice: _choice,
}
