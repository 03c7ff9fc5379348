"""The previous response of each connection, for faults that send it again.

Broken gateways do that: they pass an answer on twice, or to the request after.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from starlette.types import Message, Scope, Send

_LARGEST = 1_000_000  # bytes


@dataclass(slots=True)
class ResponseCopy:
    """A response as it was sent; `body` is cut when it is too large to be kept."""

    start: Message | None = None
    body: bytearray = field(default_factory=bytearray)

    @property
    def is_whole(self) -> bool:
        """Whether it can be sent again."""
        return self.start is not None and len(self.body) <= _LARGEST

    def write_raw(self) -> bytes:
        """Return the response as HTTP/1.1 writes it."""
        assert self.start is not None
        names = {name.lower() for name, _ in self.start.get("headers", ())}
        lines = [b"HTTP/1.1 %d Again" % self.start["status"]]
        lines += [b"%s: %s" % (name, value) for name, value in self.start.get("headers", ())]
        if b"content-length" not in names and self.start["status"] != 204:
            lines.append(b"content-length: %d" % len(self.body))
        return b"\r\n".join([*lines, b"", self.body])


@dataclass(slots=True)
class EarlierResponses:
    """The previous response of each open connection."""

    copies: WeakKeyDictionary[Any, ResponseCopy] = field(default_factory=WeakKeyDictionary)

    def find(self, scope: Scope) -> ResponseCopy | None:
        """Return the previous response of a request's connection, or None."""
        transport = scope.get("state", {}).get("transport")
        copy = None if transport is None else self.copies.get(transport)
        return copy if copy is not None and copy.is_whole else None

    def record(self, scope: Scope, send: Send) -> Send:
        """Return a `send` that also keeps the response as the previous one of its connection."""
        transport = scope.get("state", {}).get("transport")
        if transport is None:
            return send
        copy = ResponseCopy()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                copy.start = message
            elif len(copy.body) <= _LARGEST:
                copy.body += message.get("body", b"")
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self.copies[transport] = copy

        return keep
