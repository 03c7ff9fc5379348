"""Where a symbol is written: in all files of the mappings that share one of its definitions or uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..findings.diagnostics import Place
from ..mapping.files.nodes import ListNode, MapNode, Node, Scalar
from .expression_parts import ExpressionPart, list_parts
from .facts import MappingFacts, Steps, list_scalars
from .mappings import OpenMappings, facts_of
from .paths import TENANT_FILE
from .ranges import offset_of
from .symbols import Occurrence, Symbol, index_keys, list_definitions, symbol_of_key, symbol_of_text


@dataclass(frozen=True, slots=True)
class Spot:
    """What is at an offset of a file: a key or value, the keys down to it, and the part of an expression.

    `facts` is the mapping in which the part was read.
    """

    path: Steps
    scalar: Scalar
    is_key: bool
    part: ExpressionPart | None = None
    facts: MappingFacts | None = None

    @property
    def symbol(self) -> Symbol | None:
        """The symbol at the offset, if there is one."""
        if self.is_key:
            return symbol_of_key(self.path)
        named = symbol_of_text(self.path, str(self.scalar.value))
        return named if self.part is None else self.part.symbol

    @property
    def place(self) -> Place:
        """The place of the name itself."""
        return self.scalar.place if self.part is None else part_place(self.scalar, self.part)


def part_place(scalar: Scalar, part: ExpressionPart) -> Place:
    """Return the place of a part of the expression in a scalar."""
    return scalar.place_at(part.offset, part.length)


def find_spot(mappings: OpenMappings, path: str, offset: int) -> Spot | None:
    """Return what is at an offset of a mapping file as it is now; None where the file cannot be read."""
    root = mappings.parsed(path)
    found = None if root is None else _find_scalar(root, offset)
    if found is None:
        return None
    steps, scalar, is_key = found
    facts = facts_of(mappings.views.values(), path)
    if is_key or not isinstance(scalar.value, str):
        return Spot(steps, scalar, is_key=is_key, facts=facts[0] if facts else None)
    for each in facts:
        for part in list_parts(scalar.value, steps, each, index_keys(each)):
            start = offset_of(part_place(scalar, part))
            if start <= offset <= start + part.length:
                return Spot(steps, scalar, is_key=False, part=part, facts=each)
    return Spot(steps, scalar, is_key=False, facts=facts[0] if facts else None)


def _find_scalar(root: Node, offset: int) -> tuple[Steps, Scalar, bool] | None:
    """Return the scalar whose span holds the offset, whether it is a key, and its path."""
    waiting: list[tuple[Steps, Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, Scalar):
            if node.span[0] <= offset <= node.span[1] and node.span[0] < node.span[1]:
                return path, node, False
        elif isinstance(node, ListNode):
            waiting += [((*path, "[]"), item) for item in node.items]
        else:
            for entry in node.entries:
                below = (*path, entry.name)
                if entry.key.span[0] <= offset <= entry.key.span[1]:
                    return below, entry.key, True
                waiting.append((below, entry.value))
    return None


def find_occurrences(mappings: OpenMappings, path: str, symbol: Symbol) -> list[Occurrence]:
    """Return every place of a symbol that is written in a file, its definitions included, each once.

    It is followed through all mappings, of all tenants, that share a file in which it is written.
    """
    every = [facts for view in mappings.views.values() for facts in view.mappings.values()]
    waiting = [each for each in every if path in _list_files(each)]
    done: list[MappingFacts] = []
    found: dict[tuple[str, int, int], Occurrence] = {}
    while waiting:
        facts = waiting.pop(0)
        done.append(facts)
        for file in _list_files(facts):
            written = list(_list_in_file(mappings, file, facts, symbol))
            found |= {_key(each.place): each for each in written}
            if written:
                more = [each for each in every if file in _list_files(each)]
                waiting += [each for each in more if each not in done and each not in waiting]
    return sorted(found.values(), key=lambda each: (not each.is_definition, _key(each.place)))


def _key(place: Place) -> tuple[str, int, int]:
    return place.text.name, place.line, place.column


def _list_files(facts: MappingFacts) -> tuple[str, ...]:
    return (*facts.kept.loaded.files, f"{facts.tenant}/{TENANT_FILE}")


def _list_in_file(
    mappings: OpenMappings, file: str, facts: MappingFacts, symbol: Symbol
) -> Iterator[Occurrence]:
    root = mappings.parsed(file)
    if root is None:
        return
    if file.endswith(f"/{TENANT_FILE}"):
        yield from (each for each in _list_settings(root) if each.symbol == symbol)
        return
    yield from (each for each in list_definitions(root) if each.symbol == symbol)
    symbols = index_keys(facts)
    for path, scalar in list_scalars(root):
        if isinstance(scalar.value, str) and symbol.name in scalar.value:
            for part in list_parts(scalar.value, path, facts, symbols):
                if part.symbol == symbol:
                    yield Occurrence(symbol, part_place(scalar, part))


def _list_settings(root: MapNode) -> Iterable[Occurrence]:
    settings = root.get("settings")
    for entry in settings.entries if isinstance(settings, MapNode) else ():
        yield Occurrence(Symbol("setting", entry.name), entry.key.place, is_definition=True)
