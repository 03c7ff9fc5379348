"""One tenant's NewStore as the shop of deliveries (`run.shop.Shop`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..findings.errors import NoAnswerError, ShopError
from ..mapping.plan.selection import Selection
from ..run import SourceRequest
from ..run.shop import StreamView
from .client import NewStore
from .stream_check import check_stream

# NewStore blocks an IP for five minutes, and longer while it keeps sending (newstore.md §3.3).
_BLOCKED_SECONDS = 300.0


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


class NewStoreShop:
    """Fetches the sources of mappings over a client of NewStore, and checks its Event Stream."""

    def __init__(self, client: NewStore) -> None:
        self.client = client

    async def fetch(self, request: SourceRequest) -> object:
        """Return a source's document, or ABSENT. Raise ShopError, NoAnswerError, AddressError."""
        try:
            return await fetch_document(self.client, _build_read(request))
        except ShopError as error:
            if error.kind == "blocked":
                error.retry_after = _BLOCKED_SECONDS
            raise
        except NoAnswerError as error:
            raise NoAnswerError(error.kind, f"NewStore: {error}", sent=error.sent) from error

    async def check_stream(self, stream: str, now: datetime, *, restart: bool) -> StreamView:
        """Check an integration of the Event Stream; start a stopped one if `restart` is set."""
        return await check_stream(self.client, stream, now, restart=restart)


async def fetch_document(client: NewStore, request: QueryRead | RestRead) -> object:
    """Return the input of `run` for a source: a document, a GraphQL answer, or ABSENT.

    Raise what `NewStore.query` and `NewStore.get` raise.
    """
    if isinstance(request, QueryRead):
        return await client.query(request.text, request.variables, request.selection)
    return await client.get(request.path)


def _build_read(request: SourceRequest) -> QueryRead | RestRead:
    source = request.source
    if request.path is not None:
        return RestRead(request.path)
    assert source.graphql is not None
    return QueryRead(source.graphql, request.variables, source.selection)
