"""Requests the connection to a simulator from the simulator, which creates its keys when it starts.

A simulator's address is never in a tenant.yaml: the user gives it on the command line, and only
addresses on loopback are accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import httpx

from ...findings.errors import CredentialError, NoAnswerError
from ...netsuite import CertificateKey
from ...netsuite import build_simulated_address as netsuite_at
from ...newstore import Credentials
from ...newstore import build_simulated_address as newstore_at
from ...wire.exchange import ExchangeBounds
from ...wire.json_body import document_in, words_of
from ...wire.open_client import open_client
from ...wire.urls import loopback
from .connection import Connection

_BOUNDS = ExchangeBounds(deadline=10.0, received=64 * 1024, inflated=64 * 1024)
_LEDGER = ExchangeBounds(deadline=30.0, received=64 * 1024 * 1024, inflated=256 * 1024 * 1024)


async def simulated_connection(tenant: str, address: str) -> Connection:
    """Return the connection to a simulated tenant.

    Raise AddressError for an address that is not on loopback, NoAnswerError when nothing answers there,
    CredentialError when the simulator does not have the tenant.
    """
    base = loopback(address)
    response = await _request(tenant, base, "connection", _BOUNDS)
    document = document_in(response, about="the simulator's answer")
    try:
        return _read_connection(document, base)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _malformed_answer(base, response) from None


async def simulated_ledger(tenant: str, address: str) -> list[Mapping[str, object]]:
    """Return the records of a tenant's simulated NetSuite, by id. Raise as `simulated_connection`."""
    base = loopback(address)
    response = await _request(tenant, base, "ledger", _LEDGER)
    document = document_in(response, about="the simulator's answer")
    records = document.get("records") if isinstance(document, Mapping) else None
    if not isinstance(records, list) or not all(isinstance(record, Mapping) for record in records):
        raise _malformed_answer(base, response)
    return records


async def _request(tenant: str, base: str, resource: str, bounds: ExchangeBounds) -> httpx.Response:
    """Return a simulator's answer to a request for a resource of a tenant."""
    try:
        async with open_client(base, bounds) as client:
            response = await client.get(f"{base}/{quote(tenant, safe='')}/{resource}")
    except NoAnswerError as error:
        words = f"the simulator at {base}: {error}; is `erpmap simulate` running there?"
        raise NoAnswerError(error.kind, words, sent=False) from error
    if response.status_code == httpx.codes.NOT_FOUND:
        raise CredentialError(f"the simulator at {base} does not simulate {tenant}")
    return response


def _malformed_answer(base: str, response: httpx.Response) -> NoAnswerError:
    words = f"the server at {base} is not `erpmap simulate` ({words_of(response)})"
    return NoAnswerError("malformed", words, sent=True)


def _read_connection(document: object, base: str) -> Connection:
    if not isinstance(document, Mapping):
        raise TypeError("no map")
    newstore, netsuite = document["newstore"], document["netsuite"]
    return Connection(
        newstore=newstore_at(newstore["tenant"], base + newstore["path"]),
        newstore_credentials=Credentials(newstore["client_id"], newstore["client_secret"]),
        netsuite=netsuite_at(netsuite["account"], base + netsuite["path"]),
        netsuite_key=CertificateKey(
            str(netsuite["client_id"]), str(netsuite["key"]), str(netsuite["certificate"])
        ),
        allowance=max(1, int(netsuite["allowance"])),
    )
