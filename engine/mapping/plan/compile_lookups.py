"""Compiling the lookups: tables built from what the mapping or its files say, live ones described."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import PurePosixPath

from ...findings.diagnostics import Place, SourceText
from ...findings.errors import ExpressionError, FindingsError
from ...findings.quote import quoted
from ..files.nodes import Entry, ListNode, MapNode, Node, Scalar, as_data, entries_of
from ..files.parse_yaml import read_yaml
from ..lookups import (
    INACTIVE,
    NO_DEFAULT,
    TABLE_READERS,
    Columns,
    Options,
    Table,
    build_table,
    choose_columns,
)
from .compile_retry import parse_duration
from .expressions import Expressions
from .lookup_query import KEYS, check_keys, read_columns
from .plan import LiveLookup

# Reads a table's file for the mapping that names it; raises ReadError.
ReadFile = Callable[[Scalar], SourceText]

_LOOKUP_KINDS = "a table is written here, read from a file, or asked for live"
_KINDS = ("values", "file", "suiteql", "parameter")
_ONE_KEY = "join the parts in the query and in `keys`, as in `SELECT a || '/' || b AS both, id`"


def compile_lookups(
    node: Node | None, read: ReadFile, expressions: Expressions, names: Collection[str]
) -> tuple[dict[str, Table], tuple[LiveLookup, ...]]:
    """The tables by name, and the lookups that NetSuite or AWS will answer."""
    tables: dict[str, Table] = {}
    live: list[LiveLookup] = []
    for entry in entries_of(node):
        block = entry.value
        assert isinstance(block, MapNode)
        kinds = [kind for kind in _KINDS if block.get(kind) is not None]
        if len(kinds) != 1:
            _complain_of_kinds(entry, kinds, expressions)
        elif kinds[0] in ("values", "file"):
            table = _table(entry.name, block, read, expressions)
            if table is not None:
                tables[entry.name] = table
        else:
            live.append(_live(entry, block, expressions, names))
    return tables, tuple(live)


def read_options(block: MapNode) -> Options:
    """How a table is read and asked, from the keys beside its kind."""
    key = block.get("key")
    value, prefix, default = block.get("value"), block.get("prefix"), block.get("default")
    fold = block.get("ignore_case")
    return Options(
        key=_names(key),
        value=str(value.value) if isinstance(value, Scalar) else None,
        ignore_case=isinstance(fold, Scalar) and fold.value is True,
        prefix=prefix.value
        if isinstance(prefix, Scalar) and isinstance(prefix.value, int)
        else None,
        default=NO_DEFAULT if default is None else as_data(default),
    )


def read_table(name: str, text: SourceText, options: Options) -> Table:
    """The table in a CSV, JSON or YAML file, told apart by its ending; raises FindingsError."""
    reader = TABLE_READERS.get(PurePosixPath(text.name).suffix.lower())
    if reader is not None:
        return reader(name, text, options)
    return build_table(name, as_data(read_yaml(text)), options, place=Place(text))


def _table(name: str, block: MapNode, read: ReadFile, expressions: Expressions) -> Table | None:
    options = read_options(block)
    values, file = block.get("values"), block.get("file")
    try:
        if values is not None:
            return build_table(name, as_data(values), options, place=values.place)
        assert isinstance(file, Scalar)
        return read_table(name, read(file), options)
    except FindingsError as error:
        expressions.findings.extend(error.findings)
        return None


def _live(
    entry: Entry, block: MapNode, expressions: Expressions, names: Collection[str]
) -> LiveLookup:
    query, parameter, cache = block.get("suiteql"), block.get("parameter"), block.get("cache")
    columns = None
    if isinstance(query, Scalar):
        columns = _columns(entry.name, query, block, expressions)
        if block.get("keys") is None:
            message = f"lookup {quoted(entry.name)} does not say which `keys` it will be asked for"
            expressions.complain("E0203", message, entry.key.place, 'as in `keys: "items[].sku"`')
    return LiveLookup(
        entry.name,
        entry.key,
        str(query.value) if isinstance(query, Scalar) else None,
        str(parameter.value) if isinstance(parameter, Scalar) else None,
        expressions.path(block.get("keys"), dict.fromkeys(names)),
        parse_duration(str(cache.value)) if isinstance(cache, Scalar) else None,
        read_options(block),
        columns,
    )


def _columns(name: str, query: Scalar, block: MapNode, expressions: Expressions) -> Columns | None:
    """Which columns of the answer are key and value, and all that is wrong with the query."""
    text, options = str(query.value), read_options(block)
    if KEYS not in text:
        message = f"the query of lookup {quoted(name)} does not ask for {{keys}}"
        expressions.complain("E0221", message, query.place, "as in `WHERE itemid IN ({keys})`")
        return None
    if len(options.key) > 1:
        message = f"lookup {quoted(name)} is asked live, and by one key only"
        key = block.get("key")
        place = query.place if key is None else key.place
        expressions.complain("E0205", message, place, _ONE_KEY)
        return None
    try:
        check_keys(text)
        answered = read_columns(text)
    except ExpressionError as error:
        place = query.place_at(error.offset, error.length)
        expressions.complain(error.code, error.message, place, error.hint)
        return None
    said = (*options.key, options.value)
    present = tuple(column for column in answered if column != INACTIVE or column in said)
    columns, missing = choose_columns(name, present, options, place=query.place)
    expressions.findings.extend(missing)
    return columns


def _complain_of_kinds(entry: Entry, kinds: list[str], expressions: Expressions) -> None:
    message = (
        f"lookup {quoted(entry.name)} needs exactly one of `values`, `file`, `suiteql`, `parameter`"
    )
    hint = f"it has {' and '.join(kinds)}; say `{kinds[0]}: !remove`" if kinds else _LOOKUP_KINDS
    expressions.complain("E0206", message, entry.key.place, hint)


def _names(node: Node | None) -> tuple[str, ...]:
    if isinstance(node, ListNode):
        return tuple(str(item.value) for item in node.items if isinstance(item, Scalar))
    return (str(node.value),) if isinstance(node, Scalar) else ()
