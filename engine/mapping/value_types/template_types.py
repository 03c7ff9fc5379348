"""The type of a template's value, and every part of it that fails, or never holds, whatever the order. Pure.

A name that may be absent is known to be there where a condition says so: in `x | lower if x is defined else ''`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ...findings.errors import ExpressionError
from ...findings.quote import quoted, shortened
from ...language.functions import OMIT
from ...language.templates import Template
from ...language.templates.nodes import (
    Attribute,
    Binary,
    Call,
    Comparison,
    Concatenation,
    Conditional,
    Constant,
    Item,
    ListDisplay,
    Logical,
    MapDisplay,
    Name,
    Node,
    Unary,
)
from .comparisons import check_comparison
from .literal_amounts import find_literal_amount
from .presence import Presence, find_presence, written
from .report import (
    TypeMistake,
    describe_value,
    find_no_member,
    find_related,
    may_lack,
)
from .source_types import type_value
from .template_functions import OF_NUMBERS, check_call, list_keyed, type_call
from .value_type import (
    ANYTHING,
    BOOLEAN,
    DATE,
    LINE,
    LINES,
    LIST,
    MAP,
    MOMENT,
    MONEY,
    NULL,
    NUMBER,
    RECORD_ID,
    TEXT,
    ValueType,
    list_of,
    map_of,
    scalar,
    unite,
)

_TEXT, _NUMBER, _TRUTH = scalar(TEXT), scalar(NUMBER), scalar(BOOLEAN)
_MONEY = scalar(NUMBER, label=MONEY)
_WITH_TEXT = frozenset((TEXT, NUMBER, BOOLEAN, DATE, MOMENT))
_ORDERED = frozenset((NUMBER, TEXT, DATE, MOMENT))
_MEMBERS = frozenset((MAP, LINES, LINE, RECORD_ID))
_NONE = frozenset[str]()

# Returns the type of a lookup's value for a number of keys; raises ExpressionError for a number that it does not take.
LookupTypes = Callable[[str, int], ValueType]
# Returns those of some texts for which a lookup has no row where they are its key of this position (from 0).
MissingRows = Callable[[str, int, int, frozenset[str]], list[str]]
# Receives every part of a template with its type.
Keep = Callable[[Node, ValueType], None]


@dataclass(frozen=True, slots=True)
class TemplateScope:
    """What a template may use: types of names, and of lookups by name and number of keys."""

    names: Mapping[str, ValueType]
    lookup: LookupTypes
    missing_rows: MissingRows = lambda _table, _count, _position, _texts: []

    def having(self, names: Mapping[str, ValueType]) -> TemplateScope:
        """Return the scope with further names."""
        return replace(self, names={**self.names, **names})


def check_template(
    template: Template, scope: TemplateScope, *, keep: Keep | None = None
) -> tuple[ValueType, tuple[TypeMistake, ...]]:
    """Return the type of a template's value, and the mistakes in it.

    E0208 a member that does not exist; E0411 to E0413 null, a value without text form, or one that may only be
    a whole result; E0414 and E0415 an operator or a function on a value that it does not take; E0604 and E0612
    a key of a lookup of another kind, or another number of them; E0430 a comparison that never holds; W0311 a
    text that is nearly a known one; W0431 a value that may be absent where one is needed; W0621 a key of a
    lookup that has no row.
    """
    walk = _TemplateWalk(scope, keep)
    if template.is_single:
        node = template.parts[0]
        assert not isinstance(node, str)
        return walk.infer(node, _NONE), tuple(walk.mistakes)
    for part in template.parts:
        if not isinstance(part, str):
            walk.need_text(part, walk.need(part, _NONE))
    return _TEXT, tuple(walk.mistakes)


@dataclass(slots=True)
class _TemplateWalk:
    """One walk through one template; `present` are the written names known to be there.

    `is_lenient` is true within `x | default(…)` and `x is defined`: there a table may lack a column.
    """

    scope: TemplateScope
    keep: Keep | None = None
    mistakes: list[TypeMistake] = field(default_factory=list)
    is_lenient: bool = False

    def infer(self, node: Node, present: Presence) -> ValueType:
        """Return the type of a node; a value that may be absent is no mistake here."""
        found = _INFER[type(node)](self, node, present)
        if found.may_be_absent and written(node) in present:
            found = found.optional(is_absent=False)
        if self.keep is not None:
            self.keep(node, found)
        return found

    def infer_leniently(self, node: Node, present: Presence) -> ValueType:
        """Return the type of a node that may be absent altogether."""
        before, self.is_lenient = self.is_lenient, True
        found = self.infer(node, present)
        self.is_lenient = before
        return found

    def need(self, node: Node, present: Presence) -> ValueType:
        """Return the type of a node whose value is needed: report one that may be absent."""
        found = self.infer(node, present)
        if found.is_only(RECORD_ID) or (isinstance(node, Constant) and node.value is OMIT):
            what = "a record id" if found.is_only(RECORD_ID) else "`omit`"
            message = f"{what} may only be a whole result"
            hint = "choose it with `if … else …` or `| default(…)`, without text around it"
            self.refuse("E0413", message, hint, node, found)
            return ANYTHING
        if isinstance(node, Constant) and node.value is None:
            message = "this value is null, but a value is needed here"
            self.refuse("E0411", message, "write a value", node)
            return ANYTHING
        if found.may_be_absent and found.is_known:
            called = written(node) or found.name or "this value"
            message = f"{shortened(called, 80)} may be absent, and a value is needed here"
            hint = f"give a default: `{called} | default(…)`, or ask first: `… if {called} is defined else …`"
            if not written(node):
                hint = "give a default: `| default(…)`"
            self.refuse("W0431", message, hint, node, found)
        return found

    def refuse(
        self, code: str, message: str, hint: str | None, node: Node, *types: ValueType
    ) -> None:
        """Note a mistake at a node, once."""
        self.note(
            TypeMistake(
                code=code,
                message=message,
                hint=hint,
                offset=node.offset,
                length=node.length,
                related=find_related(*types),
            )
        )

    def note(self, error: TypeMistake) -> None:
        """Note a mistake once."""
        if all((error.offset, error.code) != (each.offset, each.code) for each in self.mistakes):
            self.mistakes.append(error)

    def note_all(self, mistakes: Iterable[TypeMistake]) -> None:
        """Note mistakes, each once."""
        for mistake in mistakes:
            self.note(mistake)

    def need_text(self, node: Node, found: ValueType) -> None:
        """Report a value that has no text form."""
        if found.is_known and found.kinds.isdisjoint(_WITH_TEXT) and not found.is_null:
            hint = "take one entry of it, or join a list: `| join(', ')`"
            message = f"{describe_value(found)} has no text form"
            self.refuse("E0412", message, hint, node, found)

    def need_number(
        self, node: Node, found: ValueType, operator: str, present: Presence = _NONE
    ) -> None:
        """Report a value that is no number, or a branch of it."""
        if isinstance(node, Conditional) and not found.is_only(NUMBER):
            for branch, holds in ((node.yes, True), (node.no, False)):
                inner = present | find_presence(node.condition, is_true=holds)
                self.need_number(branch, self.infer(branch, inner), operator, inner)
            return
        if found.is_known and not found.may_be(NUMBER) and not found.is_null:
            hint = "`| number` makes a number of a text" if found.may_be(TEXT) else None
            message = f"`{operator}` takes a number, not {describe_value(found)}"
            self.refuse("E0414", message, hint, node, found)


def _constant(_walk: _TemplateWalk, node: Constant, _present: Presence) -> ValueType:
    return NULL if node.value is None or node.value is OMIT else type_value(node.value)


def _name(walk: _TemplateWalk, node: Name, _present: Presence) -> ValueType:
    found = walk.scope.names.get(node.name, ANYTHING)
    return found if found.name else found.called(node.name)


def _attribute(walk: _TemplateWalk, node: Attribute, present: Presence) -> ValueType:
    return _member(walk, node, node.target, node.key, present)


def _item(walk: _TemplateWalk, node: Item, present: Presence) -> ValueType:
    if isinstance(node.key, Constant) and isinstance(node.key.value, str):
        return _member(walk, node, node.target, node.key.value, present)
    target, key = walk.infer(node.target, present), walk.need(node.key, present)
    if target.is_only(LIST) and key.is_known and not key.may_be(NUMBER):
        walk.refuse("E0414", "the entries of a list have numbers", "as in `x[0]`", node)
    return (target.entry or ANYTHING).optional() if target.may_be(LIST) else ANYTHING


def _member(
    walk: _TemplateWalk, node: Node, target_node: Node, key: str, present: Presence
) -> ValueType:
    target = walk.infer(target_node, present)
    if target.is_known and target.kinds.isdisjoint(_MEMBERS) and not target.is_null:
        if target.is_only(LIST):
            hint = f"take one entry: `({target.name or 'x'} | first).{key}`; all: `{target.name or 'x'} | map('{key}')`"
        else:
            hint = f"delete `.{key}`"
        message = f"{describe_value(target)} has no entries to take {key!r} from"
        walk.refuse("E0414", message, hint, node, target)
        return ANYTHING
    found = target.members.get(key)
    if found is None:
        end = node.offset + node.length
        here = may_lack(target) if walk.is_lenient else target
        error = find_no_member(here, key, end - len(key), len(key))
        if error is not None and not target.may_be(LIST):
            walk.note(error)
        return ANYTHING
    is_absent = found.may_be_absent or (
        target.may_be_absent and written(target_node) not in present
    )
    called = written(node) or found.name
    return replace(found, name=called, may_be_absent=is_absent)


def _list(walk: _TemplateWalk, node: ListDisplay, present: Presence) -> ValueType:
    return list_of(unite([walk.infer(item, present) for item in node.items] or [ANYTHING]))


def _map(walk: _TemplateWalk, node: MapDisplay, present: Presence) -> ValueType:
    return map_of({key: walk.infer(value, present) for key, value in node.entries})


def _unary(walk: _TemplateWalk, node: Unary, present: Presence) -> ValueType:
    if node.operator == "not":
        walk.infer(node.operand, present)
        return _TRUTH
    walk.need_number(node.operand, walk.need(node.operand, present), node.operator)
    return _NUMBER


def _binary(walk: _TemplateWalk, node: Binary, present: Presence) -> ValueType:
    left, right = walk.need(node.left, present), walk.need(node.right, present)
    if node.operator == "+" and left.is_known and right.is_known:
        both = left.kinds & right.kinds & {NUMBER, TEXT, LIST}
        if both:
            if both == {LIST}:
                return list_of(unite([left.entry or ANYTHING, right.entry or ANYTHING]))
            return ValueType(kinds=both, label=" or ".join(sorted(both)))
        message = f"`+` joins two numbers, texts or lists, not {describe_value(left)} and {describe_value(right)}"
        walk.refuse(
            "E0414",
            message,
            "join texts with `~`; `| number` makes a number of a text",
            node,
            left,
            right,
        )
        return ANYTHING
    if node.operator != "+":
        walk.need_number(node.left, left, node.operator, present)
        walk.need_number(node.right, right, node.operator, present)
    walk.note_all(find_literal_amount((node.left, left), (node.right, right), node.operator))
    if MONEY in (left.label, right.label):
        return _MONEY
    return _NUMBER if node.operator != "+" else ANYTHING


def _logical(walk: _TemplateWalk, node: Logical, present: Presence) -> ValueType:
    """Infer `a and b`: each operand is read only where those before it are true, or false for `or`."""
    types: list[ValueType] = []
    for operand in node.operands:
        types.append(walk.infer(operand, present))
        present = present | find_presence(operand, is_true=node.operator == "and")
    if all(each.is_only(BOOLEAN) for each in types):
        return _TRUTH
    found = unite(types)
    if node.operator == "or":
        return replace(found, kinds=found.kinds - NULL.kinds, may_be_absent=types[-1].may_be_absent)
    return found


def _comparison(walk: _TemplateWalk, node: Comparison, present: Presence) -> ValueType:
    left_node, left = node.first, walk.infer(node.first, present)
    for operator, right_node in node.rest:
        right = walk.infer(right_node, present)
        if operator not in ("==", "!="):
            walk.need(left_node, present)
            walk.need(right_node, present)
        sides = (left_node, left), (right_node, right)
        walk.note_all(check_comparison(node, operator, *sides))
        walk.note_all(find_literal_amount(*sides, operator))
        left_node, left = right_node, right
    return _TRUTH


def _conditional(walk: _TemplateWalk, node: Conditional, present: Presence) -> ValueType:
    walk.infer(node.condition, present)
    yes = walk.infer(node.yes, present | find_presence(node.condition, is_true=True))
    no = walk.infer(node.no, present | find_presence(node.condition, is_true=False))
    walk.note_all(find_literal_amount((node.yes, yes), (node.no, no), "else"))
    return unite([yes, no])


def _concatenation(walk: _TemplateWalk, node: Concatenation, present: Presence) -> ValueType:
    for part in node.parts:
        walk.need_text(part, walk.need(part, present))
    return _TEXT


def _call(walk: _TemplateWalk, node: Call, present: Presence) -> ValueType:
    types: list[ValueType | None] = []
    for parameter, argument in zip(node.function.parameters, node.arguments, strict=True):
        if argument is None:
            types.append(None)
        elif parameter.many and isinstance(argument, ListDisplay):
            types.append(list_of(unite(walk.need(item, present) for item in argument.items)))
        elif parameter.takes_null:
            types.append(walk.infer_leniently(argument, present))
        else:
            types.append(walk.need(argument, present))
    if node.function.name == "lookup":
        return _lookup(walk, node, types)
    if node.function.name in OF_NUMBERS and isinstance(node.arguments[0], ListDisplay):
        for item in node.arguments[0].items:
            walk.need_number(item, walk.infer(item, present), node.function.name)
    walk.note_all(check_call(node, types))
    if walk.keep is not None:
        for member in list_keyed(node, types):
            walk.keep(node, member)
    return type_call(node, types)


def _lookup(walk: _TemplateWalk, node: Call, types: list[ValueType | None]) -> ValueType:
    table, keys, _ = node.arguments
    if not isinstance(table, Constant) or not isinstance(keys, ListDisplay):
        return ANYTHING
    for key in keys.items:
        found = walk.infer(key, _NONE)
        if found.is_known and found.kinds.isdisjoint({TEXT, NUMBER, BOOLEAN}) and not found.is_null:
            hint = "`| date('UTC')` makes a text of a moment; of a list take one entry"
            walk.refuse(
                "E0604",
                f"a key is a text or a number, not {describe_value(found)}",
                hint,
                key,
                found,
            )
    try:
        row = walk.scope.lookup(str(table.value), len(keys.items))
    except ExpressionError as error:
        walk.refuse(error.code, error.message, error.hint, node)
        return ANYTHING
    default = types[2]
    if default is None:
        _check_rows(walk, str(table.value), keys)
    return row if default is None else unite([row, default])


def _check_rows(walk: _TemplateWalk, table: str, keys: ListDisplay) -> None:
    """Report texts that the files give as a key, such as a column of another table, and that have no row (W0621)."""
    for position, key in enumerate(keys.items):
        found = walk.infer(key, _NONE)
        if not found.are_all_words:
            continue
        missing = walk.scope.missing_rows(table, len(keys.items), position, found.words)
        if missing:
            listed = shortened(", ".join(map(quoted, missing)), 120)
            given = f"which {found.name} may be" if found.name else "which is written here"
            message = f"the lookup {quoted(table)} has no row for {listed}, {given}"
            hint = f"add the row to the lookup {quoted(table)}, or give `default=…`"
            walk.refuse("W0621", message, hint, key, found)


_INFER: dict[type, Callable[..., ValueType]] = {
    Attribute: _attribute,
    Binary: _binary,
    Call: _call,
    Comparison: _comparison,
    Concatenation: _concatenation,
    Conditional: _conditional,
    Constant: _constant,
    Item: _item,
    ListDisplay: _list,
    Logical: _logical,
    MapDisplay: _map,
    Name: _name,
    Unary: _unary,
}
