"""Certificates: that of NetSuite's key, and those of hosts, over TLS on loopback."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from engine.commands.doctor.network import Host, connect
from engine.findings.health import CheckResult, HealthStatus
from engine.netsuite import CertificateKey, TokenKey, read_key
from engine.netsuite.certificate import check_certificate

NOW = datetime(2026, 12, 1, tzinfo=UTC)
KEY, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate(days: int, key: Any = KEY, now: datetime = NOW) -> str:
    """A certificate of loopback, signed by its own key, that ends in so many days."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "erpmap test")])
    own = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(own, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def said(text: str) -> CheckResult:
    return check_certificate(CertificateKey("client", text, "kid"), NOW)


@pytest.mark.parametrize(
    ("days", "verdict", "words"),
    [
        (400, HealthStatus.OK, "valid for 400 days, until 2028-01-05"),
        (30, HealthStatus.OK, "valid for 30 days"),
        (29, HealthStatus.WARNING, "valid for 29 days"),
        (1, HealthStatus.WARNING, "valid for 1 day,"),
        (0, HealthStatus.FAILED, "expired on 2026-12-01"),
        (-5, HealthStatus.FAILED, "expired on 2026-11-26"),
    ],
)
def test_a_certificate_beside_the_key(days: int, verdict: HealthStatus, words: str) -> None:
    for text in (PEM + certificate(days), certificate(days) + PEM):
        assert said(text).verdict is verdict
        assert words in said(text).words


def test_the_key_is_read_beside_certificates() -> None:
    for text in (PEM + certificate(9), certificate(9) + PEM):
        private, _ = read_key(text)
        assert private.public_key() == KEY.public_key()


def test_of_several_the_one_of_the_key_counts() -> None:
    assert said(certificate(1, OTHER) + PEM + certificate(99)).verdict is HealthStatus.OK
    assert said(certificate(99, OTHER) + PEM).verdict is HealthStatus.WARNING


def test_where_nothing_tells() -> None:
    assert said(PEM).verdict is HealthStatus.SKIPPED
    assert "Client Credentials" in said(PEM).hint
    assert check_certificate(TokenKey("a", "b", "c", "d"), NOW).verdict is HealthStatus.SKIPPED


@pytest.mark.parametrize(
    ("days", "is_trusted", "verdict", "words"),
    [
        (100, True, HealthStatus.OK, "valid for 9"),
        (10, True, HealthStatus.WARNING, "valid for 9"),
        (100, False, HealthStatus.FAILED, "not accepted"),
        (-1, True, HealthStatus.FAILED, "not accepted: certificate has expired"),
    ],
)
def test_a_host_with_tls(
    tmp_path: Path, days: int, *, is_trusted: bool, verdict: HealthStatus, words: str
) -> None:
    path = tmp_path / "host.pem"
    path.write_text(PEM + certificate(days, now=datetime.now(UTC)))
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(path)
    ours = ssl.create_default_context(cafile=str(path) if is_trusted else None)

    async def tried() -> CheckResult:
        async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=theirs)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await connect(Host("127.0.0.1", port, has_tls=True), ours, now)

    def now() -> float:
        return datetime.now(UTC).timestamp()

    found = asyncio.run(tried())
    assert found.verdict is verdict, found
    assert words in found.words


def test_a_host_that_speaks_no_tls() -> None:
    async def tried() -> CheckResult:
        async def chat(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(chat, "127.0.0.1", 0)
        async with server:
            host = Host("127.0.0.1", server.sockets[0].getsockname()[1], has_tls=True)
            return await connect(host, ssl.create_default_context(), lambda: 0.0)

    assert asyncio.run(tried()).verdict is HealthStatus.FAILED
