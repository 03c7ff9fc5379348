"""The compiler of `lookups`: tables are built from the mapping or its files, live ones are described."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import PurePosixPath

from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import ExpressionError, FindingsError
from ...findings.quote import quoted
from ..files.nodes import Entry, ListNode, MapNode, Node, Scalar, as_data, entries_of
from ..files.parse_yaml import read_yaml
from ..lookups import (
    INACTIVE,
    NO_DEFAULT,
    TABLE_READERS,
    UNFILLED,
    Columns,
    Options,
    Table,
    build_table,
    choose_columns,
    missing_column_message,
)
from .compile_retry import parse_duration
from .expressions import Expressions
from .lookup_query import KEYS, check_keys, read_columns
from .plan import LiveLookup
from .unfilled_cells import find_unfilled

# Reads a table's file for the mapping that names it; raises ReadError.
ReadFile = Callable[[Scalar], SourceText]

_LOOKUP_KINDS = "a table is written in the mapping, read from a file, or queried live"
_KINDS = ("values", "file", "suiteql", "parameter")
_ONE_KEY = "join the parts in the query and in `keys`, as in `SELECT a || '/' || b AS both, id`"


def compile_lookups(
    node: Node | None, read: ReadFile, expressions: Expressions, names: Collection[str]
) -> tuple[dict[str, Table], tuple[LiveLookup, ...]]:
    """Return the tables by name, and the live lookups, which NetSuite or AWS answers."""
    tables: dict[str, Table] = {}
    live: list[LiveLookup] = []
    for entry in entries_of(node):
        block = entry.value
        assert isinstance(block, MapNode)
        kinds = [kind for kind in _KINDS if block.get(kind) is not None]
        if len(kinds) != 1:
            _report_kinds(entry, kinds, expressions)
        elif kinds[0] in ("values", "file"):
            table = _compile_table(entry.name, block, read, expressions)
            if table is not None:
                tables[entry.name] = table
        else:
            live.append(_compile_live(entry, block, expressions, names))
    return tables, tuple(live)


def read_options(block: MapNode) -> Options:
    """Read the options of a table from the keys beside its kind."""
    key = block.get("key")
    value, prefix, default = block.get("value"), block.get("prefix"), block.get("default")
    fold = block.get("ignore_case")
    return Options(
        key=_read_names(key),
        value=str(value.value) if isinstance(value, Scalar) else None,
        ignore_case=isinstance(fold, Scalar) and fold.value is True,
        prefix=prefix.value
        if isinstance(prefix, Scalar) and isinstance(prefix.value, int)
        else None,
        default=NO_DEFAULT if default is None else as_data(default),
    )


def read_table(name: str, text: SourceText, options: Options) -> Table:
    """Read the table in a CSV, JSON or YAML file, by the file's suffix; raise FindingsError."""
    reader = TABLE_READERS.get(PurePosixPath(text.name).suffix.lower())
    if reader is not None:
        return reader(name, text, options)
    return build_table(name, as_data(read_yaml(text)), options, place=Place(text))


def _compile_table(
    name: str, block: MapNode, read: ReadFile, expressions: Expressions
) -> Table | None:
    options = read_options(block)
    values, file = block.get("values"), block.get("file")
    try:
        if values is not None:
            _warn_of_mixed_kinds(values, expressions)
            written: Node | SourceText = values
            table = build_table(name, as_data(values), options, place=values.place)
        else:
            assert isinstance(file, Scalar)
            written = read(file)
            table = read_table(name, written, options)
    except FindingsError as error:
        expressions.findings.extend(_name_columns(name, block, error))
        return None
    expressions.unfilled += find_unfilled(table, written, block.get("default"))
    return table


def _warn_of_mixed_kinds(values: Node, expressions: Expressions) -> None:
    """Warn of a text among numbers, or a number among texts: `"9"` beside `7` (W0620)."""
    columns: dict[str, list[Scalar]] = {}
    for key, scalar in _list_leaves(values):
        columns.setdefault(key, []).append(scalar)
    single = [scalars[0] for scalars in columns.values() if len(scalars) == 1]
    for scalars in (single, *(each for each in columns.values() if len(each) > 1)):
        texts = [it for it in scalars if isinstance(it.value, str) and it.value != UNFILLED]
        numbers = [each for each in scalars if _is_number(each)]
        if texts and numbers:
            few, other = (texts, "a number") if len(texts) <= len(numbers) else (numbers, "a text")
            what = "a text" if few is texts else "a number"
            message = f"this entry is {what}, and others of the table are {other}"
            hint = f"write it as {other}, as its neighbours are"
            expressions.report("W0620", message, few[0].place, hint)


