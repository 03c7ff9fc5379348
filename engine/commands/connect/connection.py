"""How a tenant's systems are reached: addresses from validated names, credentials from references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...findings.errors import AddressError, CredentialError
from ...mapping.files.nodes import as_data
from ...mapping.files.tenant import Tenant
from ...netsuite import CertificateKey, NetSuiteAddress, TokenKey
from ...netsuite import build_address as netsuite_address
from ...newstore import Credentials, NewStoreAddress
from ...newstore import build_address as newstore_address
from ...wire import proxy_for, trusted
from ...wire.secret_references import References

# What every account may do at least (netsuite.md §3).
_ALLOWANCE = 5
_CERTIFICATE = ("client_id", "key", "id")
_TOKEN = ("consumer_key", "consumer_secret", "token_id", "token_secret")


@dataclass(frozen=True, slots=True)
class Connection:
    """Where both systems are and how to sign in; `allowance` is NetSuite requests at once."""

    newstore: NewStoreAddress
    newstore_credentials: Credentials
    netsuite: NetSuiteAddress
    netsuite_key: CertificateKey | TokenKey
    allowance: int

    @property
    def account(self) -> str:
        """The NetSuite account."""
        return self.netsuite.account

    @property
    def trusts_environment(self) -> bool:
        """Whether proxies and certificates of the environment count."""
        return self.netsuite.trusts_environment


@dataclass(frozen=True, slots=True)
class NewStoreAccess:
    """Where NewStore is and how to sign in."""

    address: NewStoreAddress
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class NetSuiteAccess:
    """Where NetSuite is and how to sign in; `allowance` is requests at once."""

    address: NetSuiteAddress
    key: CertificateKey | TokenKey
    allowance: int


@dataclass(frozen=True, slots=True)
class KnownSystems:
    """The systems that can be spoken to; `troubles` say why not to the others."""

    newstore: NewStoreAccess | None = None
    netsuite: NetSuiteAccess | None = None
    troubles: tuple[CredentialError | AddressError, ...] = ()

    @property
    def trusts_environment(self) -> bool:
        """Whether proxies and certificates of the environment count, on the way to one or both."""
        systems = (self.newstore, self.netsuite)
        return any(one is not None and one.address.trusts_environment for one in systems)

    def urls(self) -> Iterator[str]:
        """The addresses that are spoken to."""
        if self.newstore is not None:
            yield self.newstore.address.token_url
            yield self.newstore.address.base_url
        if self.netsuite is not None:
            yield self.netsuite.address.base_url


def connection_of(tenant: Tenant, folder: Path, environ: Mapping[str, str]) -> Connection:
    """The connection a tenant.yaml describes; `folder` is the tenant's.

    Raise CredentialError naming every secret that is missing, AddressError for a name that is none,
    and for a proxy or certificates of the environment that cannot be used where they count.
    """
    known = known_of(tenant, folder, environ)
    if known.newstore is None or known.netsuite is None:
        raise together(known.troubles)
    newstore, netsuite = known.newstore, known.netsuite
    return Connection(
        newstore.address, newstore.credentials, netsuite.address, netsuite.key, netsuite.allowance
    )


def known_of(tenant: Tenant, folder: Path, environ: Mapping[str, str]) -> KnownSystems:
    """What a tenant.yaml says of each system, as far as its secrets are there.

    Proxies and certificates of the environment that cannot be used are troubles where they count.
    """
    document = as_data(tenant.node)
    assert isinstance(document, Mapping)
    troubles: list[CredentialError | AddressError] = []
    newstore = netsuite = None
    try:
        newstore = _newstore(document, References(folder, environ))
    except (CredentialError, AddressError) as error:
        troubles.append(error)
    try:
        netsuite = _netsuite(document, References(folder, environ))
    except (CredentialError, AddressError) as error:
        troubles.append(error)
    return KnownSystems(newstore, netsuite, tuple(troubles))


def both(connection: Connection) -> KnownSystems:
    """A connection as the systems that can be spoken to: both."""
    return KnownSystems(
        NewStoreAccess(connection.newstore, connection.newstore_credentials),
        NetSuiteAccess(connection.netsuite, connection.netsuite_key, connection.allowance),
    )


def together(troubles: Sequence[CredentialError | AddressError]) -> CredentialError | AddressError:
    """The troubles as one: the first that is no missing secret, else all secrets that are missing."""
    missing: list[str] = []
    for trouble in troubles:
        if isinstance(trouble, AddressError) or not trouble.missing:
            return trouble
        missing += trouble.missing
    many = f"{len(missing)} secrets are" if len(missing) != 1 else "a secret is"
    return CredentialError(f"{many} missing", missing=tuple(missing))


def _newstore(document: Mapping[str, object], references: References) -> NewStoreAccess:
    block = _block(document, "newstore")
    client_id, client_secret = (
        references.resolve(_text(block, key, "newstore"), f"newstore.{key}")
        for key in ("client_id", "client_secret")
    )
    _complete(references)
    address = newstore_address(str(block["tenant"]))
    if _trusts_environment(document):
        _look_at_environment(address.token_url, address.base_url)
        address = replace(address, trusts_environment=True)
    return NewStoreAccess(address, Credentials(client_id, client_secret))


def _netsuite(document: Mapping[str, object], references: References) -> NetSuiteAccess:
    block = _block(document, "netsuite")
    key = _key(_block(block, "auth", "netsuite."), references)
    _complete(references)
    allowance = block.get("allowance", _ALLOWANCE)
    assert isinstance(allowance, int)
    address = netsuite_address(str(block["account"]))
    if _trusts_environment(document):
        _look_at_environment(address.base_url)
        address = replace(address, trusts_environment=True)
    return NetSuiteAccess(address, key, allowance)


def _complete(references: References) -> None:
    """Raise CredentialError naming all that is missing."""
    if references.missing:
        raise CredentialError("secrets are missing", missing=tuple(references.missing))


def trusts_environment(tenant: Tenant) -> bool:
    """Whether a tenant.yaml asks for proxies and certificates of the environment."""
    document = as_data(tenant.node)
    return isinstance(document, Mapping) and _trusts_environment(document)


def _trusts_environment(document: Mapping[str, object]) -> bool:
    network = document.get("network")
    return isinstance(network, Mapping) and network.get("environment") is True


def _look_at_environment(*urls: str) -> None:
    """Raise AddressError, before anything is sent, for what the environment says and is of no use."""
    trusted(from_environment=True)
    for url in urls:
        proxy_for(url)


def _key(auth: Mapping[str, object], references: References) -> CertificateKey | TokenKey:
    """The one way of signing in that a tenant names; a certificate goes first."""
    kind, names = ("certificate", _CERTIFICATE) if "certificate" in auth else ("token", _TOKEN)
    block = _block(auth, kind, "netsuite.auth.")
    about = f"netsuite.auth.{kind}"
    texts = {
        name: references.resolve(_text(block, name, about), f"{about}.{name}") for name in names
    }
    return CertificateKey(**texts) if kind == "certificate" else TokenKey(**texts)


def _block(block: Mapping[str, object], name: str, above: str = "") -> Mapping[str, object]:
    inner = block.get(name)
    if not isinstance(inner, Mapping):
        raise CredentialError(f"tenant.yaml does not say `{above}{name}`, so nothing is connected")
    return inner


def _text(block: Mapping[str, object], name: str, about: str) -> str:
    value = block.get(name)
    if value is None:
        raise CredentialError(f"tenant.yaml does not say `{about}.{name}`")
    return str(value)
