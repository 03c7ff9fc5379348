"""Clients opened for a connection, and closed together."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from ...netsuite import BOUNDS, Allowance, Clocks, NetSuite
from ...newstore import NewStore, RateLimiter
from ...run.compiled import wanted_keys
from .. import LocalTurns, Systems, Turns
from ..live import LiveLookups
from ..live.aws import ParameterStore
from .connection import Connection, NetSuiteAccess, NewStoreAccess, both

_DEADLINE = 60.0


@asynccontextmanager
async def open_systems(
    connection: Connection,
    *,
    deadline: float = _DEADLINE,
    pacer: RateLimiter | None = None,
    turns: Turns | None = None,
    allowance: Allowance | None = None,
) -> AsyncIterator[Systems]:
    """A tenant's systems. Raise CredentialError when a key cannot be used at all.

    `deadline` is for one exchange, in seconds. Tenants that go out from one IP share a `pacer`,
    those that write to one account `turns` and an `allowance`; alone, the connection's counts.
    """
    known = both(connection)
    assert known.newstore is not None
    assert known.netsuite is not None
    async with AsyncExitStack() as stack:
        newstore = await stack.enter_async_context(
            open_newstore(known.newstore, deadline=deadline, pacer=pacer)
        )
        netsuite = await stack.enter_async_context(
            open_netsuite(known.netsuite, deadline=deadline, allowance=allowance)
        )
        parameters = ParameterStore(trust_env=connection.trusts_environment)
        stack.callback(parameters.close)
        lookups = await stack.enter_async_context(
            LiveLookups(netsuite.rows, parameters.read, clock=time.monotonic, wanted=wanted_keys)
        )
        yield Systems(newstore, netsuite, lookups, turns or LocalTurns())


def open_newstore(
    access: NewStoreAccess, *, deadline: float = _DEADLINE, pacer: RateLimiter | None = None
) -> NewStore:
    """A client of NewStore, to be entered."""
    return NewStore(access.address, access.credentials, pacer=pacer, deadline=deadline)


def open_netsuite(
    access: NetSuiteAccess, *, deadline: float = _DEADLINE, allowance: Allowance | None = None
) -> NetSuite:
    """A client of NetSuite, to be entered; that raises CredentialError for a key that is none."""
    return NetSuite(
        access.address,
        access.key,
        Clocks(time.time, time.monotonic),
        allowance=allowance or access.allowance,
        bounds=replace(BOUNDS, deadline=deadline),
    )
