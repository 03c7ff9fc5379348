"""Both simulators for several tenants under one address, with keys generated at the start.

`/TENANT/newstore` and `/TENANT/netsuite` are the systems; the control paths beside them do not exist
in the real ones: `/TENANT/connection` (credentials), `/TENANT/ledger` (NetSuite's records),
`/TENANT/requests`, `/TENANT/shop`, `/TENANT/faults`, `/TENANT/settings`, `/TENANT/orders`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from ..documents import write_json_bytes
from .control import (
    add_order,
    change_faults,
    change_settings,
    describe_faults,
    describe_settings,
)
from .faults import Faults
from .netsuite import Account, Certificate, Periods, build_netsuite_app
from .newstore import SimulatedShop, build_newstore_app

_CERTIFICATE = "simulated"
NEWSTORE, NETSUITE = "newstore", "netsuite"


@dataclass(frozen=True, slots=True)
class SimulatedTenant:
    """One simulated tenant: its shop, its account, the faults of both systems, and its keys."""

    name: str
    shop: SimulatedShop
    account: Account
    netsuite: Starlette
    client: tuple[str, str] = field(repr=False)
    key: str = field(repr=False)
    faults: Mapping[str, Faults]

    @property
    def periods(self) -> Periods:
        """The accounting periods, which may be closed at runtime."""
        periods: Periods = self.netsuite.state.site.periods
        return periods

    def connection(self) -> dict[str, object]:
        """Return addresses and credentials, for `erpmap send --simulator`."""
        client_id, client_secret = self.client
        certificate = self.account.certificates[-1]
        return {
            NEWSTORE: {
                "tenant": self.shop.tenant,
                "path": f"/{self.name}/{NEWSTORE}",
                "client_id": client_id,
                "client_secret": client_secret,
            },
            NETSUITE: {
                "account": self.account.id,
                "path": f"/{self.name}/{NETSUITE}",
                "client_id": certificate.client_id,
                "certificate": certificate.id,
                "key": self.key,
                "allowance": self.account.concurrency,
            },
        }


def simulate_tenant(
    name: str,
    newstore_tenant: str,
    account: Account,
    clock: Callable[[], float] = time.time,
) -> SimulatedTenant:
    """Return a tenant with an empty shop, an empty ledger and generated keys."""
    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    certificate = Certificate(secrets.token_hex(16), _CERTIFICATE, public.decode())
    account = replace(account, certificates=(*account.certificates, certificate))
    client = (secrets.token_hex(8), secrets.token_urlsafe(24))
    shop = SimulatedShop(newstore_tenant, dict([client]), clock)
    faults = {NEWSTORE: Faults(), NETSUITE: Faults()}
    netsuite = build_netsuite_app(account, faults=faults[NETSUITE], clock=clock)
    return SimulatedTenant(
        name=name,
        shop=shop,
        account=account,
        netsuite=netsuite,
        client=client,
        key=pem,
        faults=faults,
    )


def build_simulator_app(tenants: Sequence[SimulatedTenant]) -> Starlette:
    """Build the application with both systems of every tenant, and the control paths."""
    routes: list[BaseRoute] = [Route("/", _overview)]
    for played in tenants:
        routes += _build_routes(played)
    app = Starlette(routes=routes)
    app.state.tenants = tuple(tenants)
    return app


def _build_routes(played: SimulatedTenant) -> list[BaseRoute]:
    async def connection(_: Request) -> Response:
        return respond_json(played.connection())

    async def ledger(_: Request) -> Response:
        return respond_json(played.netsuite.state.ledger.document())

    async def requests(_: Request) -> Response:
        return respond_json({NETSUITE: played.netsuite.state.places.document()})

    async def shop(_: Request) -> Response:
        return respond_json(played.shop.document())

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            change_faults(played.faults, await request.body())
        return respond_json(describe_faults(played.faults))

    async def settings(request: Request) -> Response:
        if request.method == "POST":
            change_settings(played.shop.settings, played.periods, await request.body())
        return respond_json(describe_settings(played.shop.settings, played.periods))

    async def orders(request: Request) -> Response:
        add_order(played.shop, await request.body())
        return respond_json(played.shop.document())

    at = f"/{played.name}"
    newstore = build_newstore_app(played.shop, faults=played.faults[NEWSTORE])
    return [
        Route(f"{at}/connection", connection),
        Route(f"{at}/ledger", ledger),
        Route(f"{at}/requests", requests),
        Route(f"{at}/shop", shop),
        Route(f"{at}/faults", _reject_invalid(faults), methods=["GET", "POST"]),
        Route(f"{at}/settings", _reject_invalid(settings), methods=["GET", "POST"]),
        Route(f"{at}/orders", _reject_invalid(orders), methods=["POST"]),
        Mount(f"{at}/{NEWSTORE}", newstore),
        Mount(f"{at}/{NETSUITE}", played.netsuite),
    ]


def _reject_invalid(endpoint: Callable[[Request], object]) -> Callable[[Request], object]:
    """Wrap an endpoint: an invalid request is a 400 with the reason."""

    async def run(request: Request) -> Response:
        try:
            return await endpoint(request)  # type: ignore[misc, no-any-return] # an endpoint defined here
        except ValueError as error:
            return respond_json({"error": str(error)}, 400)

    return run


async def _overview(request: Request) -> Response:
    return respond_json(
        {played.name: {"shop": played.shop.document()} for played in request.app.state.tenants}
    )


def respond_json(document: object, status: int = 200) -> Response:
    """Return a document as JSON; numbers stay exact."""
    return Response(write_json_bytes(document), status, media_type="application/json")
