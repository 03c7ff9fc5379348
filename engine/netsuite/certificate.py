"""How long the certificate lasts that NetSuite knows us by. Pure.

NetSuite does not tell it (netsuite.md §4.1); a key's file may hold the certificate beside the key.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate, load_pem_x509_certificates

from ..findings.health import CheckResult, failed, ok, skipped, warning
from .auth import CertificateKey, TokenKey, read_key

_SOON = timedelta(days=30)
# Oracle's help, section_162686838198.
_PAGE = "Setup > Integration > Manage Authentication > OAuth 2.0 Client Credentials (M2M) Setup"
_RENEW = f"make a new key and certificate, and upload the certificate: {_PAGE}"


def check_certificate(key: CertificateKey | TokenKey, now: datetime) -> CheckResult:
    """How long the certificate in the key's text lasts. Raise CredentialError for what is no key."""
    if isinstance(key, TokenKey):
        return skipped("token-based authentication has no certificate")
    try:
        certificates = load_pem_x509_certificates(key.key.encode())
    except ValueError:
        hint = f"look it up in NetSuite, or put the certificate into the key's file: {_PAGE}"
        return skipped("NetSuite does not tell when it ends, nor does the key's file", hint)
    private, _ = read_key(key.key)
    ours = _encode_public_key(private.public_key())
    found = next(
        (one for one in certificates if _encode_public_key(one.public_key()) == ours), None
    )
    if found is None:
        return warning("the certificate in the key's file is another key's", _RENEW)
    return _check_expiry(found, now)


def _check_expiry(certificate: Certificate, now: datetime) -> CheckResult:
    until = certificate.not_valid_after_utc
    words = f"{until:%Y-%m-%d}"
    if until <= now:
        return failed(f"it ended on {words}", _RENEW)
    days = (until - now).days
    said = f"it is good for {days} day{'s' if days != 1 else ''}, until {words}"
    return warning(said, _RENEW) if until - now < _SOON else ok(said)


def _encode_public_key(key: object) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined] # of every public key
    return encoded
