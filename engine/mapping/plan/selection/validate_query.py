"""GraphQL queries, checked against the types of NewStore.

Texts are bounded before the parser and the rules of graphql-core read them.
Offsets count characters within the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from ....findings.errors import ExpressionError
from ....findings.quote import Suggestion
from .build_tree import build_selection
from .graphql_types import load_newstore_schema, reword_message
from .selection_tree import Selection

_MAX_CHARACTERS = 50_000
_MAX_TOKENS = 2_000
_MAX_DEPTH = 50

# Roughly the words of a query; a string or comment is one piece, so that brackets in it do not count.
_PIECE = re.compile(r'"""[\s\S]*?(?:"""|\Z)|"(?:[^"\\\n]++|\\.)*+"?|#[^\n]*|[\w$@.]+|[^\s,\w]')
_STEP = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}
_WORD = re.compile(r"\w+")
# The hint of graphql-core where one name is near.
_ONLY = re.compile(r"did you mean '(\w+)'\?")


def read_query(query: str, schema: GraphQLSchema | None = None) -> Selection:
    """Return the shape of the answers to a query; fragments and aliases are followed.

    The default schema is the bundled one of NewStore. Raise the first of the errors
    that `check_query` finds.
    """
    schema = schema or load_newstore_schema()
    document, errors = _examine(query, schema)
    if document is None or errors:
        raise errors[0]
    return build_selection(document, schema)


def check_query(query: str, schema: GraphQLSchema | None = None) -> tuple[ExpressionError, ...]:
    """Return every mistake in a query, in the order of its text.

    E1001 it does not parse, E1002 it does not fit the schema, E1003 it is not
    exactly one query, E1007 it is too large.
    """
    return _examine(query, schema or load_newstore_schema())[1]


@lru_cache(maxsize=32)
def list_variables(query: str) -> Mapping[str, bool]:
    """Return the variables that a valid query declares, and whether each must have a value."""
    (operation,) = (
        node for node in parse(query).definitions if isinstance(node, OperationDefinitionNode)
    )
    return {
        each.variable.name.value: isinstance(each.type, NonNullTypeNode)
        and each.default_value is None
        for each in operation.variable_definitions or ()
    }


# The mappings of a tenant usually share a query.
@lru_cache(maxsize=32)
def _examine(
    query: str, schema: GraphQLSchema
) -> tuple[DocumentNode | None, tuple[ExpressionError, ...]]:
    if _is_too_large(query):
        return None, (_size_error(),)
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (_query_error("E1001", error, query),)
    try:
        errors = [_query_error("E1002", error, query) for error in validate(schema, document)]
    except RecursionError:
        return None, (_size_error(),)
    found = sorted([*_check_operations(document, query), *errors], key=lambda error: error.offset)
    # An error without a place only means that graphql-core stopped checking.
    placed = tuple(error for error in found if error.code != "E1007")
    return document, placed or tuple(found[:1])


def _check_operations(document: DocumentNode, query: str) -> list[ExpressionError]:
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    if len(operations) == 1 and operations[0].operation is OperationType.QUERY:
        return []
    kinds = ", ".join(operation.operation.value for operation in operations[:5]) or "nothing to run"
    second = operations[min(1, len(operations) - 1)] if operations else None
    offset = second.loc.start if second is not None and second.loc is not None else 0
    return [
        ExpressionError(
            "E1003",
            f"the text must hold exactly one query, but holds {kinds}",
            hint="each source has one query; add a second source for another query",
            offset=offset,
            length=_word_length(query, offset),
        )
    ]


def _query_error(code: str, error: GraphQLError, query: str) -> ExpressionError:
    if not error.positions:
        return _size_error()
    # If the text ends too early, the place is after its last word, not after the blanks behind it.
    offset = min(_error_offset(error), len(query.rstrip()))
    message, hint = reword_message(error.message)
    length = _word_length(query, offset)
    word, only = query[offset : offset + length], _ONLY.fullmatch(hint or "")
    return ExpressionError(
        code,
        message,
        hint=hint,
        offset=offset,
        length=length,
        suggestion=Suggestion(word, hint, only[1] if only else None),
    )


def _error_offset(error: GraphQLError) -> int:
    """Return the offset of the error: of what is wrong, not of the operation that it stands in.

    For a field with an alias it is that of its name, not of the alias.
    """
    node = error.nodes[0] if error.nodes else None
    if isinstance(node, FieldNode) and node.alias and node.name.loc:
        return node.name.loc.start
    if node is not None and node.loc is not None:
        return node.loc.start
    return min(error.positions or [0])


def _word_length(query: str, offset: int) -> int:
    word = _WORD.match(query, offset)
    return len(word[0]) if word else 1


def _is_too_large(query: str) -> bool:
    if len(query) > _MAX_CHARACTERS:
        return True
    pieces = _PIECE.findall(query)
    depths = accumulate(_STEP.get(piece, 0) for piece in pieces)
    return len(pieces) > _MAX_TOKENS or max(depths, default=0) > _MAX_DEPTH


def _size_error() -> ExpressionError:
    return ExpressionError(
        "E1007",
        "the query is too large to be checked",
        hint=f"at most {_MAX_TOKENS:,} words and {_MAX_DEPTH} levels; select only what the mapping reads",
    )
