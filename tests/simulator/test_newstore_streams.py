"""The Event Stream: who registers what, what is sent, and what each answer does."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from newstore_receiver import streaming
from newstore_shops import STREAMS, Clock, event, served, shop


def test_each_event_is_posted_as_it_was_added_with_the_key() -> None:
    with streaming() as stream:
        stream.shop.add(event("before"))
        stream.register()
        stream.shop.add(event("one", grand_total=Decimal("63.10")))
        stream.drain()
        assert stream.receiver.bodies == [event("one", grand_total=Decimal("63.10"))]
        assert stream.receiver.keys == ["Bearer key-1"]
        assert stream.shop.stream.document() == [
            {
                "id": "one",
                "status": "running",
                "waiting": 0,
                "counts": {"delivered": 1, "sent": 1},
                "rejected": [],
            }
        ]


def test_filters_choose_by_name_and_by_entity() -> None:
    with streaming() as stream:
        stream.register("names", filter_conditions={"event_filter": ["order.opened"]})
        stream.drain()
        stream.shop.add(event("opened"))
        stream.shop.add(event("returned", "return.processed"))
        stream.drain()
        assert stream.receiver.ids == ["opened"]
        stream.register(
            "entities",
            filter_conditions={"entity_filter": ["return"]},
            starts_at="2026-12-01T00:00:00Z",
        )
        stream.drain()
        assert stream.receiver.ids == ["opened", "returned"]


@pytest.mark.parametrize("status", [500, 503, 401, 204, 302, 0])
def test_other_answers_hold_up_the_whole_stream(status: int) -> None:
    with streaming() as stream:
        stream.shop.settings.callback_timeout = 0.2
        stream.receiver.answers.extend([status, status])
        stream.register()
        stream.shop.add(event("one"))
        stream.shop.add(event("two"))
        stream.drain()
        assert stream.receiver.ids == ["one", "one", "one", "two"]
        actions = [entry["action"] for entry in stream.call("one/logs", "GET")]
        assert actions == ["integration_started", "retry_triggered", "retry_triggered"]


def test_after_429_the_others_go_on() -> None:
    with streaming() as stream:
        stream.shop.settings.retry_pause = 0.3
        stream.receiver.answers.append(429)
        stream.shop.add(event("one"))
        stream.shop.add(event("two"))
        stream.register(starts_at="2026-12-01T00:00:00Z")
        stream.drain()
        assert stream.receiver.ids == ["one", "two", "one"]


def test_a_400_is_rejected_kept_and_not_sent_again_by_itself() -> None:
    with streaming() as stream:
        stream.receiver.answers.append(400)
        stream.register()
        stream.shop.add(event("one"))
        stream.drain()
        (kept,) = stream.call("one/rejected_events", "GET")
        assert kept["event"] == event("one")
        path = f"one/rejected_events/{kept['id']}"
        assert stream.call(path, "GET") == kept
        stream.receiver.answers.append(400)
        assert stream.asking.http.post(f"{STREAMS}/{path}/_retry").status_code == 502
        stream.call(f"{path}/_retry")
        assert stream.receiver.ids == ["one"] * 3
        assert stream.call("one/rejected_events", "GET") == []
        assert stream.asking.http.post(f"{STREAMS}/{path}/_retry").status_code == 404


def test_thirty_rejected_events_are_kept_and_one_can_be_deleted() -> None:
    with streaming() as stream:
        stream.receiver.answers.extend([400] * 31)
        stream.register()
        for number in range(31):
            stream.shop.add(event(str(number)))
        stream.drain()
        kept = stream.call("one/rejected_events", "GET")
        assert [each["event"]["payload"]["id"] for each in kept] == [str(n) for n in range(1, 31)]
        stream.call(f"one/rejected_events/{kept[0]['id']}", "DELETE")
        assert len(stream.call("one/rejected_events", "GET")) == 29


def received(seed: int) -> list[str]:
    with streaming() as stream:
        settings = stream.shop.settings
        settings.shuffle, settings.repeated, settings.seed = 3, Fraction(1, 4), seed
        for number in range(40):
            stream.shop.add(event(f"{number:02}"))
        stream.register(starts_at="2026-12-01T00:00:00Z")
        stream.drain()
        return stream.receiver.ids


def test_some_come_twice_none_is_lost_and_none_comes_much_too_early() -> None:
    ids = received(7)
    everything = [f"{number:02}" for number in range(40)]
    assert sorted(set(ids)) == everything
    assert 40 < len(ids) < 70
    first = list(dict.fromkeys(ids))
    assert first != everything
    for at, key in enumerate(first):
        assert all(int(other) > int(key) - 4 for other in first[at + 1 :] if int(other) < int(key))
    assert received(7) == ids
    assert received(8) != ids


def test_a_temporary_integration_replays_its_window_and_stops() -> None:
    with streaming() as stream:
        for minute in (1, 2, 3, 4):
            moment = f"2026-12-03T11:0{minute}:00Z"
            stream.shop.add({**event(str(minute)), "published_at": moment})
        stream.shop.add({**event("late"), "published_at": "2026-12-03T11:03:00.501Z"})
        stream.register(
            "replay",
            integration_type="temporary",
            starts_at="2026-12-03T11:02:00Z",
            ends_at="2026-12-03T11:03:00.500Z",
        )
        stream.drain()
        assert stream.receiver.ids == ["2", "3"]
        assert stream.call("replay", "GET")["status"] == "stopped"


def test_a_stopped_integration_gets_what_it_missed_but_not_after_thirty_days() -> None:
    clock = Clock()
    with streaming(shop(clock)) as stream:
        stream.register()
        stream.call("one/_stop")
        stream.shop.add(event("missed"))
        clock.now += 30 * 86_400
        stream.asking.sign_in()
        stream.call("one/_start")
        stream.drain()
        assert stream.receiver.ids == ["missed"]
        stream.call("one/_stop")
        stream.shop.add(event("lost"))
        clock.now += 30 * 86_400 + 1
        stream.asking.sign_in()
        stream.call("one/_start")
        stream.shop.add(event("new"))
        stream.drain()
        assert stream.receiver.ids == ["missed", "new"]


def test_an_event_on_its_way_when_the_stream_is_stopped_is_sent_again() -> None:
    with streaming() as stream:
        stream.shop.settings.retry_pause = 60
        stream.receiver.answers.append(503)
        stream.register()
        stream.shop.add(event("one"))
        while len(stream.call("one/logs", "GET")) < 2:
            asyncio.run(asyncio.sleep(0.01))
        (before,) = stream.shop.stream.document()
        stream.call("one/_stop")
        (after,) = stream.shop.stream.document()
        assert before == {**after, "status": "running"}
        assert before["waiting"] == 1
        stream.call("one/_start")
        stream.drain()
        assert stream.receiver.ids == ["one", "one"]


def test_only_a_stopped_integration_is_changed_and_only_in_part() -> None:
    with streaming() as stream:
        stream.register()
        path = f"{STREAMS}/one"
        names = {"filter_conditions": {"event_filter": ["return.processed"]}}
        assert stream.asking.http.patch(path, json=names).status_code == 409
        stream.call("one/_stop")
        for body in ({"id": "two"}, {"integration_type": "temporary"}, {"starts_at": "2026"}):
            assert stream.asking.http.patch(path, json=body).status_code == 400
        assert stream.asking.http.patch(path, json=names).json() == stream.call("one", "GET")
        stream.call("one/_start")
        stream.shop.add(event("one"))
        stream.shop.add(event("two", "return.processed"))
        stream.drain()
        assert stream.receiver.ids == ["two"]
        assert stream.receiver.keys == ["Bearer key-1"]


def test_it_is_listed_without_its_key_and_deleted() -> None:
    with streaming() as stream:
        stream.register()
        listed = stream.asking.http.get(STREAMS)
        assert [each["id"] for each in listed.json()] == ["one"]
        assert "key-1" not in listed.text
        assert "key-1" not in repr(stream.shop)
        assert stream.asking.http.post(STREAMS, json=stream.body()).status_code == 409
        assert stream.asking.http.delete(f"{STREAMS}/one").status_code == 204
        missing = stream.asking.http.get(f"{STREAMS}/one")
        assert (missing.status_code, missing.json()["error_code"]) == (404, "resource_not_found")


def test_there_are_at_most_25() -> None:
    with streaming() as stream:
        for number in range(25):
            stream.register(f"stream-{number}")
        assert stream.asking.http.post(STREAMS, json=stream.body("last")).status_code == 400


CALLBACK = {"callback_url": "http://127.0.0.1:1/"}
GOOD: dict[str, object] = {
    "id": "one",
    "integration_type": "permanent",
    "callback_parameters": CALLBACK,
}
TEMPORARY = {**GOOD, "integration_type": "temporary"}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({**GOOD, "id": "One"}, "id"),
        ({**GOOD, "id": "x" * 51}, "id"),
        ({**GOOD, "id": 7}, "id"),
        ({**GOOD, "id": "one\n"}, "id"),
        ({**GOOD, "integration_type": ["permanent"]}, "integration_type"),
        ({**GOOD, "integration_type": "forever"}, "integration_type"),
        ({**GOOD, "starts_at": "tomorrow"}, "starts_at"),
        ({**GOOD, "starts_at": "2026-12-03T12:00:01Z"}, "future"),
        ({**GOOD, "ends_at": "2026-12-03T11:00:00Z"}, "temporary"),
        (TEMPORARY, "starts_at"),
        (
            {**TEMPORARY, "starts_at": "2026-12-03T11:00:00Z", "ends_at": "2026-12-03T10:00:00Z"},
            "before",
        ),
        ({"id": "one", "integration_type": "permanent"}, "callback_parameters"),
        ({**GOOD, "s3_parameters": {}}, "S3"),
        ({**GOOD, "callback_parameters": []}, "callback_parameters"),
        ({**GOOD, "callback_parameters": {**CALLBACK, "api_key": "x" * 1025}}, "api_key"),
        ({**GOOD, "callback_parameters": {**CALLBACK, "api_key": "a\nb"}}, "api_key"),
        ({**GOOD, "filter_conditions": {}}, "filter_conditions"),
        ({**GOOD, "filter_conditions": {"event_filter": "order.opened"}}, "event_filter"),
        ({**GOOD, "colour": "red"}, "colour"),
    ],
)
def test_a_registration_is_refused_with_the_reason(body: dict[str, Any], word: str) -> None:
    with served(shop()) as asking:
        response = asking.http.post(STREAMS, json=body)
        assert response.status_code == 400
        assert any(word in message for message in response.json()["messages"])
        assert asking.http.get(STREAMS).json() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://example.com#@127.0.0.1/",
        "http://user@127.0.0.1/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "http:///",
        "http://127.0.0.1:99999/",
        "",
        7,
        None,
    ],
)
def test_nothing_is_sent_to_another_machine(url: object) -> None:
    with served(shop()) as asking:
        body = {**GOOD, "callback_parameters": {"callback_url": url}}
        assert asking.http.post(STREAMS, json=body).status_code == 400


def test_a_method_that_is_none_is_told_which_there_are() -> None:
    with streaming() as stream:
        stream.register()
        response = stream.asking.http.put(f"{STREAMS}/one")
        assert response.status_code == 405
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "PATCH", "DELETE"}
        assert stream.asking.http.head(f"{STREAMS}/one").status_code == 200


def test_a_stream_can_be_started_again_in_another_server() -> None:
    sold = shop()
    with streaming(sold) as stream:
        stream.register()
    assert sold.document()["integrations"] == [
        {"id": "one", "status": "stopped", "waiting": 0, "counts": {}, "rejected": []}
    ]
    sold.add(event("meanwhile"))
    with streaming(sold) as stream:
        where = {"callback_parameters": {"callback_url": stream.address}}
        assert stream.asking.http.patch(f"{STREAMS}/one", json=where).status_code == 200
        assert stream.call("one/_start")["created_at"] == "2026-12-03T12:00:00.000Z"
        stream.drain()
        assert stream.receiver.ids == ["meanwhile"]
        assert stream.receiver.keys == [None]


@pytest.mark.parametrize("status", [503, 429])
def test_a_stream_that_fails_too_often_stops_and_goes_on_when_it_is_started(status: int) -> None:
    with streaming() as stream:
        stream.shop.settings.stop_after = 3
        stream.receiver.answers.extend([status, 200, status, status, status])
        for key in ("one", "two"):
            stream.shop.add(event(key))
        stream.register(starts_at="2026-12-01T00:00:00Z")
        stream.drain()
        stream.shop.add(event("three"))
        stream.shop.add(event("four"))
        stream.drain()
        assert stream.call("one", "GET")["status"] == "stopped"
        last = stream.call("one/logs", "GET")[-1]
        assert (last["action"], last["reason"]) == (
            "integration_stopped",
            "3 attempts in a row failed",
        )
        (shown,) = stream.shop.stream.document()
        assert shown["waiting"] != 0
        stream.call("one/_start")
        stream.drain()
        assert set(stream.receiver.ids) == {"one", "two", "three", "four"}
        (shown,) = stream.shop.stream.document()
        assert shown["counts"] == {"delivered": 4, "retried": 4, "sent": 8}
