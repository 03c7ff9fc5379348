"""Orders delivered to NetSuite: each record once, whatever happens to the request or its answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from tiny_tenant import (
    ACCOUNT,
    CONFIRM,
    CUSTOMER,
    FIND,
    IN_DOUBT,
    ORDER,
    Desk,
    at_desk,
    event,
    plans,
)

from engine.delivery import AttemptHistory, AttemptState, Delivery, RetryClock, deliver
from engine.run.ledger import WrittenRecord
from engine.simulator.faults import Fault

COMMITTED = (Fault.COMMIT_THEN_DROP, Fault.COMMIT_THEN_ERROR, Fault.TRUNCATED)
NOT_DONE = (
    Fault.DROP,
    Fault.SERVER_ERROR,
    Fault.MAINTENANCE,
    Fault.NOT_JSON,
    Fault.INFLATION,
    Fault.ELSEWHERE,
)


def how(result: Delivery) -> list[str]:
    return [one.how for one in result.posted]


@dataclass
class Between:
    """Answers requests in a system's place, by method and the beginning of the path."""

    answers: dict[tuple[str, str], Response] = field(default_factory=dict)

    def app(self, inner: ASGIApp) -> ASGIApp:
        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            whole = str(scope.get("path", ""))
            path = whole.partition("/services/rest")[2] or whole.removeprefix("/tiny/newstore")
            for (method, beginning), response in self.answers.items():
                if scope.get("method") == method and path.startswith(beginning):
                    return await response(scope, receive, send)
            return await inner(scope, receive, send)

        return answered


def test_an_order_becomes_a_customer_and_a_transaction() -> None:
    async def work(desk: Desk) -> None:
        result = await desk.sold("o1")
        assert how(result) == ["created", "created"]
        assert [one.record for one in result.posted] == ["customer", "salesOrder"]
        assert result.posted[1].id == desk.records()[0]["id"]
        assert (result.attempts, result.wait, result.is_unsure) == (1, None, False)
        assert desk.stands("o1")

    at_desk(work)


def test_the_same_order_again_is_there_already() -> None:
    async def work(desk: Desk) -> None:
        first = await desk.sold("o1")
        again = await desk.attempt("o1")
        assert how(again) == ["found", "already there"]
        assert [one.id for one in again.posted] == [one.id for one in first.posted]
        assert desk.stands("o1")

    at_desk(work)


@pytest.mark.parametrize("fault", [*COMMITTED, *NOT_DONE])
@pytest.mark.parametrize("at", [CUSTOMER, ORDER])
@pytest.mark.parametrize("mapping", ["sale", "in_turn"])
def test_a_write_whose_answer_was_lost_is_settled(fault: Fault, at: int, mapping: str) -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        desk.strike(fault, at)
        result = await desk.settle("o1", mapping)
        assert result.state is AttemptState.DELIVERED
        assert desk.stands("o1")
        assert len(desk.records("customer")) == 1
        # Nothing to wait for, the external id tells; but a connection may break at the next request.
        if fault is not Fault.TRUNCATED:
            assert result.attempts == 1

    at_desk(work)


@pytest.mark.parametrize("mapping", ["sale", "amended"])
def test_a_write_whose_answer_never_comes_is_settled(mapping: str) -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        desk.strike(Fault.COMMIT_THEN_TIMEOUT, ORDER)
        result = await desk.settle("o1", mapping)
        assert result.state is AttemptState.DELIVERED
        assert len(desk.records()) == 1
        assert desk.records()[0]["total"] == Decimal("109.00")

    at_desk(work, deadline=1.0)


