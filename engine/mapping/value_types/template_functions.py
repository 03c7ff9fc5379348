"""What the filters, functions and tests of templates take and give, by types. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ...language.functions.declare import KINDS
from ...language.templates.nodes import Call, Constant, Node
from .report import TypeMistake, check_words, describe_kinds, find_no_member, find_related, may_lack
from .value_type import (
    ANYTHING,
    BOOLEAN,
    LINE,
    LINES,
    LIST,
    MAP,
    MOMENT,
    MONEY,
    NUMBER,
    SCALARS,
    TEXT,
    ValueType,
    list_of,
    scalar,
    unite,
)

Types = Sequence[ValueType | None]

_ACCEPTED: Mapping[str, frozenset[str]] = {
    "scalar": SCALARS,
    "text": frozenset((TEXT,)),
    "some text": frozenset((TEXT,)),
    "number": frozenset((NUMBER,)),
    "length": frozenset((NUMBER,)),
    "places": frozenset((NUMBER,)),
    "list": frozenset((LIST, LINES)),
    "container": frozenset((LIST, LINES, MAP, TEXT)),
    "moment": frozenset((MOMENT,)),
    "lines": frozenset((LINES, LINE)),
    "rates": frozenset((MAP,)),
    "currency": frozenset((TEXT,)),
    "zone": frozenset((TEXT,)),
}
_NUMBER_KEYS = frozenset(("total",))
_KEYED = frozenset(("map", "where", "total"))
OF_NUMBERS = frozenset(("sum", "min", "max"))
_OF_SINGLES = frozenset(("join", "unique"))


def check_call(node: Call, types: Types) -> Iterator[TypeMistake]:
    """Yield the arguments of another kind than the function takes, and keys that no entry has."""
    for parameter, argument, given in zip(
        node.function.parameters, node.arguments, types, strict=True
    ):
        accepted = _ACCEPTED.get(parameter.kind)
        if argument is None or given is None or accepted is None or parameter.many:
            continue
        if given.is_known and given.kinds.isdisjoint(accepted) and not given.is_null:
            yield _refusal(node, parameter.name, parameter.kind, given, argument)
    if node.function.name in _KEYED:
        yield from _check_key(node, types)
    if node.function.name in OF_NUMBERS and types[0] is not None:
        yield from _check_entries(node, types[0], frozenset((NUMBER,)))
    if node.function.name in _OF_SINGLES and types[0] is not None:
        yield from _check_entries(node, types[0], SCALARS)


def _refusal(call: Call, name: str, kind: str, given: ValueType, argument: Node) -> TypeMistake:
    what = describe_kinds(given)
    called = f" ({given.name})" if given.name else ""
    taken = f"`{call.function.name}` takes {KINDS[kind].words}"
    hint = KINDS[kind].hint or _CONVERSIONS.get(kind)
    return TypeMistake(
        code="E0415",
        message=f"{taken} as `{name}`, not {what}{called}",
        hint=hint,
        offset=argument.offset,
        length=argument.length,
        related=find_related(given),
    )


_CONVERSIONS = {
    "text": "`| string` makes a text of a number; of a list take one entry",
    "list": "name the list itself",
}


def _check_key(node: Call, types: Types) -> Iterator[TypeMistake]:
    """Check the key of `map`, `where` and `total` against the entries of the list."""
    given, key = types[0], node.arguments[1]
    if given is None or not isinstance(key, Constant) or not isinstance(key.value, str):
        return
    here, found = given.entry or ANYTHING, ANYTHING
    if node.function.name == "total" and node.arguments[2] is not None:
        here = may_lack(here)  # an entry without the key counts as the default
    for step in key.value.split("."):
        found = here.members.get(step, ANYTHING)
        if step not in here.members:
            error = find_no_member(here, step, key.offset, key.length)
            yield from () if error is None else (error,)
            return
        here = found
    if node.function.name == "total" and found.is_known and not found.may_be(NUMBER):
        what = describe_kinds(found)
        message = f"`total` adds numbers, and {key.value} is {what}"
        yield TypeMistake(
            code="E0415",
            message=message,
            hint="`| number` makes a number of a text, in a value of the entries",
            offset=key.offset,
            length=key.length,
            related=find_related(found),
        )
    if node.function.name == "where":
        yield from _check_wanted(node, found, types[2])


def list_keyed(node: Call, types: Types) -> Iterator[ValueType]:
    """Yield the types of the members that `map`, `where` and `total` read of each entry."""
    if node.function.name not in _KEYED or types[0] is None:
        return
    key = node.arguments[1]
    found = types[0].entry or ANYTHING
    for step in str(key.value).split(".") if isinstance(key, Constant) else ():
        found = found.members.get(step, ANYTHING)
        yield found


def _check_wanted(node: Call, found: ValueType, wanted: ValueType | None) -> Iterator[TypeMistake]:
    argument = node.arguments[2]
    if argument is None or wanted is None or not found.is_known or not wanted.is_known:
        return
    if found.kinds.isdisjoint(wanted.kinds) and not (found.is_null or wanted.is_null):
        have, want = (describe_kinds(each) for each in (found, wanted))
        message = f"the entries have {have} under this key, so none equals {want}"
        yield TypeMistake(
            code="E0430",
            message=message,
            hint="compare values of one kind",
            offset=argument.offset,
            length=argument.length,
            related=find_related(found),
        )
    elif isinstance(argument, Constant) and isinstance(argument.value, str):
        error = check_words((argument.value,), found, argument.offset, argument.length)
        yield from () if error is None else (error,)


def _check_entries(node: Call, given: ValueType, taken: frozenset[str]) -> Iterator[TypeMistake]:
    entry, argument = given.entry, node.arguments[0]
    if entry is not None and entry.is_known and not entry.may_be(*taken) and not entry.is_null:
        assert argument is not None  # a filter has a value
        what = describe_kinds(entry)
        listed = "numbers" if taken == {NUMBER} else "single values"
        message = (
            f"`{node.function.name}` takes a list of {listed}, and each of these entries is {what}"
        )
        yield TypeMistake(
            code="E0415",
            message=message,
            hint=f"name a list of {listed}, as in `items | map('amount') | {node.function.name}`",
            offset=argument.offset,
            length=argument.length,
            related=find_related(given),
        )


def type_call(node: Call, types: Types) -> ValueType:
    """Return the type of a call's result."""
    if node.function.sort == "test":
        return _TRUTH
    if node.function.name in _KEYED:
        return _type_keyed(node, types)
    return _RESULTS.get(node.function.name, _anything)(types)


