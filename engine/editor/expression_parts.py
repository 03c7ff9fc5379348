"""The names within one expression: each with its type, and the symbol or function that it means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..findings.errors import ExpressionError
from ..language.functions import Function
from ..language.paths import Path, find_root_names, parse_path
from ..language.paths import walk_nodes as walk_path
from ..language.templates import Node, Template, parse_expression, parse_template, walk_nodes
from ..language.templates.nodes import Attribute, Call, Constant, Item, ListDisplay, Name
from ..mapping.value_types.path_types import check_path
from ..mapping.value_types.template_types import TemplateScope, check_template
from ..mapping.value_types.value_type import ANYTHING, ValueType
from .expression_kinds import ExpressionKind, kind_at
from .facts import MappingFacts, Steps
from .symbols import Symbol

_LOOP = re.compile(r"\A\s*\w+\s+in\s+")
_QUERIED = re.compile(r"\{([A-Za-z_][\w.]*)\}")
_OF_CHECKS = "checks"
# Texts of the last few minutes.
_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class ExpressionPart:
    """A name in an expression, at a stretch of its text.

    `holder` is the type of the value that it is a member of. `key_of` names the lookup that a text is a key of.
    """

    offset: int
    length: int
    name: str
    type: ValueType = ANYTHING
    symbol: Symbol | None = None
    function: Function | str | None = None
    key_of: str = ""
    holder: ValueType = ANYTHING


def list_parts(
    text: str, path: Steps, facts: MappingFacts, symbols: Mapping[int, Symbol]
) -> list[ExpressionPart]:
    """Return the parts of the expression at a path; none where it does not parse, or is none.

    `symbols` are those of the mapping, as `index_keys` returns them.
    """
    kind = kind_at(path)
    if kind is None:
        return []
    reader = _PartReader(facts, symbols, path)
    if kind is ExpressionKind.PATH:
        parsed = _parse_path(text)
        return [] if parsed is None else list(reader.read_path(parsed))
    found: list[ExpressionPart] = []
    for template in _list_templates(text, kind):
        found += reader.read_template(template)
    return found


@lru_cache(maxsize=_KEPT)
def _parse_path(text: str) -> Path | None:
    try:
        return parse_path(text)
    except ExpressionError:
        return None


@lru_cache(maxsize=_KEPT)
def _list_templates(text: str, kind: ExpressionKind) -> tuple[Template, ...]:
    """Return the templates of a text, with offsets in the whole text."""
    try:
        if kind is ExpressionKind.TEMPLATE:
            return (parse_template(text),)
        if kind is ExpressionKind.QUERY:
            names = _QUERIED.finditer(text)
            return tuple(parse_expression(" " * each.start(1) + each[1]) for each in names)
        loop = _LOOP.match(text) if kind is ExpressionKind.LOOP else None
        start = 0 if loop is None else loop.end()
        return (parse_expression(" " * start + text[start:]),)
    except ExpressionError:
        return ()


@dataclass(frozen=True, slots=True)
class _PartReader:
    facts: MappingFacts
    symbols: Mapping[int, Symbol]
    path: Steps

    def read_path(self, path: Path) -> Iterator[ExpressionPart]:
        here = self.facts.scope(self.path, is_path=True)
        types: dict[int, ValueType] = {}

        def observe(offset: int, _length: int, found: ValueType, _here: ValueType) -> None:
            types[offset] = found

        check_path(path, here, observe=observe)
        roots = {name.offset for name in find_root_names(path)}
        for node in walk_path(path.tree):
            if node["type"] == "field":
                offset, length, name = node["offset"], node["length"], node["value"]
                found = types.get(offset, ANYTHING)
                symbol = self._symbol(name, found)
                if symbol is None and offset in roots:
                    symbol = self._source(name)
                quoted = path.text[offset : offset + 1] == '"'
                yield ExpressionPart(
                    offset=offset + quoted, length=length - 2 * quoted,
                    name=name, type=found, symbol=symbol,
                )  # fmt: skip
            elif node["type"] == "function_expression":
                yield ExpressionPart(
                    node["offset"], node["length"], node["value"], function=str(node["value"])
                )

    def _symbol(self, name: str, found: ValueType) -> Symbol | None:
        symbol = self.symbols.get(id(found.key))
        return symbol if symbol is not None and symbol.name == name else None

    def _source(self, name: str) -> Symbol | None:
        is_entry = len(self.path) >= 4 and self.path[0] == "fields" and "fields" in self.path[2:]
        is_source = name in self.facts.names_in("sources") and not is_entry
        return Symbol("source", name) if is_source and self.path[-1] != "select" else None

    def read_template(self, template: Template) -> Iterator[ExpressionPart]:
        scope = self.facts.scope(self.path, is_path=False)
        types: dict[int, ValueType] = {}
        keyed: dict[int, list[ValueType]] = {}

        def keep(node: Node, found: ValueType) -> None:
            types[id(node)] = found
            keyed.setdefault(id(node), []).append(found)

        check_template(template, TemplateScope(scope.members, self.facts.lookup), keep=keep)
        for node in walk_nodes(template):
            found = types.get(id(node), ANYTHING)
            if isinstance(node, Name):
                symbol = self._symbol(node.name, found)
                if symbol is None and self.path[0] == "sources":
                    symbol = self._source(node.name)
                yield ExpressionPart(node.offset, node.length, node.name, type=found, symbol=symbol)
            elif isinstance(node, Attribute | Item):
                yield from self._read_member(node, found, types.get(id(node.target), ANYTHING))
            elif isinstance(node, Call):
                yield from self._read_call(node, keyed.get(id(node), []), template.text)

    def _read_member(
        self, node: Attribute | Item, found: ValueType, holder: ValueType
    ) -> Iterator[ExpressionPart]:
        if isinstance(node, Attribute):
            name, offset = node.key, node.offset + node.length - len(node.key)
        elif isinstance(node.key, Constant) and isinstance(node.key.value, str):
            name, offset = node.key.value, node.key.offset + 1
        else:
            return
        symbol = self._symbol(name, found)
        if isinstance(node.target, Name) and node.target.name == _OF_CHECKS:
            symbol = Symbol("check", name)
        yield ExpressionPart(offset, len(name), name, type=found, symbol=symbol, holder=holder)

    def _read_call(self, node: Call, keyed: list[ValueType], text: str) -> Iterator[ExpressionPart]:
        name = node.function.name
        if text[node.offset : node.offset + node.length] == name:
            yield ExpressionPart(node.offset, node.length, name, function=node.function)
        texts = [
            each
            for each in node.arguments
            if isinstance(each, Constant) and isinstance(each.value, str)
        ]
        if name == "lookup" and texts:
            yield from self._read_lookup(node, str(texts[0].value), texts[0].offset + 1)
            return
        for each in texts:
            for found in keyed:
                symbol = self._symbol(str(each.value), found)
                if symbol is not None:
                    length = len(symbol.name)
                    yield ExpressionPart(
                        each.offset + 1, length, symbol.name, type=found, symbol=symbol
                    )
                    break

    def _read_lookup(self, node: Call, table: str, offset: int) -> Iterator[ExpressionPart]:
        yield ExpressionPart(offset, len(table), table, symbol=Symbol("lookup", table))
        keys = node.arguments[1]
        for key in keys.items if isinstance(keys, ListDisplay) else ():
            if isinstance(key, Constant) and isinstance(key.value, str):
                yield ExpressionPart(key.offset + 1, len(key.value), key.value, key_of=table)
