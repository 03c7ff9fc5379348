"""The operator's file at the command line: what is said without it, and what it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command import erpmap
from conftest import ROOT

GRANTED = """\
erpmap: 1
tenants:
  dodici:
    environment: [DODICI_]
    accounts: [1234567_SB1]
    newstore: [dodici-sandbox]
    hosts: [hooks.example.com]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example tenants, which trust each other until an operator says otherwise."""
    for name in ("base", "dodici", "nordhus"):
        ignored = shutil.ignore_patterns("cases")
        shutil.copytree(ROOT / "mappings" / name, tmp_path / "mappings" / name, ignore=ignored)
    return tmp_path / "mappings"


def test_each_tenant_is_held_to_what_it_is_granted(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "operator.yaml"
    file.write_text(GRANTED, encoding="utf-8")
    granted = ("--operator", file, "--mappings", root)
    assert erpmap(*granted, "validate", "dodici").returncode == 0
    unnamed = erpmap(*granted, "validate", "nordhus")
    assert unnamed.returncode == 1
    assert "error[E1201]" in unnamed.stdout
    by_variable = {"ERPMAP_OPERATOR": str(file), "ERPMAP_MAPPINGS": str(root)}
    assert erpmap("validate", variables=by_variable).returncode == 1
    file.write_text(GRANTED.replace("DODICI_", "OTHER_"), encoding="utf-8")
    refused = erpmap("validate", "dodici", variables=by_variable)
    assert refused.stdout.count("error[E1202]") == 6
    for command in (
        ("doctor", "dodici"),
        ("send", "dodici", "--order", "1"),
        ("show", "nordhus", "x"),
    ):
        ended = erpmap(*command, variables=by_variable)
        assert ended.returncode == 1
        assert "error[E120" in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("erpmap: 2\n", "E0205"),
        ("tenants: {}\n", "E0203"),
        ("erpmap: 1\ntenants: {dodici: {acounts: [1]}}\n", "E0201"),
        ('erpmap: 1\ndefaults: {hosts: ["https://hooks.example.com"]}\n', "E0205"),
        ('erpmap: 1\ndefaults: {hosts: ["hooks.example.com@evil.example"]}\n', "E0205"),
        ("erpmap: 1\ndefaults: {folders: [/srv]}\n", "E0205"),
        ("erpmap: [\n", "E0106"),
    ],
)
def test_a_broken_file_refuses_every_tenant(
    root: Path, tmp_path: Path, text: str, code: str
) -> None:
    file = tmp_path / "operator.yaml"
    file.write_text(text, encoding="utf-8")
    ended = erpmap("--operator", file, "--mappings", root, "validate")
    assert ended.returncode == 1
    assert f"error[{code}]" in ended.stdout
    assert ended.stdout.count("cannot run") == 2


def test_a_missing_file_refuses_every_tenant(root: Path, tmp_path: Path) -> None:
    ended = erpmap("--operator", tmp_path / "none.yaml", "--mappings", root, "validate")
    assert ended.returncode == 1
    assert "error[E0102]" in ended.stdout


def test_trust_between_tenants_is_said(root: Path) -> None:
    said = erpmap("--mappings", root, "doctor", "dodici").stderr
    assert "no operator's file: the 2 tenants" in said
    assert "trust each other" in said
    assert "dodici: no case was run" in said
    shutil.rmtree(root / "nordhus")
    said = erpmap("--mappings", root, "doctor", "dodici").stderr
    assert "no operator's file: dodici may use every secret and account of this process" in said