def _type_keyed(node: Call, types: Types) -> ValueType:
    given, key = types[0] or ANYTHING, node.arguments[1]
    if node.function.name == "where":
        return replace(given, kinds=frozenset((LIST,))) if given.is_known else list_of(ANYTHING)
    found = given.entry or ANYTHING
    steps = str(key.value).split(".") if isinstance(key, Constant) else [""]
    for step in steps:
        found = found.members.get(step, ANYTHING)
    if node.function.name == "total":
        return _number_of([found])
    return list_of(found)


def _anything(_: Types) -> ValueType:
    return ANYTHING


def _constant(result: ValueType) -> Callable[[Types], ValueType]:
    return lambda _: result


def _default(types: Types) -> ValueType:
    value, otherwise = types[0] or ANYTHING, types[1] or ANYTHING
    if not otherwise.is_known:
        return unite([value.optional(is_absent=False), otherwise]).optional(
            is_absent=otherwise.may_be_absent
        )
    found = unite([value.optional(is_absent=False), otherwise])
    return found.optional(is_absent=otherwise.may_be_absent)


def _entry(types: Types) -> ValueType:
    given = types[0] or ANYTHING
    return (given.entry or ANYTHING).optional(is_absent=False)


def _same(types: Types) -> ValueType:
    return types[0] or ANYTHING


def _text_of(types: Types) -> ValueType:
    given = types[0] or ANYTHING
    return replace(scalar(TEXT, name=given.name), key=given.key)


def _joined(types: Types) -> ValueType:
    """Return the type of a joined text, which has the known texts as its parts."""
    entry = (types[0] or ANYTHING).entry or ANYTHING
    return replace(_TEXT, words=entry.words)


def _number_of(types: Types) -> ValueType:
    return _MONEY if types[0] is not None and types[0].label == MONEY else _NUMBER


def _phone(types: Types) -> ValueType:
    otherwise = types[1] or ANYTHING
    return unite([_TEXT, otherwise])


_TEXT, _NUMBER, _TRUTH = scalar(TEXT), scalar(NUMBER), scalar(BOOLEAN)
_MONEY = scalar(NUMBER, label=MONEY)
_RESULTS: dict[str, Callable[[Types], ValueType]] = {
    "abs": _number_of,
    "country": _constant(_TEXT),
    "cut": _text_of,
    "cut_bytes": _text_of,
    "date": _constant(_TEXT),
    "datetime": _constant(_TEXT),
    "default": _default,
    "digest": _constant(_TEXT),
    "email": _constant(_TEXT),
    "ends_with": _constant(_TRUTH),
    "first": _entry,
    "integer": _constant(_NUMBER),
    "iso_money": _constant(_MONEY),
    "join": _joined,
    "last": _entry,
    "length": _constant(_NUMBER),
    "lower": _text_of,
    "max": _constant(_NUMBER),
    "min": _constant(_NUMBER),
    "money": _constant(_MONEY),
    "number": _constant(_NUMBER),
    "percent": _constant(_NUMBER),
    "phone": _phone,
    "plain": _text_of,
    "replace": _constant(_TEXT),
    "round": _number_of,
    "split": _constant(list_of(_TEXT)),
    "starts_with": _constant(_TRUTH),
    "state": _constant(_TEXT),
    "stored": _constant(_MONEY),
    "string": _constant(_TEXT),
    "sum": _constant(_NUMBER),
    "taxed": _constant(_MONEY),
    "trim": _text_of,
    "unique": _same,
    "upper": _constant(_TEXT),
}
