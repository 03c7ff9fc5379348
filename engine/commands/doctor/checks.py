"""The checks of a tenant: what there is to check, in which order, and what needs what."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from ...findings.errors import CredentialError
from ...findings.health import CheckResult, HealthCheck, failed, ok, skipped
from ...mapping.load import LoadedTenant
from ...mapping.lookups.parameter_table import table_of_parameter
from ...mapping.plan import LiveLookup, Plan
from ...netsuite import CertificateKey, NetSuite, read_key
from ...netsuite.certificate import certificate_expiry
from ...newstore import NewStore
from ...run.ledger import ClosedPeriod
from ...wire import proxy_for, trusted
from ...wire.parameter_store import ParameterStore
from ..connect import (
    EventKeys,
    KnownSystems,
    WebhookSettings,
    open_netsuite,
    open_newstore,
    read_closed_period,
    together,
    trusts_environment,
)
from ..connect.connection import NetSuiteAccess, NewStoreAccess
from . import netsuite, newstore
from .events import some_key, webhook
from .network import Addresses, Host, connect, host_of, resolve, through, told_time, utc
from .steps import CheckStep, carried_out, named, within

Connect = Callable[[], Awaitable[KnownSystems]]
CREDENTIALS, SIMULATOR = "credentials", "simulator"
_LOGIN, _SUITEQL = "NetSuite login", "NetSuite SuiteQL"
_TOKEN = "NewStore token"  # noqa: S105 - a name
_FOUND = {
    CREDENTIALS: "all are there, and the key can be used",
    SIMULATOR: "it plays the tenant, with credentials of its own",
}


@dataclass(frozen=True, slots=True)
class DoctorSetup:
    """What checks are carried out with.

    `deadline` is in seconds, for one check; `wall` gives seconds since 1970; `trusted` says whose
    certificates are accepted, `parameters` reads those of AWS: None for both as the tenant says;
    `addresses` finds those of names.
    """

    deadline: float = 30.0
    wall: Callable[[], float] = time.time
    trusted: ssl.SSLContext | None = None
    addresses: Addresses = socket.getaddrinfo
    parameters: ParameterStore | None = None


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """What only the service needs, where the tenant says it: keys of its events, and its webhook."""

    keys: Callable[[], EventKeys] | None = None
    notify: Callable[[], WebhookSettings | None] | None = None


async def checks(
    loaded: LoadedTenant,
    connect_: Connect,
    bench: DoctorSetup | None = None,
    *,
    first: str = CREDENTIALS,
    service: ServiceSettings | None = None,
) -> AsyncGenerator[HealthCheck, None]:
    """Each check of a tenant without errors, in order, as soon as it and those before it are there.

    `connect_` gives the systems that can be spoken to, and may raise what `simulated_connection`
    does; `first` is the name of that check, and a system that is not known is skipped. Raises
    nothing that a system does.
    """
    bench = bench or DoctorSetup()
    given: list[KnownSystems] = []
    yield named(first, await within(partial(_connected, connect_, given, first), bench.deadline))
    known = given[0] if given else KnownSystems()
    for name in _unconnected(known):
        yield named(name, skipped(f"not tried without {first}"))
    async with AsyncExitStack() as stack:
        steps = list(_network_steps(known, bench))
        if known.newstore is not None:
            newstore_ = await stack.enter_async_context(open_newstore(known.newstore))
            steps += _newstore_steps(loaded.plans, known.newstore, newstore_)
        if known.netsuite is not None:
            netsuite_ = await stack.enter_async_context(open_netsuite(known.netsuite))
            steps += _netsuite_steps(loaded.plans, known.netsuite, netsuite_, bench)
            steps += _period_steps(loaded, netsuite_, bench)
        steps += _parameter_steps(loaded, bench)
        steps += _service_steps(service or ServiceSettings())
        told = await stack.enter_async_context(
            aclosing(carried_out(steps, deadline=bench.deadline))
        )
        async for check in told:
            yield check


def _service_steps(service: ServiceSettings) -> Iterator[CheckStep]:
    if service.keys is not None:
        yield CheckStep("event keys", partial(some_key, service.keys))
    if service.notify is not None:
        yield CheckStep("webhook", partial(webhook, service.notify))


async def _connected(connect_: Connect, given: list[KnownSystems], first: str) -> CheckResult:
    """Whether every secret is there and the key can be used; what can be spoken to, to `given`."""
    known = await connect_()
    troubles = list(known.troubles)
    if known.netsuite is not None and isinstance(known.netsuite.key, CertificateKey):
        try:
            read_key(known.netsuite.key.key)
        except CredentialError as error:
            known = replace(known, netsuite=None)
            troubles.append(error)
    given.append(known)
    if not troubles:
        return ok(_FOUND[first])
    trouble = together(troubles)
    if isinstance(trouble, CredentialError):
        return failed(trouble.words, "\n".join(trouble.missing))
    return failed(str(trouble))


def _unconnected(known: KnownSystems) -> Iterator[str]:
    if known.newstore is None and known.netsuite is None:
        yield "network"
    if known.netsuite is None:
        yield "clock"
    if known.newstore is None:
        yield "NewStore"
    if known.netsuite is None:
        yield "NetSuite"


def _network_steps(known: KnownSystems, bench: DoctorSetup) -> Iterator[CheckStep]:
    """Each host once: its name and a connection, or a connection through the environment's proxy."""
    trust_env = known.trusts_environment
    proxies = {host_of(url): proxy_for(url) if trust_env else None for url in known.urls()}
    direct = [host for host, proxy in proxies.items() if proxy is None]
    context = bench.trusted or trusted(from_environment=trust_env)
    for host in direct:
        yield CheckStep(f"name {_shown(host)}", partial(resolve, host, bench.addresses))
    for host, proxy in proxies.items():
        if proxy is None:
            ask = partial(connect, host, context, bench.wall)
            yield CheckStep(_reach(host), ask, (f"name {_shown(host)}",))
        else:
            yield CheckStep(_reach(host), partial(through, host, proxy))
    if known.netsuite is not None:
        address = known.netsuite.address
        ask = partial(told_time, address, bench.wall)
        yield CheckStep("clock", ask, (_reach(host_of(address.base_url)),))


