"""`erpmap sample --post`: orders go into the simulated shop, and their events to a service on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from command import erpmap
from conftest import ROOT
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.documents import read_json_bytes
from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant, build_simulator_app

KEY = "u4Jt0Qw-9mZc_2LkVb7RxE"


@dataclass
class Posting:
    """A simulator, and a service that takes `most` events and refuses the others."""

    played: SimulatedTenant
    simulator: str
    service: str = ""
    most: int = 1000
    events: list[bytes] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        if len(self.events) >= self.most:
            return Response(status_code=503)
        self.events.append(await request.body())
        return Response()

    def sample(self, url: str = "", key: str = KEY) -> subprocess.CompletedProcess[str]:
        variables = {"ERPMAP_SIMULATOR": self.simulator, "DODICI_EVENT_KEY": key}
        head = ("sample", "dodici", "--count", "6", "--post", url or self.service)
        return erpmap(*head, variables=variables)


@pytest.fixture
def posting() -> Iterator[Posting]:
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    with serve_in_thread(build_simulator_app([played])) as simulator:
        there = Posting(played, simulator)
        app = Starlette(routes=[Route("/events/dodici", there.take, methods=["POST"])])
        with serve_in_thread(app) as there.service:
            yield there


def test_orders_are_in_the_shop_and_events_with_the_service(posting: Posting) -> None:
    ended = posting.sample()
    assert ended.returncode == 0, ended.stderr
    assert "6 orders of dodici posted: " in ended.stdout
    events = [read_json_bytes("event", body) for body in posting.events]
    ids = [event["payload"]["id"] for event in events]  # type: ignore[index]
    assert list(posting.played.shop.orders) == ids
    assert len(set(ids)) == 6


def test_a_service_that_goes_away_in_the_middle(posting: Posting) -> None:
    posting.most = 2
    ended = posting.sample()
    assert ended.returncode == 1
    assert "(503): 2 of 6 orders were taken before" in ended.stderr


@pytest.mark.parametrize(
    ("url", "key", "words"),
    [
        ("http://127.0.0.1:9", KEY, "is it running there? 0 of 6 orders were taken before"),
        ("https://example.com", KEY, "--post: the service's address must be http://127.0.0.1:PORT"),
        ("", "", "no key for the events of dodici"),
    ],
)
def test_where_nothing_can_be_posted(posting: Posting, url: str, key: str, words: str) -> None:
    ended = posting.sample(url, key)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert posting.events == []
