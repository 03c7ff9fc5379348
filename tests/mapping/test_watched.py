"""What a load of a tenant has read, wherever it is, is what tells that the tenant has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.mapping.load import LoadedTenant, load_tenant, open_folder

ORDER = """\
erpmap: 1
extends: {extended}
lookups:
  store: {{file: lookups/stores.csv}}
  size: {{file: sizes.csv}}
"""
SHARED = """\
erpmap: 1
on: {event: order.opened}
sources: {order: {rest: "/orders/{{ event.payload.id }}"}}
fields: {number: order.number}
records:
  order: {record: salesOrder, write: create, external_id: "SO-{{ number }}", body: {memo: "{{ number }}"}}
"""
TENANT = """\
erpmap: 1
tenant: acme
newstore: {tenant: acme-sandbox, client_id: "${env:ID}", client_secret: "${file:../../secret}"}
netsuite: {account: 1234567}
mappings: [order]
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tenant whose mapping is shared, whose tables and cases are links."""
    root = tmp_path / "mappings"
    write(root / "acme" / "tenant.yaml", TENANT)
    write(root / "acme" / "order.yaml", ORDER.format(extended="shared/order"))
    write(root / "shared" / "order.yaml", SHARED)
    write(root / "shared" / "sizes.csv", "key,value\ns,1\n")
    write(root / "acme" / "sizes.csv", "key,value\ns,1\n")
    write(root / "tables" / "stores.csv", "key,value\na,1\n")
    write(root / "kept" / "v1" / "plain" / "event.json", "{}")
    write(root / "kept" / "v2" / "plain" / "event.json", "{}")
    write(tmp_path / "secret", "one")
    (root / "acme" / "lookups").symlink_to("../tables")
    (root / "kept" / "now").symlink_to("v1")
    (root / "acme" / "cases").symlink_to("../kept/now")
    return root


def load(root: Path) -> LoadedTenant:
    loaded = load_tenant(open_folder(root), "acme")
    assert loaded.ok, loaded.findings
    assert not loaded.read.has_changed()
    return loaded


def exchange(root: Path) -> None:
    (root / "kept" / "next").symlink_to("v2")
    (root / "kept" / "next").rename(root / "kept" / "now")


CHANGES: dict[str, Callable[[Path], object]] = {
    "tenant.yaml": lambda root: write(root / "acme" / "tenant.yaml", TENANT + "# more\n"),
    "the mapping": lambda root: write(root / "acme" / "order.yaml", "erpmap: 1\n"),
    "what it extends": lambda root: write(root / "shared" / "order.yaml", SHARED + "# more\n"),
    "a table behind a link": lambda root: write(root / "tables" / "stores.csv", "key,value\nb,1\n"),
    "a case behind a link": lambda root: write(root / "kept/v1/plain/event.json", "[]"),
    "a new case": lambda root: write(root / "kept/v1/more/event.json", "{}"),
    "another target of the cases": exchange,
    "a snapshot that was not there": lambda root: write(
        root / "acme/schemas/netsuite/salesOrder.schema.json", "{}"
    ),
    "a secret": lambda root: write(root.parent / "secret", "two!"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_change_of_what_was_read_is_seen(root: Path, change: Callable[[Path], object]) -> None:
    loaded = load(root)
    change(root)
    assert loaded.read.has_changed()


def test_what_was_not_read_is_no_change(root: Path) -> None:
    loaded = load(root)
    write(root / "acme" / ".order.yaml.swp", "")
    write(root / "acme" / "notes.txt", "")
    write(root / "other" / "tenant.yaml", TENANT)
    assert not loaded.read.has_changed()


def test_a_file_that_is_missing_is_waited_for(root: Path) -> None:
    (root / "acme" / "sizes.csv").unlink()
    loaded = load_tenant(open_folder(root), "acme")
    assert [finding.code for finding in loaded.findings] == ["E0101"]
    assert not loaded.read.has_changed()
    write(root / "acme" / "sizes.csv", "key,value\ns,1\n")
    assert loaded.read.has_changed()


def test_a_change_of_the_operators_file_is_a_change_of_the_tenant(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = root.parent / "operator.yaml"
    monkeypatch.setenv("ERPMAP_OPERATOR", str(operator))
    loaded = load_tenant(open_folder(root), "acme")
    assert [finding.code for finding in loaded.findings] == ["E0102"]
    write(operator, "erpmap: 1\ntenants: {}\n")
    assert loaded.read.has_changed()
    refused = load_tenant(open_folder(root), "acme")
    assert [finding.code for finding in refused.findings] == ["E1201"]
    granted = f"accounts: [1234567], newstore: [acme-sandbox], environment: [ID], files: [{root.parent}/secret]"
    folders = f"folders: [{root}/shared/, {root}/tables/, {root}/kept/]"
    write(operator, f"erpmap: 1\ntenants: {{acme: {{{granted}, {folders}}}}}\n")
    assert refused.read.has_changed()
    assert load(root).ok
