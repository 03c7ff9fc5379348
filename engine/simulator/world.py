"""Both simulators for several tenants under one address, with keys generated at the start.

`/TENANT/newstore` and `/TENANT/netsuite` are the systems; the control paths beside them do not exist
in the real ones: `/TENANT/connection` (credentials), `/TENANT/ledger` (NetSuite's records),
`/TENANT/requests`, `/TENANT/shop`, `/TENANT/faults`, `/TENANT/settings`, `/TENANT/orders`,
`/TENANT/transactions`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

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
from .control import TenantSettings, add_order, add_transaction, change_faults, describe_faults
from .faults import Faults
from .netsuite import Account, AccountSettings, Certificate, Periods, build_netsuite_app
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

    @property
    def settings(self) -> TenantSettings:
        """The settings of both systems, which may be changed at runtime."""
        account: AccountSettings = self.netsuite.state.site.settings
        return TenantSettings(self.shop, account, self.periods)

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
    shop, state = played.shop, played.netsuite.state
    newstore = build_newstore_app(shop, faults=played.faults[NEWSTORE])
    at, settings = f"/{played.name}", played.settings
    return [
        _build_route(f"{at}/connection", played.connection),
        _build_route(f"{at}/ledger", state.ledger.document),
        _build_route(f"{at}/requests", lambda: {NETSUITE: state.places.document()}),
        _build_route(f"{at}/shop", shop.document),
        _build_route(
            f"{at}/faults",
            lambda: describe_faults(played.faults),
            partial(change_faults, played.faults),
        ),
        _build_route(f"{at}/settings", settings.document, settings.change),
        _build_route(f"{at}/orders", shop.document, partial(add_order, shop)),
        _build_route(f"{at}/transactions", shop.document, partial(add_transaction, shop)),
        Mount(f"{at}/{NEWSTORE}", newstore),
        Mount(f"{at}/{NETSUITE}", played.netsuite),
    ]


def _build_route(
    path: str, describe: Callable[[], object], change: Callable[[bytes], None] | None = None
) -> Route:
    """Build a control path: GET describes, POST changes and then describes; an invalid body is a 400."""

    async def run(request: Request) -> Response:
        try:
            if change is not None and request.method == "POST":
                change(await request.body())
        except ValueError as error:
            return respond_json({"error": str(error)}, 400)
        return respond_json(describe())

    return Route(path, run, methods=["GET"] if change is None else ["GET", "POST"])


async def _overview(request: Request) -> Response:
    return respond_json(
        {played.name: {"shop": played.shop.document()} for played in request.app.state.tenants}
    )


def respond_json(document: object, status: int = 200) -> Response:
    """Return a document as JSON; numbers stay exact."""
    return Response(write_json_bytes(document), status, media_type="application/json")
