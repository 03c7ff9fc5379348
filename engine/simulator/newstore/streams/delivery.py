"""Events on their way: one task for each running integration posts them, one after the other.

What an answer does: 200 delivers, 400 puts the event on the rejected list (both documented); after
429 this event is tried again later while others go on, after 5xx the whole stream waits and tries
the same one again (documented is only that the code decides which). Of any other answer, and of
none, NewStore says nothing: here they are as 5xx, which no service can overlook.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import httpx

from ..settings import Settings
from ..shop import Shop
from .stream import Event, SimulatedIntegration, SimulatedRejection

MISSED_SECONDS = 30 * 24 * 3600.0  # after which a restart brings only new events (documented)


def start_integration(shop: Shop, integration: SimulatedIntegration, reason: str) -> None:
    """Run an integration in the event loop that calls. What it missed is sent, up to thirty days."""
    now = shop.clock()
    if integration.stopped is not None and now - integration.stopped > MISSED_SECONDS:
        integration.taken = len(shop.stream.events)
        integration.waiting.clear()
        integration.later.clear()
        integration.current = None
    if integration.current is not None:
        integration.push(integration.current)
        integration.current = None
    integration.stopped, integration.failed = None, 0
    integration.log(now, "integration_started", reason)
    integration.loop = asyncio.get_running_loop()
    integration.wake = asyncio.Event()
    integration.task = integration.loop.create_task(_run(shop, integration))


def stop_integration(shop: Shop, integration: SimulatedIntegration, reason: str) -> None:
    """End an integration's task; an event on its way counts as not sent."""
    if integration.task is not None:
        integration.task.cancel()
    _record_stop(shop, integration, reason)


async def send_event(
    settings: Settings, integration: SimulatedIntegration, event: Event
) -> int | None:
    """Post one event once; the status of the answer, None when there was none in time."""
    async with _open_client(settings) as client:
        return await _post(client, settings, integration, event)


def _record_stop(shop: Shop, integration: SimulatedIntegration, reason: str) -> None:
    now = shop.clock()
    integration.task, integration.stopped = None, now
    integration.log(now, "integration_stopped", reason)


async def _run(shop: Shop, integration: SimulatedIntegration) -> None:
    async with _open_client(shop.settings) as client:
        while await _wait_for_event(shop, integration):
            event = integration.take_next()
            if await _deliver(client, shop, integration, event):
                integration.current = None
            if _has_failed_too_often(shop, integration):
                _record_stop(shop, integration, f"{integration.failed} attempts in a row failed")
                return
    _record_stop(shop, integration, "all events of the window have been sent")


def _open_client(settings: Settings) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        trust_env=False, follow_redirects=False, timeout=settings.callback_timeout
    )


async def _wait_for_event(shop: Shop, integration: SimulatedIntegration) -> bool:
    """Wait until there is an event to send; False when there will never be one."""
    while True:
        integration.wake.clear()
        _queue_events(shop, integration)
        if integration.waiting:
            return True
        if integration.terms.kind == "temporary" and not integration.later:
            return False
        await _wait_for_change(integration)


async def _wait_for_change(integration: SimulatedIntegration) -> None:
    """Until something happens, or the first of those to try again is due."""
    due = min((due for due, _ in integration.later), default=None)
    with suppress(TimeoutError):
        async with asyncio.timeout_at(due):
            await integration.wake.wait()


def _queue_events(shop: Shop, integration: SimulatedIntegration) -> None:
    """Let the events wait that have happened since, some of them twice, and those due again."""
    settings, events = shop.settings, shop.stream.events
    while integration.taken < len(events):
        event = events[integration.taken]
        if integration.terms.includes(event):
            is_repeated = integration.random.random() < settings.repeated
            for _ in range(1 + is_repeated):
                integration.push(event, settings.shuffle)
        integration.taken += 1
    now = asyncio.get_running_loop().time()
    for entry in [entry for entry in integration.later if entry[0] <= now]:
        integration.push(entry[1])
        integration.later.remove(entry)


async def _deliver(
    client: httpx.AsyncClient, shop: Shop, integration: SimulatedIntegration, event: Event
) -> bool:
    """Send an event until it has been dealt with: delivered, rejected, or put off.

    False when the integration gives up before that.
    """
    while not _has_failed_too_often(shop, integration):
        integration.counts["sent"] += 1
        status = await _post(client, shop.settings, integration, event)
        deal = _RESULTS.get(status) if status is not None else None
        if deal is not None:
            deal(shop, integration, event)
            return True
        _record_retry(shop, integration, "no answer" if status is None else f"answered {status}")
        if not _has_failed_too_often(shop, integration):
            await asyncio.sleep(shop.settings.retry_pause)
    return False


def _has_failed_too_often(shop: Shop, integration: SimulatedIntegration) -> bool:
    most = shop.settings.stop_after
    return most is not None and integration.failed >= most


async def _post(
    client: httpx.AsyncClient, settings: Settings, integration: SimulatedIntegration, event: Event
) -> int | None:
    headers = {"Content-Type": "application/json"}
    if integration.terms.api_key is not None:
        headers["Authorization"] = f"Bearer {integration.terms.api_key}"
    try:
        async with (
            asyncio.timeout(settings.callback_timeout),
            client.stream(
                "POST", integration.terms.callback_url, content=event.body, headers=headers
            ) as response,
        ):
            return response.status_code
    except (httpx.HTTPError, TimeoutError):
        return None


def _record_delivery(_shop: Shop, integration: SimulatedIntegration, _event: Event) -> None:
    integration.failed = 0
    integration.counts["delivered"] += 1


def _record_rejection(shop: Shop, integration: SimulatedIntegration, event: Event) -> None:
    """Keep the event among the rejected; the oldest makes room where there are too many."""
    integration.failed = 0
    integration.counts["rejected"] += 1
    integration.rejected.append(SimulatedRejection(event, shop.clock()))


def _postpone(shop: Shop, integration: SimulatedIntegration, event: Event) -> None:
    due = asyncio.get_running_loop().time() + shop.settings.retry_pause
    integration.later.append((due, event))
    _record_retry(shop, integration, "answered 429")


def _record_retry(shop: Shop, integration: SimulatedIntegration, reason: str) -> None:
    integration.failed += 1
    integration.counts["retried"] += 1
    integration.log(shop.clock(), "retry_triggered", reason)


_RESULTS: dict[int, Callable[[Shop, SimulatedIntegration, Event], None]] = {
    200: _record_delivery,
    400: _record_rejection,
    429: _postpone,
}