@pytest.mark.parametrize("late", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("mapping", ["sale", "amended"])
def test_what_is_done_late_is_done_once(mapping: str, late: float) -> None:
    """The look-up in between finds nothing, and the record is sent again: one of the two stays."""

    async def work(desk: Desk) -> None:
        desk.sell("o1")
        desk.played.faults["netsuite"].late = late
        desk.strike(Fault.COMMIT_LATE, ORDER)
        result = await desk.settle("o1", mapping)
        await asyncio.sleep(late + 0.1)
        assert result.state is AttemptState.DELIVERED
        [record] = desk.records()
        assert (record["id"], record["total"]) == (result.posted[-1].id, Decimal("109.00"))
        assert len(record["item"]) == 2
        assert record["created"] == 1

    at_desk(work)


def test_an_unsure_attempt_is_told_to_the_next_and_kept_until_it_is_settled() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        desk.strike(Fault.COMMIT_THEN_DROP, ORDER)
        desk.played.faults["netsuite"].script.extend([Fault.SERVER_ERROR])  # the look-up fails
        first = await desk.attempt("o1")
        assert (first.state, first.reason, first.is_unsure) == (
            AttemptState.WAITING,
            "unavailable",
            True,
        )
        assert how(first) == ["created"]
        desk.strike(Fault.THROTTLE, FIND)  # the second attempt does not come as far
        second = await desk.attempt("o1", past=AttemptHistory(1, 2.0, doubts=first.doubts))
        assert (second.state, second.reason, second.is_unsure) == (
            AttemptState.WAITING,
            "throttled",
            True,
        )
        third = await desk.attempt("o1", past=AttemptHistory(2, 4.0, doubts=second.doubts))
        assert (third.state, third.is_unsure) == (AttemptState.DELIVERED, False)
        assert how(third) == ["found", "already there"]
        assert desk.stands("o1")

    at_desk(work)


def test_an_unsure_attempt_that_nobody_remembers_is_settled_all_the_same() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        desk.strike(Fault.COMMIT_THEN_DROP, ORDER)
        desk.played.faults["netsuite"].script.extend([Fault.SERVER_ERROR])
        assert (await desk.attempt("o1")).is_unsure
        assert how(await desk.attempt("o1")) == ["found", "already there"]
        assert desk.stands("o1")

    at_desk(work)


def test_two_deliveries_of_one_order_at_once_make_one_record() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        results = await asyncio.gather(*(desk.attempt("o1") for _ in range(4)))
        assert {one.state for one in results} == {AttemptState.DELIVERED}
        assert len({one.posted[1].id for one in results}) == 1
        assert len(desk.records("customer")) == 1
        assert desk.stands("o1")

    at_desk(work)


def test_two_first_orders_of_one_customer_at_once_make_one_customer() -> None:
    async def work(desk: Desk) -> None:
        for key in ("o1", "o2", "o3"):
            desk.sell(key)
        results = await asyncio.gather(*(desk.attempt(key) for key in ("o1", "o2", "o3")))
        assert {one.state for one in results} == {AttemptState.DELIVERED}
        assert len(desk.records("customer")) == 1
        assert all(desk.stands(key) for key in ("o1", "o2", "o3"))

    at_desk(work)


def test_a_customer_is_found_whatever_the_case_of_her_address() -> None:
    async def work(desk: Desk) -> None:
        ann = await desk.netsuite.create(
            "customer",
            {"isPerson": True, "firstName": "A", "lastName": "B", "email": "Ann@Example.COM"},
        )
        result = await desk.sold("o1")
        assert (result.posted[0].how, result.posted[0].id) == ("found", ann.id)
        assert len(desk.records("customer")) == 1

    at_desk(work)


@pytest.mark.parametrize("length", [298, 400, 70_000])
@pytest.mark.parametrize("mapping", ["sale", "amended", "cancelled", "billed"])
def test_an_external_id_that_is_too_long_is_refused(mapping: str, length: int) -> None:
    async def work(desk: Desk) -> None:
        key = "k" * length
        desk.played.settings.account.lengths = "off"  # the customer is called by the key, too
        desk.sell(key)
        result = await desk.attempt(key, mapping)
        assert (result.state, result.is_unsure) == (AttemptState.PARKED, False)
        words = f"its external id has {length + 3:,} characters for NetSuite, more than 300"
        # A line that bears the id in a field of the account's own is refused before it is sent.
        is_refused = (result.reason, result.words) == ("refused", words)
        assert is_refused or (result.reason == "findings" and length > 300)
        assert desk.records() == []

    at_desk(work)


def test_a_query_that_newstore_cannot_carry_out_now_is_waited_for() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        desk.played.shop.failing["o1", "items"] = "a statement for ann@example.com was cancelled"
        first = await desk.attempt("o1")
        assert (first.state, first.reason, first.wait) == (AttemptState.WAITING, "unavailable", 2.0)
        assert "ann" not in (first.words or "")
        desk.played.shop.failing.clear()
        assert (await desk.attempt("o1")).state is AttemptState.DELIVERED

    at_desk(work)


def test_a_query_that_newstore_refuses_is_parked() -> None:
    error = {"message": "ann", "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}
    between = Between()

    async def work(desk: Desk) -> None:
        desk.sell("o1")
        between.answers["POST", "/api/v1/org/data/query"] = JSONResponse({"errors": [error]})
        result = await desk.attempt("o1")
        assert (result.state, result.reason) == (AttemptState.PARKED, "findings")
        assert [one.code for one in result.findings] == ["E1005"]

    at_desk(work, between=between.app)


async def _taken_by(desk: Desk, record: str, **more: object) -> str:
    """A record of somebody else's under the external id that order o1 is to have."""
    netsuite = desk.netsuite
    customer = await netsuite.create(
        "customer",
        {"isPerson": True, "firstName": "Bo", "lastName": "Other", "email": "bo@example.com"},
    )
    lines = [
        {"item": {"id": "501"}, "rate": Decimal("99.90"), "quantity": 1},
        {"item": {"id": "502"}, "rate": Decimal("4.55"), "quantity": 2},
    ]
    body = {"entity": {"id": customer.id}, "externalId": "SO-O1", "item": {"items": lines}} | more
    answer = await netsuite.create(record, body)
    assert answer.id is not None
    return answer.id


def test_an_external_id_that_another_type_has_is_taken() -> None:
    async def work(desk: Desk) -> None:
        await _taken_by(desk, "cashSale")
        desk.sell("o1")
        result = await desk.settle("o1")
        assert (result.state, result.reason) == (AttemptState.PARKED, "id_taken")
        assert result.words == "a cashsale has this external id"
        assert desk.records() == []

    at_desk(work)


@pytest.mark.parametrize(
    ("sold", "others", "is_hers"),
    [
        ((), "entity", False),
        ((("SHOE", 1, "109.00"),), "rate of a line", True),
        ((("HAT", 1, "99.90"), ("SOCKS", 2, "4.55")), "items of lines", True),
        ((("SHOE", 1, "99.80"), ("SOCKS", 2, "4.55")), "rate of a line", True),
        ((("SHOE", 2, "99.90"), ("SOCKS", 1, "4.55")), "quantity of a line", True),
    ],
)
def test_an_external_id_that_another_order_has_is_taken(
    sold: tuple[tuple[str, int, str], ...], others: str, *, is_hers: bool
) -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1", *sold)
        more: dict[str, object] = {}
        if is_hers:
            desk.sell("o2")
            more = {"entity": {"id": (await desk.attempt("o2")).posted[0].id}}
        theirs = await _taken_by(desk, "salesOrder", **more)
        before = desk.ledger.document()["records"]
        for past in (AttemptHistory(), AttemptHistory(1, 2.0, doubts=IN_DOUBT)):
            result = await desk.attempt("o1", past=past)
            assert (result.state, result.reason) == (AttemptState.PARKED, "id_taken")
            assert result.words is not None
            assert f"differs in {others}" in result.words
        assert [one for one in desk.ledger.document()["records"] if one["id"] == theirs] == [
            one for one in before if one["id"] == theirs
        ]

    at_desk(work)


def test_what_netsuite_computes_otherwise_is_not_confirmed() -> None:
    """The account negates what the mapping takes for goods."""

    async def work(desk: Desk) -> None:
        desk.sell("o1", ("SHOE", 1, "99.90"), ("HAT", 1, "9.10"))
        desk.strike(Fault.COMMIT_THEN_DROP, ORDER)
        for _ in range(2):  # first settled by a look-up, then by the answer that it exists
            result = await desk.attempt("o1")
            assert (result.state, result.reason) == (AttemptState.PARKED, "not_confirmed")
            [record] = desk.records()
            words = f"salesOrder {record['id']}: NetSuite holds another total than was computed"
            assert (result.words, record["total"]) == (words, Decimal("90.80"))

    payment = {"id": 503, "itemid": "HAT", "type": "Payment"}
    at_desk(work, items=[*ACCOUNT["items"][:2], payment])


def test_a_confirmation_that_cannot_be_read_is_waited_for() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        desk.strike(Fault.SERVER_ERROR, CONFIRM)
        first = await desk.attempt("o1")
        assert how(first) == ["created", "created"]  # it stands, whatever the read says
        assert (first.state, first.reason, first.is_unsure) == (
            AttemptState.WAITING,
            "unavailable",
            False,
        )
        assert how(await desk.attempt("o1", past=AttemptHistory(1, 2.0, doubts=IN_DOUBT))) == [
            "found",
            "already there",
        ]
        assert desk.stands("o1")

    at_desk(work)


@pytest.mark.parametrize("fault", [*COMMITTED, *NOT_DONE, Fault.THROTTLE, Fault.TOKEN_EXPIRED])
@pytest.mark.parametrize(("mapping", "at"), [("cancelled", 1), ("billed", 2), ("amended", 1)])
def test_changes_and_transforms_are_settled_too(fault: Fault, mapping: str, at: int) -> None:
    async def work(desk: Desk) -> None:
        await desk.sold("o1")
        desk.strike(fault, at)
        result = await desk.settle("o1", mapping)
        assert result.state is AttemptState.DELIVERED, result
        again = await desk.settle("o1", mapping)
        assert again.state is AttemptState.DELIVERED
        assert again.posted[-1].id == result.posted[-1].id
        if mapping == "cancelled":
            [order] = desk.records()
            assert [line["isClosed"] for line in order["item"]] == [True, True]
        elif mapping == "billed":
            [sale] = desk.records("cashSale")
            assert (sale["total"], sale["created"]) == (Decimal("109.00"), 1)
        else:
            one = next(one for one in desk.records() if one["externalId"] == "UP-O1")
            assert (one["total"], len(one["item"]), one["created"]) == (Decimal("109.00"), 2, 1)

    at_desk(work)


def test_a_transform_done_late_or_twice_at_once_is_one_record() -> None:
    async def work(desk: Desk) -> None:
        await desk.sold("o1")
        desk.played.faults["netsuite"].late = 0.05
        desk.strike(Fault.COMMIT_LATE, 2)
        results = await asyncio.gather(*(desk.settle("o1", "billed") for _ in range(3)))
        await asyncio.sleep(0.2)
        assert {one.state for one in results} == {AttemptState.DELIVERED}
        assert len(desk.records("cashSale")) == 1

    at_desk(work)


def test_a_transform_of_what_is_not_there_is_parked() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        for mapping in ("billed", "cancelled"):
            result = await desk.attempt("o1", mapping)
            assert (result.state, result.reason) == (AttemptState.PARKED, "record_missing")

    at_desk(work)


def test_an_upsert_of_an_id_that_another_type_has_is_taken() -> None:
    async def work(desk: Desk) -> None:
        await _taken_by(desk, "cashSale", externalId="UP-O1")
        desk.sell("o1")
        result = await desk.attempt("o1", "amended")
        assert (result.state, result.reason) == (AttemptState.PARKED, "id_taken")
        assert desk.records() == []

    at_desk(work)


def test_lines_that_nothing_tells_apart_are_not_added() -> None:
    """A list that a template gives is known only when it is there: loading could not refuse it."""

    async def work(desk: Desk) -> None:
        await desk.sold("o1")
        result = await desk.attempt("o1", "reworded")
        assert (result.state, result.reason) == (AttemptState.PARKED, "refused")
        assert result.words == "lines of item would be added again: give `match` a column of item"
        assert len(desk.records()[0]["item"]) == 2

    at_desk(work)


def test_a_line_that_is_not_there_is_not_added() -> None:
    async def work(desk: Desk) -> None:
        await desk.sold("o1")
        [stored] = desk.records()
        body = {"item": {"items": [{"line": 1, "custcol_line_id": "another"}]}}
        assert (await desk.netsuite.update("salesOrder", stored["id"], body)).words == ""
        result = await desk.attempt("o1", "cancelled")
        assert (result.state, result.reason) == (AttemptState.PARKED, "line_not_found")
        assert len(desk.records()[0]["item"]) == 2

    at_desk(work)


def test_what_is_refused_is_parked_at_once_and_nothing_is_half() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1")
        assert (result.state, result.reason, result.is_unsure) == (
            AttemptState.PARKED,
            "period_closed",
            False,
        )
        assert str(result.words).startswith("the period is closed at tranDate (USER_ERROR): ")
        assert how(result) == ["created"]
        assert desk.records() == []

    at_desk(work, first_open_day="2099-01-01")


def test_a_role_that_may_not_create_is_told() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1")
        assert result.state is AttemptState.PARKED
        assert "the role lacks a permission (INSUFFICIENT_PERMISSION): " in str(result.words)

    at_desk(work, may_create=["customer"])


def test_findings_and_orders_that_are_not_there() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1", ("BOOT", 1, "1.00"))
        missing = await desk.attempt("o1")
        assert (missing.state, missing.reason, missing.wait) == (
            AttemptState.WAITING,
            "lookup_missing",
            900.0,
        )
        over = await desk.attempt("o1", past=AttemptHistory(3, 3_600.0))
        assert (over.state, over.reason) == (AttemptState.PARKED, "lookup_missing")
        parked = await desk.attempt("o1", "amended")
        assert (parked.state, parked.reason) == (AttemptState.PARKED, "findings")
        assert parked.findings[0].code == "E0601"
        pending = await desk.attempt("o9")
        assert (pending.state, pending.reason, pending.wait) == (
            AttemptState.WAITING,
            "order_pending",
            2.0,
        )
        assert (await desk.attempt("o9", past=AttemptHistory(2, 60.0))).state is AttemptState.PARKED
        assert desk.records("customer") == []

    at_desk(work)


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.DROP, Fault.THROTTLE, Fault.NOT_JSON])
def test_what_newstore_does_not_give_is_waited_for(fault: Fault) -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        desk.played.faults["newstore"].script.append(fault)
        first = await desk.attempt("o1", past=AttemptHistory(1, 2.0, doubts=IN_DOUBT))
        assert (first.state, first.order, first.is_unsure) == (AttemptState.WAITING, "o1", True)
        assert (await desk.attempt("o1")).state is AttemptState.DELIVERED

    at_desk(work)


