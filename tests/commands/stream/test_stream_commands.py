"""`erpmap stream` as people run it, against the simulators and a webhook on loopback."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command import erpmap
from conftest import ROOT
from newstore_receiver import Receiver
from starlette.applications import Starlette
from starlette.routing import Route

from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import SimulatedTenant, build_simulator_app

KEY = "u4Jt0Qw-9mZc_2LkVb7RxE"
NAME = "erpmap-dodici"


@dataclass
class Stage:
    """dodici's simulators, and a webhook."""

    played: SimulatedTenant
    simulator: str
    receiver: Receiver
    url: str

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        variables = {"ERPMAP_SIMULATOR": self.simulator, "DODICI_EVENT_KEY": KEY}
        ended = erpmap("stream", *arguments, variables=variables)
        first, _, rest = ended.stderr.partition("\n")
        if not first.startswith("simulator at "):
            rest = ended.stderr
        return subprocess.CompletedProcess(ended.args, ended.returncode, ended.stdout, rest)

    def data(self, *arguments: str) -> tuple[int, Any]:
        ended = self.run(*arguments, "--format", "json")
        return ended.returncode, json.loads(ended.stdout)

    def register(self, *more: str) -> subprocess.CompletedProcess[str]:
        return self.run("register", "dodici", "--url", self.url, *more)

    def happen(
        self, key: str, name: str = "order.opened", at: str = "2026-11-20T12:00:00Z"
    ) -> None:
        event = {"tenant": self.played.shop.tenant, "name": name, "published_at": at}
        self.played.shop.add({**event, "payload": {"id": key}})

    def replay(self, *more: str) -> subprocess.CompletedProcess[str]:
        window = ("--from", "2026-11-20", "--to", "2026-11-21")
        return self.run("replay", "dodici", *window, "--url", self.url, *more)


@contextmanager
def staged() -> Iterator[Stage]:
    played = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    settings = played.shop.settings
    settings.shuffle, settings.repeated, settings.retry_pause = 0, type(settings.repeated)(0), 0.01
    receiver = Receiver()
    app = Starlette(routes=[Route("/events/dodici", receiver.__call__, methods=["POST"])])
    with (
        serve_in_thread(app) as address,
        serve_in_thread(build_simulator_app([played])) as simulator,
    ):
        yield Stage(played, simulator, receiver, f"{address}/events/dodici")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as there:
        yield there


def test_what_is_registered_is_sent_with_the_tenants_key(stage: Stage) -> None:
    done = stage.register()
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{NAME}: running, order.opened to {stage.url}" in done.stdout
    assert KEY not in done.stdout
    stage.happen("one")
    code, status = stage.data("status", "dodici")
    assert (code, status["status"], status["events"]) == (0, "running", ["order.opened"])
    assert [entry["action"] for entry in status["logs"]] == ["integration_started"]
    assert stage.receiver.keys == [f"Bearer {KEY}"]


def test_one_that_is_there_is_changed_only_when_asked_to(stage: Stage) -> None:
    stage.register()
    again = stage.register()
    assert again.returncode == 1
    assert "--update changes its address, key and filter" in again.stderr
    changed = stage.register("--update", "--all-events")
    assert (changed.returncode, changed.stderr) == (0, "")
    assert stage.data("status", "dodici")[1]["status"] == "running"


def test_a_status_fails_for_what_is_stopped_missing_or_leaves_out_events(stage: Stage) -> None:
    missing = stage.run("status", "dodici")
    assert missing.returncode == 1
    assert "erpmap stream register dodici --url" in missing.stdout
    stage.register()
    assert stage.run("stop", "dodici").returncode == 0
    stopped = stage.run("status", "dodici")
    assert stopped.returncode == 1
    assert "erpmap stream start dodici starts it and sends the events missed" in stopped.stdout
    stage.happen("missed")
    assert stage.run("start", "dodici").returncode == 0
    assert stage.run("status", "dodici").returncode == 0
    assert stage.receiver.ids == ["missed"]
    assert stage.run("delete", "dodici").returncode == 0
    gone = stage.run("start", "dodici")
    assert (gone.returncode, gone.stderr) == (1, f"Error: there is no integration {NAME}\n")


def test_an_integration_that_leaves_out_a_wanted_event_is_not_in_order(stage: Stage) -> None:
    stage.register()
    (terms,) = stage.played.shop.stream.integrations.values()
    object.__setattr__(terms.terms, "event_filter", ("order.created",))
    code, status = stage.data("status", "dodici")
    assert (code, status["left_out"]) == (1, ["order.opened"])


