"""How a tenant's systems are reached: addresses from validated names, credentials from references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import CredentialError
from ..netsuite import CertificateKey, NetSuiteAddress, TokenKey
from ..netsuite import address_of as netsuite_address
from ..newstore import Credentials, NewStoreAddress
from ..newstore import address_of as newstore_address
from ..spec.nodes import as_data
from ..spec.tenant import Tenant
from ..wire import proxy_for, trusted
from .references import References

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
    def trusts_environment(self) -> bool:
        """Whether proxies and certificates of the environment count."""
        return self.netsuite.trusts_environment


def connection_of(tenant: Tenant, folder: Path, environ: Mapping[str, str]) -> Connection:
    """The connection a tenant.yaml describes; `folder` is the tenant's.

    Raise CredentialError naming every secret that is missing, AddressError for a name that is none,
    and for a proxy or certificates of the environment that cannot be used where they count.
    """
    document = as_data(tenant.node)
    assert isinstance(document, Mapping)
    references = References(folder, environ)
    newstore = _block(document, "newstore")
    client_id, client_secret = (
        references.resolve(_text(newstore, key, "newstore"), f"newstore.{key}")
        for key in ("client_id", "client_secret")
    )
    netsuite = _block(document, "netsuite")
    key = _key(_block(netsuite, "auth", "netsuite."), references)
    references.complete()
    allowance = netsuite.get("allowance", _ALLOWANCE)
    assert isinstance(allowance, int)
    connection = Connection(
        newstore_address(str(newstore["tenant"])),
        Credentials(client_id, client_secret),
        netsuite_address(str(netsuite["account"])),
        key,
        allowance,
    )
    return _through_the_environment(connection) if trusts_environment(tenant) else connection


def trusts_environment(tenant: Tenant) -> bool:
    """Whether a tenant.yaml asks for proxies and certificates of the environment."""
    document = as_data(tenant.node)
    network = document.get("network") if isinstance(document, Mapping) else None
    return isinstance(network, Mapping) and network.get("environment") is True


def _through_the_environment(connection: Connection) -> Connection:
    """The same systems; what the environment says is looked at before anything is sent."""
    trusted(from_environment=True)
    for url in (
        connection.newstore.token_url,
        connection.newstore.base_url,
        connection.netsuite.base_url,
    ):
        proxy_for(url)
    return replace(
        connection,
        newstore=replace(connection.newstore, trusts_environment=True),
        netsuite=replace(connection.netsuite, trusts_environment=True),
    )


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
