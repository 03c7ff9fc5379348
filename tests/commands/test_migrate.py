"""`erpmap migrate`: files rewritten in place, or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from command import erpmap, on_terminal
from conftest import ROOT

from cli import main

OLD = """\
# Ours.
erpmap: 1
extends: base/sales_order
lines:
  shipping_discount: !remove   # none here
  gift: !before:payment        # größer als ¥
    if: shipping_tax > 0
    body: {item: {id: "7"}, price: {id: "-1"}, amount: "{{ shipping_tax }}"}
"""
NEW = """\
# Ours.
erpmap: 1
extends: base/sales_order
lines:
  $remove: [shipping_discount]   # none here
  $before: {gift: payment}
  gift:        # größer als ¥
    if: shipping_tax > 0
    body: {item: {id: "7"}, price: {id: "-1"}, amount: "{{ shipping_tax }}"}
"""


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    """A folder of mappings with a tenant, a folder that it shares, and files that are no mappings."""
    root = tmp_path / "mappings"
    shutil.copytree(
        ROOT / "mappings" / "dodici", root / "acme", ignore=shutil.ignore_patterns("cases")
    )
    write(root / "acme" / "sales_order.yaml", OLD)
    write(root / "acme" / "parts" / "more.yaml", OLD)
    write(root / "acme" / "lookups" / "table.yaml", "[broken")
    write(root / "shared" / "common.yaml", OLD)
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def migrate(root: Path, *arguments: str | Path, answer: str = "") -> Result:
    runner = CliRunner(catch_exceptions=False, env={"ERPMAP_MAPPINGS": None})
    return runner.invoke(
        main, ["--mappings", str(root), "migrate", *map(str, arguments)], input=answer
    )


def read(path: Path) -> str:
    return path.read_bytes().decode()


def test_without_a_word_nothing_is_written(mappings: Path) -> None:
    result = migrate(mappings, "acme")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert "-  shipping_discount: !remove   # none here" in lines
    assert "+  $remove: [shipping_discount]   # none here" in lines
    assert result.stderr == "2 files would change; nothing was written: repeat with --write\n"
    assert read(mappings / "acme" / "sales_order.yaml") == OLD


@pytest.mark.parametrize("flag", ["--write", "--yes"])
def test_a_tenant_is_rewritten(mappings: Path, flag: str) -> None:
    (mappings / "acme" / "sales_order.yaml").chmod(0o600)
    result = migrate(mappings, "acme", flag)
    assert (result.exit_code, result.stderr) == (0, "2 files changed\n")
    for file in ("sales_order.yaml", "parts/more.yaml"):
        assert read(mappings / "acme" / file) == NEW
    assert (mappings / "acme" / "sales_order.yaml").stat().st_mode & 0o777 == 0o600
    assert read(mappings / "shared" / "common.yaml") == OLD
    assert not list(mappings.rglob(".*")), "no temporary file is left"
    again = migrate(mappings, "acme")
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr == "nothing to rewrite in 4 files\n"


def test_all_folders_and_single_files(mappings: Path) -> None:
    assert migrate(mappings, "--write").stderr == "3 files changed\n"
    write(mappings / "shared" / "common.yaml", OLD)
    file = mappings / "shared" / "common.yaml"
    assert migrate(mappings, file, file, "shared", "--write").stderr == "1 file changed\n"
    assert read(file) == NEW


def test_marks_and_line_ends_are_kept(mappings: Path) -> None:
    file = mappings / "acme" / "sales_order.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + OLD.replace("\n", "\r\n").encode())
    assert migrate(mappings, file, "--write").exit_code == 0
    assert file.read_bytes() == b"\xef\xbb\xbf" + NEW.replace("\n", "\r\n").encode()


def test_a_broken_file_stops_all(mappings: Path) -> None:
    write(mappings / "acme" / "broken.yaml", "lines: [\n")
    result = migrate(mappings, "acme", "--write")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "broken.yaml:1:8: error[E0106]" in result.stderr
    assert "nothing was written" in result.stderr
    assert read(mappings / "acme" / "sales_order.yaml") == OLD


def test_a_link_that_leads_out_is_not_followed(mappings: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    write(outside, OLD)
    (mappings / "acme" / "linked.yaml").symlink_to(outside)
    result = migrate(mappings, "acme", "--write")
    assert result.exit_code == 1
    assert "E0103" in result.stderr
    assert read(outside) == OLD


def test_a_link_within_the_folder_stays_a_link(mappings: Path) -> None:
    link = mappings / "acme" / "linked.yaml"
    link.symlink_to(mappings / "shared" / "common.yaml")
    assert migrate(mappings, "acme", "--write").exit_code == 0
    assert link.is_symlink()
    assert read(mappings / "shared" / "common.yaml") == NEW
    write(mappings / "shared" / "common.yaml", OLD)
    assert migrate(mappings, link, "--write").exit_code == 0
    assert link.is_symlink()
    assert read(mappings / "shared" / "common.yaml") == NEW


def test_the_document_for_programs(mappings: Path) -> None:
    file = mappings / "acme" / "sales_order.yaml"
    seen = json.loads(migrate(mappings, file, "--format", "json").stdout)
    assert seen["findings"] == []
    (change,) = seen["files"]
    assert (change["file"], change["is_written"]) == (file.as_posix(), False)
    assert change["diff"].startswith(f"--- {file.as_posix()}\n")
    written = migrate(mappings, file, "--format", "json", "--write")
    assert json.loads(written.stdout)["files"][0]["is_written"] is True
    write(file, "a: [\n")
    broken = migrate(mappings, "acme", "--format", "json", "--write")
    assert broken.exit_code == 1
    document = json.loads(broken.stdout)
    assert [found["code"] for found in document["findings"]] == ["E0106"]
    assert [change["is_written"] for change in document["files"]] == [False]


@pytest.mark.parametrize("name", ["nobody", "..", "nobody/x.yaml", "acme/tenant.yaml"])
def test_a_name_of_nothing_is_wrong_use(mappings: Path, name: str) -> None:
    assert migrate(mappings, name).exit_code == 2


@pytest.mark.parametrize(("typed", "text"), [("y\n", NEW), ("n\n", OLD), ("\n", OLD)])
def test_on_a_terminal_somebody_is_asked(mappings: Path, typed: str, text: str) -> None:
    file = mappings / "acme" / "sales_order.yaml"
    shown, _ = on_terminal("--mappings", mappings, "migrate", file, typed=typed)
    assert "Write 1 file? [y/N]" in shown
    assert ("1 file changed" in shown) == (text == NEW)
    assert read(file) == text


def test_a_pipe_is_not_asked(mappings: Path) -> None:
    ended = erpmap("--mappings", mappings, "migrate", "acme", stdin=b"y\n")
    assert "Write" not in ended.stderr
    assert read(mappings / "acme" / "sales_order.yaml") == OLD


def test_a_folder_that_cannot_be_written(mappings: Path) -> None:
    """The error names the file, and no file is half written."""
    file = mappings / "acme" / "sales_order.yaml"
    (mappings / "acme").chmod(0o500)
    try:
        ended = erpmap("--mappings", mappings, "migrate", file, "--write")
    finally:
        (mappings / "acme").chmod(0o700)
    if ended.returncode == 0:
        pytest.skip("this user may write everywhere")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ")
    assert read(file) == OLD
