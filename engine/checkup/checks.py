"""The checks of a tenant: what there is to check, in which order, and what needs what."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from ..connecting import Connection, open_systems, trusts_environment
from ..delivery import Systems
from ..live.aws import Parameters
from ..live.parameters import table_of_parameter
from ..load import LoadedTenant
from ..netsuite import CertificateKey, read_key
from ..plan import LiveLookup, Plan
from ..wire import proxy_for, trusted
from . import netsuite, newstore
from .certificates import lasting
from .check import Check, Said, ok, skipped
from .network import Addresses, Host, connect, host_of, resolve, through, told_time, utc
from .steps import Step, carried_out, named, within

Connect = Callable[[], Awaitable[Connection]]
_CREDENTIALS, _LOGIN, _SUITEQL = "credentials", "NetSuite login", "NetSuite SuiteQL"
_TOKEN = "NewStore token"  # noqa: S105 - a name
_UNCONNECTED = ("network", "clock", "NewStore", "NetSuite")


@dataclass(frozen=True, slots=True)
class Bench:
    """What checks are carried out with.

    `deadline` is in seconds, for one check; `wall` gives seconds since 1970; `trusted` says whose
    certificates are accepted, `parameters` reads those of AWS: None for both as the tenant says;
    `addresses` finds those of names.
    """

    deadline: float = 30.0
    wall: Callable[[], float] = time.time
    trusted: ssl.SSLContext | None = None
    addresses: Addresses = socket.getaddrinfo
    parameters: Parameters | None = None


async def checks(
    loaded: LoadedTenant, connect_: Connect, bench: Bench | None = None
) -> AsyncGenerator[Check, None]:
    """Each check of a tenant without errors, in order, as soon as it and those before it are there.

    `connect_` gives the connection, as `connection_of` or `simulated_connection` do, and may raise
    what they raise: that is the first check. Raises nothing that a system does.
    """
    bench = bench or Bench()
    given: list[Connection] = []
    said = await within(partial(_credentials, connect_, given), bench.deadline)
    yield named(_CREDENTIALS, said)
    parameters = list(_parameter_steps(loaded, bench))
    if not given:
        for name in _UNCONNECTED:
            yield named(name, skipped(f"not tried without {_CREDENTIALS}"))
        async with aclosing(carried_out(parameters, deadline=bench.deadline)) as told:
            async for check in told:
                yield check
        return
    async with open_systems(given[0]) as systems:
        steps = [*_steps(loaded.plans, given[0], systems, bench), *parameters]
        async with aclosing(carried_out(steps, deadline=bench.deadline)) as told:
            async for check in told:
                yield check


async def _credentials(connect_: Connect, given: list[Connection]) -> Said:
    """Whether every secret is there and the key can be used; the connection goes to `given`."""
    connection = await connect_()
    if isinstance(connection.netsuite_key, CertificateKey):
        read_key(connection.netsuite_key.key)
    given.append(connection)
    return ok("all are there, and the key can be used")


def _steps(
    plans: Sequence[Plan], connection: Connection, systems: Systems, bench: Bench
) -> Iterator[Step]:
    yield from _network_steps(connection, bench)
    reached = _reach(host_of(connection.netsuite.base_url))
    yield Step("clock", partial(told_time, connection.netsuite, bench.wall), (reached,))
    yield from _newstore_steps(plans, connection, systems)
    yield Step(_LOGIN, partial(netsuite.login, systems.netsuite), (reached,))
    yield from _netsuite_steps(plans, systems)
    yield Step("certificate", partial(_lasting, connection, bench))
    ours = connection.allowance
    yield Step("allowance", partial(netsuite.allowance, systems.netsuite, ours), (_LOGIN,))


def _network_steps(connection: Connection, bench: Bench) -> Iterator[Step]:
    """Each host once: its name and a connection, or a connection through the environment's proxy."""
    urls = (
        connection.newstore.token_url,
        connection.newstore.base_url,
        connection.netsuite.base_url,
    )
    trust_env = connection.trusts_environment
    proxies = {host_of(url): proxy_for(url) if trust_env else None for url in urls}
    context = bench.trusted or trusted(from_environment=trust_env)
    direct = [host for host, proxy in proxies.items() if proxy is None]
    for host in direct:
        yield Step(f"name {_shown(host)}", partial(resolve, host, bench.addresses))
    for host, proxy in proxies.items():
        if proxy is None:
            ask = partial(connect, host, context, bench.wall)
            yield Step(_reach(host), ask, (f"name {_shown(host)}",))
        else:
            yield Step(_reach(host), partial(through, host, proxy))


def _newstore_steps(
    plans: Sequence[Plan], connection: Connection, systems: Systems
) -> Iterator[Step]:
    urls = (connection.newstore.token_url, connection.newstore.base_url)
    token_host, host = map(host_of, urls)
    yield Step(_TOKEN, partial(newstore.token, systems.newstore), (_reach(token_host),))
    needs = (_reach(host), _TOKEN)
    yield Step("NewStore orders", partial(newstore.query, systems.newstore), needs)
    for path in newstore.paths(plans):
        ask = partial(newstore.document, systems.newstore, path)
        yield Step(f"NewStore {path.replace(newstore.NOBODY, '…')}", ask, needs)


def _netsuite_steps(plans: Sequence[Plan], systems: Systems) -> Iterator[Step]:
    there = systems.netsuite
    yield Step(_SUITEQL, partial(netsuite.suiteql, there), (_LOGIN,))
    for record in netsuite.records_written(plans):
        yield Step(f"create {record}", partial(netsuite.create, there, record), (_LOGIN,))
    for name, live in _named_lookups(plans, is_parameter=False):
        yield Step(f"lookup {name}", partial(netsuite.lookup, there, live), (_SUITEQL,))
    for name, find in netsuite.records_ensured(plans):
        yield Step(f"find {name}", partial(netsuite.finding, there, find), (_SUITEQL,))


def _parameter_steps(loaded: LoadedTenant, bench: Bench) -> Iterator[Step]:
    trust_env = loaded.tenant is not None and trusts_environment(loaded.tenant)
    parameters = bench.parameters or Parameters(trust_env=trust_env)
    for name, live in _named_lookups(loaded.plans, is_parameter=True):
        yield Step(f"parameter {name}", partial(_parameter, parameters, live))


def _named_lookups(
    plans: Sequence[Plan], *, is_parameter: bool
) -> Iterator[tuple[str, LiveLookup]]:
    """Each question that lookups ask, once, with the name of the first mapping's lookup."""
    asked: set[str | None] = set()
    for plan in plans:
        for live in plan.live_lookups:
            question = live.parameter if is_parameter else live.suiteql
            if question is not None and question not in asked:
                asked.add(question)
                yield f"{plan.name}.{live.name}", live


async def _parameter(parameters: Parameters, live: LiveLookup) -> Said:
    """Whether a parameter can be read and is a table. Raise FindingsError."""
    assert live.parameter is not None
    table_of_parameter(live, await parameters.read(live.parameter))
    return ok("it can be read, and is a table")


async def _lasting(connection: Connection, bench: Bench) -> Said:
    return lasting(connection.netsuite_key, utc(bench.wall()))


def _reach(host: Host) -> str:
    return f"connection {_shown(host)}"


def _shown(host: Host) -> str:
    return host.name if host.has_tls else f"{host.name}:{host.port}"
