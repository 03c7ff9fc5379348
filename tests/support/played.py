"""A small tenant with every kind of check, played by the simulators, and what its checks come to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from engine.commands.connect import Connection, KnownSystems, both, simulated_connection
from engine.commands.doctor.checks import DoctorSetup, checks
from engine.findings.health import HealthCheck
from engine.mapping.load import LoadedTenant, load_tenant, open_folder
from engine.simulator.netsuite import Account
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant, build_simulator_app, simulate_tenant

MAPPING = """
erpmap: 1
mapping: m
on: {event: order.opened}
sources:
  account: {rest: "/v0/c/payments/accounts/{{ event.payload.id }}"}
fields:
  email: event.payload.email
  skus:  {path: event.payload.skus, type: list, default: []}
lookups:
  item: {suiteql: "SELECT itemid, id FROM item WHERE itemid IN ({keys})", keys: skus}
  cards: {parameter: netsuite/cards, default: false}
records:
  customer:
    record: customer
    write: ensure
    find: "SELECT id FROM customer WHERE email = {email}"
    external_id: "C-{{ email }}"
    body: {companyName: "{{ email }}", comments: "{{ lookup('item', skus[0]) }} {{ lookup('cards', 'x') }}"}
  order:
    record: salesOrder
    write: create
    external_id: SO-1
    body: {memo: x}
"""
TENANT = """
erpmap: 1
tenant: t
newstore: {tenant: t-staging, client_id: "${env:T_ID}", client_secret: "${env:T_SECRET}"}
netsuite:
  account: 1234567
  auth: {certificate: {client_id: "${env:T_CLIENT}", key: "${file:key.pem}", id: "${env:T_CERTIFICATE}"}}
mappings: [m]
"""
PLAYED = """
account: 1234567
subsidiaries: [{id: 2, name: Here}]
currencies: [{id: 1, symbol: USD}]
items: [{id: 501, itemid: SHOE}]
"""


def tenant(folder: Path, mapping: str = MAPPING) -> LoadedTenant:
    """The small tenant, written and loaded."""
    (folder / "t").mkdir(parents=True, exist_ok=True)
    for name, text in (("tenant", TENANT), ("m", mapping), ("simulator", PLAYED)):
        (folder / "t" / f"{name}.yaml").write_text(text, encoding="utf-8")
    loaded = load_tenant(open_folder(folder), "t")
    assert loaded.ok, loaded.findings
    return loaded


@dataclass(frozen=True)
class Other:
    """Answers in the place of an application's, by the end of the path."""

    app: ASGIApp
    answers: Mapping[str, tuple[int, bytes]]
    headers: tuple[tuple[bytes, bytes], ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        chosen = next((one for end, one in self.answers.items() if path.endswith(end)), None)
        if chosen is None:
            await self.app(scope, receive, send)
            return
        kind = [(b"content-type", b"application/json"), *self.headers]
        await send({"type": "http.response.start", "status": chosen[0], "headers": kind})
        await send({"type": "http.response.body", "body": chosen[1]})


@contextmanager
def world(
    folder: Path,
    *,
    account: Callable[[Account], Account] = lambda account: account,
    answers: Mapping[str, tuple[int, bytes]] | None = None,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> Iterator[tuple[str, SimulatedTenant]]:
    """The address of the simulators, and the tenant as it is played."""
    first = load_simulated_tenant(open_folder(folder), "t")
    played = simulate_tenant("t", first.shop.tenant, account(first.account))
    with serve_in_thread(Other(build_simulator_app([played]), answers or {}, headers)) as address:
        yield address, played


def told(
    loaded: LoadedTenant,
    address: str,
    *,
    change: Callable[[Connection], Connection] = lambda connection: connection,
    bench: DoctorSetup | None = None,
) -> list[HealthCheck]:
    """All checks against the simulators, over a connection that may be changed before."""

    async def connect() -> KnownSystems:
        return both(change(await simulated_connection(loaded.name, address)))

    async def all_of() -> list[HealthCheck]:
        return [check async for check in checks(loaded, connect, bench)]

    return asyncio.run(all_of())


def by_name(told_: list[HealthCheck]) -> dict[str, HealthCheck]:
    return {check.name: check for check in told_}
