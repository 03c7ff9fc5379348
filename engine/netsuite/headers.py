"""Which record an answer says was made. Pure.

Whoever stands between may write anything there: what is not understood counts as not said.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

from .addresses import RECORDS

_ID = re.compile(r"[0-9]{1,20}")
_PORTS = {"http": 80, "https": 443}


def id_in(location: str, base_url: str, record: str | None = None) -> str | None:
    """The internal id at the end of a Location; None when it leads elsewhere.

    Elsewhere is another host, another path than the record service's, and another type than
    `record`, if one is named.
    """
    try:
        here = urlsplit(base_url)
        there = urlsplit(base_url + location if location.startswith("/") else location)
        same_site = _site(here) == _site(there)
    except ValueError:
        return None
    path = unquote(there.path)
    match = re.fullmatch(rf"{re.escape(here.path + RECORDS)}/([^/]+)/([^/]+)", path)
    if not same_site or match is None or not _ID.fullmatch(match[2]):
        return None
    return match[2] if record is None or match[1].lower() == record.lower() else None


def _site(parts: SplitResult) -> tuple[str, str | None, int | None, bool]:
    """Scheme, host and port of an address, and whether it names somebody to sign in as."""
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), "@" in parts.netloc