def test_patience_tries_again_until_its_time_is_over() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        now, slept = [0.0], list[float]()
        told: list[Delivery] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            now[0] += seconds

        desk.strike(Fault.SERVER_ERROR, FIND, times=3)
        time = RetryClock(lambda: now[0], sleep, patience=60.0)
        result = await deliver(
            plans()["sale"], event("o1"), desk.systems, time, on_wait=told.append
        )
        assert (result.state, result.attempts, slept) == (
            AttemptState.DELIVERED,
            4,
            [2.0, 10.0, 30.0],
        )
        assert [one.wait for one in told] == slept
        desk.sell("o2")
        desk.strike(Fault.SERVER_ERROR, FIND, times=9)
        now[0] = 0.0
        result = await deliver(plans()["sale"], event("o2"), desk.systems, time)
        assert (result.state, result.wait, result.attempts) == (AttemptState.WAITING, 30.0, 4)

    at_desk(work)


def test_a_record_that_stands_and_cannot_be_read_is_not_called_delivered() -> None:
    no = JSONResponse({"o:errorDetails": [{"o:errorCode": "INSUFFICIENT_PERMISSION"}]}, 403)
    between = Between()

    async def work(desk: Desk) -> None:
        await desk.sold("o1")
        between.answers["GET", "/record/v1/salesOrder/"] = no
        result = await desk.attempt("o1")
        assert (result.state, result.reason, result.is_unsure) == (
            AttemptState.PARKED,
            "refused",
            False,
        )
        assert "(INSUFFICIENT_PERMISSION)" in str(result.words)
        assert desk.stands("o1")
        between.answers.clear()
        assert how(await desk.attempt("o1")) == ["found", "already there"]

    at_desk(work, between=between.app)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/record/v1/salesOrder"), ("POST", "/query")]
)
def test_what_the_answer_asks_to_wait_is_waited(status: int, method: str, path: str) -> None:
    between = Between()

    async def work(desk: Desk) -> None:
        desk.sell("o1")
        for asked, waited in (("77", 77.0), ("0", 2.0 if status == 503 else 1.0)):
            headers = {"retry-after": asked}
            between.answers[method, path] = Response(status_code=status, headers=headers)
            result = await desk.attempt("o1")
            assert (result.state, result.wait) == (AttemptState.WAITING, waited)
        assert desk.records() == []

    at_desk(work, between=between.app)


