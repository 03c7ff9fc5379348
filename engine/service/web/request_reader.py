"""Splits the bytes of a connection into requests and writes each again for the HTTP server.

The server reads only requests that were parsed here, so it never reads malformed ones. Its parser and
this parser are the same (httptools), so both agree where a request ends.
"""

from __future__ import annotations

from enum import Enum

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, parse_url

from ...findings.errors import RefusedError

# Maximum bytes of a head, also of one that is not complete.
HEAD_BYTES = 16 * 1024
# Maximum requests of a connection that wait for the answer to an earlier one. One read is parsed
# at once and may hold a thousand small requests.
_MAX_PIPELINED = 64
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))
# The parser accepts these methods with RTSP/1.0 and ICE/1.0; the server's parser would refuse them.
_NOT_HTTP = frozenset(
    (
        b"ANNOUNCE",
        b"DESCRIBE",
        b"FLUSH",
        b"GET_PARAMETER",
        b"PAUSE",
        b"PLAY",
        b"RECORD",
        b"REDIRECT",
        b"SETUP",
        b"SET_PARAMETER",
        b"SOURCE",
        b"TEARDOWN",
    )
)
# Headers that concern one connection.
_HOP = frozenset((b"connection", b"upgrade"))


class Part(Enum):
    """The part of a request that arrives next."""

    START = "start"
    HEAD = "head"
    BODY = "body"


class RequestReader:
    """Parser of one connection: how far its request has arrived and how many wait for an answer.

    `part` is the part that arrives next. `unanswered` counts requests whose head is complete and whose
    answer is not.
    """

    def __init__(self) -> None:
        self.part = Part.START
        self.unanswered = 0
        self._parser: HttpRequestParser | None = HttpRequestParser(self)
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._is_chunked = False
        self._is_upgrade = False
        self._output: list[bytes] = []
        # Bytes of an unfinished head, or of chunk sizes and trailers around a body: httptools has no bound.
        self._overhead = 0

    def read(self, data: bytes) -> tuple[bytes, RefusedError | None]:
        """Parse bytes; return bytes for the server, and the refusal of a request if there is one.

        After a refusal nothing more is read.
        """
        self._overhead += len(data)
        is_valid = self._parse(data)
        output, self._output = b"".join(self._output), []
        if self.part is not Part.START and self._overhead > HEAD_BYTES:
            return output, RefusedError(431, f"the head exceeds {HEAD_BYTES:,} bytes")
        if not is_valid:
            return output, RefusedError(400, "the request is not valid HTTP/1.1")
        return output, None

    def close(self) -> None:
        """Release the parser, which holds a reference to this reader."""
        self._parser = None

    def has_next(self) -> bool:
        """Whether a request has begun behind one that is not answered."""
        return self.unanswered > 1 or (self.unanswered == 1 and self.part is Part.HEAD)

    def earlier(self) -> int:
        """Number of unanswered requests before the one that arrives; -1 if that one is answered."""
        return self.unanswered - (self.part is Part.BODY)

    def on_message_begin(self) -> None:
        """Called by the parser at the first byte of a request."""
        if self._is_upgrade:
            return
        if self.unanswered > _MAX_PIPELINED:
            raise ValueError(
                "too many pipelined requests"
            )  # the parser reports it as its own error
        self.part = Part.HEAD
        self._url, self._headers, self._is_chunked = b"", [], False

    def on_url(self, url: bytes) -> None:
        """Called by the parser with a part of the target."""
        if not self._is_upgrade:
            self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser with a header, or with a trailer, which is dropped."""
        if self.part is Part.HEAD:
            name = name.lower()
            self._is_chunked = self._is_chunked or name == b"transfer-encoding"
            # The parser keeps blanks behind a value.
            self._headers.append((name, value.rstrip()))

    def on_headers_complete(self) -> None:
        """Called by the parser when the head is complete."""
        parser = self._parser
        if self._is_upgrade or parser is None:
            return
        # The server's own conditions; an exception here becomes an error of the parser.
        parse_url(self._url).path.decode("ascii")
        if parser.get_method() in _NOT_HTTP:
            raise ValueError("the method is not one of HTTP")
        self.part, self._overhead = Part.BODY, 0
        self.unanswered += 1
        headers = self._headers
        if parser.should_upgrade():
            headers = [pair for pair in headers if pair[0] not in _HOP]
            headers.append((b"connection", b"close"))
        version = parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (parser.get_method(), self._url, version)]
        lines += [b"%b: %b" % pair for pair in headers]
        self._output += (b"\r\n".join(lines), b"\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Called by the parser with a part of the body; an empty chunk would end the body."""
        if not body:
            return
        self._overhead -= len(body)
        self._output += (b"%x\r\n" % len(body), body, b"\r\n") if self._is_chunked else (body,)

    def on_message_complete(self) -> None:
        """Called by the parser at the end of a request."""
        if not self._is_upgrade and self._parser is not None and self._parser.should_upgrade():
            return  # its body follows: `_read_plain`
        if self._is_chunked:
            self._output.append(b"0\r\n\r\n")
        self.part, self._overhead = Part.START, 0
        self._is_upgrade = False

    def _parse(self, data: bytes) -> bool:
        """Whether the bytes are valid."""
        if self._parser is None:
            return False
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as error:
            return self._read_plain(data[error.args[0] :])
        except HttpParserError:
            return False
        return True

    def _read_plain(self, rest: bytes) -> bool:
        """Read the body of a request that asks for another protocol; the server answers it in HTTP/1.1.

        Some clients ask for HTTP/2 in this way with every request. httptools does not parse the body of
        such a request, so a second parser gets the headers that frame the body, and then the body.
        The second parser refuses everything behind that request.
        """
        framing = b"".join(b"%b: %b\r\n" % pair for pair in self._headers if pair[0] in _FRAMING)
        self._parser, self._is_upgrade = HttpRequestParser(self), True
        head = b"POST / HTTP/1.1\r\nHost: -\r\nConnection: close\r\n%b\r\n" % framing
        return self._parse(head) and self._parse(rest)
