"""Checks the network: a host's name, a connection to it, its certificate, and its clock."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from ...findings.errors import NoAnswerError
from ...findings.health import CheckResult, failed, ok, skipped, warning
from ...netsuite import NetSuiteAddress
from ...wire.exchange import ExchangeBounds
from ...wire.open_client import open_client

# A name and a port to what `socket.getaddrinfo` answers; raises OSError.
Addresses = Callable[[str, int], Sequence[tuple[Any, ...]]]

_DAY = 24 * 3600
_FEW_DAYS = 14
# In seconds. Our assertions are valid for 300 (netsuite/signing.py): a clock that is behind by as much
# makes only expired ones.
_APART, _TOO_FAR_APART = 60, 240
_BOUNDS = ExchangeBounds(deadline=20.0, received=256 * 1024, inflated=1024 * 1024)
_FIREWALL = "let this machine reach it: a firewall, a proxy or the network is in the way"


@dataclass(frozen=True, slots=True, order=True)
class Host:
    """A host to connect to; only a simulator has no TLS."""

    name: str
    port: int
    has_tls: bool


def host_of(url: str) -> Host:
    """Return the host of a valid URL."""
    parts = urlsplit(url)
    has_tls = parts.scheme == "https"
    return Host(parts.hostname or "", parts.port or (443 if has_tls else 80), has_tls)


async def resolve_name(host: Host, addresses: Addresses) -> CheckResult:
    """Check that the name has an address; `addresses` is `socket.getaddrinfo`, which blocks."""
    try:
        found = await asyncio.to_thread(addresses, host.name, host.port)
    except OSError as error:
        words = f"the name has no address ({error.strerror or 'not known'})"
        return failed(words, "check the tenant's or account's name, and this machine's DNS")
    count = len({address[4][0] for address in found})
    return ok(f"{count} address{'es' if count != 1 else ''}")


async def connect(host: Host, trusted: ssl.SSLContext, now: Callable[[], float]) -> CheckResult:
    """Check that a connection can be opened, and with TLS the expiry of its certificate.

    `now` is in seconds since 1970.
    """
    try:
        _, writer = await asyncio.open_connection(
            host.name, host.port, ssl=trusted if host.has_tls else None
        )
    except ssl.SSLCertVerificationError as error:
        words = f"its certificate is not accepted: {error.verify_message}"
        return failed(
            words, "a proxy that intercepts TLS is not trusted; check this machine's clock too"
        )
    except OSError as error:
        return failed(f"no connection ({_reason(error)})", _FIREWALL)
    try:
        certificate = writer.get_extra_info("peercert")
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return (
        _check_expiry(certificate, now()) if host.has_tls else ok("open, without TLS: a simulator")
    )


async def connect_through_proxy(host: Host, proxy: str) -> CheckResult:
    """Check a connection through the environment's proxy. Raise NoAnswerError, AddressError."""
    scheme = "https" if host.has_tls else "http"
    shown = urlsplit(proxy).netloc.rpartition("@")[2]  # never a password
    async with open_client(
        f"{scheme}://{host.name}:{host.port}", _BOUNDS, trust_env=True
    ) as client:
        try:
            await client.head("/")
        except NoAnswerError as error:
            hint = f"let the proxy {shown} of the environment connect to it"
            return failed(str(error), hint)
    return ok(f"open, through the proxy {shown}")


async def check_clock(address: NetSuiteAddress, now: Callable[[], float]) -> CheckResult:
    """Compare this machine's clock with NetSuite's.

    NetSuite judges assertions and signatures by its own clock (netsuite.md §4.1, §4.2). Raise
    NoAnswerError.
    """
    trust_env = address.trusts_environment
    async with open_client(address.base_url, _BOUNDS, trust_env=trust_env) as client:
        response = await client.head("/")
    remote = _parse_date(response.headers.get("date", ""))
    if remote is None:
        return skipped("the answer has no Date header")
    ahead = round(now() - remote)
    words = f"{abs(ahead):,} s {'ahead' if ahead >= 0 else 'behind'}"
    hint = (
        "set this machine's clock, for example by NTP: NetSuite refuses signatures of another time"
    )
    if abs(ahead) > _TOO_FAR_APART:
        return failed(words, hint)
    return warning(words, hint) if abs(ahead) > _APART else ok(words)


def _check_expiry(certificate: dict[str, str], now: float) -> CheckResult:
    days = int((ssl.cert_time_to_seconds(certificate["notAfter"]) - now) // _DAY)
    words = f"its certificate is valid for {days} day{'s' if days != 1 else ''}"
    return ok(words) if days >= _FEW_DAYS else warning(words, "the host's operator must renew it")


def _reason(error: OSError) -> str:
    """Return the operating system's words for an error; never the content of an answer."""
    return error.strerror if error.errno and error.strerror else type(error).__name__


def _parse_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def to_utc(now: float) -> datetime:
    """Return a moment in seconds since 1970 as a datetime in UTC."""
    return datetime.fromtimestamp(now, UTC)