@pytest.mark.parametrize(
    "answer",
    [HTMLResponse("<p>Sign in"), Response(status_code=302, headers={"location": "/login"}),
     Response(status_code=204), Response(status_code=202), JSONResponse({"id": "5"}, 200),
     Response(status_code=204, headers={"location": "http://elsewhere.invalid/services/rest/record/v1/salesOrder/5"})],
    ids=["html", "redirect", "no-location", "accepted", "json", "elsewhere"],
)  # fmt: skip
def test_a_post_that_others_answer_is_not_called_delivered(answer: Response) -> None:
    between = Between({("POST", "/record/v1/salesOrder"): answer})

    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1")
        assert (result.state, result.is_unsure) == (AttemptState.WAITING, True)
        assert desk.records() == []
        between.answers.clear()
        assert (
            await desk.attempt("o1", past=AttemptHistory(1, 2.0, doubts=IN_DOUBT))
        ).state is AttemptState.DELIVERED
        assert desk.stands("o1")

    at_desk(work, between=between.app)


def test_an_id_in_use_by_what_nobody_sees_is_taken_or_waited_for() -> None:
    """A search lags: it is looked for again, some minutes, and then a person decides."""
    exists = {
        "o:errorDetails": [{"o:errorCode": "USER_ERROR", "detail": "This record already exists."}]
    }
    between = Between({("POST", "/record/v1/salesOrder"): JSONResponse(exists, 400)})

    async def work(desk: Desk) -> None:
        desk.sell("o1")
        for doubts in (frozenset[str](), IN_DOUBT):
            first = await desk.attempt("o1", past=AttemptHistory(1, 2.0, doubts=doubts))
            assert (first.state, first.reason, first.is_unsure) == (
                AttemptState.WAITING,
                "unsettled",
                bool(doubts),
            )
            last = await desk.attempt("o1", past=AttemptHistory(9, 900.0, doubts=doubts))
            assert (last.state, last.reason) == (AttemptState.PARKED, "id_taken")

    at_desk(work, between=between.app)


