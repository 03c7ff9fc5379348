"""A symbol renamed in all files where it is written, or the reason in words why that cannot be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..findings.diagnostics import Place
from ..mapping.plan.expressions import RESERVED
from .mappings import OpenMappings
from .occurrences import Spot, find_occurrences
from .open_folder import BUNDLED
from .symbols import Occurrence, Symbol, list_definitions

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
# What a mapping names by these roles; the others are names of other systems.
_RENAMED = frozenset(
    ("setting", "name", "entry", "lookup", "line group", "record", "check", "retry rule", "source")
)
# The runtime reads these by their names.
_FIXED = frozenset(
    (Symbol("name", "currency"), Symbol("retry rule", "lookup_missing"), Symbol("retry rule", "not_ready"),
     Symbol("retry rule", "unavailable"))
)  # fmt: skip


class RenameRefusedError(Exception):
    """Why a name stays as it is."""


def find_renamed(spot: Spot | None) -> Symbol:
    """Return the symbol at a spot. Raise RenameRefusedError where there is none that an author chooses."""
    symbol = None if spot is None else spot.symbol
    if symbol is None or symbol.role not in _RENAMED:
        raise RenameRefusedError("no field, value, lookup, line group or setting has its name here")
    if symbol in _FIXED:
        raise RenameRefusedError(
            f"erpmap itself reads the {symbol.role} {symbol.name!r} by this name"
        )
    return symbol


def rename_symbol(mappings: OpenMappings, path: str, symbol: Symbol, name: str) -> list[Place]:
    """Return the places where the new name has to be written. Raise RenameRefusedError."""
    if not _NAME.match(name):
        raise RenameRefusedError(
            f"{name!r} is no name: small letters, digits and _, a letter first"
        )
    if symbol.role in ("name", "entry") and name in RESERVED:
        raise RenameRefusedError(f"{name!r} is a reserved name of the language")
    found = find_occurrences(mappings, path, symbol)
    shipped = sorted(
        {each.place.text.name for each in found if each.place.text.name.startswith(BUNDLED)}
    )
    if shipped:
        raise RenameRefusedError(
            f"{symbol.name!r} is also written in {shipped[0]}, which is shipped with erpmap; "
            "copy the base mapping into the mappings folder to change it"
        )
    if not any(each.is_definition for each in found):
        raise RenameRefusedError(f"no file defines {symbol.name!r}")
    _refuse_taken(mappings, found, symbol, name)
    return [each.place for each in found]


def _refuse_taken(
    mappings: OpenMappings, found: Iterable[Occurrence], symbol: Symbol, name: str
) -> None:
    """Refuse a name that one of the files defines already in the same role."""
    new = Symbol(symbol.role, name, symbol.within)
    for path in {each.place.text.name for each in found}:
        root = mappings.parsed(path)
        for each in list_definitions(root) if root is not None else ():
            if each.symbol == new and each.is_definition:
                raise RenameRefusedError(f"{each.place} defines {name!r} already")
