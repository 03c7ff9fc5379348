"""Compile fields and values: extract them, convert them to their types, name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ...findings.errors import ExpressionError, NotCompiledError
from ...language.types import convert_value
from ...mapping.plan import AnyField, Entries, Field, FieldChoice, Join, Value
from .path_code import compile_path
from .path_context import PathContext, path_truth_condition
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
    join_shapes,
    shape_of,
)
from .template_code import compile_template
from .template_environment import Environment

# The field that holds the currency of all amounts of the order.
CURRENCY = "currency"


def compile_fields(fields: Iterable[AnyField], roots: PathContext, env: Environment) -> Environment:
    """Compile every field; return the environment with their names."""
    for field in fields:
        env.out.note(f"fields.{field.name}")
        value = _COMPILERS[type(field)](field, roots, env)
        env = env.with_names({field.name: value})
        if field.name == CURRENCY:
            unit = env.out.let(
                f"{env.units}.get({value.code}) if {value.code}.__class__ is str else None"
            )
            env.out.put(f"currency = {value.code} if {value.code}.__class__ is str else None")
            env = replace(env, unit=unit)
    return env


def compile_values(values: Iterable[Value], env: Environment) -> Environment:
    """Compile every value, which may use those before it; return the environment with their names."""
    for value in values:
        env.out.note(f"values.{value.name}")
        found = compile_template(value.template.template, env)
        if found.group is not None:
            raise NotCompiledError(f"the value {value.name} is a group of lines")
        result = _compile_typed(found, value.type, env, optional=value.optional)
        env = env.with_names({value.name: result})
    return env


def _compile_field(field: Field, roots: PathContext, env: Environment) -> KnownValue:
    found = compile_path(field.path.path, roots, env.out)
    if field.default is None or field.default.value is None:
        return _compile_typed(found, field.type, env, optional=field.optional)
    return _compile_with_default(found, field, field.default.value, env)


def _compile_with_default(
    found: KnownValue, field: Field, value: object, env: Environment
) -> KnownValue:
    """Compile the found value or else the default, each as the field's type."""
    out = env.out
    default = _convert_default(value, field.type, env)
    result = out.let(default.code)
    with out.block(f"if {found.code} is not None"):
        typed = _compile_typed(found.sure(), field.type, env, optional=False)
        out.put(f"{result} = {typed.code}")
    return KnownValue(result, join_shapes(typed.shape, default.shape))


def _convert_default(value: object, type_name: str | None, env: Environment) -> KnownValue:
    """Convert the default to the field's type, once."""
    try:
        converted = convert_value(value, type_name)
    except ExpressionError as error:
        raise NotCompiledError(f"a default is not of the type {type_name}") from error
    return KnownValue(env.out.constant(converted), shape_of(converted), converted)


def _compile_typed(
    found: KnownValue, type_name: str | None, env: Environment, *, optional: bool
) -> KnownValue:
    """Compile the conversion to a type; null raises doubt unless the value is optional."""
    out, shape = env.out, found.shape
    if shape.kind in {"any", "omit", "reference"} and type_name is None:
        # A value that may be `omit` can also be a value: each use checks it.
        if not optional:
            out.doubt_if(f"{found.code} is None")
        return found
    if not shape.null and shape.kind != "any":
        return _convert_value(found, type_name, env)
    if not optional:
        out.doubt_if(f"{found.code} is None")
        return _convert_value(found.sure() if not shape.omit else found, type_name, env)
    if type_name is None:
        return found
    result = out.let("None")
    with out.block(f"if {found.code} is not None"):
        typed = _convert_value(found.sure() if not shape.omit else found, type_name, env)
        out.put(f"{result} = {typed.code}")
    return KnownValue(result, join_shapes(typed.shape, NULL))


def _convert_value(found: KnownValue, type_name: str | None, env: Environment) -> KnownValue:
    """Compile the conversion of a value that is not null."""
    if type_name is None:
        return found
    target = _SHAPES.get(type_name)
    if target is None:
        raise NotCompiledError(f"the type {type_name} cannot be compiled")
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


def _compile_choice(choice: FieldChoice, roots: PathContext, env: Environment) -> KnownValue:
    result = env.out.new_name()
    shape = _compile_option(choice, 0, result, roots, env)
    return KnownValue(result, shape)