def test_a_customer_that_was_made_is_not_made_again_when_the_order_names_another_one() -> None:
    """The order of the first attempt stands and is that customer's; what is left goes on from there."""

    async def work(desk: Desk) -> tuple[Delivery, Delivery, list[object], int]:
        desk.sell("o1")
        first = await desk.attempt("o1", "dated")
        desk.sell("o1", email="new@example.com")
        stands = {one.name: WrittenRecord.of(one.document()) for one in first.posted}
        again = AttemptHistory(1, 1.0, doubts=first.doubts, written=stands)
        second = await desk.attempt("o1", "dated", again)
        emails = [one.get("email") for one in desk.records("customer")]
        return first, second, emails, len(desk.records())

    first, second, emails, orders = at_desk(work, may_create=["customer", "salesOrder"])
    assert (first.state, first.reason, how(first)) == (
        AttemptState.PARKED,
        "refused",
        ["created"] * 2,
    )
    assert (second.state, second.reason) == (AttemptState.PARKED, "refused")
    assert how(second) == ["already there"] * 2
    assert (emails, orders) == (["ann@example.com"], 1)


def test_a_repeated_attempt_keeps_the_customer_and_the_inputs_of_an_unsure_one() -> None:
    """The order has another address after the first attempt: no second customer is created."""

    async def deliver_with(desk: Desk, *faults: Fault) -> Delivery:
        async def change_order(_seconds: float) -> None:
            desk.sell("o1", email="ben@example.com")

        desk.sell("o1")
        desk.played.faults["netsuite"].change(rates={}, script=[None] * ORDER + list(faults))
        clock = RetryClock(now=lambda: 0.0, sleep=change_order, patience=3_600.0)
        return await deliver(plans()["sale"], event("o1"), desk.systems, clock)

    async def work(desk: Desk) -> None:
        result = await deliver_with(desk, Fault.THROTTLE)
        assert (result.state, result.attempts) == (AttemptState.DELIVERED, 2)
        assert len(desk.records("customer")) == 1

    async def unsure(desk: Desk) -> None:
        result = await deliver_with(desk, Fault.COMMIT_THEN_DROP, Fault.SERVER_ERROR)
        assert (result.state, result.attempts) == (AttemptState.DELIVERED, 2)
        assert len(desk.records("customer")) == len(desk.records()) == 1

    at_desk(work)
    at_desk(unsure)