def _is_number(scalar: Scalar) -> bool:
    return isinstance(scalar.value, int | Decimal) and not isinstance(scalar.value, bool)


def _list_leaves(node: Node, key: str = "") -> Iterator[tuple[str, Scalar]]:
    if isinstance(node, MapNode):
        for entry in node.entries:
            yield from _list_leaves(entry.value, entry.name)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _list_leaves(item, key)
    else:
        yield key, node


def _name_columns(name: str, block: MapNode, error: FindingsError) -> Iterator[Finding]:
    """Yield the findings; one about a missing column also has the place where the mapping names it."""
    key, value = block.get("key"), block.get("value")
    named = (*(key.items if isinstance(key, ListNode) else (key,)), value)
    places = {
        missing_column_message(name, str(column.value)): column.place
        for column in named
        if isinstance(column, Scalar)
    }
    for finding in error.findings:
        place = places.get(finding.message)
        is_elsewhere = place is not None and place != finding.place
        related = ((place, "the column is named here"),) if place and is_elsewhere else ()
        yield replace(finding, related=related)


def _compile_live(
    entry: Entry, block: MapNode, expressions: Expressions, names: Collection[str]
) -> LiveLookup:
    query, parameter, cache = block.get("suiteql"), block.get("parameter"), block.get("cache")
    columns = None
    if isinstance(query, Scalar):
        columns = _choose_query_columns(entry.name, query, block, expressions)
        if block.get("keys") is None:
            message = f"lookup {quoted(entry.name)} has no `keys`: the keys that it will query"
            expressions.report("E0203", message, entry.key.place, 'as in `keys: "items[].sku"`')
    return LiveLookup(
        name=entry.name,
        at=entry.key,
        query=str(query.value) if isinstance(query, Scalar) else None,
        parameter=str(parameter.value) if isinstance(parameter, Scalar) else None,
        keys=expressions.path(block.get("keys"), names),
        cache=parse_duration(str(cache.value)) if isinstance(cache, Scalar) else None,
        options=read_options(block),
        columns=columns,
    )


def _choose_query_columns(
    name: str, query: Scalar, block: MapNode, expressions: Expressions
) -> Columns | None:
    """Return the key and value columns of the answer, and report every mistake in the query."""
    text, options = str(query.value), read_options(block)
    if KEYS not in text:
        message = f"the query of lookup {quoted(name)} does not contain {{keys}}"
        expressions.report("E0221", message, query.place, "as in `WHERE itemid IN ({keys})`")
        return None
    if len(options.key) > 1:
        message = f"lookup {quoted(name)} is live and can have only one key"
        key = block.get("key")
        place = query.place if key is None else key.place
        expressions.report("E0205", message, place, _ONE_KEY)
        return None
    try:
        check_keys(text)
        answered = read_columns(text)
    except ExpressionError as error:
        place = query.place_at(error.offset, error.length)
        expressions.report(error.code, error.message, place, error.hint)
        return None
    named = (*options.key, options.value)
    present = tuple(column for column in answered if column != INACTIVE or column in named)
    columns, missing = choose_columns(name, present, options, place=query.place)
    expressions.findings.extend(missing)
    return columns


def _report_kinds(entry: Entry, kinds: list[str], expressions: Expressions) -> None:
    message = (
        f"lookup {quoted(entry.name)} needs exactly one of `values`, `file`, `suiteql`, `parameter`"
    )
    hint = (
        f"it has {' and '.join(kinds)}; write `$remove: [{kinds[0]}]`" if kinds else _LOOKUP_KINDS
    )
    expressions.report("E0206", message, entry.key.place, hint)


def _read_names(node: Node | None) -> tuple[str, ...]:
    if isinstance(node, ListNode):
        return tuple(str(item.value) for item in node.items if isinstance(item, Scalar))
    return (str(node.value),) if isinstance(node, Scalar) else ()
