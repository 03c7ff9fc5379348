"""GraphQL queries, checked against the types of NewStore.

The only room that knows graphql-core. Hostile texts are bounded before its
parser and its rules see them. Offsets count characters within the query.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import accumulate

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    build_schema,
    get_named_type,
    parse,
    validate,
)

from ...bundled import bundled
from ...diagnostics import Finding, SourceText
from ...documents import place_of
from ...errors import ExpressionError, SpecError
from .shape import Selection
