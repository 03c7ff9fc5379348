"""A small account for the tests, clients that may come in, and orders that fit it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from starlette.applications import Starlette

from engine.documents import read_json_bytes, write_json_bytes
from engine.simulator.faults import Faults
from engine.simulator.netsuite import SimulatedLedger, build_netsuite_app, read_account
from engine.simulator.serve import serve_in_thread

Json = dict[str, Any]
RECORDS = "/services/rest/record/v1"
TOKEN = "/services/rest/auth/oauth2/v1/token"
SUITEQL = "/services/rest/query/v1/suiteql"
NOW = 1_796_100_000.0  # 2026-12-01
CONSUMER_SECRET, TOKEN_SECRET = "consumer & secret", "token/secret+é"

_KEY = ec.generate_private_key(ec.SECP256R1())
PRIVATE_KEY = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def pem_of(key: Any) -> str:
    """The public half of a key."""
    public: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return public.decode()


ACCOUNT: Json = {
    "account": "1234567_SB1",
    "items": [
        {"id": 501, "itemid": "SHOE-42", "externalid": "P-42"},
        {"id": 502, "itemid": "SOCKS", "rate": "4.50"},
        {"id": 503, "itemid": "OLD-HAT", "inactive": True},
        {"id": 1101, "itemid": "Discount", "type": "Discount"},
        {"id": 1102, "itemid": "Sales Tax", "type": "OthCharge"},
        {"id": 1104, "itemid": "Ten off", "type": "Discount", "rate": "-10%"},
        {"id": 1201, "itemid": "Card", "type": "Payment"},
    ],
    "subsidiaries": [{"id": 1, "name": "Dodici US"}, {"id": 2, "name": "Dodici CA"}],
    "locations": [{"id": 11, "name": "New York"}],
    "departments": [{"id": 1, "name": "Web"}, {"id": 3, "name": "Stores"}],
    "classes": [{"id": 5, "name": "Retail"}],
    "currencies": [{"id": 1, "symbol": "USD"}, {"id": 2, "symbol": "JPY"}],
    "ship_methods": [{"id": 31, "name": "Ground"}],
    "tax_codes": [{"id": 7, "rate": "8.875"}, {"id": 9, "column": "custcol_tax_rate"}],
    "custom_fields": {
        "body": ["custbody_note"],
        "column": {"custcol_tax_rate": "number", "custcol_line_id": "text"},
        "entity": {"custentity_source": "list"},
    },
    "certificates": [{"client_id": "client-1", "id": "key-1", "public_key": pem_of(_KEY)}],
    "tokens": [
        {
            "consumer_key": "consumer", "consumer_secret": CONSUMER_SECRET,
            "id": "token", "secret": TOKEN_SECRET,
        }
    ],
    "first_open_day": "2026-01-01",
}  # fmt: skip


def assertion(
    address: str, *, algorithm: str = "ES256", key: Any = PRIVATE_KEY, **other: Any
) -> str:
    """A signed assertion; `other` overrides claims, and `kid`; None leaves one out."""
    claims = {
        "iss": "client-1",
        "aud": address + TOKEN,
        "scope": ["rest_webservices"],
        "iat": int(NOW),
        "exp": int(NOW) + 300,
    }
    kid = other.pop("kid", "key-1")
    claims = {name: value for name, value in (claims | other).items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def token_form(signed: str, **other: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    } | other


@dataclass
class NetSuite:
    """A served account, and a client that is logged in."""

    app: Starlette
    address: str
    client: httpx.Client
    faults: Faults
    now: list[float] = field(default_factory=lambda: [NOW])

    @property
    def ledger(self) -> SimulatedLedger:
        found: SimulatedLedger = self.app.state.ledger
        return found

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """A request to the record service; `body` is exact JSON."""
        content = None if body is None else write_json_bytes(body)
        return self.client.request(method, RECORDS + path, content=content, **more)

    def create(self, record: str, body: Json) -> str:
        """The id of a new record."""
        answer = self.ask("POST", f"/{record}", body)
        assert (answer.status_code, answer.content) == (204, b""), answer.text
        return answer.headers["location"].rpartition("/")[2]

    def read(self, path: str) -> Json:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return document(answer)

    def customer(self, **more: Any) -> str:
        return self.create("customer", person(**more))

    def suiteql(self, query: str, **parameters: Any) -> httpx.Response:
        return self.client.post(
            SUITEQL, content=write_json_bytes({"q": query}), params=parameters,
            headers={"Prefer": "transient"},
        )  # fmt: skip


def document(answer: httpx.Response) -> Json:
    found = read_json_bytes("answer", answer.content)
    assert isinstance(found, dict)
    return found


def person(**more: Any) -> Json:
    return {
        "isPerson": True, "firstName": "Ann", "lastName": "Ok", "email": "ann@example.com",
        "subsidiary": {"id": "1"},
    } | more  # fmt: skip


def order(customer: str, *lines: Json, **more: Any) -> Json:
    """A sales order; without lines it is about one pair of shoes."""
    items = list(lines) or [line(501, rate=100)]
    return {"entity": {"id": customer}, "item": {"items": items}} | more


def line(item: int, **more: Any) -> Json:
    return {"item": {"id": item}, **more}


@contextmanager
def netsuite(**other: Any) -> Iterator[NetSuite]:
    """Serve the account, with some of its settings changed, and log in."""
    faults, now = Faults(), [NOW]
    app = build_netsuite_app(read_account(ACCOUNT | other), faults=faults, clock=lambda: now[0])
    with serve_in_thread(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        answer = client.post(TOKEN, data=token_form(assertion(address)))
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield NetSuite(app, address, client, faults, now)


@contextmanager
def logged_out(**other: Any) -> Iterator[httpx.Client]:
    """Serve the account with some settings changed; nobody is logged in."""
    app = build_netsuite_app(read_account(ACCOUNT | other), faults=Faults(), clock=lambda: NOW)
    with serve_in_thread(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        yield client
