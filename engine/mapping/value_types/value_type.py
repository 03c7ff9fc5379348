"""What the files say of a value before there is an order: its kinds, its members, whether it may be absent. Pure.

Kinds are those of templates (`language.functions.values.kind_of`): "text", "number", "list" and so on. A value
without kinds may be anything, and nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from ...findings.diagnostics import Place

TEXT, NUMBER, BOOLEAN = "text", "number", "true or false"
LIST, MAP, DATE, MOMENT = "list", "map", "date", "moment"
LINES, LINE, RECORD_ID, OMITTED = "lines", "line", "record id", "omit"
# The label of amounts, as it is declared and as the query has it.
MONEY = "money"

SCALARS = frozenset((TEXT, NUMBER, BOOLEAN, DATE, MOMENT))
_NOTHING = frozenset((OMITTED,))
NO_MEMBERS: Mapping[str, ValueType] = MappingProxyType({})
_MOST_WORDS = 200


class Knowledge(Enum):
    """How much is known of the members of a map.

    NOTHING: any member may exist. SOME: `members` are those that are documented, others may exist.
    ALL: there are no others.
    """

    NOTHING = "nothing"
    SOME = "some"
    ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class ValueType:
    """The type of one value.

    `kinds` are the kinds that it may have; none of them means that any is possible. `name` is how messages
    call the value (`order.items`), `label` its type in the words of its source (`OrderItem`, `money`), and
    `source` what knows its members ("the query", "order.opened", "the lookup 'location'"). `entry` is the type
    of a list's entries. `words` are the texts that it is known to have, `are_all_words` says that there are no
    others. `may_be_absent` is true where null or no value at all is expected, not where only an order that
    cannot be posted lacks it. `key` identifies the value at its source, for "is it ever read", and `at` is
    the place where its type was decided.
    `origin` is the selection of a query that it was read from, whatever it is called now, and `members_at` the
    place that names its members, such as the header of a table; `empty_at` is an empty cell of the column.
    """

    kinds: frozenset[str] = frozenset()
    name: str = ""
    label: str = ""
    source: str = ""
    may_be_absent: bool = False
    members: Mapping[str, ValueType] = field(default_factory=lambda: NO_MEMBERS)
    known: Knowledge = Knowledge.NOTHING
    entry: ValueType | None = None
    words: frozenset[str] = frozenset()
    are_all_words: bool = False
    key: object = None
    at: Place | None = None
    origin: object = None
    members_at: Place | None = None
    empty_at: Place | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything is known of its kind."""
        return bool(self.kinds)

    @property
    def is_null(self) -> bool:
        """Whether it is certainly null, or left out."""
        return self.kinds == _NOTHING

    def is_only(self, *kinds: str) -> bool:
        """Return whether it certainly has one of these kinds, when it is there at all."""
        return bool(self.kinds) and self.kinds <= frozenset(kinds)

    def may_be(self, *kinds: str) -> bool:
        """Return whether it may have one of these kinds."""
        return not self.kinds or not self.kinds.isdisjoint(kinds)

    def called(self, name: str) -> ValueType:
        """Return the type under another name for messages."""
        return self if name == self.name else replace(self, name=name)

    def optional(self, *, is_absent: bool = True) -> ValueType:
        """Return the type of the value that may also be absent."""
        is_so = is_absent is self.may_be_absent
        return self if is_so else replace(self, may_be_absent=is_absent)


ANYTHING = ValueType()


def scalar(kind: str, *, name: str = "", label: str = "") -> ValueType:
    """Return the type of a single value of one kind."""
    return ValueType(kinds=frozenset((kind,)), name=name, label=label or kind)


def list_of(entry: ValueType, *, name: str = "", label: str = "") -> ValueType:
    """Return the type of a list."""
    return ValueType(kinds=frozenset((LIST,)), name=name, entry=entry, label=label, key=entry.key)


def map_of(
    members: Mapping[str, ValueType],
    *,
    known: Knowledge = Knowledge.ALL,
    name: str = "",
    source: str = "",
) -> ValueType:
    """Return the type of a map with these members."""
    return ValueType(
        kinds=frozenset((MAP,)), name=name, members=members, known=known, source=source
    )


def unite(types: Iterable[ValueType]) -> ValueType:
    """Return the type of a value that has one of several types."""
    present = [each for each in types if not each.is_null]
    if not present:
        return NULL
    first, *others = present
    for other in others:
        first = _unite_two(first, other)
    return first


def _unite_two(left: ValueType, right: ValueType) -> ValueType:
    if left is right:
        return left
    is_absent = left.may_be_absent or right.may_be_absent
    if not left.kinds or not right.kinds:
        return ANYTHING.optional() if is_absent else ANYTHING
    entries = [each.entry for each in (left, right) if each.may_be(LIST)]
    words = left.words | right.words if left.are_all_words and right.are_all_words else frozenset()
    return ValueType(
        origin=left.origin if left.origin is right.origin else None,
        members_at=left.members_at or right.members_at,
        kinds=left.kinds | right.kinds,
        name=left.name if left.name == right.name else "",
        label=_unite_labels(left, right),
        source=left.source if left.source == right.source else "",
        may_be_absent=is_absent,
        members=_unite_members(left, right),
        known=_unite_knowledge(left, right),
        entry=None if None in entries else unite(each for each in entries if each is not None),
        words=words if len(words) <= _MOST_WORDS else frozenset(),
        are_all_words=bool(words) and len(words) <= _MOST_WORDS,
    )


def _unite_labels(left: ValueType, right: ValueType) -> str:
    """Return the label of both; an amount or another number is an amount."""
    if left.label == right.label:
        return left.label
    is_amount = MONEY in (left.label, right.label) and left.kinds | right.kinds == {NUMBER}
    return MONEY if is_amount else ""


def _unite_members(left: ValueType, right: ValueType) -> Mapping[str, ValueType]:
    """Return the members of either map: one that only one of them has may be absent."""
    if not (left.may_be(MAP) and right.may_be(MAP)):
        return left.members or right.members
    return {
        name: unite([left.members[name], right.members[name]])
        if name in left.members and name in right.members
        else (left.members.get(name) or right.members[name]).optional()
        for name in (*left.members, *(each for each in right.members if each not in left.members))
    }


def _unite_knowledge(left: ValueType, right: ValueType) -> Knowledge:
    known = [each.known for each in (left, right) if each.may_be(MAP)]
    order = (Knowledge.NOTHING, Knowledge.SOME, Knowledge.ALL)
    return min(known, key=order.index, default=Knowledge.NOTHING)


# The type of no value at all: null written out, or what `omit` leaves out.
NULL = ValueType(kinds=_NOTHING, may_be_absent=True, label="null")
