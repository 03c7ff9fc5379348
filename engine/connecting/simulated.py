"""The connection to a simulator: asked of the simulator itself, with keys it made up at its start.

A simulator's address is never in a tenant.yaml: it is given by whoever wants to try something out,
and only addresses on loopback are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import httpx

from ..errors import CredentialError, NoAnswerError
from ..netsuite import CertificateKey
from ..netsuite import simulated as netsuite_at
from ..newstore import Credentials
from ..newstore import simulated as newstore_at
from ..wire import Bounds, document_in, loopback, open_client, words_of
from .connection import Connection

_BOUNDS = Bounds(deadline=10.0, received=64 * 1024, inflated=64 * 1024)


async def simulated_connection(tenant: str, address: str) -> Connection:
    """The connection of a tenant that a simulator plays.

    Raise AddressError for an address that is not on loopback, NoAnswerError when nobody answers,
    CredentialError when the simulator does not know the tenant.
    """
    base = loopback(address)
    try:
        async with open_client(base, _BOUNDS) as client:
            response = await client.get(f"{base}/{quote(tenant, safe='')}/connection")
    except NoAnswerError as error:
        words = f"the simulator at {base}: {error}; is `erpmap simulate` running there?"
        raise NoAnswerError(error.kind, words, sent=False) from error
    if response.status_code == httpx.codes.NOT_FOUND:
        raise CredentialError(f"the simulator at {base} does not play {tenant}")
    document = document_in(response, about="the simulator's answer")
    try:
        return _read(document, base)
    except (KeyError, TypeError, ValueError, AttributeError):
        words = f"what answers at {base} is no simulator of erpmap ({words_of(response)})"
        raise NoAnswerError("malformed", words, sent=True) from None


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
