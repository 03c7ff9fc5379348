"""Checks when the certificate for NetSuite expires. Pure.

NetSuite does not report it (netsuite.md §4.1); the file of a key may hold the certificate too.
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
    """Report when the certificate in the key's text expires. Raise CredentialError for an invalid key."""
    if isinstance(key, TokenKey):
        return skipped("token-based authentication has no certificate")
    try:
        certificates = load_pem_x509_certificates(key.key.encode())
    except ValueError:
        hint = f"look it up in NetSuite, or put the certificate into the file of the key: {_PAGE}"
        return skipped("neither NetSuite nor the file of the key shows when it expires", hint)
    private, _ = read_key(key.key)
    public_key = _encode_public_key(private.public_key())
    found = next(
        (each for each in certificates if _encode_public_key(each.public_key()) == public_key), None
    )
    if found is None:
        return warning("the certificate in the file of the key belongs to another key", _RENEW)
    return _check_expiry(found, now)


def _check_expiry(certificate: Certificate, now: datetime) -> CheckResult:
    until = certificate.not_valid_after_utc
    words = f"{until:%Y-%m-%d}"
    if until <= now:
        return failed(f"it expired on {words}", _RENEW)
    days = (until - now).days
    words = f"it is valid for {days} day{'s' if days != 1 else ''}, until {words}"
    return warning(words, _RENEW) if until - now < _SOON else ok(words)


def _encode_public_key(key: object) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined] # of every public key
    return encoded
