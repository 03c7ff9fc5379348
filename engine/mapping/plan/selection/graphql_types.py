"""NewStore's types: as shipped, or as a tenant's own SDL says. Which of their fields are money.

A text is read once, however many tenants and loads have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from graphql import (
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

# NewStore may send them as text or as number.
_MONEY = "BigFloat"
# What no amount is, whatever its field is called.
_NO_MONEY = frozenset(("Boolean", "Cursor", "Datetime", "ID"))


@cache
def load_newstore_schema() -> GraphQLSchema:
    """NewStore's types as shipped."""
    path = bundled("schemas") / _SCHEMA_FILE
    return read_schema(SourceText(path.name, path.read_text(encoding="utf-8")))


def read_schema(text: SourceText) -> GraphQLSchema:
    """The types of an SDL text, e.g. a tenant's own; raise SpecError (E1008) when it has none."""
    try:
        return _built(text.content)
    except (GraphQLError, TypeError, RecursionError) as error:
        offset = (getattr(error, "positions", None) or [0])[0]
        message, hint = reword_message(str(getattr(error, "message", "it cannot be understood")))
        finding = Finding("E1008", message, place_of(text, offset), hint=hint)
        raise SpecError(f"{text.name} is no GraphQL schema", [finding]) from error


def is_money(on: GraphQLNamedType, field: str, kind: GraphQLNamedType) -> bool:
    """Whether a field of a type holds an amount of money.

    In a tenant's own types an amount may have another scalar: there, what the types shipped say of
    the field counts; and of a type that they do not know, the field's name, unless it is a text.
    """
    if not isinstance(kind, GraphQLScalarType) or kind.name in _NO_MONEY:
        return False
    if kind.name == _MONEY:
        return True
    known = _amounts()
    if on.name in known:
        return field in known[on.name]
    return kind.name not in {"Int", "String"} and field in _always_amounts()


def reword_message(message: str) -> tuple[str, str | None]:
    """A message of graphql-core in our manner, and its suggestion as the hint."""
    words = " ".join(message.removeprefix("Syntax Error: ").split())
    words = words.replace("<EOF>", "the end of the query").replace("ected Name", "ected a name")
    said, _, suggestion = words.partition(_SUGGESTION)
    said = said.rstrip(".")[:_LONGEST_MESSAGE]
    return said[:1].lower() + said[1:], f"did you mean {suggestion}" if suggestion else None


@lru_cache(maxsize=8)
def _built(content: str) -> GraphQLSchema:
    document = parse(content)
    for error in validate_sdl(document):
        raise error
    schema = build_ast_schema(document, assume_valid_sdl=True)
    for error in validate_schema(schema):
        raise error
    return schema


@cache
def _amounts() -> Mapping[str, frozenset[str]]:
    """The fields that are money in the types as shipped, by type."""
    return {
        name: frozenset(
            field for field, how in kind.fields.items() if get_named_type(how.type).name == _MONEY
        )
        for name, kind in load_newstore_schema().type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    }


@cache
def _always_amounts() -> frozenset[str]:
    """The names of fields that are money wherever they stand in the types as shipped."""
    types = load_newstore_schema().type_map
    others = {
        field
        for name, amounts in _amounts().items()
        for field in getattr(types[name], "fields", ())
        if field not in amounts
    }
    return frozenset().union(*_amounts().values()) - others
