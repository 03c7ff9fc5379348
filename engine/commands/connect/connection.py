"""Reads from a tenant.yaml how its systems are reached: validated addresses, resolved credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...findings.errors import AddressError, CredentialError
from ...mapping.files.nodes import as_data
from ...mapping.files.own_refusals import OwnRefusal
from ...mapping.files.tenant import Tenant
from ...netsuite import CertificateKey, NetSuiteAddress, TokenKey
from ...netsuite import build_address as netsuite_address
from ...newstore import Credentials, NewStoreAddress
from ...newstore import build_address as newstore_address
from ...wire.environment import proxy_for, trusted
from ...wire.grant import UNRESTRICTED, Grant
from ...wire.secret_references import References

# Every account has at least this allowance (netsuite.md §3).
_ALLOWANCE = 5
_CERTIFICATE = ("client_id", "key", "id")
_TOKEN = ("consumer_key", "consumer_secret", "token_id", "token_secret")


@dataclass(frozen=True, slots=True)
class Connection:
    """The addresses and credentials of both systems; `allowance`: maximum concurrent NetSuite requests.

    `refusals` are those of the tenant's own file; `grant` says which parameters of AWS may be read.
    """

    newstore: NewStoreAddress
    newstore_credentials: Credentials
    netsuite: NetSuiteAddress
    netsuite_key: CertificateKey | TokenKey
    allowance: int
    refusals: tuple[OwnRefusal, ...] = ()
    grant: Grant = UNRESTRICTED

    @property
    def account(self) -> str:
        """Return the NetSuite account."""
        return self.netsuite.account

    @property
    def trusts_environment(self) -> bool:
        """Whether proxies and certificates of the environment are used."""
        return self.netsuite.trusts_environment


@dataclass(frozen=True, slots=True)
class NewStoreAccess:
    """The address and credentials of NewStore."""

    address: NewStoreAddress
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class NetSuiteAccess:
    """The address and credentials of NetSuite; `allowance`: maximum concurrent requests.

    `refusals` are those of the tenant's own file.
    """

    address: NetSuiteAddress
    key: CertificateKey | TokenKey
    allowance: int
    refusals: tuple[OwnRefusal, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownSystems:
    """The systems that can be reached; `troubles` say why the others cannot."""

    newstore: NewStoreAccess | None = None
    netsuite: NetSuiteAccess | None = None
    troubles: tuple[CredentialError | AddressError, ...] = ()

    @property
    def trusts_environment(self) -> bool:
        """Whether a connection to either system uses proxies and certificates of the environment."""
        systems = (self.newstore, self.netsuite)
        return any(system is not None and system.address.trusts_environment for system in systems)

    def urls(self) -> Iterator[str]:
        """Yield the addresses of these systems."""
        if self.newstore is not None:
            yield self.newstore.address.token_url
            yield self.newstore.address.base_url
        if self.netsuite is not None:
            yield self.netsuite.address.base_url


def read_connection(tenant: Tenant, folder: Path, environ: Mapping[str, str]) -> Connection:
    """Return the connection that a tenant.yaml describes; `folder` is the tenant's.

    Raise CredentialError naming every missing secret, AddressError for an invalid name, and for a
    proxy or certificates of the environment that are used and not valid.
    """
    systems = read_known_systems(tenant, folder, environ)
    if systems.newstore is None or systems.netsuite is None:
        raise merge_troubles(systems.troubles)
    newstore, netsuite = systems.newstore, systems.netsuite
    return Connection(
        newstore=newstore.address,
        newstore_credentials=newstore.credentials,
        netsuite=netsuite.address,
        netsuite_key=netsuite.key,
        allowance=netsuite.allowance,
        refusals=netsuite.refusals,
        grant=tenant.grant,
    )


def read_known_systems(tenant: Tenant, folder: Path, environ: Mapping[str, str]) -> KnownSystems:
    """Return each system whose secrets are present, and why the others cannot be reached.

    Proxies and certificates of the environment that are used and not valid are among the troubles.
    """
    document = as_data(tenant.node)
    assert isinstance(document, Mapping)
    troubles: list[CredentialError | AddressError] = []
    newstore = netsuite = None
    try:
        newstore = _read_newstore(document, References(folder, environ, tenant.grant))
    except (CredentialError, AddressError) as error:
        troubles.append(error)
    try:
        netsuite = _read_netsuite(document, References(folder, environ, tenant.grant))
        most = tenant.grant.allowance or netsuite.allowance
        allowance = min(netsuite.allowance, most)
        netsuite = replace(netsuite, allowance=allowance, refusals=tenant.refusals)
    except (CredentialError, AddressError) as error:
        troubles.append(error)
    return KnownSystems(newstore, netsuite, tuple(troubles))


def as_known_systems(connection: Connection) -> KnownSystems:
    """Return a connection as two systems that can be reached."""
    return KnownSystems(
        NewStoreAccess(connection.newstore, connection.newstore_credentials),
        NetSuiteAccess(
            connection.netsuite,
            connection.netsuite_key,
            connection.allowance,
            refusals=connection.refusals,
        ),
    )


def merge_troubles(
    troubles: Sequence[CredentialError | AddressError],
) -> CredentialError | AddressError:
    """Return the first trouble other than a missing secret, else one error with all missing secrets."""
    missing: list[str] = []
    for trouble in troubles:
        if isinstance(trouble, AddressError) or not trouble.missing:
            return trouble
        missing += trouble.missing
    count = f"{len(missing)} secrets are" if len(missing) != 1 else "a secret is"
    return CredentialError(f"{count} missing", missing=tuple(missing))


def _read_newstore(document: Mapping[str, object], references: References) -> NewStoreAccess:
    block = _read_block(document, "newstore")
    client_id, client_secret = (
        references.resolve(_read_text(block, key, "newstore"), f"newstore.{key}")
        for key in ("client_id", "client_secret")
    )
    _require_complete(references)
    address = newstore_address(str(block["tenant"]))
    if _trusts_environment(document):
        _check_environment(address.token_url, address.base_url)
        address = replace(address, trusts_environment=True)
    return NewStoreAccess(address, Credentials(client_id, client_secret))


def _read_netsuite(document: Mapping[str, object], references: References) -> NetSuiteAccess:
    block = _read_block(document, "netsuite")
    key = _read_key(_read_block(block, "auth", "netsuite."), references)
    _require_complete(references)
    allowance = block.get("allowance", _ALLOWANCE)
    assert isinstance(allowance, int)
    address = netsuite_address(str(block["account"]))
    if _trusts_environment(document):
        _check_environment(address.base_url)
        address = replace(address, trusts_environment=True)
    return NetSuiteAccess(address, key, allowance)


def _require_complete(references: References) -> None:
    """Raise CredentialError naming all missing secrets."""
    if references.missing:
        raise CredentialError("secrets are missing", missing=tuple(references.missing))


def trusts_environment(tenant: Tenant) -> bool:
    """Whether a tenant.yaml enables proxies and certificates of the environment."""
    document = as_data(tenant.node)
    return isinstance(document, Mapping) and _trusts_environment(document)


def _trusts_environment(document: Mapping[str, object]) -> bool:
    network = document.get("network")
    return isinstance(network, Mapping) and network.get("environment") is True


def _check_environment(*urls: str) -> None:
    """Raise AddressError for invalid proxies and certificates of the environment, before any request."""
    trusted(from_environment=True)
    for url in urls:
        proxy_for(url)


def _read_key(auth: Mapping[str, object], references: References) -> CertificateKey | TokenKey:
    """Return the key of the tenant's login; a certificate goes before a token."""
    kind, names = ("certificate", _CERTIFICATE) if "certificate" in auth else ("token", _TOKEN)
    block = _read_block(auth, kind, "netsuite.auth.")
    about = f"netsuite.auth.{kind}"
    texts = {
        name: references.resolve(_read_text(block, name, about), f"{about}.{name}")
        for name in names
    }
    return CertificateKey(**texts) if kind == "certificate" else TokenKey(**texts)


def _read_block(block: Mapping[str, object], name: str, above: str = "") -> Mapping[str, object]:
    inner = block.get(name)
    if not isinstance(inner, Mapping):
        raise CredentialError(f"tenant.yaml lacks `{above}{name}`, which the connection needs")
    return inner


def _read_text(block: Mapping[str, object], name: str, about: str) -> str:
    value = block.get(name)
    if value is None:
        raise CredentialError(f"tenant.yaml lacks `{about}.{name}`")
    return str(value)
