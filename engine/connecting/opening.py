"""Clients opened for a connection, and closed together."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from ..delivery import Systems
from ..live import LiveLookups
from ..live.aws import Parameters
from ..netsuite import Clocks, NetSuite
from ..newstore import NewStore
from .connection import Connection


@asynccontextmanager
async def open_systems(connection: Connection) -> AsyncIterator[Systems]:
    """A tenant's systems. Raise CredentialError when a key cannot be used at all."""
    async with AsyncExitStack() as stack:
        newstore = await stack.enter_async_context(
            NewStore(connection.newstore, connection.newstore_credentials)
        )
        netsuite = await stack.enter_async_context(
            NetSuite(
                connection.netsuite,
                connection.netsuite_key,
                Clocks(time.time, time.monotonic),
                allowance=connection.allowance,
            )
        )
        parameters = Parameters()
        stack.callback(parameters.close)
        lookups = await stack.enter_async_context(
            LiveLookups(netsuite.rows, parameters.read, clock=time.monotonic)
        )
        yield Systems(newstore, netsuite, lookups)
