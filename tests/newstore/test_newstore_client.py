"""A client of NewStore against a small one on a real socket: tokens, answers, refusals, rate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import gql
import httpx
import pytest
from newstore_shop import CLIENT, CREDENTIALS, SECRET, Shop, app, asking
from starlette.responses import JSONResponse, Response

from engine.findings.errors import AddressError, ExpressionError, NoAnswerError, ShopError
from engine.newstore import Credentials, NewStore, QueryRead, RateLimiter, RestRead, fetch_document
from engine.newstore.queries import QueryTransport
from engine.newstore.statuses import check_status
from engine.run import ABSENT
from engine.simulator.faults import Fault, FaultMiddleware, Faults
from engine.simulator.serve import serve_in_thread
from engine.wire.exchange import ExchangeBounds
from engine.wire.open_client import open_client
from engine.wire.urls import whole_url

QUERY = (
    "query Q($id: String!, $tenant: String!) { order(id: $id, tenant: $tenant) { id grandTotal } }"
)
VARIABLES = {"id": "o1", "tenant": "dodici"}
BLOCK = "<html>blocked</html>"


async def ask(newstore: NewStore) -> Any:
    return await fetch_document(newstore, QueryRead(QUERY, VARIABLES))


async def look(newstore: NewStore) -> Any:
    return await fetch_document(newstore, RestRead("/v0/c/payments/accounts/o1"))


def times(count: int, what: Callable[[NewStore], Awaitable[Any]]) -> Callable[[NewStore], Any]:
    async def together(newstore: NewStore) -> list[Any]:
        return await asyncio.gather(*(what(newstore) for _ in range(count)), return_exceptions=True)

    return together


def refused(shop: Shop, what: Callable[[NewStore], Awaitable[Any]], **options: Any) -> Any:
    with pytest.raises((ShopError, NoAnswerError)) as caught:
        asking(shop, what, **options)
    return caught.value


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_as_it_came_with_exact_numbers() -> None:
    raw = b'{"data": {"order": {"grandTotal": 19.90, "status": "never_seen"}}, "extra": 12345678901234567890}'
    answer = asking(Shop(answers=[Response(raw, media_type="application/json")]), ask)
    total = answer["data"]["order"]["grandTotal"]
    assert isinstance(total, Decimal)
    assert (str(total), answer["extra"]) == ("19.90", 12345678901234567890)
    assert answer["data"]["order"]["status"] == "never_seen"


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"order": None}},
        {"data": None, "errors": [{"message": "x"}]},
        {"data": {"order": {"id": "o1", "items": None}}, "errors": [{"message": "x", "path": []}]},
        {"neither": 1},
        [],
        None,
    ],
)
def test_what_is_wrong_within_an_answer_is_left_to_the_run(answer: object) -> None:
    assert asking(Shop(answers=[JSONResponse(answer)]), ask) == answer


def test_a_document_is_read_and_none_is_absent() -> None:
    account = asking(Shop(), look)
    assert account == {"path": "/v0/c/payments/accounts/o1", "balance": Decimal("1.1")}
    assert asking(Shop(answers=[Response(BLOCK, 404)]), look) is ABSENT


@pytest.mark.parametrize(
    "path", ["", "v0/x", "//elsewhere/x", "http://x/", "/a b", "/a\n", "/é", "/" + "x" * 70_000]
)
def test_what_is_no_path_is_not_asked_for(path: str) -> None:
    shop = Shop()
    with pytest.raises(AddressError):
        asking(shop, lambda newstore: newstore.get(path))
    assert not shop.forms


def test_a_query_that_does_not_parse_is_not_sent() -> None:
    shop = Shop()
    with pytest.raises(ExpressionError):
        asking(shop, lambda newstore: newstore.query("{ order(", {}))
    assert not shop.forms


def test_one_token_serves_all_who_ask_at_once() -> None:
    shop = Shop(order={"id": "o1", "grandTotal": "1"})
    answers = asking(shop, times(20, ask))
    assert all(answer["data"]["order"]["id"] == "o1" for answer in answers)
    assert shop.forms == [
        {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
    ]
    assert set(shop.bearers) == set(shop.tokens)


@pytest.mark.parametrize(
    ("expires_in", "good_until"),
    [(3600, 3540), (100, 90), (None, 54), ("3600", 54), (10**9, 86340)],
)
def test_a_token_is_renewed_shortly_before_it_ends(expires_in: object, good_until: int) -> None:
    shop, clock = Shop(expires_in=expires_in), Clock()

    async def later(newstore: NewStore) -> list[int]:
        fetched = []
        for now in (0, good_until - 1, good_until):
            clock.now = now
            await look(newstore)
            fetched.append(len(shop.tokens))
        return fetched

    assert asking(shop, later, clock=clock) == [1, 1, 2]


def test_a_token_that_ends_at_once_is_used_once() -> None:
    shop = Shop(expires_in=0)
    asking(shop, look)
    assert len(shop.tokens) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_renewed_once_for_all(status: int) -> None:
    shop = Shop()

    async def later(newstore: NewStore) -> Any:
        await look(newstore)
        shop.refused.add(shop.tokens[0])
        return await times(10, look)(newstore)

    assert all(isinstance(answer, dict) for answer in asking(shop, later))
    assert len(shop.tokens) == 2
    shop = Shop(answers=[JSONResponse({}, status)])
    assert asking(shop, look)["path"]
    assert (len(shop.tokens), len(shop.bearers)) == (2, 2)


@pytest.mark.parametrize(("status", "kind"), [(401, "unauthorized"), (403, "forbidden")])
def test_a_fresh_token_that_is_refused_too_is_the_end(status: int, kind: str) -> None:
    shop = Shop(answers=[JSONResponse({}, status) for _ in range(9)])
    error = refused(shop, ask)
    assert (error.kind, error.status) == (kind, status)
    assert (len(shop.tokens), len(shop.bearers)) == (2, 2)


@pytest.mark.parametrize("body", [BLOCK, "", '"a text"', "{"])
def test_a_block_is_not_tried_again(body: str) -> None:
    shop = Shop(answers=[Response(body, 403, media_type="application/json")])
    error = refused(shop, ask)
    assert (error.kind, error.status) == ("blocked", 403)
    assert (len(shop.tokens), len(shop.bearers)) == (1, 1)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, "throttled"),
        (500, "unavailable"),
        (503, "unavailable"),
        (400, "refused"),
        (404, "refused"),
        (302, "malformed"),
        (204, "malformed"),
    ],
)
def test_a_refusal_is_told_by_its_status(status: int, kind: str) -> None:
    error = refused(Shop(answers=[Response(None if status == 204 else BLOCK, status)]), ask)
    assert (error.kind, error.status) == (kind, status)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        (
            {
                "Retry-After": "Tue, 01 Dec 2026 00:01:30 GMT",
                "Date": "Tue, 01 Dec 2026 00:00:00 GMT",
            },
            90,
        ),
        (
            {
                "Retry-After": "Tue, 01 Dec 2020 00:00:00 GMT",
                "Date": "Tue, 01 Dec 2026 00:00:00 GMT",
            },
            0,
        ),
        ({"Retry-After": "Tue, 01 Dec 2020 00:00:00 GMT"}, 60),
        ({"Retry-After": "Tue, 01 Dec 2020 00:00:00 GMT", "Date": "today"}, 60),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1e9"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_a_number_or_a_date(
    headers: dict[str, str], seconds: int | None
) -> None:
    response = httpx.Response(429, headers=headers)
    with pytest.raises(ShopError) as caught:
        check_status(response, about="it", now=lambda: datetime(2020, 11, 30, 23, 59, tzinfo=UTC))
    assert caught.value.retry_after == seconds


def test_how_long_to_wait_reaches_the_caller() -> None:
    shop = Shop(answers=[Response("", 429, {"Retry-After": "7"})])
    assert refused(shop, look).retry_after == 7


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (JSONResponse({"error": "invalid_client"}, 401), "unauthorized"),
        (JSONResponse({"error": "unauthorized_client"}, 400), "unauthorized"),
        (JSONResponse({}, 403), "unauthorized"),
        (Response(BLOCK, 403), "blocked"),
        (Response(BLOCK, 404), "refused"),
        (Response(BLOCK, 429), "throttled"),
        (Response(BLOCK, 503), "unavailable"),
        (Response(BLOCK, 302, {"Location": "http://elsewhere.invalid"}), "malformed"),
        (Response(BLOCK, 200), "malformed"),
        (JSONResponse([]), "malformed"),
        (JSONResponse({"access_token": 7}), "malformed"),
        (JSONResponse({"access_token": "a\r\nb"}), "malformed"),
        (JSONResponse({"access_token": "a", "token_type": "mac"}), "malformed"),
    ],
)
def test_without_a_token_nothing_is_asked(answer: Response, kind: str) -> None:
    shop = Shop(token_answers=[answer])
    error = refused(shop, ask)
    assert error.kind == kind
    assert "token endpoint" in str(error)
    assert not shop.bearers


def test_all_who_wait_for_a_token_share_its_failure() -> None:
    shop = Shop()
    wrong = Credentials("somebody", SECRET)
    errors = asking(shop, times(20, ask), credentials=wrong)
    assert {error.kind for error in errors} == {"unauthorized"}
    assert len(shop.forms) == 1


def test_a_failure_is_not_remembered() -> None:
    shop = Shop(token_answers=[Response("", 503)])

    async def again(newstore: NewStore) -> Any:
        with pytest.raises(ShopError):
            await look(newstore)
        return await look(newstore)

    assert asking(shop, again)["path"]


def test_nobody_listens() -> None:
    with serve_in_thread(app(Shop())) as address:
        pass

    class Gone:
        def __enter__(self) -> str:
            return address

        def __exit__(self, *_: object) -> None: ...

    error = refused(Shop(), ask, serve=Gone)
    assert (error.kind, error.sent) == ("connect", False)
    assert "token endpoint" in str(error)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.DROP, "broken"),
        (Fault.DRIBBLE, "timeout"),
        (Fault.COMMIT_THEN_TIMEOUT, "timeout"),
        (Fault.TRUNCATED, "broken"),
        (Fault.NOT_JSON, "malformed"),
        (Fault.INFLATION, "oversized"),
        (Fault.ELSEWHERE, "malformed"),
        (Fault.MAINTENANCE, "unavailable"),
        (Fault.SERVER_ERROR, "unavailable"),
    ],
)
@pytest.mark.parametrize("at", ["token", "query"])
def test_faults_on_the_way_are_one_error(fault: Fault, kind: str, at: str) -> None:
    shop, faults = Shop(order={"id": "o1", "grandTotal": "1"}), Faults(stall=8.0)
    faulty = FaultMiddleware(app(shop), faults)

    async def struck(newstore: NewStore) -> Any:
        if at == "query":
            await ask(newstore)
        faults.script.append(fault)
        return await ask(newstore)

    error = refused(
        shop,
        struck,
        serve=lambda: serve_in_thread(faulty),
        deadline=2.0 if kind == "timeout" else 40.0,
    )
    assert error.kind == kind
    assert faults.struck[fault] == 1


def test_the_deadline_holds_for_all_of_a_call() -> None:
    """Three exchanges, each within its deadline, are together beyond it."""
    shop = Shop(answers=[JSONResponse({}, 401)], order={"id": "o1"})
    faulty = FaultMiddleware(app(shop), Faults(latency=0.45))
    error = refused(shop, ask, serve=lambda: serve_in_thread(faulty), deadline=1.0)
    assert (error.kind, error.sent) == ("timeout", True)


def test_requests_are_paced_the_second_try_among_them() -> None:
    now, slept = Clock(), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now.now += seconds

    shop = Shop(answers=[JSONResponse({}, 401)])
    asking(shop, times(3, look), rate_limiter=RateLimiter(2, clock=now, sleep=sleep))
    assert len(shop.bearers) == 4
    assert slept == [1.0]


def test_the_transport_serves_a_client_of_gql_too() -> None:
    shop = Shop(order={"id": "o1", "grandTotal": "1"}, tokens=[""])

    async def introspect(address: str) -> object:
        async with open_client(address, ExchangeBounds()) as client:
            transport = QueryTransport(
                client, whole_url(address, "/api/v1/org/data/query"), httpx.Response.json
            )
            async with gql.Client(transport=transport, fetch_schema_from_transport=True) as session:
                return session.client.schema

    with serve_in_thread(app(shop)) as address:
        schema: Any = asyncio.run(introspect(address))
    assert "order" in schema.query_type.fields


def test_the_credentials_are_those_of_the_shop() -> None:
    assert SECRET not in repr(CREDENTIALS)
    assert CLIENT not in repr(CREDENTIALS)
