"""`erpmap test --watch`: the cases run again when a file that they were run from changes."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from command import PATIENCE, erpmap
from conftest import ROOT
from processes import environment, start
from waiting import until


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the tenant nordhus and one of its cases."""
    copy, tenant = tmp_path / "mappings", ROOT / "mappings" / "nordhus"
    shutil.copytree(ROOT / "mappings" / "base", copy / "base")
    shutil.copytree(tenant, copy / "nordhus", ignore=shutil.ignore_patterns("cases"))
    for name in ("store-plain", "lookups"):
        if (tenant / "cases" / name).is_dir():
            shutil.copytree(tenant / "cases" / name, copy / "nordhus" / "cases" / name)
    return copy


def test_the_cases_run_again_after_each_change_until_ctrl_c(root: Path, tmp_path: Path) -> None:
    tenant, output = root / "nordhus", tmp_path / "output"
    table = tenant / "lookups" / "locations.csv"
    first = table.read_text()
    with (
        output.open("wb") as stream,
        start(
            "--mappings", root, "test", "--watch", env=environment(), streams=(0, stream, stream)
        ) as process,
    ):

        def write(content: str) -> None:
            (tmp_path / "written").write_text(content)
            (tmp_path / "written").replace(table)

        def wait_for(run: int, words: str) -> None:
            def is_shown() -> bool:
                _, mark, text = output.read_text().partition(f"run {run}, ")
                return bool(mark) and words in text and text.endswith("Ctrl-C ends\n")

            until(lambda: is_shown() or process.poll() is not None, f"run {run}: {words}")
            assert process.poll() is None, output.read_text()

        try:
            wait_for(1, "1 passed, 0 failed")
            write(first.replace("BER1", "BER9"))
            wait_for(2, "0 passed, 1 failed")
            write(first.replace("BER1", '"BER1'))
            wait_for(3, "error[E0610]")  # half a file ends no watch
            write(first)
            wait_for(4, "1 passed, 0 failed")
            shutil.copytree(tenant / "cases" / "store-plain", tmp_path / "another")
            (tmp_path / "another").rename(tenant / "cases" / "another")
            wait_for(5, "passed  nordhus/another")
            tenant.rename(tmp_path / "away")
            wait_for(6, "there is no tenant in")
            (tmp_path / "away").rename(tenant)
            wait_for(7, "2 passed, 0 failed")
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    assert output.read_text().endswith("stopped\n")
    assert "\x1b" not in output.read_text()


@pytest.mark.parametrize("more", [("--update",), ("--format", "junit"), ("--format", "json")])
def test_wrong_use(root: Path, more: tuple[str, ...]) -> None:
    result = erpmap("--mappings", root, "test", "--watch", *more)
    assert result.returncode == 2
    assert "--watch is for --format human" in result.stderr


def test_wrong_use_ends_the_first_run(root: Path) -> None:
    result = erpmap("--mappings", root, "test", "nobody", "--watch")
    assert result.returncode == 2
    assert "there is no tenant 'nobody'" in result.stderr
