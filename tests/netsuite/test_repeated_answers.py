"""A broken gateway answers a request with the answer to an earlier one; nothing is taken from it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from netsuite_server import REAL, TOKEN_KEY, Scripted, asking
from raw_server import RawServer, Reply, answering
from starlette.responses import JSONResponse, Response

from engine.findings.errors import LedgerError
from engine.netsuite import NetSuite, build_simulated_address
from engine.netsuite.look_up import look_up, run_find
from engine.netsuite.suiteql import read_comparisons
from engine.run.ledger import Answer, Verdict

BASE = "/services/rest/record/v1"
FIND = "SELECT id, email FROM customer WHERE LOWER(email) = {email} AND isinactive = 'F'"


def made(id_: int, operation: str = "") -> bytes:
    extra = f"X-N-OperationId: {operation}\r\n" if operation else ""
    head = f"HTTP/1.1 204 No Content\r\nLocation: {BASE}/salesOrder/{id_}\r\n{extra}\r\n"
    return head.encode()


def holding(document: object, operation: str = "") -> bytes:
    body = json.dumps(document).encode()
    extra = f"X-N-OperationId: {operation}\r\n" if operation else ""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{extra}\r\n".encode() + body


def page(*rows: dict[str, object], operation: str = "") -> bytes:
    return holding({"items": list(rows), "hasMore": False}, operation)


@asynccontextmanager
async def talking(*replies: bytes) -> AsyncIterator[tuple[NetSuite, RawServer]]:
    async with answering(*map(Reply, replies)) as server:
        at = build_simulated_address("1", server.url)
        async with NetSuite(at, TOKEN_KEY, REAL, allowance=1) as netsuite:
            yield netsuite, server


Ask = Callable[[NetSuite], Awaitable[Any]]
# The first answer, a request for it, and requests that must not take it for theirs.
REPEATED: list[tuple[bytes, Ask, Ask]] = [
    (made(77), lambda n: n.create("salesOrder", {}), lambda n: n.create("salesOrder", {"a": 1})),
    (made(77, "op"), lambda n: n.create("salesOrder", {}), lambda n: n.update("salesOrder", "5", {})),
    (made(77), lambda n: n.create("salesOrder", {}), lambda n: n.read("salesOrder", "5")),
    (made(77), lambda n: n.create("salesOrder", {}), lambda n: n.rows("SELECT id FROM item")),
    (page(), lambda n: n.rows("SELECT id FROM item"), lambda n: n.create("salesOrder", {})),
    (page({"id": 1}), lambda n: n.rows("SELECT id FROM item"), lambda n: n.update("salesOrder", "5", {})),
    (page({"id": 1}, operation="op"), lambda n: n.rows("SELECT id FROM item"), lambda n: n.rows("SELECT id FROM x")),
    (holding({"id": "4"}), lambda n: n.read("salesOrder", "4"), lambda n: n.read("salesOrder", "5")),
    (holding({"id": "4", "externalId": "A"}), lambda n: n.read_external("customer", "A"),
     lambda n: n.read_external("customer", "B")),
    (page({"id": "4", "externalid": "A", "recordtype": "salesorder"}),
     lambda n: n.rows("SELECT id FROM transaction"), lambda n: look_up(n, "salesOrder", "B")),
    (page({"id": "4", "email": "Ann@x.example"}),
     lambda n: run_find(n, FIND, {"email": "ann@x.example"}),
     lambda n: run_find(n, FIND, {"email": "bob@x.example"})),
]  # fmt: skip


async def verdict_of(request: Awaitable[Any]) -> Verdict:
    try:
        answer: Answer = await request
    except LedgerError as error:
        return Verdict(error.verdict)
    return answer.verdict


@pytest.mark.parametrize(("answer", "first", "second"), REPEATED)
def test_the_answer_to_an_earlier_request_is_none(answer: bytes, first: Ask, second: Ask) -> None:
    async def run() -> list[int]:
        async with talking(answer, answer, holding({"id": "9"})) as (netsuite, server):
            await first(netsuite)
            assert await verdict_of(second(netsuite)) in (Verdict.UNKNOWN, Verdict.UNAVAILABLE)
            assert await netsuite.read("salesOrder", "9") == {"id": "9"}
        return server.connections()

    # The connection is closed: its next answer would belong to the second request.
    assert asyncio.run(run()) == [1, 1, 2]


def test_answers_that_only_look_alike_are_taken() -> None:
    empty = {"items": [], "hasMore": False}
    scripted = Scripted(
        [
            JSONResponse(empty),
            JSONResponse(empty),
            JSONResponse({"id": "5"}, headers={"X-N-OperationId": "gateway"}),
            JSONResponse({"id": "6"}, headers={"X-N-OperationId": "gateway"}),
            Response(status_code=204, headers={"Location": f"{BASE}/salesOrder/5"}),
            Response(status_code=204, headers={"Location": f"{BASE}/salesOrder/5"}),
        ]
    )

    async def ask(netsuite: NetSuite) -> None:
        for _ in range(2):
            assert await netsuite.rows("SELECT id FROM item") == []
        assert await netsuite.read("salesOrder", "5") == {"id": "5"}
        assert await netsuite.read("salesOrder", "6") == {"id": "6"}
        for _ in range(2):
            answer = await netsuite.update("salesOrder", "5", {})
            assert answer.verdict is Verdict.DELIVERED

    asking(scripted, ask)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (FIND, {"email": "v"}),
        ("SELECT id FROM customer c WHERE c.Email = {email} AND c.subsidiary={n}", {"email": "v", "subsidiary": "7"}),
        ("SELECT id FROM x WHERE (TRIM(email) = {email})", {"email": "v"}),
        ("SELECT id FROM x WHERE email = {email} OR a = {n}", {}),
        ("SELECT id FROM x WHERE NOT email = {email}", {}),
        ("SELECT id FROM x WHERE a = {email} AND a = {n}", {}),
        ("SELECT id FROM x WHERE ROUND(total) = {n} AND a + b = {n} AND c <= {n}", {}),
        ("SELECT id FROM x WHERE flag = {true}", {}),
    ],
)  # fmt: skip
def test_the_columns_that_a_query_compares(query: str, expected: dict[str, str]) -> None:
    assert read_comparisons(query, {"email": "v", "n": 7, "true": True}) == expected


def test_inactive_records_are_not_found() -> None:
    rows = [{"id": "1", "isinactive": "T"}, {"id": "2", "isinactive": "F"}, {"id": "3"}]
    scripted = Scripted([JSONResponse({"items": rows, "hasMore": False})])
    found = asking(
        scripted, lambda netsuite: run_find(netsuite, "SELECT id, isinactive FROM x", {})
    )
    assert [row["id"] for row in found] == ["2", "3"]
