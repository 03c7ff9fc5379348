"""HTTP as uvicorn speaks it, for senders who may be slow, many, or none at all.

uvicorn waits for ever for the rest of a head or a body, and keeps heads of any size. Here each has a
deadline and a bound, and so has a connection that says nothing. There are only so many connections:
where one more comes, another one leaves. First those that do not read what they are answered, then
those that have no request with an accepted key under way, the oldest first. Of the others there are
fewer than connections (`Limits.requests`), so that there is always somebody to leave.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .reading import Reading
from .receiving import HEAD_BYTES, LET_IN

# So many requests in a row without an accepted key are answered: many more cost time, and come of no need.
_STRANGE = 10
# So much is read at once: whoever sends a thousand requests before the first is answered has that much kept.
_READ_BYTES = 64 * 1024
# So many requests may wait for the answer to one before them: all that is read at once is parsed at once.
_WAITING = 64
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a connection may take.

    `head`: seconds until a head is there, from the connection's beginning or the last answer;
    `body`: seconds from the head until its body is there; `connections`: how many at once.
    """

    head: float = 15.0
    body: float = 15.0
    connections: int = 1_000


@dataclass(eq=False)
class _Shared:
    """What all connections of a server share: who leaves for another one, the first of them first.

    `unread` do not read their answers; `others` have no request that was let in.
    """

    bounds: Bounds
    unread: dict[_Connection, None] = field(default_factory=dict)
    others: dict[_Connection, None] = field(default_factory=dict)

    def first(self) -> _Connection | None:
        """Who leaves next."""
        return next(iter(self.unread or self.others), None)

    def forget(self, connection: _Connection) -> None:
        """It does not leave for another one, or has left."""
        self.unread.pop(connection, None)
        self.others.pop(connection, None)


