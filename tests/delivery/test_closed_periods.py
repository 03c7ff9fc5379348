"""Orders whose accounting period is closed: parked, or on the first open day where a tenant allows it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from tiny_tenant import Desk, at_desk

from engine.delivery import AttemptState, Delivery
from engine.run.ledger import ClosedPeriod
from engine.simulator.faults import Fault

# The requests of an order whose period is closed, up to the second one that creates it.
REFUSED, PERIODS, AGAIN = 2, 3, 4
COMMITTED = (Fault.COMMIT_THEN_DROP, Fault.COMMIT_THEN_ERROR, Fault.TRUNCATED)
NOT_DONE = (Fault.DROP, Fault.SERVER_ERROR, Fault.MAINTENANCE, Fault.NOT_JSON, Fault.THROTTLE)


def moving(work: Callable[[Desk], Awaitable[None]], **more: Any) -> None:
    """Work for a tenant that allows it, in an account that has closed some months."""

    async def allowed(desk: Desk) -> None:
        desk.systems = replace(desk.systems, closed_period=ClosedPeriod.FIRST_OPEN_DAY)
        await work(desk)

    at_desk(allowed, **{"closed_months": ["2026-11"], **more})


def moves(result: Delivery) -> list[tuple[str, object]]:
    return [(one.name, one.moved and one.moved.document()) for one in result.posted]


def dates(desk: Desk, record: str = "salesOrder") -> list[str]:
    return [one["tranDate"] for one in desk.records(record)]


def test_each_record_moves_by_itself_over_locked_months_too() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1", "dated")
        assert result.state is AttemptState.DELIVERED, result
        assert moves(result) == [
            ("customer", None),
            ("order", {"from": "2026-11-15", "to": "2027-02-01"}),
            ("sale", {"from": "2026-12-15", "to": "2027-02-01"}),
        ]
        assert dates(desk) == dates(desk, "cashSale") == ["2027-02-01"]
        told = result.answered[1].document()
        assert [one["codes"] for one in told["answers"]] == [["PERIOD_CLOSED", "USER_ERROR"], []]  # type: ignore[attr-defined] # a list of maps
        assert told["moved"] == {"from": "2026-11-15", "to": "2027-02-01"}

    moving(work, closed_months=["2026-11", "2026-12"], locked_months=["2027-01"])


def test_an_open_day_stays_and_what_is_not_allowed_is_parked() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1", "dated")
        assert (result.state, result.reason) == (AttemptState.PARKED, "period_closed")
        assert str(result.words).startswith("the period is closed at tranDate (USER_ERROR): ")
        desk.played.periods.change("closed", [])
        assert moves(await desk.attempt("o1", "dated"))[1:] == [("order", None), ("sale", None)]
        assert dates(desk) == ["2026-11-15"]

    at_desk(work, closed_months=["2026-11"])


def test_what_has_no_open_day_or_none_to_move_is_parked_and_says_so() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1", "dated")
        assert (result.state, result.is_unsure) == (AttemptState.PARKED, False)
        assert str(result.words).startswith("the period is closed at tranDate (USER_ERROR): ")
        assert str(result.words).endswith(
            ", and NetSuite has no open accounting period on 2026-11-15 or after"
        )
        unsaid = await desk.attempt("o1")
        assert unsaid.words is not None
        assert unsaid.words.endswith("and its payload has no tranDate that could move")
        assert desk.records() == []

    moving(work, first_open_day="2099-01-01")


def test_a_day_that_netsuite_shows_open_and_refuses_is_tried_once_more() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1", "dated")
        assert result.state is AttemptState.PARKED
        assert (result.words or "").endswith(", though NetSuite shows 2026-11-15 in an open period")
        assert len(result.answered[1].answers) == 2
        assert result.answered[1].moved is None

    moving(work, first_open_day="2026-11-20", closed_months=[])


@dataclass
class Asked:
    """Hears the queries for accounting periods; answers them itself where it has an answer."""

    answer: JSONResponse | None = None
    queries: list[str] = field(default_factory=list)

    def app(self, inner: ASGIApp) -> ASGIApp:
        async def heard(scope: Scope, receive: Receive, send: Send) -> None:
            if not str(scope.get("path", "")).endswith("/suiteql"):
                return await inner(scope, receive, send)
            message = await receive()
            body = message["body"]
            if b"accountingperiod" in body:
                self.queries.append(json.loads(body)["q"])
                if self.answer is not None:
                    return await self.answer(scope, receive, send)

            async def again() -> Any:
                return message

            return await inner(scope, again, send)

        return heard


def test_a_role_that_may_not_see_periods_is_told() -> None:
    detail = {"o:errorCode": "USER_ERROR", "detail": "Record 'accountingperiod' was not found"}
    asked = Asked(JSONResponse({"o:errorDetails": [detail]}, 400))

    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1", "dated")
        assert (result.state, result.is_unsure) == (AttemptState.PARKED, False)
        assert "let the role see accounting periods" in (result.words or "")
        assert len(asked.queries) == 1

    moving(work, between=asked.app)


def test_days_in_a_form_that_is_not_asked_for_are_no_days() -> None:
    row = {"id": "7", "first": "12/1/2026"}
    asked = Asked(JSONResponse({"items": [row], "hasMore": False}))

    async def work(desk: Desk) -> None:
        desk.sell("o1")
        result = await desk.attempt("o1", "dated")
        assert (result.state, result.reason) == (AttemptState.WAITING, "unavailable")
        assert desk.records() == []

    moving(work, between=asked.app)


@pytest.mark.parametrize("fault", [*COMMITTED, *NOT_DONE])
@pytest.mark.parametrize("at", [REFUSED, PERIODS, AGAIN])
def test_whatever_is_lost_on_the_way_it_stands_once_and_its_day_is_told(
    fault: Fault, at: int
) -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        desk.strike(fault, at)
        result = await desk.settle("o1", "dated")
        assert result.state is AttemptState.DELIVERED, result
        assert desk.stands("o1")
        assert dates(desk) == ["2026-12-01"]
        assert moves(result)[1:] == [
            ("order", {"from": "2026-11-15", "to": "2026-12-01"}),
            ("sale", None),
        ]

    moving(work)


def test_an_attempt_that_nobody_remembers_does_not_make_another_order_of_it() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        first = await desk.attempt("o1", "dated")
        # A month later the books of the first open day are closed too.
        desk.played.periods.change("closed", ["2026-11", "2026-12"])
        again = await desk.attempt("o1", "dated")
        assert [one.how for one in again.posted] == ["found", "already there", "already there"]
        assert moves(again) == moves(first)
        assert len(desk.records()) == len(desk.records("cashSale")) == 1

    moving(work)
