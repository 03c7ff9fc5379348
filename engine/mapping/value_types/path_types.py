"""The type of a JMESPath's value, and every part of the path that can never mean what it says.

The walk follows the tree of the path as its evaluation does. What is not known is taken as possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ...findings.quote import quoted
from ...language.paths import Node, Path
from .path_alternatives import find_unequal_keys, list_alternatives
from .path_functions import check_arguments, type_result
from .report import (
    Observer,
    TypeMistake,
    check_words,
    describe_kinds,
    find_no_member,
    find_related,
)
from .source_types import type_value
from .value_type import (
    ANYTHING,
    BOOLEAN,
    LIST,
    MAP,
    NULL,
    NUMBER,
    TEXT,
    Knowledge,
    ValueType,
    list_of,
    map_of,
    scalar,
    unite,
)

_TRUTH = scalar(BOOLEAN)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BARE_WORDS = frozenset(("true", "false", "null"))
_TAKES_TEXT = frozenset(("contains", "starts_with", "ends_with", "join"))
_BINDS_LOOSER = frozenset(("index_expression", "projection", "filter_projection", "flatten"))
_CONDITIONS = frozenset(("comparator", "not_expression"))


def infer_path(path: Path, here: ValueType, *, observe: Observer | None = None) -> ValueType:
    """Return the type of the path's value on a value of the type `here`."""
    return _PathWalk(path.text, observe).infer(path.tree, here)


def check_path(
    path: Path, here: ValueType, *, is_condition: bool = False, observe: Observer | None = None
) -> tuple[ValueType, tuple[TypeMistake, ...]]:
    """Return the type of the path's value, and the mistakes in the path.

    E0204 a member that does not exist, or taken from a value without members; E0304 a function on a value of
    another kind; E0306 a misplaced `!`; E0307 a comparison that never holds; E0308 a name where a text is
    meant; E0309 an operand of a condition that is none; W0310 a member that is not documented, W0311 a text that
    is nearly one of the known ones.
    """
    walk = _PathWalk(path.text, observe)
    found = walk.infer(path.tree, here)
    if is_condition:
        walk.check_condition(path.tree, here)
    return found, tuple(walk.mistakes)


@dataclass(slots=True)
class _PathWalk:
    """One walk through one path."""

    text: str
    observe: Observer | None = None
    mistakes: list[TypeMistake] = field(default_factory=list)

    def infer(self, node: Node, here: ValueType) -> ValueType:
        found = _INFER.get(node["type"], _anything)(self, node, here)
        if self.observe is not None and "offset" in node:
            self.observe(node["offset"], node["length"], found, here)
        return found

    def refuse(
        self, code: str, message: str, hint: str | None, node: Node, *types: ValueType
    ) -> None:
        """Note a mistake at a node; a node without a place of its own has that of its first part."""
        offset, length = place_of_node(node)
        self.note(
            TypeMistake(
                code=code,
                message=message,
                hint=hint,
                offset=offset,
                length=length,
                related=find_related(*types),
            )
        )

    def note(self, error: TypeMistake) -> None:
        """Note a mistake once."""
        if all((error.offset, error.code) != (each.offset, each.code) for each in self.mistakes):
            self.mistakes.append(error)

    def check_condition(self, node: Node, here: ValueType) -> None:
        """Refuse `a >= b || c` with a number `c`: it is true for any number, also 0."""
        if node["type"] not in ("or_expression", "and_expression"):
            return
        operands = list(_operands(node, node["type"]))
        has_condition = any(each["type"] in _CONDITIONS for each in operands)
        for operand in operands:
            self.check_condition(operand, here)
            if node["type"] == "or_expression" and has_condition and self._is_number(operand, here):
                self.refuse(
                    "E0309",
                    "this operand of `||` is a number, and any number counts as true, 0 too",
                    "compare it, as in `x > `0``, or put brackets around the numbers: `a >= (b || c)`",
                    operand,
                )

    def _is_number(self, node: Node, here: ValueType) -> bool:
        return _PathWalk(self.text).infer(node, here).is_only(NUMBER)

    def is_quoted(self, node: Node) -> bool:
        """Return whether a name is written in double quotes."""
        return self.text[node["offset"] : node["offset"] + 1] == '"'


