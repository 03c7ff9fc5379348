"""The maximum of concurrent requests (Oracle, bridgehead_1500275603): a request above it gets 429.

ASGI middleware. A request takes a slot when all of it has arrived (chosen: a client that pauses in the
middle of a body has requested nothing yet) and holds it until its work is done. A request whose
response a fault delays holds no slot.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .account_settings import AccountSettings
from .bodies import MAX_BYTES
from .overload import wait_and_refuse
from .records import RecordCall
from .refusals import permission_denied
from .responses import respond_json, respond_refused

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path
_SLOT = "netsuite.slot"


@dataclass(slots=True)
class RequestSlots:
    """Concurrent requests: the limit, those in progress, the most so far, and how many were refused."""

    limit: int
    taken: int = 0
    most: int = 0
    refused: int = 0

    def acquire(self) -> bool:
        """Take a slot; return False when none is free."""
        if self.taken >= self.limit:
            self.refused += 1
            return False
        self.taken += 1
        self.most = max(self.most, self.taken)
        return True

    def document(self) -> dict[str, int]:
        """Return the counts as plain data, for an operator."""
        return {
            "limit": self.limit,
            "under_way": self.taken,
            "most_at_once": self.most,
            "refused": self.refused,
        }


@dataclass(slots=True)
class _Slot:
    slots: RequestSlots
    is_held: bool = field(default=True)

    def release(self) -> None:
        """Free the slot; a second call does nothing."""
        if self.is_held:
            self.is_held = False
            self.slots.taken -= 1


class ConcurrencyMiddleware:
    """Admits a request when a slot is free. Token requests need no slot."""

    def __init__(self, app: ASGIApp, slots: RequestSlots, settings: AccountSettings) -> None:
        self._app = app
        self._slots = slots
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it as the settings say."""
        if scope["type"] != "http" or scope["path"].endswith(TOKEN_PATH):
            await self._app(scope, receive, send)
        elif (arrived := await _receive_all(receive)) is None:
            return  # the client disconnected before the request was complete
        elif self._slots.acquire():
            scope["app"].state.most_at_once = self._slots.most
            scope[_SLOT] = slot = _Slot(self._slots)
            try:
                await self._app(scope, arrived, send)
            finally:
                slot.release()
        else:
            refusal = await wait_and_refuse(self._settings.overload, self._settings.overload_wait)
            response = respond_refused(refusal, language=self._settings.language)
            await response(scope, arrived, send)


async def _receive_all(receive: Receive) -> Receive | None:
    """Read a request, up to the size limit, and return what replays it; None after a disconnect."""
    messages: deque[Message] = deque()
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        messages.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body", False) or size > MAX_BYTES:
            break

    async def replay() -> Message:
        return messages.popleft() if messages else await receive()

    return replay


class SlotReleaseMiddleware:
    """Frees the slot that `ConcurrencyMiddleware` took, once the inner application has done its work."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then free its slot."""
        try:
            await self._app(scope, receive, send)
        finally:
            if _SLOT in scope:
                scope[_SLOT].release()


PATH = "/services/rest/system/v1/governanceLimits"


def get_limits(call: RecordCall) -> Response:
    """Return the account's limit; no part of it is reserved for an integration. Raise RefusalError (403)."""
    account = call.site.account
    if not account.tells_limits:
        raise permission_denied(
            "Your current role does not have permission to perform this action."
        )
    document = {
        "accountConcurrencyLimit": account.concurrency,
        "accountUnallocatedConcurrencyLimit": account.concurrency,
    }
    return respond_json(document, "application/json")
