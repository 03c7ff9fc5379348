"""Builds the address of a tenant's NewStore from the tenant's name, never from a mapping. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..findings.errors import AddressError
from ..findings.quote import quoted
from ..wire.urls import loopback

# A name that begins with `xn--` stands for other letters, and need not stand for any.
_TENANT = re.compile(r"(?!xn--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TOKEN_PATH = "/auth/realms/{tenant}/protocol/openid-connect/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class NewStoreAddress:
    """A tenant's name, the URL of its token endpoint, and the base URL of all paths.

    With `trusts_environment`, proxies and certificates of the environment apply.
    """

    tenant: str
    token_url: str
    base_url: str
    trusts_environment: bool = False


def build_address(tenant: str) -> NewStoreAddress:
    """Return the address of a tenant; the stage is a part of its name (`dodici-sandbox`).

    Raise AddressError for an invalid name. Source: NewStore's documentation of the
    GraphQL API and of API clients (facts §3.1, §3.2).
    """
    _check_tenant(tenant)
    token_path = _TOKEN_PATH.format(tenant=tenant)
    return NewStoreAddress(
        tenant, f"https://id.p.newstore.net{token_path}", f"https://{tenant}.p.newstore.net"
    )


def build_simulated_address(tenant: str, base_url: str) -> NewStoreAddress:
    """Return a tenant's address at a simulator, such as `http://127.0.0.1:8100/dodici/newstore`.

    Raise AddressError unless it is on loopback: a simulator's credentials go nowhere else.
    """
    _check_tenant(tenant)
    base = loopback(base_url)
    return NewStoreAddress(tenant, base + _TOKEN_PATH.format(tenant=tenant), base)


def _check_tenant(tenant: str) -> None:
    if not _TENANT.fullmatch(tenant):
        raise AddressError(
            f"{quoted(tenant)} is not a NewStore tenant name: use lower case letters, digits and hyphens"
        )
