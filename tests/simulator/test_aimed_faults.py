"""Faults that are aimed: at the next requests of a method and a path, through the control path."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from netsuite_account import RECORDS, SUITEQL, TOKEN, NetSuite, netsuite, order, person

from engine.simulator.aim import AimedFault, Trap
from engine.simulator.control import change_faults, describe_faults
from engine.simulator.faults import Fault


@pytest.fixture
def there() -> Iterator[NetSuite]:
    with netsuite() as served:
        yield served


def aim(there: NetSuite, *aimed: dict[str, object]) -> None:
    """Aim faults as the control path does."""
    change_faults({"netsuite": there.faults}, json.dumps({"netsuite": {"aimed": aimed}}).encode())


def test_an_aimed_fault_strikes_what_it_is_aimed_at(there: NetSuite) -> None:
    customer = there.customer()
    aim(
        there,
        {"fault": "unavailable", "path": "suiteql", "times": 2},
        {"fault": "unavailable", "method": "get", "path": "record/*/salesorder", "skip": 1},
    )
    id_ = there.create("salesOrder", order(customer))
    query = "SELECT id FROM customer"
    assert [there.suiteql(query).status_code for _ in range(3)] == [503, 503, 200]
    path = f"/salesOrder/{id_}"
    assert there.ask("GET", f"/customer/{customer}").status_code == 200
    assert [there.ask("GET", path).status_code for _ in range(3)] == [200, 503, 200]
    shown = describe_faults({"netsuite": there.faults})["netsuite"]
    assert isinstance(shown, dict)
    assert (shown["aimed"], shown["struck"]) == ([], {"unavailable": 3})


def test_what_is_aimed_comes_before_the_script(there: NetSuite) -> None:
    there.faults.script.append(Fault.THROTTLE)
    there.faults.aimed.append(AimedFault(Fault.COMMIT_THEN_DROP, method="POST"))
    with pytest.raises(httpx.TransportError):
        there.ask("POST", "/customer", person(externalId="C-1"))
    assert there.ask("GET", "/customer/eid:C-1").status_code == 429
    assert there.read("/customer/eid:C-1")["externalId"] == "C-1"


@pytest.mark.parametrize(
    ("trap", "code", "words"),
    [
        ("record_changed", "RCRD_HAS_BEEN_CHANGED", "Record has been changed."),
        ("record_locked", "USER_ERROR", "This record has been locked by a user defined workflow."),
        ("script_limit", "SSS_USAGE_LIMIT_EXCEEDED", "Script Execution Usage Limit Exceeded"),
        ("refuse_in_words", "USER_ERROR", "Nobody knows these words."),
        ("overload_400", "CONCURRENCY_LIMIT_EXCEEDED", None),
        ("overload_request_limit", "SSS_REQUEST_LIMIT_EXCEEDED", None),
    ],
)
def test_a_trap_refuses_and_does_nothing(
    there: NetSuite, trap: str, code: str, words: str | None
) -> None:
    aim(there, {"fault": trap, "words": words if trap == "refuse_in_words" else None})
    there.app.state.site.settings.language = "en" if trap != "refuse_in_words" else "ja"
    answer = there.ask("POST", "/customer", person(externalId="C-1"))
    detail = answer.json()["o:errorDetails"][0]
    assert (answer.status_code, detail["o:errorCode"]) == (400, code)
    assert words in (None, detail["detail"])
    assert there.ledger.created == {}
    there.customer(externalId="C-1")


def test_what_was_stored_may_be_refused_afterwards(there: NetSuite) -> None:
    aim(there, {"fault": "commit_then_refuse", "method": "POST", "words": "A script failed."})
    answer = there.ask("POST", "/customer", person(externalId="C-1"))
    assert (answer.status_code, "A script failed." in answer.text) == (400, True)
    assert there.read("/customer/eid:C-1")["externalId"] == "C-1"


def test_refusals_of_the_services_pass_requests_for_tokens(there: NetSuite) -> None:
    aim(there, {"fault": "overload_400"}, {"fault": "throttle"}, {"fault": "unavailable"})
    statuses = [there.client.post(TOKEN, data={}).status_code for _ in range(2)]
    assert statuses == [503, 400]
    assert [there.ask("GET", "/customer").status_code for _ in range(3)] == [400, 429, 200]


def test_an_overload_may_be_a_failed_login_after_a_wait(there: NetSuite) -> None:
    aim(there, {"fault": "overload_401", "wait": "0.2"})
    answer = there.ask("GET", "/customer")
    assert answer.status_code == 401
    assert answer.json()["o:errorDetails"][0]["o:errorCode"] == "INVALID_LOGIN"
    assert answer.elapsed.total_seconds() >= 0.2


def test_an_earlier_response_is_repeated_on_its_connection(there: NetSuite) -> None:
    """The second customer is stored; the response is that of the first."""
    aim(there, {"fault": "repeat_earlier", "skip": 1})
    first = there.ask("POST", "/customer", person(externalId="C-1"))
    second = there.ask("POST", "/customer", person(externalId="C-2"))
    assert first.headers["location"] == second.headers["location"]
    assert (first.status_code, second.status_code) == (204, 204)
    own = {there.read(f"/customer/eid:{key}")["id"] for key in ("C-1", "C-2")}
    assert len(own) == 2
    aim(there, {"fault": "repeat_earlier"})
    with httpx.Client(base_url=there.address, headers=there.client.headers) as fresh:
        # A connection without an earlier response has none to repeat.
        assert fresh.get(f"{RECORDS}/customer/eid:C-2").json()["externalId"] == "C-2"


def test_a_response_comes_twice_on_its_connection(there: NetSuite) -> None:
    there.customer(externalId="C-1")
    there.faults.aimed.append(AimedFault(Trap.ANSWER_TWICE, path=SUITEQL))
    parts = urlsplit(there.address)
    body = json.dumps({"q": "SELECT externalid FROM customer"})
    request = (
        f"POST {SUITEQL} HTTP/1.1\r\nHost: {parts.netloc}\r\nPrefer: transient\r\n"
        f"Authorization: {there.client.headers['authorization']}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=5) as connection:
        connection.sendall(request.encode())
        received = b""
        while received.count(b"totalResults") < 2:
            received += connection.recv(65_536)
        assert received.count(b"HTTP/1.1 200") == 2
        assert received.count(b'"C-1"') == 2
        # The connection serves on.
        connection.sendall(request.encode())
        while received.count(b"totalResults") < 3:
            received += connection.recv(65_536)


@pytest.mark.parametrize(
    ("system", "aimed", "words"),
    [
        ("netsuite", [{"fault": "gremlins"}], "use server_error"),
        ("netsuite", [{}], "is not a fault"),
        ("netsuite", [{"fault": "drop", "times": 0}], "'0' is not a whole number"),
        ("netsuite", [{"fault": "drop", "path": 7}], "path must be a text"),
        ("netsuite", [{"fault": "drop", "verb": "GET"}], "the key 'verb' is not known"),
        ("netsuite", ["drop"], "must be a list of maps"),
        ("netsuite", "drop", "must be a list"),
        ("newstore", [{"fault": "record_locked"}], "record_locked strikes NetSuite only"),
    ],
)
def test_what_is_aimed_wrongly_changes_nothing(
    there: NetSuite, system: str, aimed: object, words: str
) -> None:
    faults = {"netsuite": there.faults, "newstore": there.faults}
    kept = AimedFault(Fault.DROP)
    there.faults.aimed = [kept]
    with pytest.raises(ValueError, match=words.replace("'", "'?")):
        change_faults(faults, json.dumps({system: {"aimed": aimed}}).encode())
    assert there.faults.aimed == [kept]
