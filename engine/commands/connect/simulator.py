"""The connection to a simulator: asked of the simulator itself, with keys it made up at its start.

A simulator's address is never in a tenant.yaml: it is given by whoever wants to try something out,
and only addresses on loopback are taken.
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
from ...wire import ExchangeBounds, document_in, loopback, open_client, words_of
from .connection import Connection

_BOUNDS = ExchangeBounds(deadline=10.0, received=64 * 1024, inflated=64 * 1024)
_LEDGER = ExchangeBounds(deadline=30.0, received=64 * 1024 * 1024, inflated=256 * 1024 * 1024)


async def simulated_connection(tenant: str, address: str) -> Connection:
    """The connection of a tenant that a simulator plays.

    Raise AddressError for an address that is not on loopback, NoAnswerError when nobody answers,
    CredentialError when the simulator does not know the tenant.
    """
    base = loopback(address)
    response = await _asked(tenant, base, "connection", _BOUNDS)
    document = document_in(response, about="the simulator's answer")
    try:
        return _read(document, base)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _no_simulator(base, response) from None


async def simulated_ledger(tenant: str, address: str) -> list[Mapping[str, object]]:
    """The records that a tenant's simulated NetSuite holds, by id. Raises as simulated_connection."""
    base = loopback(address)
    response = await _asked(tenant, base, "ledger", _LEDGER)
    document = document_in(response, about="the simulator's answer")
    records = document.get("records") if isinstance(document, Mapping) else None
    if not isinstance(records, list) or not all(isinstance(one, Mapping) for one in records):
        raise _no_simulator(base, response)
    return records


async def _asked(tenant: str, base: str, door: str, bounds: ExchangeBounds) -> httpx.Response:
    """What a simulator answers at a door of a tenant."""
    try:
        async with open_client(base, bounds) as client:
            response = await client.get(f"{base}/{quote(tenant, safe='')}/{door}")
    except NoAnswerError as error:
        words = f"the simulator at {base}: {error}; is `erpmap simulate` running there?"
        raise NoAnswerError(error.kind, words, sent=False) from error
    if response.status_code == httpx.codes.NOT_FOUND:
        raise CredentialError(f"the simulator at {base} does not play {tenant}")
    return response


def _no_simulator(base: str, response: httpx.Response) -> NoAnswerError:
    words = f"what answers at {base} is no simulator of erpmap ({words_of(response)})"
    return NoAnswerError("malformed", words, sent=True)


def _read(document: object, base: str) -> Connection:
    if not isinstance(document, Mapping):
        raise TypeError("no map")
    newstore, netsuite = document["newstore"], document["netsuite"]
    return Connection(
        newstore_at(newstore["tenant"], base + newstore["path"]),
        Credentials(newstore["client_id"], newstore["client_secret"]),
        netsuite_at(netsuite["account"], base + netsuite["path"]),
        CertificateKey(
            str(netsuite["client_id"]), str(netsuite["key"]), str(netsuite["certificate"])
        ),
        max(1, int(netsuite["allowance"])),
    )
