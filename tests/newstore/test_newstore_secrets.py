"""Neither credentials nor tokens nor what a body holds is in an error, a repr or a log, at any level."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest
from newstore_shop import CLIENT, CREDENTIALS, MARKER, SECRET, Shop, app, asking
from starlette.responses import JSONResponse, Response

from engine.findings.errors import ErpmapError
from engine.newstore import Credentials, NewStore
from engine.simulator.faults import Fault, FaultMiddleware, Faults
from engine.simulator.serve import serve_in_thread

QUERY = 'query Q($id: String!) { order(id: $id, tenant: "dodici") { id } }'
PAGE = f"<html>{MARKER} {SECRET}</html>"
LIBRARIES = ("gql", "gql.transport.httpx", "gql.client", "httpx", "aiohttp", "asyncio", "graphql")


async def ask(newstore: NewStore) -> Any:
    return await newstore.query(QUERY, {"id": MARKER})


def chain(error: BaseException) -> str:
    """An error with all that led to it, as it would be logged, and as it is."""
    words = "".join(traceback.format_exception(error))
    waiting: list[BaseException | None] = [error]
    seen = set[int]()
    while waiting:
        one = waiting.pop()
        if one is None:
            continue
        assert id(one) not in seen, "errors lead to each other"
        seen.add(id(one))
        words += repr(one) + repr(one.args) + repr(vars(one))
        waiting.append(one.__cause__ or one.__context__)
    return words


def assert_clean(text: str, shop: Shop) -> None:
    for hidden in (CLIENT, SECRET, MARKER, *shop.tokens):
        assert hidden not in text


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in LIBRARIES:
        caplog.set_level(logging.DEBUG, logger=name)


def test_a_success_logs_no_secret_and_no_body(caplog: pytest.LogCaptureFixture) -> None:
    shop = Shop(order={"id": MARKER}, answers=[JSONResponse({"message": MARKER}, 401)])
    assert asking(shop, ask)["data"]["order"]["id"] == MARKER
    assert "httpx" in {record.name.partition(".")[0] for record in caplog.records}
    assert_clean(caplog.text, shop)


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        (at, answer)
        for at in ("answers", "token_answers")
        for answer in (
            Response(PAGE, 200, media_type="text/html"),
            Response(PAGE, 200, media_type="application/json"),
            Response(PAGE, 403),
            JSONResponse({"message": MARKER, "echo": SECRET}, 400),
            JSONResponse({"message": MARKER, "echo": SECRET}, 500),
            Response(PAGE, 302),
            JSONResponse({"access_token": f"{MARKER}\r\n{SECRET}"}, 418),
            Response(f'{{"{MARKER}": 1, "{MARKER}": 2}}', 200),
            Response(f'{{"a": {"1" * 50}, "{MARKER}', 200),
            Response(MARKER.encode() + b"\xff", 200),
        )
    ],
)
def test_a_refusal_tells_no_secret_and_no_body(
    at: str, answer: Response, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(**{at: [answer]})  # type: ignore[arg-type] # each field takes such a list
    with pytest.raises(ErpmapError) as caught:
        asking(shop, ask)
    assert_clean(chain(caught.value), shop)
    assert_clean(caplog.text, shop)


def test_wrong_credentials_are_not_told(caplog: pytest.LogCaptureFixture) -> None:
    shop = Shop()
    with pytest.raises(ErpmapError) as caught:
        asking(shop, ask, credentials=Credentials(CLIENT, f"{SECRET}, but wrong"))
    assert_clean(chain(caught.value), shop)
    assert_clean(caplog.text, shop)


@pytest.mark.parametrize(
    "fault", [Fault.DROP, Fault.TRUNCATED, Fault.NOT_JSON, Fault.ELSEWHERE, Fault.DRIBBLE]
)
@pytest.mark.parametrize("at", ["token", "query"])
def test_a_fault_tells_no_secret_and_no_body(
    fault: Fault, at: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop, faults = Shop(order={"id": MARKER}), Faults(stall=8.0)

    async def struck(newstore: NewStore) -> Any:
        if at == "query":
            await ask(newstore)
        faults.script.append(fault)
        return await ask(newstore)

    with pytest.raises(ErpmapError) as caught:
        asking(
            shop,
            struck,
            serve=lambda: serve_in_thread(FaultMiddleware(app(shop), faults)),
            deadline=2.0,
        )
    assert_clean(chain(caught.value), shop)
    assert_clean(caplog.text, shop)


def test_nothing_shows_its_secrets() -> None:
    async def shown(newstore: NewStore) -> str:
        await ask(newstore)
        inside = [getattr(newstore, name) for name in vars(newstore)]
        deeper = [vars(part) for part in inside if hasattr(part, "__dict__")]
        return repr((newstore, inside, deeper, CREDENTIALS))

    shop = Shop(order={"id": "o1"})
    text = asking(shop, shown)
    assert_clean(text, shop)