def test_a_transform_by_line_takes_over_the_lines_that_it_names() -> None:
    """All others are left out explicitly: NetSuite takes over what is not named."""

    async def work(desk: Desk) -> None:
        desk.sell("o1", ("HAT", 1, "9.10"), ("SHOE", 1, "99.90"))
        assert (await desk.attempt("o1")).state is AttemptState.DELIVERED
        desk.strike(Fault.COMMIT_THEN_DROP, 4)
        result = await desk.attempt("o1", "billed_in_part")
        assert result.state is AttemptState.DELIVERED, result
        [sale] = desk.records("cashSale")
        assert [(line["item"]["id"], line["rate"]) for line in sale["item"]] == [
            ("501", Decimal("99.90"))
        ]
        assert sale["created"] == 1

    at_desk(work)


def test_a_transform_whose_line_names_no_line_of_its_origin_is_refused() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1", ("HAT", 1, "9.10"))
        assert (await desk.attempt("o1")).state is AttemptState.DELIVERED
        desk.sell("o1", ("HAT", 1, "9.10"), ("SHOE", 1, "99.90"))
        result = await desk.attempt("o1", "billed_in_part")
        assert (result.state, result.reason) == (AttemptState.PARKED, "line_not_found")
        assert desk.records("cashSale") == []

    at_desk(work)


def test_a_record_that_may_stand_is_looked_up_before_anything_is_sent() -> None:
    between = Between()

    async def work(desk: Desk) -> None:
        await desk.sold("o1")
        between.answers["POST", "/record/v1/salesOrder"] = Response(status_code=429)
        again = await desk.attempt("o1", past=AttemptHistory(1, 2.0, doubts=IN_DOUBT))
        assert how(again) == ["found", "already there"]

    at_desk(work, between=between.app)


def test_a_refusal_of_one_record_repeats_nothing_that_another_one_sent() -> None:
    """The order names its customer by id only, and NetSuite's words name her."""
    words = "Customer Ann o1 with the address ann@example.com is on credit hold"
    refused = {"o:errorDetails": [{"o:errorCode": "USER_ERROR", "detail": words}]}
    between = Between({("POST", "/record/v1/salesOrder"): JSONResponse(refused, 400)})

    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1")
        assert (result.state, result.reason) == (AttemptState.PARKED, "refused")
        assert "on credit hold" in str(result.words)
        assert not {"Ann", "ann@example.com", "O1", "o1"} & set(str(result.words).split())

    at_desk(work, between=between.app)
