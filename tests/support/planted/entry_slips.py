"""Slips in keys and values of YAML, and in the headers of tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from . import roles
from .entries import Entry, Leaf, MarkedFile, find_leaves
from .slip import Site, count_line

_TYPES = (
    "string", "integer", "decimal", "money", "date", "datetime", "timezone", "boolean", "id", "list", "table",
)  # fmt: skip
# Entries that have kinds of their own.
_PARTS = frozenset({"default", "optional", "type"})
_PROSE = frozenset({"summary", "erpmap", "mapping"})
_WORD = re.compile(r"[A-Za-z][\w.]+")

Finder = Callable[[MarkedFile], Iterator[Site]]


def _site(file: MarkedFile, start: int, end: int, *becomes: str) -> Site:
    return Site(file.name, start, end, frozenset({count_line(file.text, start)}), becomes)


def misspell_keys(*wanted: str) -> Finder:
    """Each key with one of the roles."""

    def find(file: MarkedFile) -> Iterator[Site]:
        for entry in file.entries:
            word = _WORD.search(file.text, entry.start, entry.end)
            if entry.role in wanted and word is not None:
                yield _site(file, *word.span())

    return find


def misspell_values(*wanted: str) -> Finder:
    """Each word with one of the roles."""

    def find(file: MarkedFile) -> Iterator[Site]:
        for leaf in find_leaves(file, *wanted):
            word = _WORD.search(file.text, leaf.start, leaf.end)
            if word is not None:
                yield _site(file, *word.span())

    return find


def drop_parts(part: str) -> Finder:
    """Each `default:`, each `optional:` or each `type:`."""
    return _drop(lambda entry: entry.path[-1] == part and entry.role == roles.LANGUAGE_KEY)


def _is_block(entry: Entry) -> bool:
    is_part = entry.path[-1] in _PARTS and entry.role == roles.LANGUAGE_KEY
    return not is_part and entry.path[-1] not in _PROSE


def _is_overlay(file: MarkedFile) -> bool:
    return not file.name.startswith("base/") and not file.is_tenant


def drop_entries(file: MarkedFile) -> Iterator[Site]:
    """Each entry of a base mapping or a tenant.yaml, with all that is below it."""
    return _drop(lambda entry: _is_block(entry) and not _is_overlay(file))(file)


def drop_overrides(file: MarkedFile) -> Iterator[Site]:
    """Each entry of an overlay, with all that is below it."""
    return _drop(lambda entry: _is_block(entry) and _is_overlay(file))(file)


def _drop(is_wanted: Callable[[Entry], bool]) -> Finder:
    def find(file: MarkedFile) -> Iterator[Site]:
        for entry in file.entries:
            if is_wanted(entry):
                yield Site(file.name, entry.begin, entry.stop, entry.lines, ("",))

    return find


def find_types(file: MarkedFile) -> Iterator[Site]:
    """Each type, for another."""
    for leaf in find_leaves(file, roles.TYPE):
        own = file.text[leaf.start : leaf.end]
        yield _site(file, leaf.start, leaf.end, *(name for name in _TYPES if name != own))


def find_literals(file: MarkedFile) -> Iterator[Site]:
    """Each number and flag as a text, each text as a number, each empty list as an empty text."""
    for leaf in find_leaves(file, roles.LITERAL, roles.TEMPLATE):
        wrong = _wrong_literal(file.text[leaf.start : leaf.end], leaf)
        if wrong:
            yield _site(file, leaf.begin, leaf.stop, wrong)
    for entry in file.entries:
        if entry.path[-1] == "default" and file.text.startswith(": []", entry.end):
            yield _site(file, entry.end + 2, entry.end + 4, '""')


def _wrong_literal(text: str, leaf: Leaf) -> str | None:
    if "{{" in text or not text or "${" in text:
        return None
    is_number = re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
    if is_number or text in ("true", "false"):
        return text if leaf.is_quoted else f'"{text}"'
    return "5" if leaf.role == roles.LITERAL else None


def find_headers(file: MarkedFile) -> Iterator[Site]:
    """Each column's name in the header of a CSV file."""
    header = file.text.partition("\n")[0]
    return (_site(file, *match.span()) for match in re.finditer(r"\w+", header))
