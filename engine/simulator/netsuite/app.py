"""The application: addresses, who may come in, and every refusal as NetSuite writes it."""

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

from ..faults import Fault, Faults, Faulty
from .account import Account
from .bodies import whole_body
from .governance import PATH as LIMITS_PATH
from .governance import TOKEN_PATH, FinishedRequest, Governed, Places, limits
from .ledger import Ledger
from .logins import Logins, give_token
from .metadata import catalog, described
from .periods import Periods
from .records import (
    RecordCall,
    change_one,
    create_one,
    put_one,
    read_line,
    read_list,
    read_one,
    read_part,
    remove_one,
    transform_one,
)
from .refusals import RefusalDetail, RefusalError, not_logged_in
from .responses import failed, refused, throttled
from .site import Site
from .suiteql import PATH as SUITEQL_PATH
from .suiteql import Database, asked

RECORD_PATH = "/services/rest/record/v1"
_READ = {"HEAD": "GET"}
Answering = Callable[[RecordCall], Response]


def netsuite_app(
    account: Account, *, faults: Faults, clock: Callable[[], float] = time.time
) -> Starlette:
    """NetSuite's REST services for one account, to be served at any host or mounted at any path.

    `app.state.ledger` holds what was stored, `app.state.site.periods` which months are closed, `app.state.places` counts the requests under way,
    `app.state.most_at_once` how many there were at once. `clock` gives seconds since 1970; tokens and signatures are judged by it.
    """
    places = Places(account.concurrency)
    periods = Periods(account.first_open_day, account.closed_months, account.locked_months)
    site = Site(account, Ledger(), clock, periods)
    app = Starlette(
        routes=_routes(Database(site)),
        middleware=[
            Middleware(Governed, places=places),
            Middleware(Faulty, faults=faults),
            Middleware(FinishedRequest),
        ],
        exception_handlers={
            RefusalError: _refused,
            HTTPException: _no_such_address,
            Exception: _failed,
        },
    )
    app.state.site = site
    app.state.ledger = site.ledger
    app.state.logins = Logins(account, clock)
    app.state.places = places
    app.state.most_at_once = 0
    app.router.redirect_slashes = False
    return app


def _routes(database: Database) -> list[Route]:
    catalogue = f"{RECORD_PATH}/metadata-catalog"
    record = f"{RECORD_PATH}/{{type}}"
    one = f"{record}/{{id}}"
    return [
        Route(TOKEN_PATH, give_token, methods=["POST"]),
        _route(SUITEQL_PATH, POST=partial(asked, database)),
        _route(LIMITS_PATH, GET=limits),
        _route(catalogue, GET=catalog),
        _route(f"{catalogue}/{{type}}", GET=described),
        _route(record, GET=read_list, POST=create_one),
        _route(one, GET=read_one, PATCH=change_one, PUT=put_one, DELETE=remove_one),
        _route(f"{one}/!transform/{{target}}", POST=transform_one),
        _route(f"{one}/{{part}}", GET=read_part),
        _route(f"{one}/{{part}}/{{line}}", GET=read_line),
    ]


def _route(path: str, **methods: Answering) -> Route:
    """A route of the record service, with what each method does."""

    async def endpoint(request: Request) -> Response:
        return await _answered(request, methods[_READ.get(request.method, request.method)])

    return Route(path, endpoint, methods=[*methods])


async def _answered(request: Request, answering: Answering) -> Response:
    """Let the request in, read its body, and answer it."""
    if request.scope.get("fault") is Fault.THROTTLE:
        return throttled()
    check_login(request)
    data = await whole_body(request)
    return answering(call_of(request, data))


def call_of(request: Request, data: bytes) -> RecordCall:
    """The request for those who answer it."""
    if "respond-async" in request.headers.get("prefer", ""):
        words = "Asynchronous requests are not simulated"
        raise RefusalError(400, [RefusalDetail("INVALID_REQUEST", words)])
    return RecordCall(
        site=request.app.state.site,
        base=f"{_host(request)}{request.scope.get('root_path', '')}{RECORD_PATH}",
        path=dict(request.path_params),
        query=request.query_params,
        headers=request.headers,
        data=data,
    )


def check_login(request: Request) -> None:
    """Raise RefusalError (401) for a request whose login is not valid, or is struck by a fault."""
    logins: Logins = request.app.state.logins
    path = request.scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    url = f"{_host(request)}{path}" + (f"?{query}" if query else "")
    is_known = logins.knows(request.headers.get("authorization", ""), request.method, url)
    if not is_known or request.scope.get("fault") is Fault.TOKEN_EXPIRED:
        raise not_logged_in()


def _host(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return refused(error)


async def _no_such_address(_: Request, error: Exception) -> Response:
    """An address or method that is none of NetSuite's."""
    assert isinstance(error, HTTPException)
    detail = RefusalDetail("INVALID_REQUEST", "The address or the method is not known.")
    return refused(RefusalError(error.status_code, [detail]), error.headers)


async def _failed(_: Request, __: Exception) -> Response:
    return failed()
