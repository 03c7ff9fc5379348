"""Delivery of events: one task per running integration posts them, one after the other.

200 delivers an event, 400 puts it on the rejected list (both documented). After 429 the event is sent
again later while others go on; after 5xx the whole stream waits and sends the same event again
(documented is only that the status decides between the two). NewStore documents no other response, and
no timeout; here they count as 5xx, so that no service overlooks them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import httpx

from ..settings import Settings
from ..shop import SimulatedShop
from .stream import Event, SimulatedIntegration, SimulatedRejection

MISSED_SECONDS = (
    30 * 24 * 3600.0
)  # after a longer stop, a restart sends only new events (documented)


def start_integration(shop: SimulatedShop, integration: SimulatedIntegration, reason: str) -> None:
    """Run an integration in the current event loop. It sends the events it missed, up to thirty days."""
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


def stop_integration(shop: SimulatedShop, integration: SimulatedIntegration, reason: str) -> None:
    """End an integration's task; an event in transit counts as not sent."""
    if integration.task is not None:
        integration.task.cancel()
    _record_stop(shop, integration, reason)


async def send_event(
    settings: Settings, integration: SimulatedIntegration, event: Event
) -> int | None:
    """Post one event once. Return the status of the response; None when none arrives in time."""
    async with _open_client(settings) as client:
        return await _post(client, settings, integration, event)


def _record_stop(shop: SimulatedShop, integration: SimulatedIntegration, reason: str) -> None:
    now = shop.clock()
    integration.task, integration.stopped = None, now
    integration.log(now, "integration_stopped", reason)


async def _run(shop: SimulatedShop, integration: SimulatedIntegration) -> None:
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


async def _wait_for_event(shop: SimulatedShop, integration: SimulatedIntegration) -> bool:
    """Wait until there is an event to send; return False when there will be none."""
    while True:
        integration.wake.clear()
        _queue_events(shop, integration)
        if integration.waiting:
            return True
        if integration.terms.kind == "temporary" and not integration.later:
            return False
        await _wait_for_change(integration)


async def _wait_for_change(integration: SimulatedIntegration) -> None:
    """Wait until something changes, or until the first postponed event is due."""
    due = min((due for due, _ in integration.later), default=None)
    with suppress(TimeoutError):
        async with asyncio.timeout_at(due):
            await integration.wake.wait()


def _queue_events(shop: SimulatedShop, integration: SimulatedIntegration) -> None:
    """Queue the events published since, some of them twice, and the postponed events that are due."""
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
    client: httpx.AsyncClient, shop: SimulatedShop, integration: SimulatedIntegration, event: Event
) -> bool:
    """Send an event until it is delivered, rejected, or postponed.

    Return False when the integration gives up before that.
    """
    while not _has_failed_too_often(shop, integration):
        integration.counts["sent"] += 1
        status = await _post(client, shop.settings, integration, event)
        record_result = _RESULTS.get(status) if status is not None else None
        if record_result is not None:
            record_result(shop, integration, event)
            return True
        _record_retry(shop, integration, "no answer" if status is None else f"answered {status}")
        if not _has_failed_too_often(shop, integration):
            await asyncio.sleep(shop.settings.retry_pause)
    return False


def _has_failed_too_often(shop: SimulatedShop, integration: SimulatedIntegration) -> bool:
    limit = shop.settings.stop_after
    return limit is not None and integration.failed >= limit


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


def _record_delivery(
    _shop: SimulatedShop, integration: SimulatedIntegration, _event: Event
) -> None:
    integration.failed = 0
    integration.counts["delivered"] += 1


def _record_rejection(shop: SimulatedShop, integration: SimulatedIntegration, event: Event) -> None:
    """Put the event on the rejected list; when the list is full, the oldest event is dropped."""
    integration.failed = 0
    integration.counts["rejected"] += 1
    integration.rejected.append(SimulatedRejection(event, shop.clock()))


def _postpone(shop: SimulatedShop, integration: SimulatedIntegration, event: Event) -> None:
    due = asyncio.get_running_loop().time() + shop.settings.retry_pause
    integration.later.append((due, event))
    _record_retry(shop, integration, "answered 429")


def _record_retry(shop: SimulatedShop, integration: SimulatedIntegration, reason: str) -> None:
    integration.failed += 1
    integration.counts["retried"] += 1
    integration.log(shop.clock(), "retry_triggered", reason)


_RESULTS: dict[int, Callable[[SimulatedShop, SimulatedIntegration, Event], None]] = {
    200: _record_delivery,
    400: _record_rejection,
    429: _postpone,
}
