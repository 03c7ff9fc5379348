"""Settings of the service are held to the operator's file where a reference is resolved, too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.findings.errors import AddressError, CredentialError
from engine.mapping.files.tenant import Tenant
from engine.mapping.load import load_tenant, open_folder
from engine.service.tenant_settings import (
    read_event_keys,
    read_stream_settings,
    read_webhook_settings,
)

TENANT = """\
erpmap: 1
tenant: acme
newstore: {tenant: acme-sandbox}
netsuite: {account: 1234567}
events: {keys: ["${env:ACME_KEY}", "${env:OTHER_KEY}"], url: "${env:ACME_URL}"}
notify: {webhook: "${env:ACME_HOOK}"}
mappings: [order]
"""
ORDER = """\
erpmap: 1
on: {event: order.opened}
sources: {order: {rest: "/orders/{{ event.payload.id }}"}}
fields: {number: order.number}
records:
  order: {record: salesOrder, write: create, external_id: "SO-{{ number }}", body: {memo: "{{ number }}"}}
"""
OPERATOR = """\
erpmap: 1
tenants:
  acme: {environment: [ACME_], accounts: [1234567], newstore: [acme-sandbox], hosts: [hooks.example.com]}
"""
GOOD = "https://hooks.example.com/events/acme"
KEY, OTHER = "Zr5vQe1nT8xWk3LpYb7uHd2sJc9mAf4g", "Mk4tRq8yUx1oVz6eNc3wSb9hGd5jLp7i"
EVIL = "https://hooks.example.com@evil.example/token-of-acme"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tenant that names a neighbour's variable beside its own."""
    folder = tmp_path / "mappings" / "acme"
    folder.mkdir(parents=True)
    (folder / "tenant.yaml").write_text(TENANT)
    (folder / "order.yaml").write_text(ORDER)
    operator = tmp_path / "operator.yaml"
    operator.write_text(OPERATOR)
    monkeypatch.setenv("ERPMAP_OPERATOR", str(operator))
    return folder


def tenant_of(folder: Path) -> Tenant:
    loaded = load_tenant(open_folder(folder.parent), "acme")
    assert [finding.code for finding in loaded.findings] == ["E1202"]
    assert loaded.tenant is not None
    return loaded.tenant


def environment(url: str) -> Mapping[str, str]:
    return {"ACME_KEY": KEY, "OTHER_KEY": OTHER, "ACME_URL": url, "ACME_HOOK": url}


def test_a_key_of_another_tenant_admits_no_event(folder: Path) -> None:
    found = read_event_keys(tenant_of(folder), folder, environment(GOOD))
    assert found.keys == (KEY,)
    (missing,) = found.missing
    assert "is not granted" in missing
    assert OTHER not in missing


def test_an_address_leads_to_a_granted_host(folder: Path) -> None:
    tenant = tenant_of(folder)
    assert read_stream_settings(tenant, folder, environment(GOOD)).url == GOOD
    settings = read_webhook_settings(tenant, folder, environment(GOOD))
    assert settings is not None
    assert settings.hook.address == GOOD


@pytest.mark.parametrize("url", [EVIL, "https://evil.example/", "https://hooks.example.com:444/"])
def test_an_address_elsewhere_is_refused_and_not_shown(folder: Path, url: str) -> None:
    tenant = tenant_of(folder)
    for read in (read_stream_settings, read_webhook_settings):
        with pytest.raises(AddressError) as caught:
            read(tenant, folder, environment(url))
        assert "evil" not in str(caught.value)
        assert "444" not in str(caught.value)


def test_a_missing_secret_is_named_as_before(folder: Path) -> None:
    with pytest.raises(CredentialError, match="ACME_URL"):
        read_stream_settings(tenant_of(folder), folder, {})
