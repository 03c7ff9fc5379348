"""The client against the simulator, and against servers that answer as NetSuite never would."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from netsuite_account import ACCOUNT, NOW, line, order, person
from netsuite_server import CERTIFICATE_KEY, REAL, TOKEN_KEY, Scripted, asking
from starlette.responses import HTMLResponse, JSONResponse, Response

from engine.findings.errors import LedgerError
from engine.netsuite import CertificateKey, Clocks, NetSuite, TokenKey, build_simulated_address
from engine.run.ledger import Answer, Verdict
from engine.simulator.faults import Fault, Faults
from engine.simulator.netsuite import build_netsuite_app, read_account
from engine.simulator.serve import serve_in_thread
from engine.wire.exchange import ExchangeBounds

Json = dict[str, Any]


def account(faults: Faults | None = None, **other: object) -> Any:
    document = ACCOUNT | {"first_open_day": None} | other
    return build_netsuite_app(read_account(document), faults=faults or Faults())


async def made(netsuite: NetSuite, record: str, body: Json) -> str:
    answer = await netsuite.create(record, body)
    assert answer.verdict is Verdict.DELIVERED, answer
    assert answer.id is not None
    return answer.id


def test_records_are_made_read_changed_and_transformed() -> None:
    async def ask(netsuite: NetSuite) -> None:
        customer = await made(netsuite, "customer", person())
        id_ = await made(netsuite, "salesOrder", order(customer, externalId="SO-_x23_1"))
        found = await netsuite.read_external("salesOrder", "SO-#1")
        assert found is not None
        assert (found["id"], found["total"]) == (id_, Decimal("100.00"))
        changed = await netsuite.update(
            "salesOrder", id_, {"item": {"items": [{"line": 1, "rate": 80}]}}
        )
        assert changed == Answer(Verdict.DELIVERED, "2xx", 204)
        again = await netsuite.read("salesOrder", id_)
        assert again is not None
        assert [(one["rate"], one["line"]) for one in again["item"]["items"]] == [(80, 1)]  # type: ignore[index] # as NetSuite's records are
        sale = await netsuite.transform("salesOrder", id_, "cashSale", {"externalId": "CS-1"})
        assert sale.verdict is Verdict.DELIVERED
        rows = await netsuite.rows(
            "SELECT id, recordtype FROM transaction WHERE externalid = 'CS-1'"
        )
        assert rows == [{"id": sale.id, "recordtype": "cashsale"}]

    for key in (CERTIFICATE_KEY, TOKEN_KEY):
        asking(serve_in_thread(account()), ask, key=key)


def test_what_is_not_there_is_none_and_what_is_refused_is_raised() -> None:
    async def ask(netsuite: NetSuite) -> None:
        assert await netsuite.read("salesOrder", "99") is None
        assert await netsuite.read_external("salesOrder", "SO-é/../1") is None
        with pytest.raises(LedgerError) as caught:
            await netsuite.rows("SELECT nope FROM item")
        assert (caught.value.verdict, caught.value.codes[0]) == ("refused", "IDENTIFIER_UNKNOWN")
        with pytest.raises(LedgerError):
            await netsuite.read("salesOrdr", "1")

    asking(serve_in_thread(account()), ask)


def test_unknown_fields_are_errors_and_ids_cannot_lead_elsewhere() -> None:
    async def ask(netsuite: NetSuite) -> None:
        answer = await netsuite.create("customer", person(nickname="A"))
        assert answer.verdict is Verdict.REFUSED
        assert answer.words.startswith("INVALID_CONTENT at nickname")
        assert await netsuite.read("customer", "../salesOrder") is None

    asking(serve_in_thread(account()), ask)
    scripted = Scripted([Response(status_code=204)])

    async def odd(netsuite: NetSuite) -> None:
        await netsuite.update("../x?y#z", "../../1?a=b", {})
        await netsuite.update("..", "..", {})
        await netsuite.upsert("salesOrder", "a/b|c", {}, ["item", "x&y"])

    asking(scripted, odd)
    assert [(method, url) for method, url, _, _ in scripted.asked] == [
        ("PATCH", "/services/rest/record/v1/%2E%2E%2Fx%3Fy%23z/%2E%2E%2F%2E%2E%2F1%3Fa%3Db"),
        ("PATCH", "/services/rest/record/v1/%2E%2E/%2E%2E"),
        ("PUT", "/services/rest/record/v1/salesOrder/eid:a_x2F_b_x7C_c?replace=item%2Cx%26y"),
    ]


def test_an_address_without_end_is_refused_and_not_sent() -> None:
    async def ask(netsuite: NetSuite) -> None:
        answer = await netsuite.upsert("salesOrder", "é" * 70_000, {}, [])
        words = "nothing was sent to NetSuite: the address would have 350,040 characters"
        assert (answer.verdict, answer.words) == (Verdict.REFUSED, words)
        with pytest.raises(LedgerError) as caught:
            await netsuite.read_external("customer", "x" * 8_000)
        assert caught.value.verdict == "refused"

    scripted = Scripted([Response(status_code=204)])
    asking(scripted, ask)
    assert scripted.asked == []


def test_an_upsert_sent_twice_does_not_double_the_lines() -> None:
    async def ask(netsuite: NetSuite) -> None:
        customer = await made(netsuite, "customer", person())
        body = order(customer, line(501, rate=100), line(502))
        first = await netsuite.upsert("salesOrder", "UP-1", body, ["item"])
        second = await netsuite.upsert("salesOrder", "UP-1", body, ["item"])
        assert (first.verdict, second.verdict, second.id) == (
            Verdict.DELIVERED,
            Verdict.DELIVERED,
            None,
        )
        found = await netsuite.read_external("salesOrder", "UP-1")
        assert found is not None
        assert len(found["item"]["items"]) == 2  # type: ignore[index] # as NetSuite's records are
        await netsuite.upsert("salesOrder", "UP-1", body, [])  # the trap that `replace` is for
        found = await netsuite.read_external("salesOrder", "UP-1")
        assert found is not None
        assert len(found["item"]["items"]) == 4  # type: ignore[index] # as NetSuite's records are

    asking(serve_in_thread(account()), ask)


def test_all_pages_of_a_query_come_once() -> None:
    items = [{"id": at, "itemid": f"I{at}"} for at in range(1, 2_501)]

    async def ask(netsuite: NetSuite) -> list[dict[str, object]]:
        return await netsuite.rows("SELECT id, itemid FROM item ORDER BY id ASC")

    rows = asking(serve_in_thread(account(items=items)), ask)
    assert [row["itemid"] for row in rows] == [f"I{at}" for at in range(1, 2_501)]


@pytest.mark.parametrize(
    "page",
    [
        {}, [], "x", {"items": None}, {"items": {}}, {"items": [1]}, {"items": [[]]},
        {"items": [], "hasMore": True},
    ],
)  # fmt: skip
def test_a_page_that_is_none_is_no_empty_one(page: object) -> None:
    async def ask(netsuite: NetSuite) -> object:
        return await netsuite.rows("SELECT id FROM item")

    with pytest.raises(LedgerError) as caught:
        asking(Scripted([JSONResponse(page)]), ask)
    assert caught.value.verdict == "unavailable"


def test_a_query_without_end_ends() -> None:
    rows = [{"id": at} for at in range(1_000)]
    scripted = Scripted([JSONResponse({"items": rows, "hasMore": True})])

    async def ask(netsuite: NetSuite) -> object:
        return await netsuite.rows("SELECT id FROM item")

    with pytest.raises(LedgerError, match="more than 100,000 rows"):
        asking(scripted, ask)
    assert len(scripted.asked) == 100


@pytest.mark.parametrize(
    "answer",
    [
        HTMLResponse("<p>hello"), JSONResponse([]), Response("{", media_type="application/json"),
        HTMLResponse("<p>no", 404), HTMLResponse("<p>gone", 503), Response(status_code=302),
    ],
    ids=["html", "list", "cut", "html-404", "html-503", "redirect"],
)  # fmt: skip
def test_a_read_that_is_not_answered_is_no_missing_record(answer: Response) -> None:
    async def ask(netsuite: NetSuite) -> object:
        return await netsuite.read("salesOrder", "1")

    with pytest.raises(LedgerError) as caught:
        asking(Scripted([answer]), ask)
    expected = "refused" if answer.status_code == 404 else "unavailable"
    assert caught.value.verdict == expected


@pytest.mark.parametrize("key", [CERTIFICATE_KEY, TOKEN_KEY])
def test_never_more_at_once_than_allowed(key: CertificateKey | TokenKey) -> None:
    faults = Faults(latency=0.01)
    app = account(faults, concurrency=4)

    async def ask(netsuite: NetSuite) -> list[Answer]:
        bodies = [person(entityId=f"C{at}") for at in range(50)]
        return await asyncio.gather(*(netsuite.create("customer", body) for body in bodies))

    answers = asking(serve_in_thread(app), ask, key=key, allowance=4)
    assert {answer.verdict for answer in answers} == {Verdict.DELIVERED}
    assert app.state.most_at_once == 4


@pytest.mark.parametrize("fault", [Fault.COMMIT_THEN_DROP, Fault.DROP, Fault.COMMIT_THEN_TIMEOUT])
def test_a_write_is_sent_once_whatever_becomes_of_it(fault: Fault) -> None:
    faults = Faults(stall=2.0)
    app = account(faults)

    async def ask(netsuite: NetSuite) -> Answer:
        await netsuite.read("customer", "1")
        faults.script.append(fault)
        return await netsuite.create("customer", person(entityId="C1"))

    answer = asking(serve_in_thread(app), ask, bounds=ExchangeBounds(deadline=1.0))
    assert (answer.verdict, answer.class_) == (Verdict.UNKNOWN, "timeout")
    made_once = 0 if fault is Fault.DROP else 1
    assert [one["created"] for one in app.state.ledger.document()["records"]] == [1] * made_once


def test_nobody_there_is_unavailable_and_nothing_was_sent() -> None:
    with serve_in_thread(account()) as address:
        pass

    async def ask(netsuite: NetSuite) -> Answer:
        return await netsuite.create("customer", person())

    async def run() -> Answer:
        async with NetSuite(
            build_simulated_address("1", address), TOKEN_KEY, REAL, allowance=1
        ) as netsuite:
            return await ask(netsuite)

    answer = asyncio.run(run())
    assert (answer.verdict, answer.class_) == (Verdict.UNAVAILABLE, "connect")


def test_no_message_repeats_what_was_sent() -> None:
    async def ask(netsuite: NetSuite) -> None:
        answer = await netsuite.create("customer", person(subsidiary={"id": "Zanzibar 7"}))
        assert answer.verdict is Verdict.REFUSED
        assert "Zanzibar" not in answer.words
        with pytest.raises(LedgerError) as caught:
            await netsuite.rows("SELECT id FROM customer WHERE email = 'zoe@example.com' AND x = 1")
        assert "zoe" not in str(caught.value)

    asking(serve_in_thread(account()), ask, clocks=Clocks(REAL.wall, lambda: NOW))
