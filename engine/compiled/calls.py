"""Filters, functions and tests: those that orders need much are written out, the others are called."""

from __future__ import annotations

from collections.abc import Callable

from ..language.functions import FILTERS, Function, Parameter
from ..language.templates import Node
from ..language.templates.nodes import Call, Constant, ListDisplay
from ..lookups import NO_DEFAULT, Table
from ..lookups.table import Pattern
from .environment import Environment
from .operands import as_number, as_text, needed, pay_for, plainly
from .shapes import (
    ANY,
    DECIMAL,
    INT,
    JSON,
    NUMBER,
    TEXT,
    TRUTH,
    UNKNOWN,
    Group,
    Known,
    Shape,
    joined,
    shape_of,
)
from .source import NotCompiledError

Visit = Callable[[Node, Environment], Known]

# What is called gives; what is not here may be anything.
_RESULTS: dict[str, Shape] = {
    **dict.fromkeys(
        ("upper", "lower", "trim", "replace", "join", "cut", "plain", "string", "date", "datetime"),
        TEXT,
    ),
    # Twenty characters of hexadecimal digits.
    "digest": TEXT,
    **dict.fromkeys(
        ("starts_with", "ends_with", "none", "string?", "number?", "list?", "map?"), TRUTH
    ),
    **dict.fromkeys(("round", "percent"), DECIMAL),
    "length": INT,
    "split": Shape("list", element=TEXT),
}


def call(node: Call, env: Environment, visit: Visit, maybe: Visit) -> Known:
    """A call's value; `visit` compiles an argument, `maybe` one that may be absent."""
    function = node.function
    written = _BY_NODE.get((function.sort, function.name))
    if written is not None:
        return written(node, env, visit, maybe)
    if function.with_scope or any(p.kind == "expression" for p in function.parameters):
        raise NotCompiledError
    arguments = [
        _argument(parameter, argument, env, visit)
        for parameter, argument in zip(function.parameters, node.arguments, strict=True)
    ]
    shortened = _BY_VALUE.get((function.sort, function.name))
    result = shortened(arguments, env) if shortened is not None else None
    return result or _called(function, arguments, env)


def _called(function: Function, arguments: list[Known], env: Environment) -> Known:
    """The function itself, with checked arguments."""
    codes = ", ".join(plainly(argument, env).code for argument in arguments)
    result = env.out.let(f"{env.out.constant(function.implementation)}({codes})")
    if function.sort == "test":
        return Known(result, TRUTH)
    shape = _RESULTS.get(function.name, ANY)
    if function.name == "unique" and arguments[0].shape.element is not None:
        shape = Shape("list", element=arguments[0].shape.element)
    return Known(result, shape)


def _argument(parameter: Parameter, node: Node | None, env: Environment, visit: Visit) -> Known:
    if node is None:
        value = () if parameter.many else parameter.default
        return Known(env.out.constant(value), shape_of(value), value)
    if parameter.many:
        raise NotCompiledError
    value = visit(node, env)
    if not parameter.takes_null:
        value = _accepted(parameter, value, env)
    pay_for(value, env)
    return value


def _accepted(parameter: Parameter, value: Known, env: Environment) -> Known:
    """The value, once its parameter takes it; what is written out was checked when it was parsed."""
    if value.is_constant and value.shape.is_sure and value.shape.kind != "any":
        if parameter.refusal(value.constant) is None:
            return value
        env.out.put("raise DoubtError")
        return value
    guard = _GUARDS.get(parameter.kind)
    if guard is not None:
        return guard(value, env)
    value = needed(value, env)
    if parameter.kind == "any" or (parameter.kind == "scalar" and value.shape.is_scalar):
        return value
    env.out.put(f"accepted({env.out.constant(parameter)}, {plainly(value, env).code})")
    return value


def _some_text(value: Known, env: Environment) -> Known:
    found = as_text(value, env)
    env.out.doubt_if(f"not {found.code}")
    return found


def _a_list(value: Known, env: Environment) -> Known:
    if value.group is not None or value.shape.is_a("list"):
        return value
    if value.shape.kind == "list" and not value.shape.omit:
        return needed(value, env)
    env.out.put(f"if {value.code}.__class__ is not list: raise unfit({value.code})")
    return Known(value.code, Shape("list"))


def _a_moment(value: Known, env: Environment) -> Known:
    if value.shape.kind == "moment" and not value.shape.omit:
        return needed(value, env)
    env.out.put(f"if {value.code}.__class__ is not datetime: raise unfit({value.code})")
    return value


_GUARDS: dict[str, Callable[[Known, Environment], Known]] = {
    "text": as_text,
    "some text": _some_text,
    "number": as_number,
    "list": _a_list,
    "moment": _a_moment,
}


