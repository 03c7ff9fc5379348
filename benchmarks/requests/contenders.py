"""What is compared: httpx alone, httpx and a parse of what comes, and our clients."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256
from oauthlib.oauth1 import Client as OAuth1

from engine.documents import write_json_bytes
from engine.netsuite import CertificateKey, Clocks, NetSuite, TokenKey
from engine.netsuite import build_simulated_address as netsuite_at
from engine.netsuite.client import PAGE
from engine.newstore import Credentials, NewStore, RateLimiter
from engine.newstore import build_simulated_address as newstore_at
from engine.newstore.queries import parse_query

from .. import ours
from . import answers

Call = Callable[[], Awaitable[object]]

BARE, OURS = "httpx", "erpmap"
ALLOWANCE = 5
# More than can be asked in a second: a turn is counted, and never waited for.
_RATE = 1_000_000
_SUITEQL = "SELECT id, itemid, itemtype FROM item WHERE itemid IN ('SKU-000001', 'SKU-000002')"
_TOKEN_KEY = TokenKey("consumer" * 8, "secret" * 10, "token" * 12, "other" * 12)


@dataclass(frozen=True, slots=True)
class Race:
    """One kind of request. The first of the contenders is httpx alone, the last is erpmap."""

    name: str
    contenders: Mapping[str, Call]


@dataclass(frozen=True, slots=True)
class Bare:
    """The same requests without us: a client of httpx as it comes, and a token."""

    client: httpx.AsyncClient
    address: str

    def request(self, method: str, path: str, content: bytes | None = None) -> Call:
        """A request of which the whole answer is read."""
        url, headers = self.address + path, {"Authorization": "Bearer " + "t" * 600}
        if content is not None:
            headers["Content-Type"] = "application/json"

        async def call() -> bytes:
            response = await self.client.request(method, url, content=content, headers=headers)
            return response.content

        return call


@asynccontextmanager
async def races(address: str) -> AsyncIterator[list[Race]]:
    """All of them, with open clients."""
    async with AsyncExitStack() as stack:
        bare = Bare(await stack.enter_async_context(httpx.AsyncClient()), address)
        newstore = await stack.enter_async_context(
            NewStore(
                newstore_at("dodici-sandbox", address),
                Credentials("client", "secret"),
                rate_limiter=RateLimiter(_RATE),
            )
        )
        certified, signed = [
            await stack.enter_async_context(_netsuite(address, key))
            for key in (_certificate(), _TOKEN_KEY)
        ]
        yield [
            *_of_newstore(bare, newstore),
            *_creating(bare, certified, signed),
            *_reading(bare, certified),
        ]


def _of_newstore(bare: Bare, newstore: NewStore) -> list[Race]:
    source = next(source for source in ours.plan().sources if source.graphql)
    text, selection = source.graphql or "", source.selection
    variables = {"id": "141c1244-7fb1-5df9-9408-0f3854947671", "tenant": "dodici-sandbox"}
    content = write_json_bytes({"query": parse_query(text).text, "variables": variables})
    return [
        _race(
            "NewStore: the query of an order",
            bare.request("POST", answers.QUERY_PATH, content),
            lambda: newstore.query(text, variables, selection),
        ),
        _race(
            "NewStore: a REST document",
            bare.request("GET", answers.ACCOUNT_PATH),
            lambda: newstore.get(answers.ACCOUNT_PATH),
        ),
    ]


def _creating(bare: Bare, certified: NetSuite, signed: NetSuite) -> list[Race]:
    """What is sent stands ready for httpx alone, and is written by ours: it is a part of the work."""
    body = answers.sales_order()
    content = write_json_bytes(body)
    create = bare.request("POST", answers.RECORDS_PATH, content)
    signer = OAuth1(
        _TOKEN_KEY.consumer_key,
        client_secret=_TOKEN_KEY.consumer_secret,
        resource_owner_key=_TOKEN_KEY.token_id,
        resource_owner_secret=_TOKEN_KEY.token_secret,
        signature_method=SIGNATURE_HMAC_SHA256,
        realm="1234567_SB1",
    )
    url = bare.address + answers.RECORDS_PATH

    async def by_oauthlib() -> bytes:
        _, headers, _ = signer.sign(url, "POST")
        headers["Content-Type"] = "application/json"
        return (await bare.client.post(url, content=content, headers=headers)).content

    return [
        Race(
            "NetSuite: create, certificate",
            {BARE: create, OURS: lambda: certified.create("salesOrder", body)},
        ),
        Race(
            "NetSuite: create, token-based",
            {
                BARE: create,
                "httpx, signed by oauthlib": by_oauthlib,
                OURS: lambda: signed.create("salesOrder", body),
            },
        ),
    ]


def _reading(bare: Bare, netsuite: NetSuite) -> list[Race]:
    query = write_json_bytes({"q": _SUITEQL})
    return [
        _race(
            f"NetSuite: {answers.ROWS} rows of SuiteQL",
            bare.request("POST", f"{answers.SUITEQL_PATH}?limit={PAGE}&offset=0", query),
            lambda: netsuite.rows(_SUITEQL),
        ),
        _race(
            "NetSuite: a sales order read",
            bare.request(
                "GET", f"{answers.RECORD_PATH}?expandSubResources=true&simpleEnumFormat=true"
            ),
            lambda: netsuite.read("salesOrder", answers.ID),
        ),
    ]


def _race(name: str, bare: Call, our: Call) -> Race:
    """A request whose answer is read: by httpx alone, with each of two parsers, and by us."""
    return Race(
        name,
        {
            BARE: bare,
            "httpx + msgspec": _parsed(bare, msgspec.json.decode),
            "httpx + json": _parsed(bare, json.loads),
            OURS: our,
        },
    )


def _parsed(bare: Call, parse: Callable[..., object]) -> Call:
    async def call() -> object:
        return parse(await bare())

    return call


def _netsuite(address: str, key: CertificateKey | TokenKey) -> NetSuite:
    clocks = Clocks(time.time, time.monotonic)
    return NetSuite(netsuite_at("1234567_SB1", address), key, clocks, allowance=ALLOWANCE)


def _certificate() -> CertificateKey:
    key = generate_private_key(SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return CertificateKey("client", pem.decode(), "certificate")
