"""The keys and the values of a YAML file, with the stretches of its text where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from .roles import LANGUAGE_KEY, name_key, name_value
from .slip import count_line

_OPENING = re.compile(r'(?:!\S+\s+)?(?:[>|][-+]?[^\n]*\n|")?')


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text, number or flag: `start` to `end` without its tag and quotes, `begin` to `stop` with them."""

    path: tuple[str, ...]
    role: str
    begin: int
    start: int
    end: int
    stop: int
    is_quoted: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value. `begin` to `stop` is what goes when it is dropped.

    `lines` are where a finding about the dropped entry may stand, in the text without it.
    """

    path: tuple[str, ...]
    role: str
    start: int
    end: int
    begin: int
    stop: int
    lines: frozenset[int]


@dataclass(slots=True)
class MarkedFile:
    """A file of mappings: its path below the folder, its text, its keys and its values."""

    name: str
    text: str
    entries: list[Entry] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)

    @property
    def is_tenant(self) -> bool:
        """Whether it is a tenant.yaml."""
        return self.name.endswith("/tenant.yaml")


def mark_file(name: str, text: str) -> MarkedFile:
    """Find the keys and values of a mapping or a tenant.yaml."""
    file = MarkedFile(name, text)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert root is not None
    first = count_line(text, root.start_mark.index)
    _walk(file, root, (), (first,))
    return file


def _walk(file: MarkedFile, node: yaml.Node, path: tuple[str, ...], above: tuple[int, ...]) -> None:
    """Collect what is below a node. `above` are the lines of its own key and of the entry it belongs to."""
    if isinstance(node, yaml.MappingNode):
        for at, (key, value) in enumerate(node.value):
            own = (*path, str(key.value))
            role = name_key(own, is_tenant=file.is_tenant)
            begin, stop = _whole(file.text, node, at)
            entry = Entry(
                path=own,
                role=role,
                start=key.start_mark.index,
                end=key.end_mark.index,
                begin=begin,
                stop=stop,
                lines=_lines_without(file.text, node, at, begin, stop) | frozenset(above),
            )
            file.entries.append(entry)
            line = count_line(file.text, entry.start)
            _walk(file, value, own, (line, above[-1] if role == LANGUAGE_KEY else line))
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            _walk(file, value, (*path, str(at)), above)
    else:
        file.leaves.append(_make_leaf(file, node, path))


def _make_leaf(file: MarkedFile, node: yaml.Node, path: tuple[str, ...]) -> Leaf:
    begin, stop = node.start_mark.index, _end(file.text, node)
    opening = _OPENING.match(file.text, begin)
    assert opening is not None
    is_quoted = opening[0].endswith('"')
    return Leaf(
        path=path,
        role=name_value(path, is_tenant=file.is_tenant),
        begin=begin,
        start=min(opening.end(), stop),
        end=stop - is_quoted,
        stop=stop,
        is_quoted=is_quoted,
    )


def _end(text: str, node: yaml.Node) -> int:
    """Where a node ends: blank lines and comments behind it do not belong to it."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        start, end = node.start_mark.index, node.end_mark.index
        return int(start + len(text[start:end].rstrip()))
    last = node.value[-1]
    return _end(text, last[1] if isinstance(node, yaml.MappingNode) else last)


def _whole(text: str, node: yaml.MappingNode, at: int) -> tuple[int, int]:
    """The stretch of an entry: whole lines in a block; between braces with its comma."""
    key, value = node.value[at]
    start, end = key.start_mark.index, _end(text, value)
    if not node.flow_style:
        newline = text.find("\n", end)
        return text.rfind("\n", 0, start) + 1, newline + 1 if newline >= 0 else len(text)
    if at + 1 < len(node.value):
        return start, node.value[at + 1][0].start_mark.index
    return (_end(text, node.value[at - 1][1]) if at else start), end


def _lines_without(
    text: str, node: yaml.MappingNode, at: int, begin: int, stop: int
) -> frozenset[int]:
    """The lines directly before and after a dropped entry, and those of the entries beside it."""
    line, removed = count_line(text, begin), text.count("\n", begin, stop)
    starts = [count_line(text, key.start_mark.index) for key, _ in node.value]
    before = {starts[at - 1]} if at else set()
    after = {starts[at + 1] - removed} if at + 1 < len(starts) else set()
    return frozenset({line, *before, *after, *({line - 1} if removed else ())} - {0})


def find_leaves(file: MarkedFile, *roles: str) -> Iterator[Leaf]:
    """The values of a file with one of the roles."""
    return (leaf for leaf in file.leaves if leaf.role in roles)
