"""The checks of a tenant: which there are, in which order, and which of them need others."""

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
from ...netsuite.certificate import check_certificate
from ...newstore import NewStore
from ...run.ledger import ClosedPeriod
from ...service.tenant_settings import EventKeys, WebhookSettings, read_closed_period
from ...wire.environment import proxy_for, trusted
from ...wire.parameter_store import ParameterStore
from ..connect import KnownSystems, merge_troubles, open_netsuite, open_newstore, trusts_environment
from ..connect.connection import NetSuiteAccess, NewStoreAccess
from . import netsuite, newstore
from .events import check_event_keys, check_webhook
from .network import (
    Addresses,
    Host,
    check_clock,
    connect,
    connect_through_proxy,
    host_of,
    resolve_name,
    to_utc,
)
from .steps import CheckStep, as_health_check, run_steps, run_within

Connect = Callable[[], Awaitable[KnownSystems]]
CREDENTIALS, SIMULATOR = "credentials", "simulator"
_LOGIN, _SUITEQL = "NetSuite login", "NetSuite SuiteQL"
_TOKEN = "NewStore token"  # noqa: S105 - a name
_FOUND = {
    CREDENTIALS: "all secrets are there, and the key can be read",
    SIMULATOR: "it simulates the tenant, with credentials of its own",
}


@dataclass(frozen=True, slots=True)
class DoctorSetup:
    """What the checks use.

    `deadline` is in seconds, for one check; `wall` returns seconds since 1970; `addresses` resolves
    names. `trusted` holds the accepted certificates, `parameters` reads those of AWS; None for either
    follows the tenant.yaml.
    """

    deadline: float = 30.0
    wall: Callable[[], float] = time.time
    trusted: ssl.SSLContext | None = None
    addresses: Addresses = socket.getaddrinfo
    parameters: ParameterStore | None = None


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """The keys of events and the webhook, which only the service needs; None where a tenant has none."""

    keys: Callable[[], EventKeys] | None = None
    notify: Callable[[], WebhookSettings | None] | None = None


async def run_checks(
    loaded: LoadedTenant,
    connect_systems: Connect,
    setup: DoctorSetup | None = None,
    *,
    first: str = CREDENTIALS,
    service: ServiceSettings | None = None,
) -> AsyncGenerator[HealthCheck, None]:
    """Yield the checks of a tenant without errors, in order, each as soon as it has ended.

    `connect_systems` returns the systems that can be reached, and may raise as `simulated_connection`
    does; `first` is the name of that check. The checks of a system that cannot be reached are skipped.
    Failures of systems are results, and raise nothing.
    """
    setup = setup or DoctorSetup()
    reachable: list[KnownSystems] = []
    yield as_health_check(
        first,
        await run_within(
            partial(_check_credentials, connect_systems, reachable, first), setup.deadline
        ),
    )
    known = reachable[0] if reachable else KnownSystems()
    for name in _unreachable_checks(known):
        yield as_health_check(name, skipped(f"skipped: needs {first}"))
    async with AsyncExitStack() as stack:
        steps = list(_network_steps(known, setup))
        if known.newstore is not None:
            newstore_client = await stack.enter_async_context(open_newstore(known.newstore))
            steps += _newstore_steps(loaded.plans, known.newstore, newstore_client)
        if known.netsuite is not None:
            netsuite_client = await stack.enter_async_context(open_netsuite(known.netsuite))
            steps += _netsuite_steps(loaded.plans, known.netsuite, netsuite_client, setup)
            steps += _period_steps(loaded, netsuite_client, setup)
        steps += _parameter_steps(loaded, setup)
        steps += _service_steps(service or ServiceSettings())
        results = await stack.enter_async_context(
            aclosing(run_steps(steps, deadline=setup.deadline))
        )
        async for check in results:
            yield check


def _service_steps(service: ServiceSettings) -> Iterator[CheckStep]:
    if service.keys is not None:
        yield CheckStep("event keys", partial(check_event_keys, service.keys))
    if service.notify is not None:
        yield CheckStep("webhook", partial(check_webhook, service.notify))


async def _check_credentials(
    connect_systems: Connect, reachable: list[KnownSystems], first: str
) -> CheckResult:
    """Check every secret and the key; append the systems that can be reached to `reachable`."""
    known = await connect_systems()
    troubles = list(known.troubles)
    if known.netsuite is not None and isinstance(known.netsuite.key, CertificateKey):
        try:
            read_key(known.netsuite.key.key)
        except CredentialError as error:
            known = replace(known, netsuite=None)
            troubles.append(error)
    reachable.append(known)
    if not troubles:
        return ok(_FOUND[first])
    trouble = merge_troubles(troubles)
    if isinstance(trouble, CredentialError):
        return failed(trouble.words, "\n".join(trouble.missing))
    return failed(str(trouble))


def _unreachable_checks(known: KnownSystems) -> Iterator[str]:
    if known.newstore is None and known.netsuite is None:
        yield "network"
    if known.netsuite is None:
        yield "clock"
    if known.newstore is None:
        yield "NewStore"
    if known.netsuite is None:
        yield "NetSuite"


