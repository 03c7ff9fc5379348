"""How a record is found: over its group, where a search lags, and where a read is refused with 400."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from conftest import ROOT
from netsuite_account import ACCOUNT, order, person
from netsuite_server import Scripted, asking
from starlette.responses import JSONResponse, Response

from engine.findings.errors import LedgerError
from engine.netsuite import NetSuite
from engine.netsuite.look_up import find_id, look_up
from engine.run.ledger import Verdict
from engine.simulator.faults import Faults
from engine.simulator.netsuite import build_netsuite_app, read_account
from engine.simulator.serve import serve_in_thread

Ask = Callable[[NetSuite], Awaitable[Any]]
WRONG_TYPE = "Error while accessing a resource. Transaction type specified is incorrect."
# The same in Italian, with a code that stands for many errors.
ITALIAN = "Errore di accesso alla risorsa. Il tipo di transazione specificato non è corretto."


def refused(detail: str, code: str = "USER_ERROR", status: int = 400) -> Response:
    details = [{"detail": detail, "o:errorCode": code}]
    return JSONResponse({"status": status, "o:errorDetails": details}, status)


def page(*rows: dict[str, object]) -> Response:
    return JSONResponse({"items": list(rows), "hasMore": False})


def queries(scripted: Scripted) -> list[str]:
    return [json.loads(body)["q"] for _, url, _, body in scripted.asked if "suiteql" in url]


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ([refused(WRONG_TYPE)], 1),
        ([refused("x", "INVALID_TRANS_TYP")], 1),
        ([refused("Record does not exist.", "NONEXISTENT_ID", 404)], 1),
        ([refused(ITALIAN), page()], 2),
        ([refused(ITALIAN, "INVALID_CONTENT"), page({"id": "7", "recordtype": "cashsale"})], 2),
    ],
)
@pytest.mark.parametrize("by_external_id", [True, False])
def test_a_transaction_that_is_missing_is_none(
    answers: list[Response], asked: int, *, by_external_id: bool
) -> None:
    async def ask(netsuite: NetSuite) -> object:
        if by_external_id:
            return await netsuite.read_external("salesOrder", "SO-1")
        return await netsuite.read("salesOrder", "7")

    scripted = Scripted(answers)
    assert asking(scripted, ask) is None
    assert len(scripted.asked) == asked
    where = "externalid = 'SO-1'" if by_external_id else "id = '7'"
    expected = f"SELECT id, externalid, recordtype FROM transaction WHERE {where} ORDER BY id ASC"
    assert queries(scripted) == [expected] * (asked - 1)


@pytest.mark.parametrize(
    ("record", "answers"),
    [
        # It exists, and cannot be read for another reason.
        ("salesOrder", [refused(ITALIAN), page({"id": "7", "recordtype": "salesorder"})]),
        ("salesOrder", [refused("Your current role does not have permission to view")]),
        ("salesOrder", [refused(ITALIAN), refused("x", "INSUFFICIENT_PERMISSION", 403)]),
        ("customer", [refused(ITALIAN)]),
        ("salesOrder", [Response("<p>no", 400, media_type="text/html")]),
    ],
)
def test_a_read_that_is_refused_otherwise_is_no_missing_record(
    record: str, answers: list[Response]
) -> None:
    with pytest.raises(LedgerError) as caught:
        asking(Scripted(answers), lambda netsuite: netsuite.read(record, "7"))
    assert caught.value.verdict == "refused"


def test_what_a_search_does_not_show_yet_is_read_by_its_external_id() -> None:
    document = JSONResponse({"id": "41", "externalId": "SO-1"})

    async def ask(netsuite: NetSuite) -> None:
        assert await look_up(netsuite, "salesOrder", "SO-1") is None
        found = await look_up(netsuite, "salesOrder", "SO-1", reads_too=True)
        assert found is not None
        assert (found.record, found.id) == ("salesorder", "41")
        assert await find_id(netsuite, "salesOrder", "SO-1") == "41"

    asking(Scripted([page(), page(), document, page(), document]), ask)


def test_an_id_is_found_by_search_first_and_only_of_its_type() -> None:
    async def ask(netsuite: NetSuite) -> None:
        customer = await netsuite.create("customer", person(externalId="C-1"))
        assert customer.id is not None
        sale = await netsuite.create("salesOrder", order(customer.id, externalId="SO-1"))
        assert await find_id(netsuite, "salesOrder", "SO-1") == sale.id
        assert await find_id(netsuite, "cashSale", "SO-1") is None
        assert await find_id(netsuite, "salesOrder", "SO-2") is None
        assert await find_id(netsuite, "customer", "C-1") == customer.id

    app = build_netsuite_app(read_account(ACCOUNT | {"first_open_day": None}), faults=Faults())
    asking(serve_in_thread(app), ask)
    scripted = Scripted([page({"id": "9", "recordtype": "salesorder"})])
    assert asking(scripted, lambda netsuite: find_id(netsuite, "salesOrder", "SO-1")) == "9"
    assert len(scripted.asked) == 1  # no document is read


def test_a_custom_record_is_read_by_its_type() -> None:
    scripted = Scripted([JSONResponse({"id": "3"})])
    found = asking(scripted, lambda netsuite: look_up(netsuite, "customrecord_box", "B-1"))
    assert found is not None
    assert [method for method, *_ in scripted.asked] == ["GET"]


COLLISIONS = [
    refused("Record has been changed", "RCRD_HAS_BEEN_CHANGED"),
    refused("Error while accessing a resource. Record has been changed."),
    refused("x", "CANT_UPDATE_RECRD_HAS_CHANGED"),
    refused("Der Datensatz wurde geändert.", "RCRD_EDITED_SINCE_RETRIEVED"),
    refused("Script Execution Time Exceeded.", "SSS_TIME_LIMIT_EXCEEDED"),
]


@pytest.mark.parametrize("answer", COLLISIONS)
def test_a_collision_is_looked_up_and_tried_again(answer: Response) -> None:
    written = asking(Scripted([answer]), lambda netsuite: netsuite.update("salesOrder", "7", {}))
    assert written.verdict is Verdict.UNKNOWN
    with pytest.raises(LedgerError) as caught:
        asking(Scripted([answer]), lambda netsuite: netsuite.read("customer", "7"))
    assert caught.value.verdict == "unavailable"


@pytest.mark.parametrize(
    "answer", [refused("x", "RCRD_LOCKED_BY_WF"), refused("This record is locked by a user")]
)
def test_a_locked_record_was_not_changed_and_is_tried_again(answer: Response) -> None:
    written = asking(Scripted([answer]), lambda netsuite: netsuite.update("salesOrder", "7", {}))
    assert written.verdict is Verdict.UNAVAILABLE


def test_every_order_of_rows_names_its_direction() -> None:
    """`ORDER BY id` alone was reported to give nothing, or not all rows."""
    texts = [
        path.read_text("utf-8")
        for path in [*ROOT.glob("engine/netsuite/**/*.py"), *ROOT.glob("engine/commands/**/*.py")]
    ]
    found = [match for text in texts for match in re.findall(r"ORDER BY [a-z]\w*(?: \w+)?", text)]
    assert found
    assert [match for match in found if not match.endswith((" ASC", " DESC"))] == []