def _default(node: Call, env: Environment, visit: Visit, maybe: Visit) -> Known:
    value_node, other_node = node.arguments
    assert value_node is not None
    assert other_node is not None
    value = maybe(value_node, env)
    if value.group is not None or (value.shape.is_sure and value.shape.kind not in {"json", "any"}):
        return value
    result = env.out.let(value.code)
    with env.out.block(f"if {result} is None"):
        other = visit(other_node, env)
        env.out.put(f"{result} = {other.code}")
    # What was found is there: only null is replaced.
    found = value.shape.sure() if not value.shape.omit else value.shape
    return Known(result, joined(found, other.shape))


def _defined(node: Call, env: Environment, _: Visit, maybe: Visit) -> Known:
    (value_node,) = node.arguments
    assert value_node is not None
    value = maybe(value_node, env)
    if value.group is not None:
        return Known("True", TRUTH, constant=True)
    return Known(env.out.let(f"{value.code} is not None and {value.code} is not OMIT"), TRUTH)


def _money(node: Call, env: Environment, visit: Visit, _: Visit) -> Known:
    amount_node, currency_node = node.arguments
    assert amount_node is not None
    if currency_node is not None and not isinstance(currency_node, Constant):
        raise NotCompiledError
    amount = as_number(visit(amount_node, env), env)
    unit = env.unit
    if currency_node is not None:
        env.out.pay(1)
        unit = f"UNITS[{currency_node.value!r}]"
    if not unit:
        env.out.put("raise DoubtError")
    return Known(_rounded(amount.code, unit or "None", env), DECIMAL)


def _rounded(code: str, unit: str, env: Environment) -> str:
    """A number to the minor unit, half up; no zero keeps a sign."""
    rounded = f"quantize({code}, {unit})"
    known = env.out.known(("code", rounded))
    if isinstance(known, str):
        return known
    result = env.out.once(rounded)
    env.out.put(f"if not {result}: {result} = {result}.copy_abs()")
    return result


def _stored(node: Call, env: Environment, visit: Visit, _: Visit) -> Known:
    group = _group_of(node, env, visit)
    env.out.pay(1)
    groups = group.every or (group,)
    codes = [f"stored({each.code}, {each.sign}, {env.unit or None})" for each in groups]
    for each in groups:
        env.out.put(f"left -= len({each.code})")
    return Known(env.out.let(" + ".join(codes) or "0"), NUMBER)