def _network_steps(known: KnownSystems, setup: DoctorSetup) -> Iterator[CheckStep]:
    """Yield the steps of each host: its name and a connection, or one through the environment's proxy."""
    trust_env = known.trusts_environment
    proxies = {host_of(url): proxy_for(url) if trust_env else None for url in known.urls()}
    direct = [host for host, proxy in proxies.items() if proxy is None]
    context = setup.trusted or trusted(from_environment=trust_env)
    for host in direct:
        yield CheckStep(f"name {_shown(host)}", partial(resolve_name, host, setup.addresses))
    for host, proxy in proxies.items():
        if proxy is None:
            action = partial(connect, host, context, setup.wall)
            yield CheckStep(_connection_step(host), action, (f"name {_shown(host)}",))
        else:
            yield CheckStep(_connection_step(host), partial(connect_through_proxy, host, proxy))
    if known.netsuite is not None:
        address = known.netsuite.address
        action = partial(check_clock, address, setup.wall)
        yield CheckStep("clock", action, (_connection_step(host_of(address.base_url)),))


def _newstore_steps(
    plans: Sequence[Plan], access: NewStoreAccess, client: NewStore
) -> Iterator[CheckStep]:
    token_host, host = map(host_of, (access.address.token_url, access.address.base_url))
    yield CheckStep(_TOKEN, partial(newstore.check_token, client), (_connection_step(token_host),))
    needs = (_connection_step(host), _TOKEN)
    yield CheckStep("NewStore orders", partial(newstore.check_query, client), needs)
    for path in newstore.list_paths(plans):
        action = partial(newstore.check_document, client, path)
        yield CheckStep(f"NewStore {path.replace(newstore.UNUSED_ID, '…')}", action, needs)


def _netsuite_steps(
    plans: Sequence[Plan], access: NetSuiteAccess, client: NetSuite, setup: DoctorSetup
) -> Iterator[CheckStep]:
    reached = _connection_step(host_of(access.address.base_url))
    yield CheckStep(_LOGIN, partial(netsuite.check_login, client), (reached,))
    yield CheckStep(_SUITEQL, partial(netsuite.check_suiteql, client), (_LOGIN,))
    if plans:
        action = partial(netsuite.check_currencies, client, plans[0].places)
        yield CheckStep("NetSuite currencies", action, (_SUITEQL,))
    records = list(netsuite.list_created_records(plans))
    refusals: list[str] = []
    for record in records:
        action = partial(netsuite.check_create, client, record, refusals)
        yield CheckStep(f"create {record}", action, (_LOGIN,))
    if records:
        created = tuple(f"create {record}" for record in records)
        yield CheckStep("NetSuite language", partial(netsuite.check_language, refusals), created)
    for name, live in _named_lookups(plans, is_parameter=False):
        yield CheckStep(f"lookup {name}", partial(netsuite.check_lookup, client, live), (_SUITEQL,))
    for name, find in netsuite.list_find_queries(plans):
        yield CheckStep(f"find {name}", partial(netsuite.check_find, client, find), (_SUITEQL,))
    yield CheckStep("certificate", partial(_check_certificate, access, setup))
    yield CheckStep(
        "allowance", partial(netsuite.check_allowance, client, access.allowance), (_LOGIN,)
    )


def _period_steps(
    loaded: LoadedTenant, client: NetSuite, setup: DoctorSetup
) -> Iterator[CheckStep]:
    """Yield a step where orders may move out of a closed period: it needs the open periods."""
    tenant = loaded.tenant
    if tenant is not None and read_closed_period(tenant) is ClosedPeriod.FIRST_OPEN_DAY:
        action = partial(
            netsuite.check_periods, client, datetime.fromtimestamp(setup.wall(), UTC).date()
        )
        yield CheckStep("accounting periods", action, (_SUITEQL,))


def _parameter_steps(loaded: LoadedTenant, setup: DoctorSetup) -> Iterator[CheckStep]:
    trust_env = loaded.tenant is not None and trusts_environment(loaded.tenant)
    allows = loaded.tenant.grant.allows_parameter if loaded.tenant else lambda _name: False
    parameters = setup.parameters or ParameterStore(allows, trust_env=trust_env)
    for name, live in _named_lookups(loaded.plans, is_parameter=True):
        yield CheckStep(f"parameter {name}", partial(_check_parameter, parameters, live))


def _named_lookups(
    plans: Sequence[Plan], *, is_parameter: bool
) -> Iterator[tuple[str, LiveLookup]]:
    """Yield each query or parameter of lookups once, under the name of its first lookup."""
    seen: set[str | None] = set()
    for plan in plans:
        for live in plan.live_lookups:
            source = live.parameter if is_parameter else live.query
            if source is not None and source not in seen:
                seen.add(source)
                yield f"{plan.name}.{live.name}", live


async def _check_parameter(parameters: ParameterStore, live: LiveLookup) -> CheckResult:
    """Check that a parameter can be read and is a table. Raise FindingsError."""
    assert live.parameter is not None
    table_of_parameter(live, await parameters.read(live.parameter))
    return ok("it can be read, and is a table")


async def _check_certificate(access: NetSuiteAccess, setup: DoctorSetup) -> CheckResult:
    return check_certificate(access.key, to_utc(setup.wall()))


def _connection_step(host: Host) -> str:
    return f"connection {_shown(host)}"


def _shown(host: Host) -> str:
    return host.name if host.has_tls else f"{host.name}:{host.port}"