def test_rejected_events_are_listed_shown_sent_again_and_deleted(stage: Stage) -> None:
    stage.register()
    stage.receiver.answers.extend([400, 400])
    stage.happen("bad")
    stage.happen("worse")
    while len(stage.receiver.bodies) < 2 or len(_kept(stage)) < 2:
        stage.run("status", "dodici")
    code, listed = stage.data("rejected", "dodici")
    first, second = (one["id"] for one in listed)
    assert code == 1
    assert "bad" in stage.run("rejected", "dodici", first).stdout
    stage.receiver.answers.append(500)
    still = stage.run("rejected", "dodici", first, "--retry")
    assert (still.returncode, still.stdout) == (1, f"{first}: still not delivered\n")
    assert stage.run("rejected", "dodici", first, "--retry").returncode == 0
    assert stage.run("rejected", "dodici", "--all", "--delete").stdout == f"{second}: deleted\n"
    assert stage.run("rejected", "dodici").stdout == "no event is rejected\n"
    assert "there is no rejected event with the id" in stage.run("rejected", "dodici", first).stderr


def _kept(stage: Stage) -> list[object]:
    return list(stage.played.shop.stream.integrations[NAME].rejected)


def test_a_replay_sends_the_windows_events_and_leaves_nothing_behind(stage: Stage) -> None:
    stage.happen("before", at="2026-11-19T23:59:59Z")
    stage.happen("one")
    stage.happen("unwanted", name="order.created")
    stage.happen("two", at="2026-11-20T23:00:00Z")
    stage.happen("after", at="2026-11-21T00:00:01Z")
    done = stage.replay()
    assert done.returncode == 0, done.stderr
    assert stage.receiver.ids == ["one", "two"]
    assert stage.receiver.keys == [f"Bearer {KEY}"] * 2
    assert "all were accepted; it does not report how many" in done.stdout
    assert stage.played.shop.stream.integrations == {}


def test_a_replay_with_rejected_events_says_so_and_keeps_them(stage: Stage) -> None:
    stage.happen("one")
    stage.receiver.answers.append(400)
    done = stage.replay()
    assert done.returncode == 1
    (name,) = stage.played.shop.stream.integrations
    assert f"erpmap stream rejected dodici --integration {name}" in done.stdout
    assert stage.run("rejected", "dodici", "--integration", name).returncode == 1
    again = stage.replay()
    assert (again.returncode, stage.receiver.ids) == (0, ["one", "one"])


def test_a_replay_that_gave_up_is_in_doubt(stage: Stage) -> None:
    stage.played.shop.settings.stop_after = 2
    stage.happen("one")
    stage.receiver.answers.extend([500, 500])
    done = stage.replay()
    assert done.returncode == 1
    assert "retry_triggered: answered 500" in done.stderr
    assert "erpmap reconcile shows missing orders" in done.stdout


def test_a_replay_that_takes_longer_goes_on_and_is_waited_for_again(stage: Stage) -> None:
    stage.played.shop.settings.retry_pause = 3600
    stage.happen("one")
    stage.receiver.answers.append(500)
    first = stage.replay("--patience", "0s")
    second = stage.replay("--patience", "0s")
    assert (first.returncode, second.returncode) == (3, 3)
    assert "runs already" in second.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("register", "dodici"), 2, "give the service's address for NewStore"),
        (("register", "dodici", "--url", "http://example.com/x"), 1, "other hosts are not allowed"),
        (("replay", "dodici", "--from", "2026-11-02", "--to", "2026-11-01"), 2, "has to be later"),
        (("replay", "dodici", "--from", "soon", "--to", "2026-12-01"), 2, "is not a moment"),
        (("replay", "dodici", "--from", "2226-11-02", "--to", "2226-12-01"), 2, "is in the future"),
        (("rejected", "dodici", "--retry"), 2, "name the event, or give --all"),
        (("rejected", "dodici", "x", "--all"), 2, "not both"),
        (("start", "dodici", "--integration", "../x"), 1, "an integration's id must be"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    stage: Stage, arguments: tuple[str, ...], code: int, words: str
) -> None:
    said = stage.run(*arguments)
    assert said.returncode == code
    assert words in said.stderr


def test_real_systems_are_given_an_address_of_https_and_a_key() -> None:
    variables = {"DODICI_EVENT_KEY": KEY}
    plain = erpmap(
        "stream", "register", "dodici", "--url", "http://127.0.0.1/", variables=variables
    )
    assert (plain.returncode, "https://HOST/" in plain.stderr) == (1, True)
    keyless = erpmap("stream", "register", "dodici", "--url", "https://example.com/events/dodici")
    assert (keyless.returncode, "DODICI_EVENT_KEY" in keyless.stderr) == (1, True)