def place_of_node(node: Node) -> tuple[int, int]:
    """Return offset and length of a node: its own, else those from its first to its last part."""
    if "offset" in node:
        return node["offset"], node["length"]
    inner = [place_of_node(child) for child in node["children"] if isinstance(child, dict)]
    if not inner:
        return 0, 1
    start = min(offset for offset, _ in inner)
    return start, max(offset + length for offset, length in inner) - start


def _operands(node: Node, kind: str) -> Iterable[Node]:
    for child in node["children"]:
        if child["type"] == kind:
            yield from _operands(child, kind)
        else:
            yield child


def _anything(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    for child in node["children"]:
        if isinstance(child, dict):
            walk.infer(child, here)
    return ANYTHING


def _same(_walk: _PathWalk, _node: Node, here: ValueType) -> ValueType:
    return here


def _literal(_walk: _PathWalk, node: Node, _here: ValueType) -> ValueType:
    return type_value(node["value"])


def _field(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    name = node["value"]
    if here.is_known and not here.may_be(MAP):
        return _refuse_member(walk, node, here)
    found = here.members.get(name)
    if found is not None:
        return found.optional() if here.may_be_absent and not found.may_be_absent else found
    error = find_no_member(here, name, node["offset"], node["length"])
    if error is not None:
        walk.note(error)
    return ANYTHING


def _refuse_member(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    name, called = node["value"], here.name or "the value"
    if here.is_only(LIST):
        hint = f"write {here.name or 'x'}[].{name} for all entries, or {here.name or 'x'}[0].{name} for the first"
        walk.refuse("E0204", f"{called} is a list and has no {name}", hint, node, here)
    elif not here.is_null:
        kind = here.label or describe_kinds(here)
        hint = f"end the path before `.{name}`"
        walk.refuse("E0204", f"{called} is {kind} and has no members", hint, node, here)
    return ANYTHING


def _chain(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    _check_negation(walk, node)
    for child in node["children"]:
        here = walk.infer(child, here)
    return here


def _check_negation(walk: _PathWalk, node: Node) -> None:
    """Report `!a.b`: it means `(!a).b`, which is null for any a."""
    first, *following = node["children"]
    while first["type"] in _BINDS_LOOSER:
        first = first["children"][0]
    if first["type"] == "not_expression" and following and "offset" in following[0]:
        message = "`!` applies only to the first name, so the whole path is always null"
        walk.refuse("E0306", message, "write `!(a.b)`", following[0])


def _index(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    entry = _entry(walk, node, here, "[0]")
    return entry.optional()


def _entry(walk: _PathWalk, node: Node, here: ValueType, written: str) -> ValueType:
    """Return the type of a list's entries; report a value that is no list."""
    if here.is_known and not here.may_be(LIST) and not here.is_null:
        called = here.name or "the value"
        kind = here.label if here.is_only(MAP) and here.label else describe_kinds(here)
        hint = f"delete `{written}`"
        lists = [name for name, member in here.members.items() if member.is_only(LIST)]
        if lists:
            hint = f"did you mean {here.name + '.' if here.name else ''}{lists[0]}{written}?"
        walk.refuse(
            "E0204", f"{called} is {kind} and no list, so `{written}` gives null", hint, node
        )
        return ANYTHING
    return here.entry or ANYTHING


def _projection(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    left, right, *conditions = node["children"]
    base = walk.infer(left, here)
    written = "[?…]" if conditions else "[*]"
    element = (
        _entry(walk, left, base, written) if left["type"] != "flatten" else base.entry or ANYTHING
    )
    for condition in conditions:
        walk.infer(condition, element)
        walk.check_condition(condition, element)
    inner = walk.infer(right, element).optional(is_absent=False)
    return replace(list_of(inner, name=inner.name), may_be_absent=base.may_be_absent)


def _value_projection(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    base = walk.infer(node["children"][0], here)
    members = unite(base.members.values()) if base.known is Knowledge.ALL else ANYTHING
    return list_of(walk.infer(node["children"][1], members))


def _flatten(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    inner = node["children"][0]
    base = walk.infer(inner, here)
    entry = _entry(walk, inner, base, "[]")
    flat = entry.entry or ANYTHING if entry.is_only(LIST) else entry
    if entry.is_known and entry.may_be(LIST) and not entry.is_only(LIST):
        flat = ANYTHING
    return replace(list_of(flat, name=base.name), may_be_absent=base.may_be_absent)


def _slice(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    _entry(walk, node, here, "[:]")
    return here


def _multi_list(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    return list_of(unite(walk.infer(child, here) for child in node["children"]))


def _multi_map(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    members = {pair["value"]: walk.infer(pair, here) for pair in node["children"]}
    named = {name: member.called(member.name or name) for name, member in members.items()}
    found = map_of(named, source="this map")
    return found.optional() if here.may_be_absent else found


def _pair(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    return walk.infer(node["children"][0], here)


def _or(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    left, right = (walk.infer(child, here) for child in node["children"])
    for mistake in find_unequal_keys(node, left, right):
        walk.note(mistake)
    united = unite([left, right])
    is_absent = right.may_be_absent
    kinds = united.kinds - NULL.kinds
    return replace(united, kinds=kinds, may_be_absent=is_absent)


def _and(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    left, right = (walk.infer(child, here) for child in node["children"])
    if left.is_only(BOOLEAN) and right.is_only(BOOLEAN):
        return _TRUTH
    return replace(unite([left, right]), members=right.members, known=right.known)


def _not(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    walk.infer(node["children"][0], here)
    return _TRUTH


def _comparator(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    sides = node["children"]
    types = [walk.infer(side, here) for side in sides]
    for side in sides:
        _check_name_as_text(walk, side, here)
    if any(each.code == "E0308" for each in walk.mistakes):
        return _TRUTH
    left, right = types
    if node["value"] in ("eq", "ne"):
        _check_equality(walk, node, left, right)
    else:
        _check_order(walk, node, types)
    return _TRUTH


def _check_equality(walk: _PathWalk, node: Node, left: ValueType, right: ValueType) -> None:
    if _never_equal(left, right):
        holds = "never" if node["value"] == "eq" else "always"
        kinds = [describe_kinds(each) for each in (left, right)]
        hint = "compare values of one kind: `'1'` is a text, `` `1` `` a number, `` `true` `` a truth value"
        message = f"this compares {kinds[0]} with {kinds[1]}, and {holds} holds"
        walk.refuse("E0307", message, hint, node, left, right)
    for side, other in zip(node["children"], (right, left), strict=True):
        if side["type"] == "literal" and isinstance(side["value"], str):
            error = check_words((side["value"],), other, *place_of_node(side))
            if error is not None:
                walk.note(error)


def _never_equal(left: ValueType, right: ValueType) -> bool:
    known = left.is_known and right.is_known and not (left.is_null or right.is_null)
    return known and left.kinds.isdisjoint(right.kinds)


def _check_order(walk: _PathWalk, node: Node, types: list[ValueType]) -> None:
    for side, kind in zip(node["children"], types, strict=True):
        if kind.is_known and not kind.may_be(NUMBER) and not kind.is_null:
            what = describe_kinds(kind)
            message = f"only numbers have an order: this compares {what}, and the result is null"
            walk.refuse("E0307", message, "convert it: `to_number(x)`", side)


def _check_name_as_text(walk: _PathWalk, node: Node, here: ValueType) -> None:
    """Report a name in double quotes, or a bare true, false or null, where a value is meant."""
    if node["type"] != "field" or node["value"] in here.members:
        return
    name = node["value"]
    if walk.is_quoted(node) and _PLAIN_NAME.match(name):
        message = f"double quotes make a name: this reads the member {quoted(name)}, and is no text"
        walk.mistakes = [e for e in walk.mistakes if e.offset != node["offset"]]
        walk.refuse("E0308", message, f"write '{name}' for the text", node)
    elif name in _BARE_WORDS and not walk.is_quoted(node):
        message = f"this reads a member called {name}"
        walk.mistakes = [e for e in walk.mistakes if e.offset != node["offset"]]
        walk.refuse("E0308", message, f"write `{name}` in backticks for the value", node)


def _function(walk: _PathWalk, node: Node, here: ValueType) -> ValueType:
    """Infer a call: arguments are read on the current value, `&` expressions on a list's entries."""
    arguments = node["children"]
    types: list[ValueType] = []
    plain = [walk.infer(child, here) for child in arguments if child["type"] != "expref"]
    entry = plain[0].entry or ANYTHING if plain else ANYTHING
    remaining = iter(plain)
    for child in arguments:
        is_inner = child["type"] == "expref"
        types.append(walk.infer(child["children"][0], entry) if is_inner else next(remaining))
    name = node["value"]
    if name in _TAKES_TEXT:
        for child in arguments:
            _check_name_as_text(walk, child, here)
    for position, message, hint in check_arguments(name, types):
        walk.refuse("E0304", message, hint, arguments[position], types[position])
    for position, argument in enumerate(arguments):
        for alternative in list_alternatives(argument):
            one = [*types[:position], walk.infer(alternative, here), *types[position + 1 :]]
            for at, message, hint in check_arguments(name, one):
                if at == position:
                    walk.refuse("E0304", message, hint, alternative, one[at])
    _check_contained(walk, name, arguments, types)
    return type_result(name, types)


def _check_contained(
    walk: _PathWalk, name: str, arguments: list[Node], types: list[ValueType]
) -> None:
    """Check the texts of `contains(`["a", "b"]`, x)` against those known for x, and x against them."""
    if name != "contains" or len(types) < 2:
        return
    inside, sought = types
    if inside.is_only(LIST) and inside.entry is not None:
        listed = arguments[0]["value"] if arguments[0]["type"] == "literal" else ()
        texts = tuple(each for each in listed if isinstance(each, str)) if listed else ()
        error = check_words(texts, sought, *place_of_node(arguments[0])) if texts else None
        if error is not None:
            walk.note(error)
        entry = inside.entry
        if _never_equal(entry, sought):
            kinds = [describe_kinds(each) for each in (entry, sought)]
            message = f"each entry of the list is {kinds[0]}, and this is {kinds[1]}"
            walk.refuse("E0307", message, "look for a value of the same kind", arguments[1])
    elif (
        inside.is_only(TEXT) and sought.is_known and not sought.may_be(TEXT) and not sought.is_null
    ):
        message = f"a text contains only texts, and this is {describe_kinds(sought)}"
        walk.refuse("E0307", message, "convert it: `to_string(x)`", arguments[1])


_INFER: dict[str, Callable[[_PathWalk, Node, ValueType], ValueType]] = {
    "and_expression": _and,
    "comparator": _comparator,
    "current": _same,
    "field": _field,
    "filter_projection": _projection,
    "flatten": _flatten,
    "function_expression": _function,
    "identity": _same,
    "index": _index,
    "index_expression": _chain,
    "key_val_pair": _pair,
    "literal": _literal,
    "multi_select_dict": _multi_map,
    "multi_select_list": _multi_list,
    "not_expression": _not,
    "or_expression": _or,
    "pipe": _chain,
    "projection": _projection,
    "slice": _slice,
    "subexpression": _chain,
    "value_projection": _value_projection,
}
