"""The doors beside the simulated systems: faults, settings, orders, and what is under way."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
from conftest import ROOT
from netsuite_account import ACCOUNT
from newstore_receiver import Receiver
from newstore_shops import STREAMS, TENANT, TOKEN_PATH, event, order
from starlette.applications import Starlette
from starlette.routing import Route

from engine.simulator.faults import Fault
from engine.simulator.netsuite import read_account
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import SimulatedTenant, build_simulator_app, simulate_tenant

LIMITS = "/acme/netsuite/services/rest/system/v1/governanceLimits"


@dataclass
class Doors:
    """A tenant that is played, asked over a socket."""

    played: SimulatedTenant
    http: httpx.Client

    def post(self, door: str, body: object) -> httpx.Response:
        return self.http.post(f"/acme/{door}", json=body)

    def get(self, door: str) -> Any:
        return self.http.get(f"/acme/{door}").json()

    def newstore(self) -> dict[str, str]:
        """Headers of a client of NewStore that has signed in as the simulator says it may."""
        there = self.get("connection")["newstore"]
        form = {
            "grant_type": "client_credentials",
            "client_id": there["client_id"],
            "client_secret": there["client_secret"],
        }
        path = there["path"] + TOKEN_PATH.format(there["tenant"])
        return {"Authorization": f"Bearer {self.http.post(path, data=form).json()['access_token']}"}


@contextmanager
def opened(**account: object) -> Iterator[Doors]:
    played = simulate_tenant("acme", TENANT, read_account(ACCOUNT | account))
    with (
        serve_in_thread(build_simulator_app([played])) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=60) as http,
    ):
        yield Doors(played, http)


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    with opened() as there:
        yield there


def test_faults_are_put_in_place_and_shown(doors: Doors) -> None:
    asked = {"netsuite": {"rates": {"drop": "1/20", "dribble": 0}, "script": ["throttle", None]}}
    shown = doors.post("faults", asked).json()
    assert shown["netsuite"]["rates"] == {"drop": "1/20", "dribble": "0"}
    assert shown["netsuite"]["script"] == ["throttle", None]
    assert doors.get("faults") == shown
    assert doors.post("faults", {"netsuite": {"latency": 0.25}}).json()["netsuite"] == {
        **shown["netsuite"], "rates": {}, "script": [], "latency": "0.25",
    }  # fmt: skip
    doors.post("faults", {"netsuite": {"latency": 0}})


def test_what_the_page_posts_is_taken(doors: Doors) -> None:
    page = (ROOT / "engine" / "simulator" / "README.md").read_text(encoding="utf-8")
    (posted,) = re.findall(r'^`({"netsuite": .*})`$', page, re.MULTILINE)
    shown = doors.http.post("/acme/faults", content=posted).json()["netsuite"]
    assert shown["rates"] == {"commit_then_drop": "1/20"}
    assert list(shown["spells"]) == ["maintenance", "throttle"]
    doors.post("faults", {"netsuite": {"latency": 0}})
    (changed,) = re.findall(r'`({"retry_pause": .*?})`', page)
    settings = doors.http.post("/acme/settings", content=changed).json()
    assert (settings["retry_pause"], settings["rate_limit"]) == ("0.05", None)
    assert settings["closed_months"] == ["2026-11"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rates": {"drop": "1/0"}}, "'1/0' is not a fraction from 0 to 1"),
        ({"rates": {"drop": 2}}, "2 is not a fraction"),
        ({"rates": {"drop": "-0.1"}}, "not a fraction"),
        ({"rates": {"drop": "nan"}}, "not a fraction"),
        ({"rates": {"drop": True}}, "not a fraction"),
        ({"rates": {"drop": None}}, "not a fraction"),
        ({"rates": {"drop": "0.6", "dribble": "0.6"}}, "add up to more than 1"),
        ({"rates": {"gremlins": "0.1"}}, "'gremlins' is not a fault; use server_error"),
        ({"rates": ["drop"]}, "rates must be a map"),
        ({"script": "drop"}, "script must be a list"),
        ({"script": [["drop"]]}, "is not a fault"),
        ({"spells": {"drop": "inf"}}, "'inf' is not a number of seconds"),
        ({"spells": {"drop": -1}}, "not a number of seconds"),
        ({"latency": "long"}, "not a number of seconds"),
        ({"latency": "nan"}, "not a number of seconds"),
        ({"stall": 1e9}, "not a number of seconds from 0 to 86400"),
        ({"rate": {"drop": 1}}, "the key 'rate' is not known"),
        ([], "as a map"),
    ],
)
def test_faults_that_are_none_change_nothing(doors: Doors, change: object, words: str) -> None:
    before = doors.get("faults")
    both = {"newstore": {"rates": {"drop": 1}, "late": 7}, "netsuite": change}
    refused = doors.post("faults", both)
    assert (refused.status_code, words in refused.json()["error"]) == (400, True), refused.text
    assert doors.get("faults") == before


def test_a_spell_strikes_every_request_until_it_is_over() -> None:
    now = [100.0]
    with opened() as there:
        there.played.faults["netsuite"].clock = lambda: now[0]
        there.post("faults", {"netsuite": {"spells": {"maintenance": 30, "throttle": 40}}})
        for at, status in ((100.0, 503), (129.9, 503), (130.0, 429), (139.9, 429), (140.0, 401)):
            now[0] = at
            assert [there.http.get(LIMITS).status_code for _ in range(3)] == [status] * 3
        struck = there.get("faults")["netsuite"]["struck"]
        assert struck == {Fault.MAINTENANCE: 6, Fault.THROTTLE: 6}
        assert there.get("faults")["netsuite"]["spells"] == {}
        there.post("faults", {"netsuite": {"spells": {"drop": 30}}})
        with pytest.raises(httpx.TransportError):
            there.http.get(LIMITS)
        assert there.get("faults")["netsuite"]["spells"] == {"drop": "30.000"}
        there.post("faults", {"netsuite": {}})
        assert there.http.get(LIMITS).status_code == 401


def test_settings_are_changed_and_shown(doors: Doors) -> None:
    asked = {
        "retry_pause": "0.25",
        "repeated": "1/3",
        "rate_limit": None,
        "shuffle": 0,
        "stop_after": 9,
        "closed_months": ["2026-10", "2026-11"],
        "orders_delay": "1.5",
        "late_transactions": 2,
        "null_taxes": True,
        "language": "de",
        "search_lag": "0.25",
        "overload": "400",
        "lengths": "bytes",
    }
    shown = doors.post("settings", asked).json()
    assert shown == doors.get("settings")
    assert {name: shown[name] for name in asked} == asked
    assert doors.played.shop.settings.retry_pause == 0.25
    assert not doors.played.periods.is_open_on(date(2026, 11, 30))
    # A message in German: the account's own settings are changed, too.
    refused = doors.http.get(LIMITS).json()["o:errorDetails"][0]["detail"]
    assert refused.startswith("Ungültiger Anmeldeversuch.")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"retry_pause": "never"}, "retry_pause: 'never' is not a number of seconds"),
        ({"repeated": "1/0"}, "repeated: '1/0' is not a fraction"),
        ({"shuffle": 1.5}, "shuffle: '1.5' is not a whole number from 0 to 1000"),
        ({"shuffle": "9" * 5000}, "shuffle"),
        ({"shuffle": "²"}, "shuffle"),
        ({"rate_limit": 0}, "rate_limit: 0 is not a whole number from 1"),
        ({"money_as": "gold"}, "money_as: must be text, number, stored"),
        ({"closed_months": ["2026-00"]}, "closed_months: give a list of months"),
        ({"locked_months": "2026-01"}, "locked_months: give a list of months"),
        ({"seed": 1}, "the key 'seed' is not known"),
        ({"language": "xx"}, "language: must be en, de"),
        ({"overload": 503}, "overload: must be 429, 400, request_limit, 401"),
        ({"null_taxes": 1}, "null_taxes: must be true or false"),
        ([], "not a JSON map"),
    ],
)
def test_settings_that_are_none_change_nothing(doors: Doors, change: Any, words: str) -> None:
    before = doors.get("settings")
    body = {"token_ttl": 77, **change} if isinstance(change, dict) else change
    refused = doors.post("settings", body)
    assert (refused.status_code, words in refused.json()["error"]) == (400, True), refused.text
    assert doors.get("settings") == before


def test_who_is_refused_for_being_one_too_many_is_counted() -> None:
    with opened(concurrency=1) as there:
        assert there.http.get(LIMITS).status_code == 401
        assert there.get("requests") == {
            "netsuite": {"limit": 1, "under_way": 0, "most_at_once": 1, "refused": 0}
        }


def test_a_payment_is_added_to_an_order(doors: Doors) -> None:
    paid = order("paid-1", paymentAccount={"transactions": {"nodes": []}})
    assert doors.post("orders", {"event": event("paid-1"), "order": paid}).status_code == 200
    void = {"order": "paid-1", "transaction": {"transactionType": "void"}}
    assert doors.post("transactions", void).status_code == 200
    stored: Any = doors.played.shop.orders["paid-1"].document["paymentAccount"]
    assert stored["transactions"] == [{"transactionType": "void"}]
    refused = doors.post("transactions", {"order": "paid-2"})
    assert (refused.status_code, "not known" in refused.json()["error"]) == (400, True)


def test_orders_put_in_reach_a_webhook_through_everything_it_answers() -> None:
    receiver = Receiver(answers=deque([200, 503, 429, 400, 500]))
    service = Starlette(routes=[Route("/events", receiver.__call__, methods=["POST"])])
    numbers = [f"order-{number:03}" for number in range(200)]
    with opened() as there, serve_in_thread(service) as address:
        there.post("settings", {"retry_pause": 0.02, "repeated": 0})
        where = {"callback_url": f"{address}/events", "api_key": "key-1"}
        registered = there.http.post(
            f"/acme/newstore{STREAMS}",
            json={"id": "erp", "integration_type": "permanent", "callback_parameters": where},
            headers=there.newstore(),
        )
        assert registered.status_code == 201, registered.text
        for number in numbers:
            put = {"event": event(number), "order": order(number)}
            assert there.post("orders", put).status_code == 200
        asyncio.run(asyncio.wait_for(there.played.shop.wait_until_idle(), 30))
        (stream,) = there.get("shop")["integrations"]
    assert stream["counts"] == {"delivered": 199, "rejected": 1, "retried": 3, "sent": 203}
    assert len(stream["rejected"]) == 1
    assert set(receiver.ids) == set(numbers)
    assert set(receiver.keys) == {"Bearer key-1"}
