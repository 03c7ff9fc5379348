"""The function `lookup`: a dictionary asked for the row that is exact, and a way to ask further."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from ...findings.errors import NotCompiledError
from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.templates import Node
from ...language.templates.nodes import Call, Constant, ListDisplay
from ...mapping.lookups import NO_DEFAULT, Table
from ...mapping.lookups.table import KeyPattern
from .operands import needed, pay_for
from .shapes import JSON, KnownValue, Shape, joined, shape_of
from .template_environment import Environment

Visit = Callable[[Node, Environment], KnownValue]

# What larger tables hold is not looked at, and may be anything.
_MOST_ROWS = 2_000


def lookup_answer(node: Call, env: Environment, visit: Visit, _: Visit) -> KnownValue:
    """What a table answers for a key, or else the default that the call gives."""
    table_node, keys_node, default_node = node.arguments
    if not isinstance(table_node, Constant) or not isinstance(keys_node, ListDisplay):
        raise NotCompiledError("the name of a lookup is computed")
    name = str(table_node.value)
    env.out.pay(2 + len(name) // CHARACTERS_PER_STEP)
    keys = [_key(each, env, visit) for each in keys_node.items]
    env.out.pay(len(keys))
    table = env.tables.own.get(name)
    if table is None:
        answer, ask, asked = _live_row(name, keys, env)
    else:
        answer, ask, asked = _own_row(table, keys, env)
    with env.out.block(f"if {answer.code} is None"):
        if default_node is None:
            env.out.put(f"{answer.code} = {ask}")
            return answer
        env.out.put(f"{answer.code} = found_or_missing({asked})")
        with env.out.block(f"if {answer.code} is MISSING"):
            other = visit(default_node, env)
            env.out.put(f"{answer.code} = {other.code}")
    return KnownValue(answer.code, joined(answer.shape, other.shape))


def _key(node: Node, env: Environment, visit: Visit) -> KnownValue:
    """One part of a key, which is a text, a number or a truth."""
    value = needed(visit(node, env), env)
    if not value.shape.is_scalar and not env.out.known(("key", value.code)):
        env.out.put(f"if {value.code}.__class__ is not str: key_part({value.code})")
        env.out.remember(("key", value.code))
    if not value.shape.is_scalar:
        env.out.pay_for_text(value.code, is_text=False)
    else:
        pay_for(value, env)
    return value


def _own_row(table: Table, keys: list[KnownValue], env: Environment) -> tuple[KnownValue, str, str]:
    """What a table of the mapping has for a key, null where it has to be asked the long way.

    With it the code that asks so, and what is asked.
    """
    out, count, fold = env.out, len(keys), table.options.ignore_case
    asked = f"{out.constant(table)}, {_tuple(keys)}"
    answers: dict[object, object] = {}
    exact = exact_rows(table, count)
    if exact is None:
        # Answers that were worked out once are remembered from order to order.
        wanted = _tuple(keys)
    elif count == 1:
        answers |= {key[0]: row.value for key, row in exact.rows.items()}
        wanted = _cell(keys[0], fold=fold)
    else:
        answers |= {key: row.value for key, row in exact.rows.items()}
        wanted = f"({', '.join(_cell(key, fold=fold) for key in keys)})"
    answer = KnownValue(out.let(f"{out.constant(answers)}.get({wanted})"), _answers(table, count))
    if exact is None:
        return answer, f"remembered({out.constant(answers)}, {asked})", asked
    return answer, f"found({asked})", asked


def _live_row(name: str, keys: list[KnownValue], env: Environment) -> tuple[KnownValue, str, str]:
    """The same for the table that came with the order."""
    if name not in env.tables.live:
        raise NotCompiledError("there is no such lookup")
    if env.tables.is_noted:
        # Of several keys nothing is known.
        key = keys[0].code if len(keys) == 1 else "None"
        env.out.put(f"{env.tables.notes_of(name)}.append({key})")
    rows = env.tables.rows_of(name, len(keys))
    row = env.out.let(f"{rows}.get({_tuple(keys, cells=True)})")
    answer = env.out.let(f"None if {row} is None else {row}.value")
    asked = f"tables.get({name!r}), {_tuple(keys)}"
    return KnownValue(answer, JSON), f"found({asked})", asked


def _tuple(keys: list[KnownValue], *, cells: bool = False) -> str:
    return f"({', '.join(_cell(key, fold=False) if cells else key.code for key in keys)},)"


def _cell(key: KnownValue, *, fold: bool) -> str:
    if key.is_constant and isinstance(key.constant, str):
        return repr(key.constant.casefold() if fold else key.constant)
    if key.shape.is_a("text"):
        return f"{key.code}.casefold()" if fold else key.code
    cell = f"{key.code}.casefold()" if fold else key.code
    return f"({cell} if {key.code}.__class__ is str else key_text({key.code}, ignore_case={fold}))"


def exact_rows(table: Table, count: int) -> KeyPattern | None:
    """The rows of a table that are exact in all of so many keys: an answer from them is the answer."""
    patterns = table.patterns.get(count, ())
    return patterns[0] if patterns and patterns[0].exact == tuple(range(count)) else None


def _answers(table: Table, count: int) -> Shape:
    """The shape of whatever a table may answer to so many keys; texts of tables are never changed."""
    patterns = table.patterns.get(count, ())
    values = [row.value for pattern in patterns for row in pattern.rows.values()]
    if not values or len(values) > _MOST_ROWS:
        return JSON
    if table.options.default is not NO_DEFAULT:
        values.append(table.options.default)
    return reduce(joined, map(shape_of, values))
