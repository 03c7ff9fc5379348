"""Limits on connections: a protocol between asyncio and the HTTP server's own protocol.

An HTTP server waits without end for the rest of a head and accepts any number of connections. Here heads
and idle connections have deadlines, and the number of connections has a maximum: a new connection beyond
it closes another: first a connection whose sender does not read the answers, then a connection
without an admitted request, the oldest first. Fewer requests are admitted than there are connections
(`RequestLimits.requests`), so there is always a connection to close.

The server's protocol is used only through the methods of `asyncio.Protocol`. Requests report the progress
of their answers through `report_answers`, an ASGI application around the service's own.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...findings.errors import RefusedError
from .request_reader import Part, RequestReader

_log = logging.getLogger(__name__)

# Key of the connection in the state of an ASGI scope.
CONNECTION = "connection"
# Maximum consecutive requests without an accepted key: more cost time and serve no need.
_MAX_UNADMITTED = 10
# Maximum bytes of one read: a connection keeps at most this much behind a request that is not answered.
_READ_BYTES = 64 * 1024
_CLOSE = (b"connection", b"close")


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of one server.

    `head`: seconds until a request begins, from the beginning of the connection or the end of the last
    answer, and seconds for its head to arrive; `body`: seconds for the rest of a body whose request is answered already, and for answers to
    be read; `connections`: maximum concurrent connections; `backlog`: maximum connections that the
    process accepts at once, before it counts them: open files beyond `connections`.
    """

    head: float = 15.0
    body: float = 15.0
    connections: int = 1_000
    backlog: int = 256


@dataclass(slots=True)
class ConnectionTable:
    """The open connections of a server, and those that may be closed for a new one, the oldest first.

    `unread`: the sender does not read the answers; `unadmitted`: no admitted request is open.
    """

    limits: ConnectionLimits
    open: set[LimitedConnection] = field(default_factory=set)
    unread: dict[LimitedConnection, None] = field(default_factory=dict)
    unadmitted: dict[LimitedConnection, None] = field(default_factory=dict)

    def add(self, connection: LimitedConnection) -> bool:
        """Add a connection, closing another one if there are too many; False if none can be closed."""
        self.open.add(connection)
        if len(self.open) > self.limits.connections:
            oldest = next(iter(self.unread or self.unadmitted), None)
            if oldest is None:
                return False
            self.remove(oldest)
            oldest.abort()
        self.unadmitted[connection] = None
        return True

    def remove(self, connection: LimitedConnection) -> None:
        """Forget a closed connection."""
        self.open.discard(connection)
        self.unread.pop(connection, None)
        self.unadmitted.pop(connection, None)


class _Wait(Enum):
    """What an open connection waits for; all but an answer have a deadline."""

    START = "start of a request"
    HEAD = "rest of a head"
    BODY = "rest of a body whose request is answered"
    READ = "answers to be read"
    ANSWER = "answer"


_WAITS = {Part.START: _Wait.START, Part.HEAD: _Wait.HEAD, Part.BODY: _Wait.BODY}


