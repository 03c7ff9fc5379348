"""What the server reads of a connection is the same, however the bytes arrive."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise

import pytest
from httptools import HttpRequestParser
from hypothesis import given
from hypothesis import strategies as st

from engine.service.web.request_reader import HEAD_BYTES, Part, RequestReader
from web.behind import EVENT, request

BODY = json.dumps(EVENT).encode()
KEPT = {"Connection": "keep-alive"}
CHUNKED = {**KEPT, "Content-Length": None, "Transfer-Encoding": "chunked"}
CHUNKS = b"%x;name=value\r\n%b\r\n0\r\nTrailer: t\r\n\r\n" % (len(BODY), BODY)
H2C = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}
SENT = {
    "a length": request(headers=KEPT) + b"\r\n" + request(headers=KEPT),
    "chunks": request(CHUNKS, CHUNKED) + request(),
    "no body": request(b"", line="GET /healthz HTTP/1.0"),
    "HTTP/2 with a length": request(headers=H2C),
    "HTTP/2 with chunks": request(CHUNKS, {**CHUNKED, **H2C}),
}


def read(parts: Iterable[bytes]) -> tuple[RequestReader, bytes]:
    """The reader and its output after all parts; chunks of one body are joined."""
    reader, output = RequestReader(), b""
    for part in parts:
        more, refusal = reader.read(part)
        assert refusal is None
        output += more
    return reader, dechunked(output)


def dechunked(output: bytes) -> bytes:
    """Every chunk's size line replaced by nothing, so that only its content stays."""
    head, mark, rest = output.partition(b"transfer-encoding: chunked")
    if not mark:
        return output
    rest_of_head, _, chunks = rest.partition(b"\r\n\r\n")
    body = b""
    while (size := int(chunks[: chunks.index(b"\r\n")], 16)) > 0:
        start = chunks.index(b"\r\n") + 2
        body, chunks = body + chunks[start : start + size], chunks[start + size + 2 :]
    return head + mark + rest_of_head + b"\r\n\r\n" + body + dechunked(chunks[len(b"0\r\n\r\n") :])


@given(st.sampled_from(list(SENT)), st.lists(st.integers(0, 700), max_size=5))
def test_where_the_bytes_are_split_changes_nothing(name: str, cuts: list[int]) -> None:
    sent = SENT[name]
    places = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    reader, whole = read([sent])
    _, in_parts = read(sent[start:end] for start, end in pairwise(places))
    assert in_parts == whole
    assert reader.part is Part.START


@pytest.mark.parametrize("sent", [SENT["HTTP/2 with a length"], SENT["HTTP/2 with chunks"]])
def test_a_request_for_another_protocol_is_plain_for_the_server(sent: bytes) -> None:
    _, output = read([sent])
    head, _, body = output.partition(b"\r\n\r\n")
    assert b"upgrade" not in head.lower()
    assert head.lower().count(b"connection: close") == 1
    assert body == BODY


class Requests:
    """What the server's own parser makes of bytes: a head, and bodies joined, for each request."""

    def __init__(self, data: bytes) -> None:
        self.heads: list[list[bytes]] = []
        self.body, self.ended = b"", 0
        HttpRequestParser(self).feed_data(data)

    def on_message_begin(self) -> None:
        self.heads.append([])

    def on_url(self, url: bytes) -> None:
        self.heads[-1].append(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.heads[-1].append(name + b"=" + value)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.ended += 1


LINES = [
    b"POST /events/shop HTTP/1.1",
    b"GET /?a=%00#b HTTP/1.0",
    b"HEAD //x:y@[z/|`^ HTTP/1.1",
    b"OPTIONS http://a/ HTTP/1.1",
]
HEADERS = [
    b"Host: a",
    b"Host: [::1]:",
    b"Content-Length: 5",
    b"Content-Length: 0000",
    b"Transfer-Encoding: Chunked",
    b"Connection: close, upgrade",
    b"Connection: keep-alive",
    b"Upgrade: h2c",
    b"Proxy-Connection: close",
    b"Expect: 100-continue",
    b"X-A: \t\xff \t",
    b"X-A:",
]
BODIES = [b"", b"12345", b"0\r\n\r\n", b"5;a=b\r\n12345\r\n0\r\nX: y\r\n\r\n"]


@given(
    st.sampled_from(LINES), st.lists(st.sampled_from(HEADERS), max_size=5), st.sampled_from(BODIES)
)
def test_what_is_passed_on_is_valid_for_the_server(
    line: bytes, headers: list[bytes], body: bytes
) -> None:
    """And both agree where the request ends."""
    reader = RequestReader()
    output, refusal = reader.read(b"\r\n".join([line, *headers, b"", body]))
    read = Requests(output)
    assert len(read.heads) == reader.unanswered
    assert read.ended == reader.unanswered or reader.part is Part.BODY or refusal is not None
    assert body.startswith(read.body) or read.body == b"12345"


def test_extensions_and_trailers_do_not_reach_the_server() -> None:
    output, refusal = RequestReader().read(SENT["chunks"])
    assert refusal is None
    assert b"name=value" not in output
    assert b"railer" not in output


def test_a_head_without_end_is_refused_and_the_request_before_it_is_kept() -> None:
    reader = RequestReader()
    output, refusal = reader.read(request(headers=KEPT))
    assert refusal is None
    assert output.endswith(BODY)
    more, refusal = reader.read(b"GET / HTTP/1.1\r\nX: " + b"y" * HEAD_BYTES)
    assert more == b""
    assert refusal is not None
    assert refusal.status == 431
    assert reader.has_next()
    assert reader.earlier() == 1
