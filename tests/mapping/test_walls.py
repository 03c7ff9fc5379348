"""Hostile links and names in a tenant's folder: whatever they are, nothing of another tenant is read."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from scale import scaled

from engine.findings.errors import ReadError
from engine.mapping.load import limit_folder, list_tenants, load_tenant, open_folder

HOSTILE = scaled(1_000, full=10_000)
OWN, SECRET = "erpmap: 1 # of acme", "erpmap: 1 # of another"
OPERATOR = "erpmap: 1\ndefaults: {}\ntenants: {acme: {folders: [shared/]}}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tenants and a granted folder, with a file of the same name in each."""
    root = Path(os.path.realpath(tmp_path)) / "m"
    for name in ("acme", "acme/lookups", "../shared"):
        (root / name).mkdir(parents=True)
        (root / name / "t.yaml").write_text(OWN)
    for name in ("acme-us", "acme-us/lookups", "other", ".."):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / "t.yaml").write_text(SECRET)
    operator = root.parent / "operator.yaml"
    operator.write_text(OPERATOR)
    monkeypatch.setenv("ERPMAP_OPERATOR", str(operator))
    return root


def hostile_names(dice: random.Random) -> Iterator[str]:
    parts = [
        "..",
        ".",
        "acme",
        "acme-us",
        "other",
        "lookups",
        "l0",
        "l1",
        "l2",
        "l3",
        "l4",
        "l5",
        "m",
    ]
    parts += [
        "%2e%2e",
        "．．",
        "ACME-US",
        "..\\acme-us",
        "shared",
        "base",
        "\0",
        "",
        "acme/..",
        "~",
    ]
    while True:
        name = "/".join(dice.choices(parts, k=dice.randint(1, 5)))
        yield dice.choice(("acme/", "acme/", "", "/", "acme/lookups/")) + name + "/t.yaml"


def hostile_target(dice: random.Random, root: Path) -> str:
    starts = [
        "",
        "../",
        "../../",
        "lookups/",
        f"{root}/",
        "/",
        "l1/",
        "l2/../",
        "/proc/self/root",
        "/proc/self/cwd/",
    ]
    ends = [
        "acme-us",
        "other",
        "acme",
        "shared",
        "acme-us/t.yaml",
        "..",
        ".",
        "l0",
        "l3",
        "t.yaml",
        "m/other",
    ]
    return dice.choice(starts) + dice.choice(ends)


def test_no_link_and_no_name_leads_to_another_tenant(root: Path) -> None:
    dice = random.Random(11)
    folder = limit_folder(open_folder(root), "acme")
    read: list[str] = []
    for number, name in zip(range(HOSTILE), hostile_names(dice), strict=False):
        link = root / "acme" / f"l{number % 6}"
        link.unlink(missing_ok=True)
        link.symlink_to(hostile_target(dice, root))
        for path in (name, f"acme/{link.name}", f"acme/{link.name}/t.yaml"):
            try:
                read.append(folder.read(path).content)
            except ReadError:
                read.append("")
            assert all(
                (root / entry).is_relative_to(root) for entry in folder.names_beside("acme/x")
            )
    assert set(read) == {"", OWN}


@pytest.mark.parametrize(
    "extends", ["acme-us/t", "../t", "l/t", "acme/../other/t", "other/t.yaml", "acme/l/t"]
)
def test_a_mapping_extends_nothing_of_another_tenant(root: Path, extends: str) -> None:
    (root / "acme" / "l").symlink_to("../acme-us")
    (root / "acme" / "tenant.yaml").write_text("erpmap: 1\ntenant: acme\nmappings: [order]\n")
    (root / "acme" / "order.yaml").write_text(f"erpmap: 1\nextends: {extends}\n")
    loaded = load_tenant(open_folder(root), "acme")
    assert not loaded.ok
    assert {finding.code for finding in loaded.findings} & {"E0103", "E1206"}
    assert SECRET not in {text.content for text in loaded.texts.values()}


def test_a_tenant_whose_folder_is_a_link_to_a_neighbour_reads_nothing(root: Path) -> None:
    (root / "other" / "tenant.yaml").write_text("erpmap: 1\ntenant: other\nmappings: [t]\n")
    (root / "twin").symlink_to("other")
    assert "twin" in list_tenants(root)
    assert [found.code for found in load_tenant(open_folder(root), "twin").findings] == ["E1206"]
