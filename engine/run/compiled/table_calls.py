"""Compile the function `lookup`: exact rows from a dictionary, all others by the lookup itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from ...findings.errors import NotCompiledError
from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.templates import Node
from ...language.templates.nodes import Call, Constant, ListDisplay
from ...mapping.lookups import NO_DEFAULT, Table
from ...mapping.lookups.table import KeyPattern
from .operands import pay_for_value, require_value
from .shapes import JSON, KnownValue, Shape, join_shapes, shape_of
from .template_environment import Environment

Visit = Callable[[Node, Environment], KnownValue]

# Larger tables are not read for the shape of their answers.
_MAX_ROWS = 2_000


def compile_lookup(node: Call, env: Environment, visit: Visit, _: Visit) -> KnownValue:
    """Compile the table's answer for a key, or else the default of the call."""
    table_node, keys_node, default_node = node.arguments
    if not isinstance(table_node, Constant) or not isinstance(keys_node, ListDisplay):
        raise NotCompiledError("the name of a lookup is computed")
    name = str(table_node.value)
    env.out.pay(2 + len(name) // CHARACTERS_PER_STEP)
    keys = [_compile_key(each, env, visit) for each in keys_node.items]
    env.out.pay(len(keys))
    table = env.tables.own.get(name)
    if table is None:
        answer, call, arguments = _compile_live_row(name, keys, env)
    else:
        answer, call, arguments = _compile_own_row(table, keys, env)
    with env.out.block(f"if {answer.code} is None"):
        if default_node is None:
            env.out.put(f"{answer.code} = {call}")
            return answer
        env.out.put(f"{answer.code} = find_answer_or_missing({arguments})")
        with env.out.block(f"if {answer.code} is MISSING"):
            default = visit(default_node, env)
            env.out.put(f"{answer.code} = {default.code}")
    return KnownValue(answer.code, join_shapes(answer.shape, default.shape))


def _compile_key(node: Node, env: Environment, visit: Visit) -> KnownValue:
    """Compile one part of a key, which must be a text, a number or a truth value."""
    value = require_value(visit(node, env), env)
    if not value.shape.is_scalar and not env.out.known(("key", value.code)):
        env.out.put(f"if {value.code}.__class__ is not str: check_key_part({value.code})")
        env.out.remember(("key", value.code))
    if not value.shape.is_scalar:
        env.out.pay_for_text(value.code, is_text=False)
    else:
        pay_for_value(value, env)
    return value


def _compile_own_row(
    table: Table, keys: list[KnownValue], env: Environment
) -> tuple[KnownValue, str, str]:
    """Compile the exact row of a mapping's table for a key, null if there is none.

    Return also the code of the full lookup, and its arguments.
    """
    out, count, fold = env.out, len(keys), table.options.ignore_case
    arguments = f"{out.constant(table)}, {_tuple_code(keys)}"
    answers: dict[object, object] = {}
    exact = find_exact_rows(table, count)
    if exact is None:
        # Answers of full lookups are cached from order to order.
        wanted = _tuple_code(keys)
    elif count == 1:
        answers |= {key[0]: row.value for key, row in exact.rows.items()}
        wanted = _cell_code(keys[0], fold=fold)
    else:
        answers |= {key: row.value for key, row in exact.rows.items()}
        wanted = f"({', '.join(_cell_code(key, fold=fold) for key in keys)})"
    answer = KnownValue(
        out.let(f"{out.constant(answers)}.get({wanted})"), _answer_shape(table, count)
    )
    if exact is None:
        return answer, f"find_answer_cached({out.constant(answers)}, {arguments})", arguments
    return answer, f"find_answer({arguments})", arguments


def _compile_live_row(
    name: str, keys: list[KnownValue], env: Environment
) -> tuple[KnownValue, str, str]:
    """Compile the exact row of a live lookup's table; return the same as _compile_own_row."""
    if name not in env.tables.live:
        raise NotCompiledError("the lookup does not exist")
    if env.tables.notes_keys:
        # Several keys are recorded as None.
        key = keys[0].code if len(keys) == 1 else "None"
        env.out.put(f"{env.tables.name_notes(name)}.append({key})")
    rows = env.tables.name_rows(name, len(keys))
    row = env.out.let(f"{rows}.get({_tuple_code(keys, cells=True)})")
    answer = env.out.let(f"None if {row} is None else {row}.value")
    arguments = f"tables.get({name!r}), {_tuple_code(keys)}"
    return KnownValue(answer, JSON), f"find_answer({arguments})", arguments


def _tuple_code(keys: list[KnownValue], *, cells: bool = False) -> str:
    return f"({', '.join(_cell_code(key, fold=False) if cells else key.code for key in keys)},)"


def _cell_code(key: KnownValue, *, fold: bool) -> str:
    if key.is_constant and isinstance(key.constant, str):
        return repr(key.constant.casefold() if fold else key.constant)
    if key.shape.is_a("text"):
        return f"{key.code}.casefold()" if fold else key.code
    cell = f"{key.code}.casefold()" if fold else key.code
    return f"({cell} if {key.code}.__class__ is str else key_text({key.code}, ignore_case={fold}))"


def find_exact_rows(table: Table, count: int) -> KeyPattern | None:
    """Return the rows of a table that are exact in all of `count` keys; they match before all others."""
    patterns = table.patterns.get(count, ())
    return patterns[0] if patterns and patterns[0].exact == tuple(range(count)) else None


def _answer_shape(table: Table, count: int) -> Shape:
    """Return the shape of a table's answers for `count` keys; texts of tables never change."""
    patterns = table.patterns.get(count, ())
    values = [row.value for pattern in patterns for row in pattern.rows.values()]
    if not values or len(values) > _MAX_ROWS:
        return JSON
    if table.options.default is not NO_DEFAULT:
        values.append(table.options.default)
    return reduce(join_shapes, map(shape_of, values))
