"""Puts orders into a simulated NewStore, and posts their events to a running service, both on loopback."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import httpx

from ...documents import write_json_bytes
from ...findings.errors import AddressError, CredentialError, ErpmapError, NoAnswerError
from ...mapping.load import LoadedTenant
from ...orders.samples.sample_orders import SampledOrder
from ...service.tenant_settings import read_event_keys
from ...wire.exchange import ExchangeBounds
from ...wire.open_client import open_client
from ...wire.urls import loopback

_BOUNDS = ExchangeBounds(deadline=60.0, received=64 * 1024, inflated=64 * 1024)
_JSON = {"Content-Type": "application/json"}


def post_orders(
    root: Path, loaded: LoadedTenant, orders: Sequence[SampledOrder], *, url: str, simulator: str
) -> None:
    """Add every order to the simulator, then post every event.

    Raise AddressError for an address that is not on loopback, CredentialError without the key of the
    tenant's events, NoAnswerError where nothing answers, ErpmapError for a refusal; the message says how
    many were taken before it.
    """
    try:
        service = loopback(url)
    except AddressError as error:
        raise AddressError(f"--post: {str(error).replace('a simulator', 'the service')}") from error
    events = f"{service}/events/{quote(loaded.name, safe='')}"
    headers = {**_JSON, "Authorization": f"Bearer {_read_key(root, loaded)}"}
    shop = f"{simulator}/{quote(loaded.name, safe='')}/orders"
    bodies = [(each.number, write_json_bytes(each.documents)) for each in orders]
    sent = [(each.number, write_json_bytes(each.documents["event"])) for each in orders]
    asyncio.run(_post_all("the simulator", shop, bodies, _JSON))
    asyncio.run(_post_all("the service", events, sent, headers))


def _read_key(root: Path, loaded: LoadedTenant) -> str:
    assert loaded.tenant is not None
    keys = read_event_keys(loaded.tenant, root / loaded.name, os.environ)
    if not keys.keys:
        missing = "; ".join(keys.missing) or "events.keys of tenant.yaml"
        raise CredentialError(f"no key for the events of {loaded.name}: {missing}")
    return str(keys.keys[0])


async def _post_all(
    what: str, url: str, bodies: Sequence[tuple[str, bytes]], headers: Mapping[str, str]
) -> None:
    """Post bodies one after the other; raise for the first that is not taken."""
    async with open_client(url, _BOUNDS) as client:
        for done, (number, body) in enumerate(bodies):
            taken = f"{done:,} of {len(bodies):,} orders were taken before"
            try:
                response = await client.post(url, content=body, headers=dict(headers))
            except NoAnswerError as error:
                words = f"{what} at {url}: {error}; is it running there? {taken}"
                raise NoAnswerError(error.kind, words, sent=error.sent) from error
            if response.status_code >= httpx.codes.BAD_REQUEST:
                words = f"{what} at {url} refused order {number} ({response.status_code}): {taken}"
                raise ErpmapError(words)