class LimitedConnection(asyncio.BufferedProtocol):
    """One connection: its deadlines, its reading, and the server's protocol behind it.

    It is a buffered protocol because a plain one cannot limit the bytes of one read.
    """

    def __init__(
        self, table: ConnectionTable, make_server: Callable[[LimitedConnection], asyncio.Protocol]
    ) -> None:
        self._table = table
        self._server = make_server(self)
        self._has_server = True
        self._reader = RequestReader()
        self._transport: asyncio.Transport | None = None
        self._buffer: bytearray | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wait: _Wait | None = None
        self._is_paused = False
        self._is_last = False
        self._is_answering = False
        self._is_admitted = False
        self._unadmitted = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the connection, or answer 503 if none can be closed for it."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connection_made(_ServerTransport(self, transport))
        if self._table.add(self):
            self._update()
        else:
            self._refuse(503, "too many connections; send the request again later")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - of the protocol's interface
        """Release everything."""
        self._stop_timer()
        self._table.remove(self)
        self._reader.close()
        self._transport = None
        self._detach()

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - of the protocol's interface
        """Return the buffer of the next read; an idle connection keeps none."""
        if self._buffer is None:
            self._buffer = bytearray(_READ_BYTES)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Pass on what was read; after the last request of the connection, drop it."""
        assert self._buffer is not None
        data, self._buffer = bytes(memoryview(self._buffer)[:nbytes]), None
        if self._is_last or self._is_closing():
            return
        output, refusal = self._reader.read(data)
        if output:
            self._server.data_received(output)
        if refusal is not None:
            self._stop_reading(refusal)
        self._update()

    def eof_received(self) -> bool:
        """Keep the connection open for the answer if the sender sent whole requests and ends there."""
        self._buffer = None
        if not self._reader.unanswered or self._reader.part is Part.BODY:
            if not (self._has_server and self._server.eof_received()):
                self.close()  # with its deadline: answers may still be unread
        else:
            self._is_last = True
        return True

    def pause_writing(self) -> None:
        """The sender does not read its answers: set a deadline, and allow closing for a new connection."""
        self._server.pause_writing()
        self._table.unread[self] = None
        self._update()

    def resume_writing(self) -> None:
        """The sender reads its answers again."""
        self._server.resume_writing()
        self._table.unread.pop(self, None)
        self._update()

    def admit(self) -> None:
        """Never close the connection for a new one until its admitted request is answered."""
        self._is_admitted = True
        self._table.unadmitted.pop(self, None)

    def begin_answer(self) -> bool:
        """Record that an answer begins; return whether it is the connection's last one."""
        self._is_answering = True
        is_last = self._is_last and self._reader.unanswered == 1
        return is_last or (not self._is_admitted and self._unadmitted + 1 >= _MAX_UNADMITTED)

    def end_answer(self) -> None:
        """Record that an answer has ended, and wait for the next request."""
        self._is_answering = False
        self._reader.unanswered -= 1
        if self._transport is None:
            return
        self._unadmitted = 0 if self._is_admitted else self._unadmitted + 1
        if self._is_admitted:
            self._is_admitted = False
            self._table.unadmitted[self] = None
        if self._is_last and not self._reader.unanswered:
            self.close()
        self._update()

    def close(self) -> None:
        """Close the connection when the answers are read, or their deadline passes."""
        if self._transport is not None and not self._transport.is_closing():
            self._start_timer(self._table.limits.body, self.abort)
            self._transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def pause_reading(self, *, is_paused: bool) -> None:
        """Pause or resume reading for the server, which keeps a bounded part of a body."""
        self._is_paused = is_paused
        self._update()

    def _is_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def _update(self) -> None:
        """Pause or resume reading; if the connection waits for something else now, set its deadline."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._is_paused or self._is_last or self._reader.has_next():
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
        wait = self._next_wait()
        if wait is self._wait:
            return
        self._wait = wait
        self._stop_timer()
        if wait is not _Wait.ANSWER:
            limits = self._table.limits
            is_head = wait in (_Wait.START, _Wait.HEAD)
            self._start_timer(limits.head if is_head else limits.body, self._expire)

    def _next_wait(self) -> _Wait:
        if self in self._table.unread:
            return _Wait.READ
        if self._reader.unanswered:
            return _Wait.ANSWER  # the application limits the time of a body that it reads
        return _WAITS[self._reader.part]

    def _expire(self) -> None:
        if self._wait is _Wait.HEAD:
            self._refuse(408, "the head of the request did not arrive in time")
        else:
            self.abort()

    def _stop_reading(self, refusal: RefusedError) -> None:
        """Answer earlier requests and close, or, if there are none, answer the refusal and close."""
        self._is_last = True
        if self._reader.earlier() <= 0:
            self._refuse(refusal.status, str(refusal))

    def _refuse(self, status: int, message: str) -> None:
        """Answer in place of the server, unless there is an answer already, and close."""
        if self._transport is None or self._transport.is_closing():
            return
        _log.debug("a request was refused: %s %s", status, message)
        if self._reader.earlier() == 0 and not self._is_answering:
            self._transport.write(_refusal(status, message))
        self._detach()
        self.close()

    def _detach(self) -> None:
        """Report the connection as lost to the server, which ends its requests and timers."""
        if self._has_server:
            self._has_server = False
            self._server.connection_lost(None)  # with an error uvicorn keeps its timer

    def _start_timer(self, seconds: float, expire: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, expire)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _ServerTransport(asyncio.Transport):
    """The transport of the server's protocol: it writes itself and leaves closing to the connection."""

    def __init__(self, connection: LimitedConnection, transport: asyncio.Transport) -> None:
        super().__init__()
        self._connection, self._inner = connection, transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As in `asyncio.Transport`."""
        return self._inner.get_extra_info(name, default)

    def is_closing(self) -> bool:
        """As in `asyncio.Transport`."""
        return self._inner.is_closing()

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Write, unless the connection is closing."""
        if not self._inner.is_closing():
            self._inner.write(data)

    def close(self) -> None:
        """Close the connection, with the connection's deadline."""
        self._connection.close()

    def abort(self) -> None:
        """As in `asyncio.Transport`."""
        self._inner.abort()

    def pause_reading(self) -> None:
        """Ask the connection to pause."""
        self._connection.pause_reading(is_paused=True)

    def resume_reading(self) -> None:
        """Ask the connection to resume, unless it pauses for another reason."""
        self._connection.pause_reading(is_paused=False)


def report_answers(app: ASGIApp) -> ASGIApp:
    """Return an application around `app` that reports to connections when an answer begins and ends."""

    async def reported(scope: Scope, receive: Receive, send: Send) -> None:
        connection: LimitedConnection = scope["state"][CONNECTION]
        is_answered = False

        async def send_reported(message: Message) -> None:
            nonlocal is_answered
            kind = message["type"]
            if kind == "http.response.start" and connection.begin_answer():
                headers = [pair for pair in message.get("headers", ()) if pair[0] != _CLOSE[0]]
                message = {**message, "headers": [*headers, _CLOSE]}
            await send(message)
            if kind == "http.response.body" and not message.get("more_body", False):
                is_answered = True
                connection.end_answer()

        try:
            await app(scope, receive, send_reported)
        finally:
            if not is_answered:
                connection.end_answer()

    return reported


def limited_connections(
    limits: ConnectionLimits, server_protocol: Callable[..., asyncio.Protocol]
) -> type[LimitedConnection]:
    """Return the class of one server's connections; each makes and wraps a `server_protocol`."""
    table = ConnectionTable(limits)

    class ServerConnection(LimitedConnection):
        """A connection that the server makes with the arguments of its own protocol."""

        def __init__(self, *, app_state: dict[str, Any], **arguments: Any) -> None:
            super().__init__(
                table,
                lambda connection: server_protocol(
                    app_state={**app_state, CONNECTION: connection}, **arguments
                ),
            )

    return ServerConnection


def _refusal(status: int, message: str) -> bytes:
    body = json.dumps({"error": message}).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
