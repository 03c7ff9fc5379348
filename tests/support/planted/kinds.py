"""The kinds of slips by name: each finds the places in a file where it can be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from . import entry_slips, expression_slips, query_slips, roles
from .entries import MarkedFile, mark_file
from .slip import Site

MAPPINGS = Path(__file__).parents[3] / "mappings"
HEADER = "CSV header"
# What `erpmap simulate` plays is not read by `erpmap validate`.
_UNREAD = "simulator.yaml"

KINDS: Mapping[str, Callable[[MarkedFile], Iterator[Site]]] = {
    "member of a path": expression_slips.find_path_members,
    "member of event or tenant": expression_slips.find_outer_members,
    "name in a template": expression_slips.find_names,
    "member in a template": expression_slips.find_members,
    "filter or function": expression_slips.find_functions,
    "key of the language": entry_slips.misspell_keys(roles.LANGUAGE_KEY),
    "key of a record": entry_slips.misspell_keys(roles.RECORD_KEY),
    "key of a line": entry_slips.misspell_keys(roles.LINE_KEY),
    HEADER: entry_slips.find_headers,
    "lookup used": expression_slips.find_lookups_used,
    "record used": expression_slips.find_records_used,
    "retry rule used": entry_slips.misspell_values(roles.RULE),
    "setting used": expression_slips.find_settings_used,
    "setting given": entry_slips.misspell_keys(roles.SETTING_GIVEN),
    "field defined": entry_slips.misspell_keys(roles.FIELD),
    "value defined": entry_slips.misspell_keys(roles.VALUE),
    "lookup defined": entry_slips.misspell_keys(roles.LOOKUP),
    "line group defined": entry_slips.misspell_keys(roles.LINE_GROUP),
    "setting defined": entry_slips.misspell_keys(roles.SETTING),
    "list or scalar": expression_slips.find_list_marks,
    "entry dropped": entry_slips.drop_entries,
    "override dropped": entry_slips.drop_overrides,
    "default dropped": entry_slips.drop_parts("default"),
    "optional dropped": entry_slips.drop_parts("optional"),
    "type dropped": entry_slips.drop_parts("type"),
    "another type": entry_slips.find_types,
    "wrong literal type": entry_slips.find_literals,
    "operator": expression_slips.find_operators,
    "filter dropped": expression_slips.find_filters,
    "text literal": expression_slips.find_text_literals,
    "number literal": expression_slips.find_number_literals,
    "wrong quotes": expression_slips.find_quotes,
    "GraphQL field": query_slips.find_fields,
    "GraphQL variable": query_slips.find_variables,
    "GraphQL field dropped": query_slips.find_dropped_fields,
    "word of the language": entry_slips.misspell_values(roles.WORD),
}


@cache
def read_files() -> Mapping[str, MarkedFile]:
    """The shipped files in which slips are made, by their paths below the mappings folder."""
    paths = sorted([*MAPPINGS.glob("*/*.yaml"), *MAPPINGS.glob("*/lookups/*.csv")])
    return {name: _mark(name, path) for name, path in _named(paths)}


def _named(paths: list[Path]) -> Iterator[tuple[str, Path]]:
    return ((path.relative_to(MAPPINGS).as_posix(), path) for path in paths if path.name != _UNREAD)


def _mark(name: str, path: Path) -> MarkedFile:
    text = path.read_text(encoding="utf-8")
    return MarkedFile(name, text) if path.suffix == ".csv" else mark_file(name, text)


@cache
def find_sites(kind: str) -> tuple[Site, ...]:
    """Every place where a slip of a kind can be made."""
    files = read_files().values()
    wanted = [file for file in files if file.name.endswith(".csv") == (kind == HEADER)]
    return tuple(dict.fromkeys(site for file in wanted for site in KINDS[kind](file)))