class _Connection(HttpToolsProtocol):
    """One connection; `_reading` says how far its sender has come."""

    def __init__(self, shared: _Shared, **given: Any) -> None:
        super().__init__(**given)
        self._shared = shared
        self._reading = Reading()
        self._timer: asyncio.TimerHandle | None = None
        self._phase: object = None
        self._is_let_in = False
        self._strange = 0
        self._is_framing = False
        self.app_state = {**self.app_state, LET_IN: self._let_in}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take it in, if there is room or somebody to make it."""
        super().connection_made(transport)
        # asyncio's own bound, of 256 kB, which it has no call for.
        transport.max_size = _READ_BYTES  # type: ignore[attr-defined] # of its selectors' transports
        if len(self.connections) > self._shared.bounds.connections:
            first = self._shared.first()
            if first is None:
                self._refuse(503, "there are too many connections")
                return
            first.leave()
        self._shared.others[self] = None
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop_timer()
        self.pipeline.clear()
        super().connection_lost(exc)
        self._shared.forget(self)

    def data_received(self, data: bytes) -> None:
        """Read on, unless it was told to go."""
        if self.transport.is_closing():
            return
        self._reading.came(len(data))
        self._parse(data)
        if self._reading.is_too_large() and not self.transport.is_closing():
            self._refuse(431, f"a head has at most {HEAD_BYTES:,} bytes")
        self._look()

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn closes in any case
        """Whoever has sent a whole request and will send no other is answered all the same."""
        if self._is_answered() or self.cycle.more_body:
            return False
        self.cycle.keep_alive = False
        return True

    def on_message_begin(self) -> None:
        """A request begins; where another one waits for its answer, nothing more is read for now."""
        if self._is_framing:
            return
        if len(self.pipeline) >= _WAITING:
            raise ValueError("too many requests at once")  # the parser ends with it
        super().on_message_begin()
        self._reading.head_begins()
        if not self._is_answered():
            self.flow.pause_reading()

    def on_url(self, url: bytes) -> None:
        """A part of its target."""
        if not self._is_framing:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; the parser leaves blanks behind it."""
        if not self._is_framing:
            super().on_header(name, value.rstrip())

    def on_headers_complete(self) -> None:
        """Its head is there."""
        if self._is_framing:
            return
        self._reading.body_begins()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of its body."""
        self._reading.body_came(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is there, unless the parser has left its body to another protocol."""
        if self.parser.should_upgrade() and self._framing():
            return
        self._reading.ends()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        if self._is_let_in:
            self._is_let_in = False
            self._strange = 0
            self._shared.others[self] = None
        else:
            self._strange += 1
            if self._strange == _STRANGE:
                self._close()
        super().on_response_complete()
        self._look()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or a head that is not whole and too large already."""
        if not self._is_answered() and not self.cycle.more_body:
            self.cycle.keep_alive = False  # what came before it has its answer first
            self.flow.pause_reading()
        elif self._reading.is_too_large():
            self._refuse(431, f"a head has at most {HEAD_BYTES:,} bytes")
        else:
            self._refuse(400, msg)

    def pause_writing(self) -> None:
        """Who does not read answers is not waited for without end either."""
        super().pause_writing()
        self._shared.unread[self] = None
        self._stop_timer()
        self._timer = self.loop.call_later(self._shared.bounds.body, self.transport.abort)

    def resume_writing(self) -> None:
        """The answers are read after all."""
        super().resume_writing()
        self._shared.unread.pop(self, None)
        if self.transport.is_closing():
            return  # its end has a deadline of its own
        self._stop_timer()
        self._phase = None
        self._look()

    def leave(self) -> None:
        """Make room for another one."""
        self._shared.forget(self)
        self.transport.abort()

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as error:
            self._stay(data[error.args[0] :])
        except HttpParserError:
            self.send_400_response("this is no request of HTTP/1.1")

    def _stay(self, rest: bytes) -> None:
        """Go on in HTTP where a request asks for another protocol: it is answered as if it had not.

        Some clients ask for HTTP/2 so with every request. The parser has left the body alone: another
        one is told how long that is, and reads it.
        """
        framing, self.cycle.keep_alive = self._framing(), False
        if not framing:
            return
        self.parser = HttpRequestParser(self)
        self._is_framing = True
        self.parser.feed_data(b"POST / HTTP/1.1\r\nHost: -\r\n" + framing + b"\r\n")
        self._is_framing = False
        self._parse(rest)

    def _framing(self) -> bytes:
        """The headers that say how long the body of a request is."""
        return b"".join(b"%b: %b\r\n" % pair for pair in self.headers if pair[0] in _FRAMING)

    def _let_in(self) -> None:
        """The request under way has a place: it stays until it is answered."""
        self._is_let_in = True
        self._shared.others.pop(self, None)

    def _look(self) -> None:
        """Give the phase that the sender is in, if it has changed, its deadline."""
        # Whatever comes behind a request that waits for its answer is in no hurry.
        waits = bool(self.pipeline) or not (self._is_answered() or self._reading.is_in_body)
        phase = (waits, self._reading.is_in_body, self._is_answered())
        if phase == self._phase or self.transport.is_closing():
            return
        self._phase = phase
        self._stop_timer()
        if waits:
            return
        bounds = self._shared.bounds
        seconds = bounds.body if self._reading.is_in_body else bounds.head
        self._timer = self.loop.call_later(seconds, self._too_slow)

    def _is_answered(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, which uvicorn's types leave out
        return cycle is None or bool(cycle.response_complete)

    def _too_slow(self) -> None:
        if self._reading.is_in_head:
            self._refuse(408, "the request did not arrive in time")
        else:
            self.transport.abort()

    def _close(self) -> None:
        """Close it when what was answered is read, or has had time to be."""
        self._stop_timer()
        self._timer = self.loop.call_later(self._shared.bounds.body, self.transport.abort)
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: int, words: str) -> None:
        """Answer, where an answer is due, and close."""
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_refusal(status, words))
        if cycle is not None and not cycle.response_complete:
            # Its own answer comes too late.
            cycle.disconnected = True
            cycle.message_event.set()
        self._close()


def _refusal(status: int, words: str) -> bytes:
    body = json.dumps({"error": words}).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


def connections_of(bounds: Bounds) -> Callable[..., HttpToolsProtocol]:
    """What makes the connections of one server, which share its bounds."""
    return partial(_Connection, _Shared(bounds))
