"""The head of a request: read by a strict grammar, and written again for the HTTP server. Pure.

The grammar is that of RFC 9112 without what it allows a reader to forgive. What may have another meaning
for a proxy in front of the service is refused: blanks and ends of lines that are not exact, folded lines,
two headers where one is meant, two ways to find the end of a body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from httptools import HttpParserInvalidURLError, parse_url

from ...findings.errors import RefusedError

Header = tuple[bytes, bytes]

_METHODS = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE"))
_VERSIONS = frozenset((b"1.0", b"1.1"))
_LINE = re.compile(rb"([A-Z]+) ([!-~]+)(?: HTTP/([0-9]\.[0-9]))?")
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)")
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?#]+)(/[^#]*)?")
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]*)(:[0-9]{0,5})?")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_BLANKS = b" \t"
# Headers with one value; from two of them a proxy may choose the other one.
_SINGLE = (
    b"authorization",
    b"content-encoding",
    b"content-length",
    b"content-type",
    b"expect",
    b"host",
    b"transfer-encoding",
)
# Headers that ask for another protocol: the server answers in HTTP/1.1 and closes the connection.
_UPGRADE = frozenset((b"connection", b"http2-settings", b"upgrade"))


@dataclass(frozen=True, slots=True)
class RequestLine:
    """The first line of a request; `target` is a path, or an address of this service."""

    method: bytes
    target: bytes
    version: bytes


@dataclass(frozen=True, slots=True)
class RequestHead:
    """A head without doubts.

    `text` is the head for the server. `length` is the bytes of the body, None for a body in chunks.
    `is_last` is whether the connection ends with the answer.
    """

    text: bytes
    length: int | None
    is_last: bool


def read_request_line(line: bytes) -> RequestLine:
    """Read the first line. Raise RefusedError: 400, or 505 for another version of HTTP."""
    found = _LINE.fullmatch(line)
    if found is None or found[1] not in _METHODS:
        raise RefusedError(400, "the request is not valid HTTP/1.1")
    if found[3] not in _VERSIONS:
        raise RefusedError(505, "only HTTP/1.1 and HTTP/1.0 are supported")
    return RequestLine(found[1], found[2], found[3])


def read_header(line: bytes) -> Header:
    """Return the name of a header, in lower case, and its value. Raise RefusedError, 400."""
    found = _HEADER.fullmatch(line)
    if found is None:
        raise RefusedError(400, "a header of the request is not valid HTTP/1.1")
    return found[1].lower(), found[2].strip(_BLANKS)


def read_head(line: RequestLine, headers: Sequence[Header]) -> RequestHead:
    """Return the head of these lines. Raise RefusedError, 400, when its meaning is in doubt."""
    single = _read_single(headers)
    target = _read_target(line, single.get(b"host"))
    coding = single.get(b"transfer-encoding")
    _check_framing(line.version, coding, single.get(b"content-length"))
    tokens = _read_tokens(headers)
    is_upgrade = any(name == b"upgrade" for name, _ in headers)
    if is_upgrade:
        headers = [pair for pair in headers if pair[0] not in _UPGRADE]
        headers.append((b"connection", b"close"))
    lines = [b"%b %b HTTP/%b" % (line.method, target, line.version)]
    lines += [b"%b: %b" % pair for pair in headers]
    return RequestHead(
        text=b"\r\n".join((*lines, b"", b"")),
        length=int(single.get(b"content-length", b"0")) if coding is None else None,
        is_last=is_upgrade or line.version == b"1.0" or b"close" in tokens,
    )


def _read_single(headers: Iterable[Header]) -> dict[bytes, bytes]:
    """The headers that may stand once, by name."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _SINGLE:
            if name in found:
                shown = name.decode().title()
                raise RefusedError(400, f"the request has more than one {shown} header")
            found[name] = value
    return found


def _read_target(line: RequestLine, host: bytes | None) -> bytes:
    """The path and query that the request names; the name of this host before them is dropped."""
    if host is None and line.version == b"1.1":
        raise RefusedError(400, "the request must have exactly one Host header")
    if host is not None and _HOST.fullmatch(host) is None:
        raise RefusedError(400, "the Host header is not the name of a host")
    target = line.target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is not None:
        if host is None or absolute[1].lower() != host.lower():
            raise RefusedError(400, "the target of the request is at another host")
        target = absolute[2] or b"/"
    if target[:1] != b"/" or b"#" in target:
        raise RefusedError(400, "the target of the request is not a path")
    try:
        parse_url(target)
    except HttpParserInvalidURLError:
        raise RefusedError(400, "the target of the request is not a path") from None
    return target


def _check_framing(version: bytes, coding: bytes | None, length: bytes | None) -> None:
    """Refuse a body whose end may be at two places, or is not known at all."""
    if length is not None and _LENGTH.fullmatch(length) is None:
        raise RefusedError(400, "the Content-Length is not a number")
    if coding is None:
        return
    if length is not None:
        # A proxy may have used the other one (RFC 9112, 6.1).
        raise RefusedError(400, "the request has both Content-Length and Transfer-Encoding")
    if version != b"1.1":
        # HTTP/1.0 has no such header, so a proxy may have forwarded it unread.
        raise RefusedError(400, "Transfer-Encoding requires HTTP/1.1")
    if coding.lower() != b"chunked":
        raise RefusedError(400, "the only Transfer-Encoding that is supported is chunked")


def _read_tokens(headers: Iterable[Header]) -> set[bytes]:
    values = (value for name, value in headers if name == b"connection")
    return {token.strip(_BLANKS).lower() for value in values for token in value.split(b",")}
