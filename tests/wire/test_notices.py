"""What a webhook is told: few messages, none of them a customer's, and never in anybody's way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hooks import START, Time, beside, hooked, until

from engine.findings.errors import AddressError
from engine.wire.notices import PARKED, RETRY_SECONDS, STREAM_STOPPED, Notice, Notifier, Webhook
from engine.wire.urls import webhook


def parked(seconds: int, reason: str = "findings") -> Notice:
    at = START + timedelta(seconds=seconds)
    return Notice(PARKED, "dodici", "deliveries were parked", at, {reason: 1})


STOPPED = Notice(STREAM_STOPPED, "dodici", "the integration had stopped", START, {"stopped": 1})


def test_a_hundred_parked_in_a_minute_are_one_message() -> None:
    with hooked() as hook:
        time = Time()
        notifier = Notifier(Webhook(hook.url), time.passing())

        async def script() -> None:
            for second in range(100):
                notifier.tell(parked(second // 2, "findings" if second % 4 else "refused"))
            await time.step()
            await until(lambda: hook.came)
            notifier.tell(parked(61))
            await time.step()
            await until(lambda: notifier.taken[PARKED] == 2)

        beside(notifier.run(), script)
    assert hook.came[0] == {
        "kind": "parked",
        "tenant": "dodici",
        "words": "deliveries were parked",
        "count": 100,
        "counts": {"refused": 25, "findings": 75},
        "from": "2026-12-03T12:00:00Z",
        "to": "2026-12-03T12:00:49Z",
    }
    assert hook.came[1]["count"] == 1
    assert time.now == START + timedelta(seconds=121)


def test_a_stream_that_stops_is_told_at_once() -> None:
    with hooked() as hook:
        notifier = Notifier(Webhook(hook.url), Time().passing())

        async def script() -> None:
            notifier.tell(parked(0))
            notifier.tell(STOPPED)
            await until(lambda: notifier.taken)
            assert [message["kind"] for message in hook.came] == ["stream_stopped"]

        beside(notifier.run(), script)
    assert [message["kind"] for message in hook.came] == ["stream_stopped", "parked"], "at the end"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_webhook_that_may_take_it_later_is_told_again(status: int) -> None:
    with hooked() as hook:
        hook.answers.extend([status, status])
        time = Time()
        notifier = Notifier(Webhook(hook.url), time.passing())

        async def script() -> None:
            notifier.tell(STOPPED)
            await time.step(2)
            await until(lambda: notifier.taken)
            assert len(hook.came) == 3

        beside(notifier.run(), script)
        assert (time.slept, notifier.lost) == (list(RETRY_SECONDS[:2]), {})


@pytest.mark.parametrize(("status", "attempts"), [(404, 1), (302, 1), (500, 4)])
def test_what_is_not_taken_is_given_up_and_counted(status: int, attempts: int) -> None:
    with hooked() as hook:
        hook.answers.extend([status] * attempts)
        time = Time()
        notifier = Notifier(Webhook(hook.url), time.passing())

        async def script() -> None:
            notifier.tell(STOPPED)
            await time.step(attempts - 1)
            await until(lambda: notifier.lost)
            notifier.tell(STOPPED)
            await until(lambda: notifier.taken)

        beside(notifier.run(), script)
        assert notifier.lost == {STREAM_STOPPED: 1}


def test_what_is_told_while_a_message_is_on_its_way_becomes_one_message() -> None:
    with hooked() as hook:
        hook.answers.append(500)
        time = Time()
        notifier = Notifier(Webhook(hook.url), time.passing())

        async def script() -> None:
            notifier.tell(STOPPED)
            await until(lambda: hook.came)
            for _ in range(10):
                notifier.tell(STOPPED)
            await time.step()
            await until(lambda: notifier.taken[STREAM_STOPPED] == 2)

        beside(notifier.run(), script)
    assert [message["count"] for message in hook.came] == [1, 1, 10]


def test_very_many_reasons_are_counted_together() -> None:
    notice = parked(0)
    for number in range(100):
        notice = notice.and_then(parked(1, f"reason {number}"))
    assert len(notice.counts) == 21
    assert sum(notice.counts.values()) == 101


@pytest.mark.parametrize(
    "address",
    ["http://example.com/", "http://127.0.0.1/", "https://a:b@example.com/", "ftp://x", "", "https://"],
)  # fmt: skip
def test_only_https_is_told(address: str) -> None:
    with pytest.raises(AddressError):
        webhook(address)


def test_loopback_is_told_where_a_simulator_is_spoken_to() -> None:
    assert webhook("http://127.0.0.1:9/x", simulated=True) == "http://127.0.0.1:9/x"
    assert (
        webhook("https://hooks.example.com/T0/B0?key=x") == "https://hooks.example.com/T0/B0?key=x"
    )
    with pytest.raises(AddressError) as caught:
        webhook("http://hooks.example.com/secret", simulated=True)
    assert "secret" not in str(caught.value)
