"""The types of what an order is read from: query answers, JSON Schemas of events, rows of lookups, settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ...findings.diagnostics import Place
from ..lookups import NO_DEFAULT, Table
from ..lookups.find import find_patterns
from ..plan.plan import LiveLookup
from ..plan.selection import Selection
from .value_type import (
    ANYTHING,
    BOOLEAN,
    DATE,
    LIST,
    MAP,
    MOMENT,
    MONEY,
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

_GRAPHQL = {
    "Boolean": BOOLEAN,
    "Cursor": TEXT,
    "Date": TEXT,
    "Datetime": TEXT,
    "Float": NUMBER,
    "ID": TEXT,
    "Int": NUMBER,
    "String": TEXT,
    "UUID": TEXT,
}
_JSON = {
    "string": TEXT,
    "number": NUMBER,
    "integer": NUMBER,
    "boolean": BOOLEAN,
    "array": LIST,
    "object": MAP,
}
# The kinds of converted values, by the types that authors declare.
DECLARED: Mapping[str, str] = {
    "string": TEXT,
    "integer": NUMBER,
    "decimal": NUMBER,
    "money": NUMBER,
    "date": DATE,
    "datetime": MOMENT,
    "timezone": TEXT,
    "boolean": BOOLEAN,
    "id": TEXT,
    "list": LIST,
    "table": MAP,
}
_TAKEN: Mapping[str, frozenset[str]] = {
    "string": frozenset((TEXT, NUMBER)),
    "integer": frozenset((NUMBER, TEXT)),
    "decimal": frozenset((NUMBER, TEXT)),
    "money": frozenset((NUMBER, TEXT)),
    "date": frozenset((DATE, TEXT)),
    "datetime": frozenset((MOMENT, TEXT)),
    "timezone": frozenset((TEXT,)),
    "boolean": frozenset((BOOLEAN, TEXT)),
    "id": frozenset((TEXT, NUMBER)),
    "list": frozenset((LIST,)),
    "table": frozenset((MAP,)),
}
_DEEPEST = 30
_MOST_WORDS = 200
_MOST_ENTRIES = 1_000
_MOST_SCHEMAS = 5_000


# The parts of a page, which are there although the types of NewStore allow null for them.
_PAGE = frozenset(("edges", "node", "nodes", "pageInfo"))


def type_selection(
    selection: Selection,
    words: Mapping[str, tuple[str, ...]],
    always: frozenset[str] = frozenset(),
    path: str = "",
) -> ValueType:
    """Return the type of a selected field.

    `words` are the texts known for a field of a type, by `Order.channelType`; more of them may come. `always`
    names the fields that are there although the schema allows null.
    """
    name = path or selection.name
    if selection.is_money:
        inner = scalar(NUMBER, name=name, label=MONEY)
    elif selection.children:
        members = {
            child_name: replace(
                type_selection(
                    child, words, always, f"{path}.{child_name}" if path else child_name
                ),
                may_be_absent=_may_be_absent(selection, child, always),
                words=frozenset(
                    words.get(f"{selection.type_name}.{child.name}", ()) or child.words
                ),
                are_all_words=bool(child.words),
            )
            for child_name, child in selection.children.items()
        }
        inner = map_of(members, name=name, source="the query")
        inner = replace(inner, label=selection.type_name)
    else:
        kind = _GRAPHQL.get(selection.type_name)
        kind = TEXT if selection.words else kind
        inner = ANYTHING.called(name) if kind is None else scalar(kind, name=name)
        inner = replace(inner, label=selection.type_name)
    inner = replace(inner, key=selection, origin=selection)
    for _ in range(selection.lists):
        inner = list_of(inner, name=name, label=f"[{inner.label}]")
    return inner


def _may_be_absent(parent: Selection, field: Selection, always: frozenset[str]) -> bool:
    if not field.nullable or field.name in _PAGE:
        return False
    return f"{parent.type_name}.{field.name}" not in always


def type_schema(schema: Any, name: str, source: str) -> ValueType:
    """Return the type that a JSON Schema describes, as far as its plain keywords say it.

    Members beyond `properties` may exist, unless `additionalProperties` is false. What is nested too deeply, or
    refers too often to definitions, is anything.
    """
    root = schema if isinstance(schema, Mapping) else {}
    return _SchemaTypes(root, source).read(schema, name, 0)


@dataclass(slots=True)
class _SchemaTypes:
    """The walk through one JSON Schema, which may read `room` more schemas: definitions can multiply."""

    root: Mapping[str, Any]
    source: str
    room: int = _MOST_SCHEMAS

    def read(self, schema: Any, name: str, depth: int) -> ValueType:
        self.room -= 1
        if not isinstance(schema, Mapping) or depth > _DEEPEST or self.room < 0:
            return ANYTHING.called(name)
        if "$ref" in schema:
            defs = self.root.get("$defs")
            key = str(schema["$ref"]).rpartition("/")[2]
            inner = defs.get(key) if isinstance(defs, Mapping) else None
            return self.read(inner, name, depth + 1)
        kinds = frozenset(_JSON[each] for each in _list_types(schema) if each in _JSON)
        members = self._read_members(schema, name, depth)
        is_closed = schema.get("additionalProperties") is False
        some = Knowledge.SOME if members else Knowledge.NOTHING
        words = schema.get("enum") or schema.get("examples")
        return ValueType(
            kinds=kinds,
            name=name,
            label=str(schema.get("title") or " or ".join(_list_types(schema))),
            source=self.source,
            may_be_absent="null" in _list_types(schema),
            members=members,
            known=Knowledge.ALL if is_closed else some,
            entry=self.read(schema["items"], f"{name}[]", depth + 1) if "items" in schema else None,
            words=frozenset(each for each in words if isinstance(each, str))
            if isinstance(words, list)
            else frozenset(),
            are_all_words=isinstance(schema.get("enum"), list),
        )

    def _read_members(
        self, schema: Mapping[str, Any], name: str, depth: int
    ) -> dict[str, ValueType]:
        properties, required = schema.get("properties"), schema.get("required")
        needed = required if isinstance(required, list) else []
        return {
            str(key): self.read(inner, f"{name}.{key}" if name else str(key), depth + 1).optional(
                is_absent=key not in needed or "null" in _list_types(inner)
            )
            for key, inner in (properties.items() if isinstance(properties, Mapping) else ())
        }


def _list_types(schema: Any) -> list[str]:
    listed = schema.get("type") if isinstance(schema, Mapping) else None
    types = listed if isinstance(listed, list) else [listed]
    return [each for each in types if isinstance(each, str)]


def type_value(value: object, name: str = "", source: str = "", depth: int = 0) -> ValueType:
    """Return the type of a value that stands in the files."""
    if value is None or depth > _DEEPEST:
        return NULL.called(name) if value is None else ANYTHING
    if isinstance(value, Mapping):
        members = {
            str(key): type_value(each, f"{name}.{key}" if name else str(key), source, depth + 1)
            for key, each in list(value.items())[:_MOST_ENTRIES]
        }
        known = Knowledge.ALL if len(value) <= _MOST_ENTRIES else Knowledge.SOME
        return map_of(members, known=known, name=name, source=source)
    if isinstance(value, list | tuple):
        some = value[:_MOST_ENTRIES]
        entry = unite(type_value(each, name, source, depth + 1) for each in some)
        return list_of(entry, name=name)
    kind = _kind_of_value(value)
    return ANYTHING.called(name) if kind is None else _type_single(value, kind, name)


@lru_cache(maxsize=4_000, typed=True)
def _type_single(value: object, kind: str, name: str) -> ValueType:
    words = frozenset((value,)) if isinstance(value, str) else frozenset[str]()
    return ValueType(
        kinds=frozenset((kind,)), name=name, label=kind, words=words, are_all_words=bool(words)
    )


def _kind_of_value(value: object) -> str | None:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int | Decimal):
        return NUMBER
    if isinstance(value, datetime):
        return MOMENT
    if isinstance(value, date):
        return DATE
    return TEXT if isinstance(value, str) else None


def type_row(table: Table, count: int) -> ValueType:
    """Return the type of what a table gives for a number of keys.

    Raise ExpressionError (E0612) for a number of keys that it does not take.
    """
    source = f"the lookup '{table.name}'"
    rows = [row.value for pattern in find_patterns(table, count) for row in pattern.rows.values()]
    if not rows:
        return ANYTHING
    default = table.options.default
    rows += [] if default is NO_DEFAULT else [default]
    found = replace(_type_cells(rows, source), name=f"lookup('{table.name}', …)")
    empty = _find_empty_cells(table, count)
    members = {
        name: replace(member, empty_at=empty[name]) if name in empty else member
        for name, member in found.members.items()
    }
    return replace(found, members=members, members_at=table.origin.place, empty_at=empty.get(None))


def _find_empty_cells(table: Table, count: int) -> dict[str | None, Place]:
    """Return the place of the first row with an empty cell, by column; None is that of a single value."""
    found: dict[str | None, Place] = {}
    rows = [row for pattern in find_patterns(table, count) for row in pattern.rows.values()]
    for row in sorted(rows, key=lambda row: row.number):
        cells = row.value.items() if isinstance(row.value, Mapping) else ((None, row.value),)
        for column, cell in cells:
            place = table.origin.place_at(row.number)
            if cell is None and place is not None:
                found.setdefault(column, place)
    return found


def _type_cells(values: list[object], source: str) -> ValueType:
    """Return the united type of the rows of a table; all cells of a column are looked at."""
    maps = [value for value in values if isinstance(value, Mapping)]
    others = [value for value in values if not isinstance(value, Mapping)]
    plain = _type_plain(others)
    if not maps:
        return plain
    columns: dict[str, list[object]] = {}
    for value in maps:
        for column, cell in value.items():
            columns.setdefault(str(column), []).append(cell)
    members = {
        column: replace(
            _type_cells(cells, source),
            name=column,
            may_be_absent=len(cells) < len(maps) or None in cells,
        )
        for column, cells in columns.items()
    }
    row = map_of(members, source=source)
    return unite([row, plain]) if others else row


def _type_plain(values: Sequence[object]) -> ValueType:
    """Return the type of single values and lists, with their texts if there are few of them."""
    kinds: set[str] = set()
    is_absent = False
    texts = {value for value in values if isinstance(value, str)}
    for value in values:
        if value is None:
            is_absent = True
        elif isinstance(value, list | tuple):
            kinds.add(LIST)
        else:
            kind = _kind_of_value(value)
            if kind is None:
                return ANYTHING
            kinds.add(kind)
    if not kinds:
        return NULL
    label = " or ".join(sorted(kinds))
    has_words = kinds == {TEXT} and len(texts) <= _MOST_WORDS
    return ValueType(
        kinds=frozenset(kinds),
        label=label,
        may_be_absent=is_absent,
        words=frozenset(texts) if has_words else frozenset(),
        are_all_words=has_words,
    )


def type_live(lookup: LiveLookup) -> ValueType:
    """Return the type of what a live lookup gives: a cell, or a row of the query's columns."""
    if lookup.columns is None:
        return ANYTHING
    cell = ValueType(kinds=frozenset((TEXT, NUMBER)), label="text or number")
    if len(lookup.columns.values) == 1:
        return cell
    members = {column: cell.called(column) for column in lookup.columns.values}
    return map_of(members, name=f"lookup('{lookup.name}', …)", source=f"the lookup '{lookup.name}'")


def takes_kinds(type_name: str, found: ValueType) -> bool:
    """Return whether a declared type can take a value of the type that was found."""
    return not found.is_known or found.is_null or bool(found.kinds & _TAKEN[type_name])


def type_declared(type_name: str | None, found: ValueType, name: str) -> ValueType:
    """Return the type after the conversion that an author declared; what was found, without one."""
    if type_name is None or type_name not in DECLARED:
        return found.called(name)
    kind = DECLARED[type_name]
    if kind in (LIST, MAP) and found.may_be(kind) and found.is_known:
        return replace(found, kinds=frozenset((kind,)), name=name, label=type_name)
    inner = scalar(kind, name=name, label=type_name)
    return replace(inner, words=found.words if kind == TEXT else frozenset(), key=found.key)
