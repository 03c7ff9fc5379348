"""Proxies, certificates and key logs of the environment: they count where they are asked for, or never."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import certifi
import pytest
from conftest import ROOT
from netsuite_account import ACCOUNT, PRIVATE_KEY
from proxying import proxied, without_proxies

from engine.commands.connect import open_systems, read_connection, simulated_connection
from engine.findings.errors import AddressError
from engine.mapping.load import load_tenant, open_folder
from engine.simulator.netsuite import read_account
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app, simulate_tenant
from engine.wire.environment import proxy_for, trusted
from engine.wire.exchange import ExchangeBounds
from engine.wire.open_client import open_client

SECRETS = ("NEWSTORE_ID", "NEWSTORE_SECRET", "NETSUITE_CLIENT", "NETSUITE_CERTIFICATE")
NETSUITE = "https://1234567.suitetalk.api.netsuite.com"


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


async def asked_for(address: str, *, is_asked: bool) -> None:
    """A read of each system, and a write."""
    connection = await simulated_connection("acme", address)
    connection = replace(
        connection,
        newstore=replace(connection.newstore, trusts_environment=is_asked),
        netsuite=replace(connection.netsuite, trusts_environment=is_asked),
    )
    async with open_systems(connection) as systems:
        await systems.newstore.query("query { __typename }", {})
        assert await systems.netsuite.rows("SELECT id FROM currency WHERE id = 1")


@pytest.mark.parametrize("is_asked", [False, True])
def test_a_proxy_is_used_where_it_is_asked_for_only(
    monkeypatch: pytest.MonkeyPatch, *, is_asked: bool
) -> None:
    played = simulate_tenant("acme", "acme-sandbox", read_account(ACCOUNT))
    with serve_in_thread(build_simulator_app([played])) as address, proxied(monkeypatch) as proxy:
        asyncio.run(asked_for(address, is_asked=is_asked))
        paths = [line.removeprefix(f"POST {address}/acme") for line in proxy.asked]
    there = [
        "/newstore/auth/realms/acme-sandbox/protocol/openid-connect/token",
        "/newstore/api/v1/org/data/query",
        "/netsuite/services/rest/auth/oauth2/v1/token",
        "/netsuite/services/rest/query/v1/suiteql?limit=1000&offset=0",
    ]
    assert paths == (there if is_asked else [])


@pytest.mark.parametrize(
    ("network", "is_asked"),
    [
        ("", False),
        ("\nnetwork: {environment: false}", False),
        ("\nnetwork: {environment: true}", True),
    ],
)
def test_a_tenant_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: str, *, is_asked: bool
) -> None:
    copied = shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    there = copied / "dodici"
    with (there / "tenant.yaml").open("a", encoding="utf-8") as file:
        file.write(network)
    (there / "secrets").mkdir()
    (there / "secrets" / "netsuite.pem").write_text(PRIVATE_KEY, encoding="utf-8")
    tenant = load_tenant(open_folder(copied), "dodici").tenant
    assert tenant is not None
    secrets = {f"DODICI_{name}": "x" for name in SECRETS}
    connection = read_connection(tenant, there, secrets)
    assert connection.newstore.trusts_environment is is_asked
    assert connection.netsuite.trusts_environment is is_asked
    monkeypatch.setenv("HTTPS_PROXY", "socks5://user:hidden@127.0.0.1:1080")
    if is_asked:
        with pytest.raises(AddressError, match="HTTPS_PROXY") as caught:
            read_connection(tenant, there, secrets)
        assert "hidden" not in str(caught.value)
    else:
        read_connection(tenant, there, secrets)


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ({"HTTPS_PROXY": "proxy:3128"}, "http://proxy:3128"),
        ({"https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:1"}, "http://a:1"),
        ({"ALL_PROXY": "https://u:p@proxy:3128"}, "https://u:p@proxy:3128"),
        ({"HTTP_PROXY": "http://proxy:3128"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "netsuite.com"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "example.com"}, "http://proxy:3128"),
    ],
)
def test_which_proxy_an_address_has(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(NETSUITE) == proxy


@pytest.mark.parametrize(
    "proxy", ["http://", "ftp://proxy:1", "http://proxy:port", "http://proxy:99999", "http://[::1"]
)
def test_a_proxy_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(AddressError, match=r"HTTPS_PROXY or ALL_PROXY"):
        open_client(NETSUITE, ExchangeBounds(), trust_env=True)
    asyncio.run(open_client(NETSUITE, ExchangeBounds()).aclose())


def test_certificates_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = len(trusted(from_environment=False).get_ca_certs())
    first, end = Path(certifi.where()).read_text(encoding="utf-8").split("-----END CERT", 1)
    one = tmp_path / "one.pem"
    one.write_text(f"{first}-----END CERTIFICATE-----\n" * bool(end), encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(one))
    assert len(trusted(from_environment=True).get_ca_certs()) == 1
    assert len(trusted(from_environment=False).get_ca_certs()) == every > 1
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(AddressError, match="SSL_CERT_FILE"):
        trusted(from_environment=True)
    trusted(from_environment=False)


@pytest.mark.parametrize("from_environment", [False, True])
def test_keys_of_tls_are_written_nowhere(tmp_path: Path, *, from_environment: bool) -> None:
    log = tmp_path / "keys.log"
    program = f"""
import ssl
from engine.wire.environment import trusted
from engine.wire.exchange import ExchangeBounds
from engine.wire.open_client import open_client
open_client("{NETSUITE}", ExchangeBounds(), trust_env={from_environment})
context = trusted(from_environment={from_environment})
print(context.keylog_filename, context.verify_mode is ssl.CERT_REQUIRED, context.check_hostname)
"""
    variables = {**os.environ, "SSLKEYLOGFILE": str(log), "SSL_CERT_FILE": certifi.where()}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, cwd=ROOT, env=variables,
    )  # fmt: skip
    assert ran.stdout == "None True True\n"
    assert not log.exists()
