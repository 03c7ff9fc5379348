"""The wheel: what is in it, and that it works where nothing else of ours is."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from command import PATIENCE
from conftest import ROOT
from processes import NOTHING, environment

from engine import __version__

SHIPPED = ("engine", "cli.py", "schemas", "mappings", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the tree, so that building leaves nothing behind here."""
    there = tmp_path_factory.mktemp("source")
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, there / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, there / name)
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", cwd=there)
    (built,) = there.glob("dist/*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment of its own, which borrows only the dependencies from ours."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    _run(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet",
         "--disable-pip-version-check", "--no-deps", "--no-index", str(wheel))  # fmt: skip
    (site,) = home.glob("lib/python*/site-packages")
    # A line of a .pth file adds a folder and not that folder's own .pth files: not this checkout.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin" / "erpmap"


def _run(
    *command: str | Path, cwd: Path = ROOT, variables: Mapping[str, str] = NOTHING
) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        command, capture_output=True, cwd=cwd, env=environment(variables), timeout=PATIENCE,
        check=False, encoding="utf-8",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"cli.py", "engine", f"erpmap-{__version__}.dist-info"}
    program = {path.relative_to(ROOT).as_posix() for path in (ROOT / "engine").rglob("*.py")}
    assert program <= set(names)
    for folder in ("schemas", "mappings"):
        ours = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert {f"engine/_bundled/{path.as_posix()}" for path in ours} <= set(names)
    assert not [name for name in names if "__pycache__" in name or "tests" in name.split("/")]


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    info = f"erpmap-{__version__}.dist-info"
    metadata = archive.read(f"{info}/METADATA").decode()
    assert "Private :: Do Not Upload" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    assert f"{info}/licenses/LICENSE" in archive.namelist()
    assert "erpmap = cli:main" in archive.read(f"{info}/entry_points.txt").decode()


def test_the_demo_runs_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    assert _run(installed, "--version", cwd=tmp_path).stdout.strip().endswith(__version__)
    shown = _run(installed, "demo", "--all", cwd=tmp_path).stdout
    assert "the ledger holds 4 transactions: each order once" in shown
    assert "nordhus: every example order" in shown
    explained = _run(installed, "explain", "E0801", cwd=tmp_path).stdout
    assert "what to do" in explained
    assert "right, in mappings/acme/order.yaml" in explained
    where = "import engine; print(engine.__file__)"
    file = _run(installed.with_name("python"), "-c", where, cwd=tmp_path).stdout
    assert file.startswith(str(installed.parent.parent))


def test_a_retailers_own_folder_builds_on_what_is_shipped(installed: Path, tmp_path: Path) -> None:
    own = tmp_path / "erp"
    ignored = shutil.ignore_patterns("cases")
    shutil.copytree(ROOT / "mappings" / "dodici", own / "acme", ignore=ignored)
    tenant = own / "acme" / "tenant.yaml"
    text = tenant.read_text(encoding="utf-8").replace("tenant: dodici\n", "tenant: acme\n")
    tenant.write_text(text, encoding="utf-8")
    assert not (own / "base").exists()
    said = _run(installed, "--mappings", own, "validate", cwd=tmp_path)
    assert said.stdout == "acme: 2 mappings ready: sales_order, cash_sale\n"
    origins = _run(installed, "show", "acme", "sales_order", cwd=tmp_path,
                   variables={"ERPMAP_MAPPINGS": "erp"}).stdout  # fmt: skip
    assert "# <erpmap>/base/order.yaml:" in origins
    assert "# erp/acme/common.yaml:" in origins
