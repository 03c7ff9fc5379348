"""What a mapping's source has to be asked for, and the asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..mapping.plan.selection import Selection
from .client import NewStore


@dataclass(frozen=True, slots=True)
class QueryRead:
    """A GraphQL query with its variables; with its selection, all pages are read."""

    text: str
    variables: Mapping[str, object] = field(default_factory=dict)
    selection: Selection | None = None


@dataclass(frozen=True, slots=True)
class RestRead:
    """A document at a path of the REST API, percent-encoded."""

    path: str


async def fetch(newstore: NewStore, request: QueryRead | RestRead) -> object:
    """What `run` takes for a source: a document, a GraphQL answer, or ABSENT.

    Raise what `NewStore.query` and `NewStore.get` raise.
    """
    if isinstance(request, QueryRead):
        return await newstore.query(request.text, request.variables, request.selection)
    return await newstore.get(request.path)
