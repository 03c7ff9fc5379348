"""What may be written at the cursor, as an editor offers it. Pure.

Types come from the last text that compiled: what is being typed does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from lsprotocol import types

from ..language.functions import FILTERS, FUNCTIONS, TESTS, Function
from ..language.paths import FUNCTIONS as PATH_FUNCTIONS
from ..mapping.files.nodes import Scalar
from ..mapping.value_types.known_sources import list_event_names
from ..mapping.value_types.template_types import TemplateScope
from ..mapping.value_types.value_type import ValueType
from .cursor import Cursor
from .expression_kinds import ExpressionKind, kind_at
from .facts import MappingFacts, Steps
from .flow import LIST_STEP
from .path_prefix import read_path_prefix
from .paths import TENANT_FILE
from .schema_places import (
    SchemaKey,
    find_body,
    language_schema,
    list_body_keys,
    list_language_keys,
    list_parts,
    list_words,
    schema_at,
)
from .template_prefix import PrefixKind, TemplatePrefix, read_template_prefix
from .words import describe_type

_Kind = types.CompletionItemKind
_LOOP = re.compile(r"\A\s*\w+\s+in\s+")
# Keys whose value is a name of a block.
_NAMING = {
    ("ready", "otherwise"): "retry",
    ("sources", "absent"): "retry",
    ("checks", "of"): "records",
}
_OTHER_NAMES = ("omit", "none", "true", "false")


def complete(
    file: str, cursor: Cursor, facts: tuple[MappingFacts, ...], files: Iterable[str]
) -> list[types.CompletionItem]:
    """Return what may be written at a cursor in a file; `facts` are those of the mappings that it belongs to.

    `files` are the files of the tenant's folder, with their paths below the mappings folder.
    """
    if cursor.is_key:
        return list(_complete_key(file, cursor, facts))
    kind = kind_at(cursor.path) if PurePosixPath(file).name != TENANT_FILE else None
    expression = None if kind is None else _find_expression(kind, cursor)
    if kind is ExpressionKind.PATH:
        return _complete_path(cursor, facts)
    if expression is not None:
        return _complete_template(cursor, expression, facts)
    return list(_complete_word(file, cursor, facts, files))


def _find_expression(kind: ExpressionKind, cursor: Cursor) -> str | None:
    """Return the part of an expression before the cursor; None where a template is text."""
    before = cursor.before
    if kind is ExpressionKind.TEMPLATE:
        _, opened, inner = before.rpartition("{{")
        return inner if opened and "}}" not in inner else None
    if kind is ExpressionKind.QUERY:
        _, opened, inner = before.rpartition("{")
        return inner if opened and "}" not in inner else None
    if kind is ExpressionKind.LOOP:
        loop = _LOOP.match(before)
        return None if loop is None else before[loop.end() :]
    return before


def _complete_path(cursor: Cursor, facts: tuple[MappingFacts, ...]) -> list[types.CompletionItem]:
    items: dict[str, types.CompletionItem] = {}
    for each in facts:
        here = each.scope(cursor.path, is_path=True)
        prefix = read_path_prefix(cursor.before, cursor.after, here)
        if prefix is None:
            continue
        for item in _list_members(prefix.here.members, _Kind.Property):
            items.setdefault(item.label, item)
        for word in sorted(prefix.words):
            items.setdefault(word, types.CompletionItem(word, kind=_Kind.Value))
        if prefix.may_call:
            for name in PATH_FUNCTIONS:
                items.setdefault(
                    name, types.CompletionItem(name, kind=_Kind.Function, sort_text=f"~{name}")
                )
    return list(items.values())


def _complete_template(
    cursor: Cursor, expression: str, facts: tuple[MappingFacts, ...]
) -> list[types.CompletionItem]:
    items: dict[str, types.CompletionItem] = {}
    for each in facts:
        names = each.scope(cursor.path, is_path=False).members
        prefix = read_template_prefix(expression, TemplateScope(names, each.lookup))
        if prefix is not None:
            for item in _list_prefixed(prefix, names, each):
                items.setdefault(item.label, item)
    return list(items.values())


def _list_prefixed(
    prefix: TemplatePrefix, names: Mapping[str, ValueType], facts: MappingFacts
) -> Iterator[types.CompletionItem]:
    if prefix.kind is PrefixKind.NAME:
        yield from _list_members(names, _Kind.Variable)
        yield from _list_functions(FUNCTIONS)
        yield from (types.CompletionItem(name, kind=_Kind.Constant) for name in _OTHER_NAMES)
    elif prefix.kind is PrefixKind.MEMBER:
        yield from _list_members(prefix.of.members, _Kind.Property)
    elif prefix.kind is PrefixKind.FILTER:
        yield from _list_functions(FILTERS)
    elif prefix.kind is PrefixKind.TEST:
        yield from _list_functions(TESTS)
    elif prefix.kind is PrefixKind.LOOKUP:
        yield from _list_names(facts.lookup_names(), _Kind.Enum)
    else:
        yield from _list_names(sorted(prefix.of.words), _Kind.Value)


def _list_members(
    members: Mapping[str, ValueType], kind: types.CompletionItemKind
) -> Iterator[types.CompletionItem]:
    for name, member in members.items():
        yield types.CompletionItem(name, kind=kind, detail=describe_type(member))


def _list_functions(functions: Mapping[str, Function]) -> Iterator[types.CompletionItem]:
    for name, function in functions.items():
        yield types.CompletionItem(
            name, kind=_Kind.Function, detail=function.usage, documentation=function.summary
        )


def _list_names(
    names: Iterable[str], kind: types.CompletionItemKind
) -> Iterator[types.CompletionItem]:
    return (types.CompletionItem(name, kind=kind) for name in names)


def _complete_key(
    file: str, cursor: Cursor, facts: tuple[MappingFacts, ...]
) -> Iterator[types.CompletionItem]:
    needs_colon = not cursor.after.lstrip(" '\"").startswith(":")
    keys: list[SchemaKey] = []
    if PurePosixPath(file).name == TENANT_FILE and cursor.path == ("settings",):
        keys += _list_settings(facts)
    elif find_body(cursor.path) is not None:
        keys += list_body_keys(list_parts(facts, cursor.path))
    else:
        keys += list_language_keys(schema_at(language_schema(file), cursor.path))
        keys += _list_overridden(facts, cursor.path, {each.name for each in keys})
    for key in keys:
        mark = (":" if key.is_map else ": ") if needs_colon else ""
        yield types.CompletionItem(
            key.name,
            kind=_Kind.Field,
            documentation=key.words or None,
            insert_text=f"{key.name}{mark}",
        )


def _list_overridden(
    facts: tuple[MappingFacts, ...], path: Steps, known: set[str]
) -> Iterator[SchemaKey]:
    """Yield the names that the merged mapping has here: an overlay may change each of them."""
    for each in facts:
        node = each.node_at(path)
        for entry in node.entries if node is not None else ():
            if entry.name not in known:
                known.add(entry.name)
                yield SchemaKey(entry.name, "", is_map=not isinstance(entry.value, Scalar))


def _list_settings(facts: tuple[MappingFacts, ...]) -> Iterator[SchemaKey]:
    seen: set[str] = set()
    for each in facts:
        for name in each.names_in("settings"):
            summary = each.scalar_at(("settings", name, "summary"))
            if name not in seen:
                seen.add(name)
                yield SchemaKey(name, "" if summary is None else str(summary.value))


def _complete_word(
    file: str, cursor: Cursor, facts: tuple[MappingFacts, ...], files: Iterable[str]
) -> Iterator[types.CompletionItem]:
    """Yield the words that a value may be: of a list of words, or names that other blocks declare."""
    path = cursor.path
    if find_body(path) is not None:
        for part, _ in list_parts(facts, path):
            yield from _list_names(list_words(part), _Kind.EnumMember)
        return
    yield from _list_names(list_words(schema_at(language_schema(file), path)), _Kind.EnumMember)
    yield from _list_names(dict.fromkeys(_list_declared(file, path, facts, files)), _Kind.Reference)


def _list_declared(
    file: str, path: Steps, facts: tuple[MappingFacts, ...], files: Iterable[str]
) -> Iterator[str]:
    """Yield names that the files or other blocks declare, where one of them is to be written."""
    beside = [PurePosixPath(each) for each in files]
    if PurePosixPath(file).name == TENANT_FILE:
        if path == ("mappings", LIST_STEP):
            yield from (each.stem for each in beside if _is_mapping(each))
    elif path[:1] == ("extends",):
        yield from _list_extended(PurePosixPath(file), beside)
    elif path == ("on", "event"):
        yield from list_event_names()
    elif len(path) == 3 and (path[0], path[2]) in _NAMING:
        block = _NAMING[path[0], path[2]]
        yield from (name for each in facts for name in each.names_in(block))
    elif path[:1] == ("records",) and path[-1] == "record":
        yield from (name for each in facts[:1] for name in each.kept.schemas.record_types())
    elif path[:1] == ("lookups",) and path[2:] == ("file",):
        own = str(PurePosixPath(file).parent)
        yield from (str(each.relative_to(own)) for each in beside if _is_table(each, own))


def _list_extended(file: PurePosixPath, beside: Iterable[PurePosixPath]) -> Iterator[str]:
    for each in beside:
        if _is_mapping(each) and each != file:
            yield each.stem if each.parent == file.parent else str(each.with_suffix(""))


def _is_mapping(path: PurePosixPath) -> bool:
    return (
        path.suffix == ".yaml"
        and path.name not in (TENANT_FILE, "simulator.yaml")
        and len(path.parts) == 2
    )


def _is_table(path: PurePosixPath, own: str) -> bool:
    return (
        path.suffix in (".csv", ".json", ".yaml") and len(path.parts) > 2 and path.parts[0] == own
    )
