"""A NewStore simulator to ask: a clock to turn, a shop, and the requests that clients send."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from engine.documents import read_json_bytes
from engine.simulator.faults import Faults
from engine.simulator.newstore import SimulatedShop, build_newstore_app
from engine.simulator.serve import serve_in_thread

TENANT = "acme-sandbox"
CLIENT, SECRET = "client-1", "secret-1"
TOKEN_PATH = "/auth/realms/{}/protocol/openid-connect/token"
GRAPHQL = "/api/v1/org/data/query"
STREAMS = "/api/v1/org/integrations/eventstream"
NOON = 1_796_299_200  # 2026-12-03T12:00:00Z


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


def shop(clock: Clock | None = None, tenant: str = TENANT) -> SimulatedShop:
    return SimulatedShop(tenant, {CLIENT: SECRET}, clock or Clock())


def order(key: str = "order-1", **fields: object) -> dict[str, object]:
    return {"id": key, "externalId": f"EX-{key}", "currency": "USD", **fields}


def event(key: str = "order-1", name: str = "order.opened", **fields: object) -> dict[str, object]:
    payload = {"id": key, "created_at": "2026-12-03T11:59:00.000Z", **fields}
    return {
        "tenant": TENANT,
        "name": name,
        "published_at": "2026-12-03T11:59:30.000Z",
        "payload": payload,
    }


@dataclass
class Asking:
    """A client of a simulator that is served."""

    http: httpx.Client

    def token(self, tenant: str = TENANT) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": SECRET,
        }
        return self.http.post(TOKEN_PATH.format(tenant), data=form)

    def sign_in(self, tenant: str = TENANT) -> str:
        token: str = self.token(tenant).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        return token

    def raw_query(self, query: str, **variables: object) -> httpx.Response:
        return self.http.post(GRAPHQL, json={"query": query, "variables": variables})

    def query(self, query: str, **variables: object) -> Any:
        """The whole answer, numbers exact."""
        response = self.raw_query(query, **variables)
        assert response.status_code == 200, response.text
        return read_json_bytes("the answer", response.content)

    def data(self, query: str, **variables: object) -> Any:
        answer = self.query(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


@contextmanager
def served(
    sold: SimulatedShop, faults: Faults | None = None, *, signed_in: bool = True
) -> Iterator[Asking]:
    with (
        serve_in_thread(build_newstore_app(sold, faults=faults or Faults())) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=60) as http,
    ):
        asking = Asking(http)
        if signed_in:
            asking.sign_in(sold.tenant)
        yield asking


def dumps(document: Mapping[str, object]) -> str:
    return json.dumps(document)
