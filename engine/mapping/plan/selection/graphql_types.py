"""NewStore's types, bundled or from a tenant's own SDL, and which of their fields are money.

Each text is read once for all tenants and loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_ast_schema,
    get_named_type,
    parse,
    validate_schema,
)
from graphql.validation.validate import validate_sdl

from ....bundled import bundled
from ....documents import place_of
from ....findings.diagnostics import Finding, SourceText
from ....findings.errors import SpecError

_SCHEMA_FILE = "newstore.graphql"
_LONGEST_MESSAGE = 160
_SUGGESTION = " Did you mean "

# The types of a whole API stay far below these.
_MOST_TOKENS = 400_000
MOST = {
    "types": 10_000,
    "fields and arguments": 60_000,
    "directives in use": 5_000,
    "fields of interfaces to compare": 60_000,
}

# NewStore may send them as text or as number.
_MONEY = "BigFloat"
# Scalars that are never an amount, whatever the name of their field.
_NO_MONEY = frozenset(("Boolean", "Cursor", "Datetime", "ID"))


@cache
def load_newstore_schema() -> GraphQLSchema:
    """Load the bundled types of NewStore."""
    path = bundled("schemas") / _SCHEMA_FILE
    return read_schema(SourceText(path.name, path.read_text(encoding="utf-8")))


def read_schema(text: SourceText) -> GraphQLSchema:
    """Read the types of an SDL text, e.g. a tenant's own; raise SpecError (E1008)."""
    try:
        return _build_schema(text.content)
    except (GraphQLError, TypeError, RecursionError) as error:
        offset = (getattr(error, "positions", None) or [0])[0]
        message, hint = reword_message(str(getattr(error, "message", "it cannot be understood")))
        finding = Finding("E1008", message, place_of(text, offset), hint=hint)
        raise SpecError(f"{text.name} is not a GraphQL schema", [finding]) from error


def is_money(on: GraphQLNamedType, field: str, kind: GraphQLNamedType) -> bool:
    """Return whether a field of a type holds an amount of money.

    In a tenant's own types an amount may have another scalar. Then the bundled types decide; for a
    type that they do not have, the field's name decides, unless the field is a text.
    """
    if not isinstance(kind, GraphQLScalarType) or kind.name in _NO_MONEY:
        return False
    if kind.name == _MONEY:
        return True
    known = _money_fields()
    if on.name in known:
        return field in known[on.name]
    return kind.name not in {"Int", "String"} and field in _always_money()


def reword_message(message: str) -> tuple[str, str | None]:
    """Return a message of graphql-core in our style, and its suggestion as the hint."""
    words = " ".join(message.removeprefix("Syntax Error: ").split())
    words = words.replace("<EOF>", "the end of the query").replace("ected Name", "ected a name")
    problem, _, suggestion = words.partition(_SUGGESTION)
    problem = problem.rstrip(".")[:_LONGEST_MESSAGE]
    hint = f"did you mean {suggestion}" if suggestion else None
    return problem[:1].lower() + problem[1:], hint


@lru_cache(maxsize=8)
def _build_schema(content: str) -> GraphQLSchema:
    document = parse(content, max_tokens=_MOST_TOKENS)
    _check_counts(document)
    for error in validate_sdl(document):
        raise error
    schema = build_ast_schema(document, assume_valid_sdl=True)
    for error in validate_schema(schema):
        raise error
    return schema


def _check_counts(document: DocumentNode) -> None:
    """Raise GraphQLError for types whose check would take long: graphql-core has no bound of its own."""
    counts = dict.fromkeys(MOST, 0)
    for definition in document.definitions:
        fields = getattr(definition, "fields", None) or ()
        interfaces = getattr(definition, "interfaces", None) or ()
        members = [
            *fields,
            *(one for field in fields for one in getattr(field, "arguments", None) or ()),
        ]
        counts["types"] += 1
        counts["fields and arguments"] += len(members)
        counts["directives in use"] += sum(
            len(getattr(each, "directives", None) or ()) for each in (definition, *members)
        )
        counts["fields of interfaces to compare"] += len(interfaces) * (
            len(interfaces) + len(fields)
        )
        for kind, most in MOST.items():
            if counts[kind] > most:
                raise GraphQLError(f"it has more than {most:,} {kind}", definition)


@cache
def _money_fields() -> Mapping[str, frozenset[str]]:
    """Return the fields that are money in the bundled types, by type."""
    return {
        name: frozenset(
            field
            for field, definition in kind.fields.items()
            if get_named_type(definition.type).name == _MONEY
        )
        for name, kind in load_newstore_schema().type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    }


@cache
def _always_money() -> frozenset[str]:
    """Return the names of fields that are money in every bundled type that has them."""
    types = load_newstore_schema().type_map
    never_or_sometimes = {
        field
        for name, amounts in _money_fields().items()
        for field in getattr(types[name], "fields", ())
        if field not in amounts
    }
    return frozenset().union(*_money_fields().values()) - never_or_sometimes
