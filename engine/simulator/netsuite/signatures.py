"""OAuth 1.0a signatures (HMAC-SHA256), written from RFC 5849 §3.4 without a library. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote, unquote_plus, urlsplit

Parameters = Iterable[tuple[str, str]]

_PORTS = {"http": 80, "https": 443}
_MEMBER = re.compile(r'\s*([A-Za-z_]+)="([^"]*)"\s*(?:,|$)')


def escape(text: str) -> str:
    """Percent-encode a text (§3.6): all but letters, digits and `-._~`."""
    return quote(text, safe="-._~")


def parse_query(query: str) -> list[tuple[str, str]]:
    """Return the decoded parameters of a query or a form (§3.4.1.3.1): blanks may be `+` or `%20`."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def build_base_string(method: str, url: str, parameters: Parameters) -> str:
    """Build the text that is signed (§3.4.1).

    `url` is absolute, with its path as in the request; its query is included, and so are `parameters`:
    those of the header without `realm` and `oauth_signature`, and those of a form.
    """
    parts = urlsplit(url)
    pairs = [*parse_query(parts.query), *parameters]
    encoded = sorted((escape(name), escape(value)) for name, value in pairs)
    joined = "&".join(f"{name}={value}" for name, value in encoded)
    address = f"{parts.scheme}://{_format_authority(url)}{parts.path or '/'}"
    return f"{method.upper()}&{escape(address)}&{escape(joined)}"


def compute_signature(base: str, consumer_secret: str, token_secret: str) -> str:
    """Compute the signature of a base string, in base64 (§3.4.2, with SHA-256)."""
    key = f"{escape(consumer_secret)}&{escape(token_secret)}"
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def parse_header(header: str) -> dict[str, str] | None:
    """Return the parameters of an `Authorization: OAuth …` header (§3.5.1); None when it is malformed."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "oauth":
        return None
    found: dict[str, str] = {}
    at = 0
    while at < len(rest):
        member = _MEMBER.match(rest, at)
        if member is None or member[1] in found:
            return None
        found[member[1]] = unquote(member[2])
        at = member.end()
    return found


def _format_authority(url: str) -> str:
    """Return host and port in lower case, without the default port of the scheme (§3.4.1.2)."""
    parts = urlsplit(url)
    authority = parts.netloc.rpartition("@")[2].lower()
    host, colon, port = authority.rpartition(":")
    is_default = bool(colon) and port == str(_PORTS.get(parts.scheme))
    return host if is_default else authority
