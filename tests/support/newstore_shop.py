"""A small NewStore for tests: its token endpoint, one REST document, and queries over a schema."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from graphql import build_schema, graphql_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine.newstore import Credentials, NewStore, RateLimiter, build_simulated_address
from engine.simulator.serve import serve_in_thread

T = TypeVar("T")

SECRET = "s3cret-of-the-client"
CLIENT = "client-that-nobody-sees"
MARKER = "jane.doe@example.com"
CREDENTIALS = Credentials(CLIENT, SECRET)

SDL = """
scalar BigFloat
scalar Cursor
type Query { order(id: String!, tenant: String!): Order }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: Cursor endCursor: Cursor }
type Order { id: String! grandTotal: BigFloat
  items(first: Int, last: Int, offset: Int, before: Cursor, after: Cursor): ItemConnection!
  parcels: [Parcel!]! }
type ItemConnection { edges: [ItemEdge!]! nodes: [Item!]! pageInfo: PageInfo! totalCount: Int! }
type ItemEdge { cursor: Cursor node: Item! }
type Item { id: String! name: String amount: BigFloat
  tags(first: Int, offset: Int, after: Cursor): TagConnection! }
type TagConnection { edges: [TagEdge!]! nodes: [Tag!]! pageInfo: PageInfo! }
type TagEdge { node: Tag! }
type Tag { name: String }
type Parcel { id: String! tags(first: Int, offset: Int, after: Cursor): TagConnection! }
"""
SCHEMA = build_schema(SDL)


@dataclass(slots=True)
class Shop:
    """What a shop holds, how it misbehaves, and what it was asked."""

    order: dict[str, Any] | None = None
    cap: int = 50
    expires_in: object = 3600
    answers: list[Response] = field(default_factory=list)
    token_answers: list[Response] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)
    bearers: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    def page(self, entries: list[Any], arguments: dict[str, Any]) -> dict[str, Any]:
        """The page of a list that the arguments ask for, as PostGraphile counts."""
        start = arguments.get("offset") or 0
        if arguments.get("after") is not None:
            start += int(base64.b64decode(arguments["after"])) + 1
        size = min(self.cap, arguments.get("first") or self.cap)
        chosen = list(enumerate(entries))[start : start + size]
        cursors = [base64.b64encode(str(at).encode()).decode() for at, _ in chosen]
        info = {
            "hasNextPage": start + size < len(entries),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        }
        nodes = [entry for _, entry in chosen]
        edges = [{"cursor": c, "node": node} for c, node in zip(cursors, nodes, strict=True)]
        return {"edges": edges, "nodes": nodes, "pageInfo": info, "totalCount": len(entries)}


def app(shop: Shop) -> Starlette:
    """The shop's endpoints, at NewStore's paths."""

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        shop.forms.append(form)
        if shop.token_answers:
            return shop.token_answers.pop(0)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client", "about": MARKER}, 401)
        await asyncio.sleep(0.01)
        shop.tokens.append(f"token-{len(shop.tokens)}-not-to-be-seen")
        answer = {"access_token": shop.tokens[-1], "token_type": "Bearer"}
        return JSONResponse({**answer, "expires_in": shop.expires_in})

    def authorised(request: Request) -> Response | None:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        shop.bearers.append(bearer)
        if shop.answers:
            return shop.answers.pop(0)
        if bearer not in shop.tokens or bearer in shop.refused:
            return JSONResponse({"message": MARKER}, 403)
        return None

    async def query(request: Request) -> Response:
        body = await request.json()
        shop.asked.append(body)
        return authorised(request) or JSONResponse(executed(shop, body))

    async def document(request: Request) -> Response:
        return authorised(request) or JSONResponse({"path": request.url.path, "balance": 1.10})

    return Starlette(
        routes=[
            Route("/auth/realms/{tenant}/protocol/openid-connect/token", token, methods=["POST"]),
            Route("/api/v1/org/data/query", query, methods=["POST"]),
            Route("/v0/{path:path}", document),
        ]
    )


def executed(shop: Shop, body: dict[str, Any]) -> dict[str, Any]:
    """The answer of graphql-core, connections served in pages."""
    result = graphql_sync(
        SCHEMA,
        body["query"],
        {"order": lambda *_, **__: shop.order},
        variable_values=body.get("variables"),
        field_resolver=lambda parent, info, **arguments: resolved(shop, parent, info, arguments),
    )
    answer: dict[str, Any] = json.loads(json.dumps(result.formatted))
    return answer


def resolved(shop: Shop, parent: Any, info: Any, arguments: dict[str, Any]) -> Any:
    value = parent[info.field_name]
    if callable(value):
        return value(info, **arguments)
    return shop.page(value, arguments) if info.field_name in ("items", "tags") else value


def asking(
    shop: Shop,
    ask: Callable[[NewStore], Awaitable[T]],
    *,
    serve: Callable[[], AbstractContextManager[str]] | None = None,
    credentials: Credentials = CREDENTIALS,
    **options: Any,
) -> T:
    """What a client gets from a shop that is served on loopback."""

    async def run(address: str) -> T:
        options.setdefault("rate_limiter", RateLimiter(1_000))
        async with NewStore(
            build_simulated_address("dodici", address), credentials, **options
        ) as newstore:
            return await ask(newstore)

    with serve() if serve else serve_in_thread(app(shop)) as address:
        return asyncio.run(run(address))
