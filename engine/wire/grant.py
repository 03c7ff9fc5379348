"""What the operator lets a tenant use: secrets, accounts, hosts, folders. Nothing else is read or sent.

A name in a grant that ends in a letter or digit is that name alone; any other is the beginning of
names: `ACME_`, `/run/secrets/acme/`. A name that another tenant's longer beginning covers is the other's.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..files.beneath import FileOnDisk, Root, read_beneath, real_path, resolve_beneath
from ..findings.errors import AddressError

_HTTPS_PORT = 443
# Only what every parser of addresses reads alike: no user, no backslash, no blank, no other alphabet.
_URL = re.compile(
    r"https://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?:[/?][!-\[\]-~]*)?"
)
_NOT_IN_A_PATH = re.compile(r"[\x00-\x1f\x7f\\]")


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a tenant may use, and those that belong to other tenants."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def allow(self, name: str) -> bool:
        """Whether the tenant may use a name."""
        own = _longest_match(self.own, name)
        return own > 0 and own > _longest_match(self.others, name)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one tenant may use. `accounts` are in capitals, `hosts` are `HOST:PORT`.

    `files` are real paths; those of secrets are beneath `secret_roots`, which hold the tenant's own
    folder. `folders` may be read by links and `extends`. `allowance` is the maximum of concurrent
    requests to an account, None without a limit.
    """

    is_unrestricted: bool = False
    environment: Names = field(default_factory=Names)
    files: Names = field(default_factory=Names)
    secret_roots: tuple[Root, ...] = ()
    parameters: Names = field(default_factory=Names)
    accounts: frozenset[str] = frozenset()
    newstore: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    allowance: int | None = None
    folders: tuple[Root, ...] = ()

    def allows_variable(self, name: str) -> bool:
        """Whether a variable of the environment may be read."""
        return self.is_unrestricted or self.environment.allow(name)

    def allows_parameter(self, name: str) -> bool:
        """Whether a parameter of AWS may be read."""
        return self.is_unrestricted or self.parameters.allow(name)

    def allows_account(self, account: str) -> bool:
        """Whether records may be written to an account of the ledger."""
        return self.is_unrestricted or account.upper() in self.accounts

    def allows_newstore(self, tenant: str) -> bool:
        """Whether a tenant of the shop may be read."""
        return self.is_unrestricted or tenant in self.newstore

    def allows_url(self, url: str) -> bool:
        """Whether an https address may be sent to."""
        return self.is_unrestricted or host_and_port(url) in self.hosts

    def allows_file(self, folder: str, path: str) -> bool:
        """Whether a secret's file may be read; `path` is relative to `folder`, or absolute.

        The file need not exist. Links on the way to it are followed, it is not opened.
        """
        if self.is_unrestricted:
            return True
        if _NOT_IN_A_PATH.search(path):
            return False
        whole = os.path.join(folder, path)  # noqa: PTH118 - a text, which may be absolute
        try:
            return self._allows_real(resolve_beneath(self.secret_roots, whole))
        except FileNotFoundError:
            return self._allows_real(real_path(whole))
        except (OSError, ValueError):
            return False

    def read_secret(self, folder: str, path: str, limit: int) -> FileOnDisk:
        """Read a secret's file. Raise OSError (EXDEV where it is not granted) and ValueError."""
        whole = os.path.join(folder, path)  # noqa: PTH118 - a text, which may be absolute
        if self.is_unrestricted:
            return read_beneath((Root("/"),), real_path(whole), limit)
        if _NOT_IN_A_PATH.search(path):
            raise OSError(errno.EXDEV, "not a path")
        if not self._allows_real(resolve_beneath(self.secret_roots, whole)):
            raise OSError(errno.EXDEV, "outside the files that are granted")
        found = read_beneath(self.secret_roots, whole, limit)
        if not self._allows_real(found.real):
            raise OSError(errno.EXDEV, "outside the files that are granted")
        return found

    def _allows_real(self, path: str) -> bool:
        own = self.secret_roots[:1]  # the tenant's own folder
        inside = any(path.startswith(f"{root.path.rstrip('/')}/{root.entry}/") for root in own)
        return inside or self.files.allow(path)


UNRESTRICTED = Grant(is_unrestricted=True)


def host_and_port(url: str) -> str | None:
    """Return `HOST:PORT` of an https address in small letters; None for any other text."""
    match = _URL.fullmatch(url)
    if match is None:
        return None
    host, port = match["host"].lower(), int(match["port"] or _HTTPS_PORT)
    if host.startswith("["):
        try:
            host = f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            return None
    return f"{host}:{port}"


def check_url(grant: Grant, url: str, about: str) -> str:
    """Return the address. Raise AddressError where it is not granted; the message does not show it."""
    if url.startswith("http:") or grant.allows_url(url):  # http is a simulator's, on loopback
        return url
    raise AddressError(f"{about} leads to a host that the operator's file does not grant")


def _longest_match(names: Iterable[str], name: str) -> int:
    return max((len(known) for known in names if _covers(known, name)), default=0)


def _covers(known: str, name: str) -> bool:
    if not known or known[-1].isalnum():
        return known == name
    return name.startswith(known)