def _compile_option(
    choice: FieldChoice, index: int, result: str, roots: PathContext, env: Environment
) -> Shape:
    """Compile the option at `index`, and the options after it for the case that it does not hold."""
    out = env.out
    if index == len(choice.options):
        out.put("raise DoubtError")
        return NEVER
    option = choice.options[index]
    if option.when is None:
        found = _COMPILERS[type(option.field)](option.field, roots, env)
        out.put(f"{result} = {found.code}")
        return found.shape
    holds = compile_path(option.when.path, roots, out)
    with out.block(f"if {path_truth_condition(holds)}"):
        found = _COMPILERS[type(option.field)](option.field, roots, env)
        out.put(f"{result} = {found.code}")
    with out.block("else"):
        rest = _compile_option(choice, index + 1, result, roots, env)
    return join_shapes(found.shape, rest)


def _compile_entries(entries: Entries, roots: PathContext, env: Environment) -> KnownValue:
    out = env.out
    whole = Field(
        name=entries.name,
        at=entries.at,
        path=entries.each,
        type="list",
        optional=entries.optional,
        default=entries.default,
    )
    elements = _compile_field(whole, roots, env)
    if elements.shape.null:
        result = out.let("None")
        with out.block(f"if {elements.code} is not None"):
            found = _compile_list(entries, elements.sure(), roots, env)
            out.put(f"{result} = {found.code}")
        return KnownValue(result, found.shape.or_null())
    return _compile_list(entries, elements, roots, env)


def _compile_list(
    entries: Entries, elements: KnownValue, roots: PathContext, env: Environment
) -> KnownValue:
    out = env.out
    indices = {join.name: _compile_index(join, roots, env) for join in entries.joins}
    result, element = out.let("[]"), out.new_name()
    inside = elements.shape.element or JSON
    with out.loop(f"for {element} in {elements.code}", elements.code):
        context = _compile_joins(entries, KnownValue(element, inside), indices, env)
        own = {field.name: _compile_field(field, context, env) for field in entries.fields}
        out.pay(1 + len(own) + env.steps_of_names)
        inner = compile_values(entries.values, env.with_names(own))
        own |= {
            value.name: _require_holdable(inner.names[value.name], env) for value in entries.values
        }
        display = ", ".join(f"{name!r}: {value.code}" for name, value in own.items())
        out.put(f"{result}.append({{{display}}})")
    members = {name: value.shape for name, value in own.items()}
    return KnownValue(result, Shape("list", element=Shape("map", members=members)))


def _require_holdable(value: KnownValue, env: Environment) -> KnownValue:
    """Raise doubt for `omit`, because an entry's shape may be lost, and `omit` with it."""
    if not (value.shape.omit or value.shape.kind == "any"):
        return value
    env.out.doubt_if(f"{value.code} is OMIT")
    return replace(value, shape=replace(value.shape, omit=False))


def _compile_joins(
    entries: Entries, element: KnownValue, indices: Mapping[str, str], env: Environment
) -> PathContext:
    """Add the matching element of each joined list to an element, under the join's name."""
    out = env.out
    if not entries.joins:
        return PathContext(element)
    if not element.shape.is_a("map"):
        out.doubt_if(f"{element.code}.__class__ is not dict")
        element = replace(
            element, shape=Shape("map") if element.shape.kind != "map" else element.shape.sure()
        )
    partners = {}
    for join in entries.joins:
        key = compile_path(join.on.path, PathContext(element), out)
        partner = out.let(f"{indices[join.name]}.get(join_key({key.code}))")
        partners[join.name] = KnownValue(partner, JSON)
    return PathContext(element, partners)


def _compile_index(join: Join, roots: PathContext, env: Environment) -> str:
    """Compile the index of a joined list by key; the first of two equal keys counts."""
    out = env.out
    elements = compile_path(join.source.path, roots, out)
    index, element, key = out.let("{}"), out.new_name(), out.new_name()
    with (
        out.block(f"if isinstance({elements.code}, list)"),
        out.loop(f"for {element} in {elements.code}", elements.code),
    ):
        found = compile_path(join.on.path, PathContext(KnownValue(element, JSON)), out)
        out.put(f"{key} = join_key({found.code})")
        with out.block(f"if {key} is not None"):
            out.put(f"{index}.setdefault({key}, {element})")
    return index


# The shape of each type; a mapping with another type is interpreted.
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
# Types whose values need more than their class.
_ALWAYS_CHECKED = frozenset({"id", "timezone"})
# The conditions under which a value is of its type already; amounts were checked when read.
_QUICK = {
    "integer": "{0}.__class__ is int and -1000000000 < {0} < 1000000000",
    "decimal": "{0}.__class__ is Decimal",
    "money": "{0}.__class__ is Decimal",
}
_COMPILERS: dict[type[AnyField], Callable[..., KnownValue]] = {
    Field: _compile_field,
    Entries: _compile_entries,
    FieldChoice: _compile_choice,
}