def _newstore_steps(
    plans: Sequence[Plan], access: NewStoreAccess, there: NewStore
) -> Iterator[CheckStep]:
    token_host, host = map(host_of, (access.address.token_url, access.address.base_url))
    yield CheckStep(_TOKEN, partial(newstore.token, there), (_reach(token_host),))
    needs = (_reach(host), _TOKEN)
    yield CheckStep("NewStore orders", partial(newstore.query, there), needs)
    for path in newstore.paths(plans):
        ask = partial(newstore.document, there, path)
        yield CheckStep(f"NewStore {path.replace(newstore.NOBODY, '…')}", ask, needs)


def _netsuite_steps(
    plans: Sequence[Plan], access: NetSuiteAccess, there: NetSuite, bench: DoctorSetup
) -> Iterator[CheckStep]:
    reached = _reach(host_of(access.address.base_url))
    yield CheckStep(_LOGIN, partial(netsuite.login, there), (reached,))
    yield CheckStep(_SUITEQL, partial(netsuite.suiteql, there), (_LOGIN,))
    for record in netsuite.records_written(plans):
        yield CheckStep(f"create {record}", partial(netsuite.create, there, record), (_LOGIN,))
    for name, live in _named_lookups(plans, is_parameter=False):
        yield CheckStep(f"lookup {name}", partial(netsuite.lookup, there, live), (_SUITEQL,))
    for name, find in netsuite.records_ensured(plans):
        yield CheckStep(f"find {name}", partial(netsuite.finding, there, find), (_SUITEQL,))
    yield CheckStep("certificate", partial(_lasting, access, bench))
    yield CheckStep("allowance", partial(netsuite.allowance, there, access.allowance), (_LOGIN,))


def _period_steps(loaded: LoadedTenant, there: NetSuite, bench: DoctorSetup) -> Iterator[CheckStep]:
    """Only a tenant whose orders may move out of a closed period needs to see the open ones."""
    tenant = loaded.tenant
    if tenant is not None and read_closed_period(tenant) is ClosedPeriod.FIRST_OPEN_DAY:
        ask = partial(netsuite.periods, there, datetime.fromtimestamp(bench.wall(), UTC).date())
        yield CheckStep("accounting periods", ask, (_SUITEQL,))


def _parameter_steps(loaded: LoadedTenant, bench: DoctorSetup) -> Iterator[CheckStep]:
    trust_env = loaded.tenant is not None and trusts_environment(loaded.tenant)
    parameters = bench.parameters or ParameterStore(trust_env=trust_env)
    for name, live in _named_lookups(loaded.plans, is_parameter=True):
        yield CheckStep(f"parameter {name}", partial(_parameter, parameters, live))


def _named_lookups(
    plans: Sequence[Plan], *, is_parameter: bool
) -> Iterator[tuple[str, LiveLookup]]:
    """Each question that lookups ask, once, with the name of the first mapping's lookup."""
    asked: set[str | None] = set()
    for plan in plans:
        for live in plan.live_lookups:
            question = live.parameter if is_parameter else live.query
            if question is not None and question not in asked:
                asked.add(question)
                yield f"{plan.name}.{live.name}", live


async def _parameter(parameters: ParameterStore, live: LiveLookup) -> CheckResult:
    """Whether a parameter can be read and is a table. Raise FindingsError."""
    assert live.parameter is not None
    table_of_parameter(live, await parameters.read(live.parameter))
    return ok("it can be read, and is a table")


async def _lasting(access: NetSuiteAccess, bench: DoctorSetup) -> CheckResult:
    return certificate_expiry(access.key, utc(bench.wall()))


def _reach(host: Host) -> str:
    return f"connection {_shown(host)}"


def _shown(host: Host) -> str:
    return host.name if host.has_tls else f"{host.name}:{host.port}"
