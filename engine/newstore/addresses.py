"""Where a tenant's NewStore is: built from the tenant's name, never taken from a mapping. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from ..errors import AddressError
from ..wording import quoted

_TENANT = re.compile(r"[a-z][a-z0-9-]{0,62}")
_LOOPBACK, _LOOPBACK_6 = IPv4Network("127.0.0.0/8"), IPv6Address("::1")
_TOKEN_PATH = "/auth/realms/{tenant}/protocol/openid-connect/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class NewStoreAddress:
    """A tenant's name, the URL of its token endpoint, and the one that all paths are below."""

    tenant: str
    token_url: str
    base_url: str


def address_of(tenant: str) -> NewStoreAddress:
    """The addresses of a tenant; the stage is a part of its name (`dodici-sandbox`).

    Raise AddressError for what cannot be a tenant's name. Source: NewStore's documentation of the
    GraphQL API and of API clients (facts §3.1, §3.2).
    """
    _check_tenant(tenant)
    token_path = _TOKEN_PATH.format(tenant=tenant)
    return NewStoreAddress(
        tenant, f"https://id.p.newstore.net{token_path}", f"https://{tenant}.p.newstore.net"
    )


def simulated(tenant: str, base_url: str) -> NewStoreAddress:
    """The same two below one address of this machine, `http://127.0.0.1:8080`.

    Raise AddressError for any other host: credentials meant for a simulator go nowhere else.
    """
    _check_tenant(tenant)
    base = _loopback(base_url)
    return NewStoreAddress(tenant, base + _TOKEN_PATH.format(tenant=tenant), base)


def _check_tenant(tenant: str) -> None:
    if not _TENANT.fullmatch(tenant):
        raise AddressError(
            f"{quoted(tenant)} is no name of a NewStore tenant: small letters, digits and hyphens"
        )


def _loopback(base_url: str) -> str:
    """The address put together anew from its parts, so that it is what was looked at."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_simulator() from None
    if not (_is_bare(parts) and _is_loopback(host)):
        raise _no_simulator()
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}")


def _is_bare(parts: SplitResult) -> bool:
    """Whether an address has a scheme, a host and perhaps a port, and nothing else."""
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    return parts.scheme in ("http", "https") and not more


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address == _LOOPBACK_6 or address in _LOOPBACK


def _no_simulator() -> AddressError:
    # The address may hold a password, so it is not shown.
    return AddressError("a simulator has an address of this machine, such as http://127.0.0.1:8080")
