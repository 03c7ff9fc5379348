"""A script that delivers orders without any of it: httpx, a token, and the mapping by hand.

It asks the same of both systems as the service does, in the same order, and stores nothing, retries
nothing, checks no answer: `python -m benchmarks.service.bare SIMULATOR COUNT` prints the CPU seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import httpx
import msgspec

from engine.commands.connect import simulated_connection
from engine.commands.connect.connection import Connection
from engine.netsuite import Clocks
from engine.netsuite.auth import build_certificate_auth
from engine.newstore.queries import parse_query

from .. import by_hand, ours
from ..corpus import Texts, corpus
from ..tables import Tables, read_tables

_ITEMS = "SELECT itemid, id FROM item WHERE itemid IN ({keys}) AND isinactive = 'F'"


def main() -> None:
    """Deliver so many orders of the corpus, five at a time."""
    address, count = sys.argv[1], int(sys.argv[2])
    sys.stdout.write(f"{asyncio.run(_all(address, count))}\n")


async def _all(address: str, count: int) -> float:
    connection = await simulated_connection(ours.TENANT, address)
    texts, tables = corpus(count), read_tables()
    async with httpx.AsyncClient() as client:
        script = Script(client, connection, tables)
        await script.sign_in()
        turns = asyncio.Semaphore(connection.allowance)

        async def one(order: Texts) -> None:
            async with turns:
                await script.deliver(order)

        start = time.process_time()
        await asyncio.gather(*map(one, texts))
        return time.process_time() - start


class Script:
    """The requests of one order."""

    def __init__(self, client: httpx.AsyncClient, connection: Connection, tables: Tables) -> None:
        self._client, self._connection, self._tables = client, connection, tables
        source = next(one for one in ours.plan().sources if one.graphql)
        self.query = parse_query(source.graphql or "").text
        self._items: dict[str, str] = {}
        self._newstore: dict[str, str] = {}
        self._netsuite = httpx.Auth()

    async def sign_in(self) -> None:
        """A token of each system."""
        known = self._connection
        form = {
            "grant_type": "client_credentials",
            "client_id": known.newstore_credentials.client_id,
            "client_secret": known.newstore_credentials.client_secret,
        }
        answer = await self._client.post(known.newstore.token_url, data=form)
        self._newstore = _bearing(answer.json()["access_token"])
        key: Any = known.netsuite_key

        async def post(url: str, form: dict[str, str]) -> httpx.Response:
            return await self._client.post(url, data=form)

        clocks = Clocks(time.time, time.monotonic)
        self._netsuite = build_certificate_auth(known.netsuite, key, clocks, post)

    async def authorizations(self) -> tuple[str, str]:
        """What the headers say to NewStore and to NetSuite, for a program that cannot sign in."""
        url = self._connection.netsuite.base_url + "/services/rest/record/v1/salesOrder/0"
        asked = (await self._client.get(url, auth=self._netsuite)).request
        return self._newstore["Authorization"], asked.headers["Authorization"]

    async def deliver(self, texts: Texts) -> None:
        """Fetch, render, find the customer or make it, make the order, read it back."""
        event = json.loads(texts.event)
        variables = {"id": event["payload"]["id"], "tenant": event["tenant"]}
        body = {"query": self.query, "variables": variables}
        url = self._connection.newstore.base_url + "/api/v1/org/data/query"
        order = await self._client.post(url, json=body, headers=self._newstore)
        await self._look_up(event)
        customer, sale = msgspec.json.decode(
            by_hand.render(texts.event, order.content, self._tables)
        )
        id_ = await self._customer(customer)
        sale["body"]["entity"]["id"] = id_
        location = await self._create("salesOrder", sale["body"])
        await self._client.get(
            location + "?expandSubResources=true&simpleEnumFormat=true", auth=self._netsuite
        )

    async def _look_up(self, event: Any) -> None:
        skus = {item["product_id"] for item in event["payload"]["items"]} - set(self._items)
        if skus:
            keys = ", ".join(f"'{sku}'" for sku in skus)
            rows = await self._rows(_ITEMS.replace("{keys}", keys))
            self._items |= {row["itemid"]: row["id"] for row in rows}

    async def _customer(self, customer: Any) -> str:
        query = customer["find"]["query"]
        for name, value in customer["find"]["values"].items():
            text = str(value).replace("'", "''")
            query = query.replace("{" + name + "}", f"'{text}'")
        rows = await self._rows(query)
        if rows:
            return str(rows[0]["id"])
        return (await self._create("customer", customer["body"])).rpartition("/")[2]

    async def _rows(self, query: str) -> list[Any]:
        url = self._connection.netsuite.base_url + "/services/rest/query/v1/suiteql"
        answer = await self._client.post(
            url, json={"q": query}, headers={"Prefer": "transient"}, auth=self._netsuite
        )
        rows: list[Any] = answer.json()["items"]
        return rows

    async def _create(self, record: str, body: Any) -> str:
        url = f"{self._connection.netsuite.base_url}/services/rest/record/v1/{record}"
        answer = await self._client.post(url, json=body, auth=self._netsuite)
        return str(answer.headers["location"])


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


if __name__ == "__main__":
    main()
