"""A tenant's addresses are built from its name; a simulator's are of this machine."""

from __future__ import annotations

import pytest

from engine.findings.errors import AddressError
from engine.newstore import build_address, build_simulated_address


def test_the_addresses_of_a_tenant() -> None:
    address = build_address("dodici-sandbox")
    assert address.base_url == "https://dodici-sandbox.p.newstore.net"
    assert address.token_url == (
        "https://id.p.newstore.net/auth/realms/dodici-sandbox/protocol/openid-connect/token"
    )


@pytest.mark.parametrize(
    "tenant",
    ["", "Dodici", "1dodici", "-d", "dodici\n", "a.evil.example", "a/b", "a@b", "ä", "a" * 64],
)
def test_what_is_no_name_of_a_tenant(tenant: str) -> None:
    with pytest.raises(AddressError):
        build_address(tenant)
    with pytest.raises(AddressError):
        build_simulated_address(tenant, "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.8.7/", "http://127.9.8.7"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("HTTP://LOCALHOST:1", "http://localhost:1"),
    ],
)
def test_a_simulator_is_on_this_machine(given: str, base: str) -> None:
    address = build_simulated_address("dodici", given)
    assert address.base_url == base
    assert address.token_url == f"{base}/auth/realms/dodici/protocol/openid-connect/token"


@pytest.mark.parametrize(
    "given",
    [
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1:pw@evil.example",
        "http://evil.example#@127.0.0.1",
        "http://evil.example\\@127.0.0.1",
        "http://user:pw@127.0.0.1",
        "http://127.0.0.1?x",
        "http://127.0.0.1:99999",
        "http://128.0.0.1",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://[::ffff:10.0.0.1]",
        "http://[::2]",
        "http://[::1",
        "http://",
        "127.0.0.1",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "",
    ],
)
def test_nothing_else_is_a_simulator(given: str) -> None:
    with pytest.raises(AddressError) as caught:
        build_simulated_address("dodici", given)
    assert "pw" not in str(caught.value)
