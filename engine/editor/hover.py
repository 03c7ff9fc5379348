"""What an editor shows of the word under the cursor: its type, where it comes from, what a key means. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..language.functions import Function
from ..mapping.files.nodes import MapNode, Node, Scalar
from ..mapping.files.overlays import list_origins
from ..mapping.value_types.value_type import ANYTHING, ValueType
from .facts import MappingFacts, Steps
from .occurrences import Spot
from .schema_places import (
    describe_part,
    find_body,
    language_schema,
    list_parts,
    schema_at,
)
from .symbols import Symbol
from .words import explain_type

_MOST_ORIGINS = 25


def explain_spot(spot: Spot, file: str, facts: tuple[MappingFacts, ...]) -> str | None:
    """Return what is known of a spot, as Markdown; None where nothing is."""
    if spot.is_key:
        return "\n\n".join(_explain_key(spot, file, facts)) or None
    if spot.part is None:
        symbol = spot.symbol
        return None if symbol is None else "\n\n".join(_explain_symbol(symbol, facts)) or None
    function = spot.part.function
    if isinstance(function, Function):
        return f"`{function.usage}`\n\n{function.summary}"
    if function is not None:
        return f"`{function}(…)`, a function of JMESPath"
    told = [explain_type(spot.part.type.called(spot.part.type.name or spot.part.name))]
    if spot.part.key_of:
        told = [f"a key of the lookup `{spot.part.key_of}`"]
    if spot.part.symbol is not None:
        told += _explain_symbol(spot.part.symbol, facts, with_type=False)
    return "\n\n".join(told)


def _explain_key(spot: Spot, file: str, facts: tuple[MappingFacts, ...]) -> Iterator[str]:
    symbol = spot.symbol
    if symbol is not None:
        yield from _explain_symbol(symbol, facts)
        return
    if find_body(spot.path) is not None:
        name = spot.path[-1]
        for part, schema in list_parts(facts, spot.path[:-1]):
            if name in part.get("properties", {}):
                yield f"**{name}** of {schema.record}: {describe_part(part['properties'][name], schema)}"
    else:
        found = schema_at(language_schema(file), spot.path) or {}
        if found.get("description"):
            yield f"**{spot.path[-1]}**: {found['description']}"
    yield from _explain_origins(spot.path, facts)


def _explain_symbol(
    symbol: Symbol, facts: tuple[MappingFacts, ...], *, with_type: bool = True
) -> Iterator[str]:
    if with_type:
        known = (type_of(symbol, each) for each in facts)
        kind = next((each for each in known if each is not None), None)
        yield explain_type(kind) if kind is not None else f"**{symbol.name}**: a {symbol.role}"
    summary = next(
        (each for each in (_summary(symbol, one) for one in facts) if each is not None), None
    )
    if summary is not None:
        yield summary
    yield from _explain_origins(path_of_symbol(symbol), facts)


def type_of(symbol: Symbol, facts: MappingFacts) -> ValueType | None:
    """Return the type of what a symbol names; None where it has none, or it is not known."""
    types = facts.kept.compiled.types
    if symbol.role == "setting":
        found = types.roots.get("settings", ANYTHING).members.get(symbol.name)
    elif symbol.role == "source":
        found = types.roots.get(symbol.name)
    elif symbol.role == "name":
        found = types.names.get(symbol.name)
    elif symbol.role == "entry":
        entry = types.names.get(symbol.within, ANYTHING).entry
        found = None if entry is None else entry.members.get(symbol.name)
    else:
        found = None
    return found


def path_of_symbol(symbol: Symbol) -> Steps:
    """Return where a mapping usually defines a symbol; a value's place may be a field's."""
    blocks = {
        "setting": ("settings",), "source": ("sources",), "name": ("fields",), "lookup": ("lookups",),
        "record": ("records",), "check": ("checks",), "retry rule": ("retry",),
    }  # fmt: skip
    if symbol.role == "entry":
        return ("fields", symbol.within, "fields", symbol.name)
    if symbol.role == "line group":
        within = (symbol.within, "after") if symbol.within else ()
        return ("lines", *within, symbol.name)
    return (*blocks[symbol.role], symbol.name)


def _summary(symbol: Symbol, facts: MappingFacts) -> str | None:
    found = facts.scalar_at((*path_of_symbol(symbol), "summary"))
    return None if found is None else str(found.value)


def _explain_origins(path: Steps, facts: tuple[MappingFacts, ...]) -> Iterator[str]:
    """Yield which file and line each key below a path comes from, in the first mapping that has it."""
    for each in facts:
        value = _find(each.kept.loaded.node, path) or _find(each.kept.loaded.node, _otherwise(path))
        if value is None:
            continue
        key, node = value
        origins = list(list_origins(node)) if isinstance(node, MapNode) else []
        lines = [f"- `{name}`: {place}" for name, place in origins[:_MOST_ORIGINS]]
        lines += ["- …"] if len(origins) > _MOST_ORIGINS else []
        yield "\n".join([f"written at {key.place} ({each.tenant}/{each.name})", *lines])
        return


def _otherwise(path: Steps) -> Steps:
    """Return the same name among values in place of fields."""
    return (*path[:-2], "values", path[-1]) if len(path) >= 2 and path[-2] == "fields" else path


def _find(root: Node, path: Steps) -> tuple[Scalar, Node] | None:
    node: Node | None = root
    key: Scalar | None = None
    for step in path:
        entries = node.entries if isinstance(node, MapNode) else ()
        entry = next((one for one in entries if one.name == step), None)
        if entry is None:
            return None
        key, node = entry.key, entry.value
    return None if key is None or node is None else (key, node)
