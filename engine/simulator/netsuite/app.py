"""The application: routes, the login check, and every refusal in NetSuite's form."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..faults import Fault, FaultMiddleware, Faults
from .account import Account
from .account_settings import AccountSettings
from .bodies import read_whole_body
from .governance import PATH as LIMITS_PATH
from .governance import (
    TOKEN_PATH,
    ConcurrencyMiddleware,
    RequestSlots,
    SlotReleaseMiddleware,
    get_limits,
)
from .ledger import SimulatedLedger
from .logins import Logins, post_token
from .metadata import get_metadata, list_metadata
from .overload import wait_and_refuse
from .periods import Periods
from .records import (
    RecordCall,
    delete_record,
    get_line,
    get_part,
    get_record,
    list_records,
    patch_record,
    post_record,
    post_transform,
    put_record,
)
from .refusals import RefusalDetail, RefusalError, invalid_login, too_many_requests
from .responses import respond_failed, respond_refused
from .search_index import SearchIndex
from .site import Site
from .suiteql import PATH as SUITEQL_PATH
from .suiteql import Database, run_query
from .trapped import OVERLOAD_TRAPS, find_trap, refuse_stored, refuse_trapped

RECORD_PATH = "/services/rest/record/v1"
_READ = {"HEAD": "GET"}
RecordEndpoint = Callable[[RecordCall], Response]


def build_netsuite_app(
    account: Account, *, faults: Faults, clock: Callable[[], float] = time.time
) -> Starlette:
    """Build NetSuite's REST services for one account; they can be served at any host or mount path.

    `app.state.ledger` holds the stored records, `app.state.site.periods` the closed months,
    `app.state.places` the requests in progress, `app.state.most_at_once` the most that ran
    concurrently. `clock` returns seconds since 1970; tokens and signatures are checked by it.
    """
    slots = RequestSlots(account.concurrency)
    periods = Periods(account.first_open_day, account.closed_months, account.locked_months)
    ledger, settings = SimulatedLedger(clock), AccountSettings()
    settings.change(account.settings)
    site = Site(
        account=account,
        ledger=ledger,
        clock=clock,
        periods=periods,
        settings=settings,
        search=SearchIndex(ledger, settings, clock),
    )
    app = Starlette(
        routes=_build_routes(Database(site)),
        middleware=[
            Middleware(ConcurrencyMiddleware, slots=slots, settings=settings),
            Middleware(FaultMiddleware, faults=faults),
            Middleware(SlotReleaseMiddleware),
        ],
        exception_handlers={
            RefusalError: _handle_refusal,
            HTTPException: _handle_unknown_address,
            Exception: _handle_failure,
        },
    )
    app.state.site = site
    app.state.ledger = site.ledger
    app.state.logins = Logins(account, clock)
    app.state.places = slots
    app.state.most_at_once = 0
    app.router.redirect_slashes = False
    return app


def _build_routes(database: Database) -> list[Route]:
    catalogue = f"{RECORD_PATH}/metadata-catalog"
    record = f"{RECORD_PATH}/{{type}}"
    instance = f"{record}/{{id}}"
    return [
        Route(TOKEN_PATH, post_token, methods=["POST"]),
        _build_route(SUITEQL_PATH, POST=partial(run_query, database)),
        _build_route(LIMITS_PATH, GET=get_limits),
        _build_route(catalogue, GET=list_metadata),
        _build_route(f"{catalogue}/{{type}}", GET=get_metadata),
        _build_route(record, GET=list_records, POST=post_record),
        _build_route(
            instance, GET=get_record, PATCH=patch_record, PUT=put_record, DELETE=delete_record
        ),
        _build_route(f"{instance}/!transform/{{target}}", POST=post_transform),
        _build_route(f"{instance}/{{part}}", GET=get_part),
        _build_route(f"{instance}/{{part}}/{{line}}", GET=get_line),
    ]


def _build_route(path: str, **methods: RecordEndpoint) -> Route:
    """Build a route of the record service with one endpoint per method."""

    async def endpoint(request: Request) -> Response:
        return await _run_endpoint(request, methods[_READ.get(request.method, request.method)])

    return Route(path, endpoint, methods=[*methods])


async def _run_endpoint(request: Request, endpoint: RecordEndpoint) -> Response:
    """Check the login, read the body, and run the endpoint."""
    if request.scope.get("fault") is Fault.THROTTLE:
        raise too_many_requests()
    trap = find_trap(request.scope)
    if trap is not None and trap.kind in OVERLOAD_TRAPS:
        raise await wait_and_refuse(OVERLOAD_TRAPS[trap.kind], trap.wait)
    check_login(request)
    data = await read_whole_body(request)
    refuse_trapped(trap)
    response = endpoint(read_call(request, data))
    refuse_stored(trap)
    return response


def read_call(request: Request, data: bytes) -> RecordCall:
    """Return the request in the form that the endpoints take. Raise RefusalError for an async one."""
    if "respond-async" in request.headers.get("prefer", ""):
        words = "Asynchronous requests are not simulated"
        raise RefusalError(400, [RefusalDetail("INVALID_REQUEST", words)])
    return RecordCall(
        site=request.app.state.site,
        base=f"{_read_host(request)}{request.scope.get('root_path', '')}{RECORD_PATH}",
        path=dict(request.path_params),
        query=request.query_params,
        headers=request.headers,
        data=data,
    )


def check_login(request: Request) -> None:
    """Raise RefusalError (401) when the login is not valid, or when a fault expires its token."""
    logins: Logins = request.app.state.logins
    path = request.scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    url = f"{_read_host(request)}{path}" + (f"?{query}" if query else "")
    is_valid = logins.accepts(request.headers.get("authorization", ""), request.method, url)
    if not is_valid or request.scope.get("fault") is Fault.TOKEN_EXPIRED:
        raise invalid_login()


def _read_host(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _get_language(request: Request) -> str:
    site: Site = request.app.state.site
    return site.settings.language


async def _handle_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return respond_refused(error, language=_get_language(request))


async def _handle_unknown_address(request: Request, error: Exception) -> Response:
    """Refuse an address or a method that NetSuite does not have."""
    assert isinstance(error, HTTPException)
    detail = RefusalDetail("INVALID_REQUEST", "The address or the method is not known.")
    refusal = RefusalError(error.status_code, [detail])
    return respond_refused(refusal, error.headers, language=_get_language(request))


async def _handle_failure(request: Request, _: Exception) -> Response:
    return respond_failed(_get_language(request))