def _taxed(node: Call, env: Environment, visit: Visit, _: Visit) -> Known:
    group = _group_of(node, env, visit)
    rate = node.arguments[1]
    if group.every or not isinstance(rate, Constant) or not isinstance(rate.value, str):
        raise NotCompiledError
    if not rate.value or "." in rate.value:
        raise NotCompiledError
    env.out.pay(2 + len(rate.value) // 20)
    env.out.put(f"left -= len({group.code})")
    own = f"{group.code}, {group.sign}, {rate.value!r}, {env.unit or None}"
    if not group.behind:
        return Known(env.out.let(f"taxed({own}, (), ())"), NUMBER)
    signs = env.out.constant(tuple(behind.sign for behind in group.behind))
    after = ", ".join(f"{behind.code}_each" for behind in group.behind)
    return Known(env.out.let(f"taxed({own}, ({after},), {signs})"), NUMBER)


def _group_of(node: Call, env: Environment, visit: Visit) -> Group:
    assert node.arguments[0] is not None
    value = visit(node.arguments[0], env)
    if value.group is None:
        raise NotCompiledError
    return value.group


def _lookup(node: Call, env: Environment, visit: Visit, _: Visit) -> Known:
    table_node, keys_node, default_node = node.arguments
    if not isinstance(table_node, Constant) or not isinstance(keys_node, ListDisplay):
        raise NotCompiledError
    name = str(table_node.value)
    env.out.pay(2 + len(name) // 20)
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
    return Known(answer.code, joined(answer.shape, other.shape))


def _key(node: Node, env: Environment, visit: Visit) -> Known:
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


def _own_row(table: Table, keys: list[Known], env: Environment) -> tuple[Known, str, str]:
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
    answer = Known(out.let(f"{out.constant(answers)}.get({wanted})"), _answers(table))
    if exact is None:
        return answer, f"remembered({out.constant(answers)}, {asked})", asked
    return answer, f"found({asked})", asked


def _live_row(name: str, keys: list[Known], env: Environment) -> tuple[Known, str, str]:
    """The same for the table that came with the order."""
    if name not in env.tables.live:
        raise NotCompiledError
    rows = env.tables.rows_of(name, len(keys))
    row = env.out.let(f"{rows}.get({_tuple(keys, cells=True)})")
    answer = env.out.let(f"None if {row} is None else {row}.value")
    asked = f"tables.get({name!r}), {_tuple(keys)}"
    return Known(answer, JSON), f"found({asked})", asked


def _tuple(keys: list[Known], *, cells: bool = False) -> str:
    return f"({', '.join(_cell(key, fold=False) if cells else key.code for key in keys)},)"


def _cell(key: Known, *, fold: bool) -> str:
    if key.is_constant and isinstance(key.constant, str):
        return repr(key.constant.casefold() if fold else key.constant)
    if key.shape.is_a("text"):
        return f"{key.code}.casefold()" if fold else key.code
    cell = f"{key.code}.casefold()" if fold else key.code
    return f"({cell} if {key.code}.__class__ is str else key_text({key.code}, ignore_case={fold}))"


def exact_rows(table: Table, count: int) -> Pattern | None:
    """The rows of a table that are exact in all of so many keys: an answer from them is the answer."""
    patterns = table.patterns.get(count, ())
    return patterns[0] if patterns and patterns[0].exact == tuple(range(count)) else None


def _answers(table: Table) -> Shape:
    """The shape of whatever a table may answer; texts of tables are never changed."""
    values = [row.value for row in table.rows]
    if table.options.default is not NO_DEFAULT:
        values.append(table.options.default)
    shape: Shape | None = None
    for value in values[:_MOST_ROWS]:
        own = shape_of(value)
        shape = own if shape is None else joined(shape, own)
    return JSON if shape is None or len(values) > _MOST_ROWS else shape


_MOST_ROWS = 2_000


def _total(arguments: list[Known], env: Environment) -> Known | None:
    """The sum of a key whose value is a number in every entry for certain."""
    values, key = arguments
    element = values.shape.element
    if values.group is not None and key.constant is not UNKNOWN and "." not in str(key.constant):
        return Known(env.out.let(f"total_of_lines({values.code}, {key.code})"), NUMBER)
    if values.group is not None or element is None or not element.is_a("map"):
        return None
    member = (element.members or {}).get(str(key.constant)) if key.constant is not UNKNOWN else None
    if member is None or element.partial or not member.is_number:
        return None
    total = env.out.let(f"sum([entry[{key.code}] for entry in {values.code}])")
    if member.kind != "decimal":
        env.out.put(f"if {total}.__class__ is int: whole({total})")
    return Known(total, NUMBER)


def _length(arguments: list[Known], env: Environment) -> Known | None:
    (value,) = arguments
    if value.group is None and not value.shape.is_a("list"):
        return None
    return Known(env.out.let(f"len({value.code})"), INT)


def _first(arguments: list[Known], env: Environment) -> Known | None:
    (value,) = arguments
    element = value.shape.element if value.group is None else None
    if element is None:
        return None
    env.out.put(f"if not {value.code}: raise NothingError")
    return Known(env.out.let(f"{value.code}[0]"), element)


def _join(arguments: list[Known], env: Environment) -> Known | None:
    """Texts only, and few: joined by Python itself."""
    values, separator = arguments
    element = values.shape.element if values.group is None else None
    if element is None or not element.is_a("text"):
        return None
    joined_text = env.out.let(f"{separator.code}.join({values.code})")
    env.out.doubt_if(f"len({joined_text}) > 100000")
    return Known(joined_text, TEXT)


def _trim(arguments: list[Known], env: Environment) -> Known | None:
    (value,) = arguments
    return Known(env.out.once(f"{value.code}.strip()"), TEXT, bound=value.bound or value.code)


def _plain(arguments: list[Known], env: Environment) -> Known | None:
    (value,) = arguments
    is_plain = f"{value.code}.isascii() and {value.code}.isprintable()"
    clean = env.out.constant(FILTERS["plain"].implementation)
    code = env.out.once(f"{value.code} if {is_plain} else {clean}({value.code})")
    return Known(code, TEXT, bound=value.bound or value.code)


def _cut(arguments: list[Known], env: Environment) -> Known | None:
    value, length = arguments
    cut = env.out.constant(FILTERS["cut"].implementation)
    whole = f"{value.code} if len({value.code}) <= {length.code}"
    code = env.out.once(f"{whole} else {cut}({value.code}, {length.code})")
    return Known(code, TEXT, bound=value.bound or value.code)


def _percent(arguments: list[Known], env: Environment) -> Known | None:
    part, whole, places = arguments
    if not places.is_constant:
        return None
    return Known(env.out.once(f"percent({part.code}, {whole.code}, {places.code})"), DECIMAL)


def _date(arguments: list[Known], env: Environment) -> Known | None:
    moment, zone = arguments
    if not zone.is_constant:
        return None
    return Known(env.out.let(f"day({moment.code}, {zone.code})"), Shape("text", short=True))


_BY_NODE: dict[tuple[str, str], Callable[[Call, Environment, Visit, Visit], Known]] = {
    ("filter", "default"): _default,
    ("filter", "money"): _money,
    ("filter", "stored"): _stored,
    ("filter", "taxed"): _taxed,
    ("function", "lookup"): _lookup,
    ("test", "defined"): _defined,
}
_BY_VALUE: dict[tuple[str, str], Callable[[list[Known], Environment], Known | None]] = {
    ("filter", "cut"): _cut,
    ("filter", "date"): _date,
    ("filter", "first"): _first,
    ("filter", "join"): _join,
    ("filter", "length"): _length,
    ("filter", "plain"): _plain,
    ("filter", "total"): _total,
    ("filter", "trim"): _trim,
    ("function", "percent"): _percent,
}
