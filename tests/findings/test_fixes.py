"""Fixes of findings: which there are, and files corrected by `erpmap validate --fix`.

A folder of tests/findings/fixes holds the files somebody wrote; `expected.txt` shows the command's output with
the differences of the files, and what the command says when it is repeated.
"""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from command import erpmap
from conftest import ROOT, Golden
from hypothesis import given
from hypothesis import strategies as st

from cli import main
from engine.findings.diagnostics import Place, SourceText, TextEdit, apply_edits
from engine.findings.fixes import fix_word
from engine.findings.quote import Suggestion, did_you_mean, suggest

FOLDERS = Path(__file__).parent / "fixes"
NAMES = sorted(path.name for path in FOLDERS.iterdir() if path.is_dir())
EXPECTED = "expected.txt"


def copy(name: str, target: Path) -> None:
    """A folder as somebody wrote it; git would not keep the line ends of Windows."""
    shutil.copytree(FOLDERS / name, target, dirs_exist_ok=True)
    if name == "version":
        file = target / "mappings" / "acme" / "order.yaml"
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def validate(*arguments: str) -> Result:
    runner = CliRunner(
        catch_exceptions=False, env={"ERPMAP_MAPPINGS": None, "ERPMAP_OPERATOR": None}
    )
    return runner.invoke(main, ["validate", "acme", *arguments])


def shown(title: str, result: Result) -> str:
    parts = [f"$ erpmap validate acme {title}\n", f"exit code {result.exit_code}\n"]
    for stream, text in (("stdout", result.stdout), ("stderr", result.stderr)):
        parts += [f"\n--- {stream}\n{text}"] if text else []
    return "".join(parts)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_author_gets(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden
) -> None:
    here = tmp_path / "here"
    copy(name, here)
    monkeypatch.chdir(here)
    before = contents(here)
    dry = validate("--fix")
    assert contents(here) == before, "nothing is written without --write"
    document = json.loads(validate("--fix", "--format", "json").stdout)
    assert [one["is_written"] for one in document["files"]] == [False] * len(document["files"])
    for one in document["files"]:
        assert one["diff"].replace("\r\n", "\n") in dry.stdout
    text = shown("--fix --write", validate("--fix", "--write"))
    again = shown("--fix --write", validate("--fix", "--write"))
    assert re.search(r"^0 fixes applied", again, re.MULTILINE)
    golden(FOLDERS / name / EXPECTED, f"{text}\n{again}")
    assert not [path for path in here.rglob("*") if path.name.startswith(".")]


def test_bytes_that_no_fix_is_about_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy("version", tmp_path)
    monkeypatch.chdir(tmp_path)
    file = Path("mappings/acme/order.yaml")
    before = file.read_bytes()
    file.write_bytes(b"\xef\xbb\xbf" + before)
    file.chmod(0o640)
    assert validate("--fix", "--yes").exit_code == 0
    assert file.read_bytes() == b"\xef\xbb\xbf" + before.replace(
        b"extends", b"erpmap: 1\r\nextends"
    )
    assert file.stat().st_mode & 0o777 == 0o640


def test_secrets_are_kept_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FOLDERS / "secrets", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    result = validate("--fix", "--write")
    written = Path("mappings/acme/tenant.yaml").read_text()
    assert "hunter2-hunter2" in written
    assert "account: 1234567" in written
    assert "hunter2" not in result.output


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tenant with a slip in its own mapping, and one in a folder that is nobody's."""
    shutil.copytree(FOLDERS / "words", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    mappings = tmp_path / "mappings"
    (mappings / "shared").mkdir()
    text = (FOLDERS / "words/mappings/acme/order.yaml").read_text()
    (mappings / "acme/common.yaml").replace(mappings / "shared/common.yaml")
    (mappings / "acme/order.yaml").write_text(
        text.replace("extends: common", "extends: shared/common")
    )
    return mappings


def test_files_of_other_folders_are_not_changed(shared: Path) -> None:
    before = (shared / "shared/common.yaml").read_bytes()
    result = validate("--fix", "--write")
    assert result.exit_code == 1
    assert re.search(r"left: in files of other folders", result.stderr)
    assert (shared / "shared/common.yaml").read_bytes() == before


def test_a_link_out_of_the_folder_is_not_written_through(shared: Path) -> None:
    before = (shared / "shared/common.yaml").read_bytes()
    (shared / "acme/common.yaml").symlink_to(shared / "shared/common.yaml")
    order = shared / "acme/order.yaml"
    order.write_text(order.read_text().replace("shared/common", "common"))
    assert validate("--fix", "--write").exit_code == 1
    assert (shared / "shared/common.yaml").read_bytes() == before
    assert (shared / "acme/common.yaml").is_symlink()


def test_all_tenants_are_fixed_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(
        ROOT / "mappings", tmp_path / "mappings", ignore=shutil.ignore_patterns("cases")
    )
    monkeypatch.chdir(tmp_path)
    base = Path("mappings/base/order.yaml")
    right = base.read_text("utf-8")
    base.write_text(right.replace("order.currency\n", "order.curency\n", 1), "utf-8")
    ended = erpmap("validate", "--fix", "--write", cwd=tmp_path)
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (0, "1 fix applied"), ended.stderr
    assert base.read_text("utf-8") == right


def test_what_is_shipped_is_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The query is that of the shipped mapping: the field cannot be selected in it."""
    shutil.copytree(
        ROOT / "mappings" / "dodici",
        tmp_path / "mappings" / "dodici",
        ignore=shutil.ignore_patterns("cases"),
    )
    monkeypatch.chdir(tmp_path)
    overlay = Path("mappings/dodici/sales_order.yaml")
    overlay.write_text(
        overlay.read_text() + "fields: {seller: {path: order.associateId, optional: true}}\n"
    )
    base = (ROOT / "mappings/base/order.yaml").read_bytes()
    ended = erpmap("validate", "dodici", "--fix", "--write", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (
        1, "0 fixes applied; 1 fix left: in files of other folders, or in a place that another fix changes\n",
    )  # fmt: skip
    assert (ROOT / "mappings/base/order.yaml").read_bytes() == base


@pytest.mark.parametrize(
    "arguments", [["--write"], ["--fix", "--format", "sarif"], ["--fix", "--format", "github"]]
)
def test_wrong_use(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDERS / "words")
    assert validate(*arguments).exit_code == 2


def test_programs_get_the_fixes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy("version", tmp_path)
    monkeypatch.chdir(tmp_path)
    found = json.loads(validate("--format", "json").stdout)
    name = "mappings/acme/order.yaml"
    (fix,) = [one["fix"] for one in found if one["file"] == name]
    edit = {
        "file": name,
        "line": 2,
        "column": 1,
        "end_line": 2,
        "end_column": 1,
        "new": "erpmap: 1\r\n",
    }
    assert fix == {"title": "declare `erpmap: 1`", "edits": [edit]}
    results = json.loads(validate("--format", "sarif").stdout)["runs"][0]["results"]
    (change,) = results[-1]["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "erpmap: 1\r\n"}


SURE = {
    "one near": ("numbr", ["number", "total"], "number"),
    "two near": ("numbr", ["number", "numbers"], None),
    "one very near and one less": ("grandTotl", ["grandTotal", "total"], "grandTotal"),
    "near enough for a hint only": ("data", ["date"], None),
    "far": ("weight", ["number"], None),
    "none": ("a", [], None),
    "six as near": ("number", [f"numbe{letter}" for letter in "abcdef"], None),
}


@pytest.mark.parametrize(("word", "known", "only"), SURE.values(), ids=SURE.keys())
def test_only_one_word_may_be_near(word: str, known: list[str], only: str | None) -> None:
    assert suggest(word, known).only == only
    assert suggest(word, known).hint == did_you_mean(word, known)


WRITTEN = {
    "alone": ("a: numbr", 3, 5, "a: number"),
    "in quotes": ("a: 'numbr'", 3, 7, "a: 'number'"),
    "in a longer place": ("a: x.numbr", 3, 7, "a: x.number"),
    "twice": ("a: numbr.numbr", 3, 11, None),
    "in another word": ("a: numbrs", 3, 6, None),
    "escaped": ('a: "n\\u0075mbr"', 3, 12, None),
}


@pytest.mark.parametrize(("text", "start", "length", "fixed"), WRITTEN.values(), ids=WRITTEN.keys())
def test_a_word_is_replaced_where_it_stands(
    text: str, start: int, length: int, fixed: str | None
) -> None:
    place = Place(SourceText("m", f"b: 1\n{text}"), 2, start + 1, length)
    fix = fix_word(place, Suggestion("numbr", None, "number"))
    assert (fix and apply_edits(place.text.content, fix.edits)) == (fixed and f"b: 1\n{fixed}")


def test_a_word_that_needs_quotes_is_no_fix() -> None:
    place = Place(SourceText("m", "numbr: 1"), 1, 1, 5)
    for right in ("num ber", "a: b", "#", "12", "é", ""):
        assert fix_word(place, Suggestion("numbr", None, right)) is None
    assert fix_word(place, None) is fix_word(None, Suggestion("a", None, "b")) is None


@given(
    st.text(max_size=20),
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 3), st.text("xy", max_size=3)), max_size=4
    ),
)
def test_edits_change_only_their_spans(content: str, drawn: list[tuple[int, int, str]]) -> None:
    text = SourceText("m", content)
    edits = [
        TextEdit(text, start=s, end=s + n, new=new) for s, n, new in drawn if s + n <= len(content)
    ]
    spans = sorted((edit.start, edit.end) for edit in edits)
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        with pytest.raises(ValueError, match="overlap"):
            apply_edits(content, edits)
        return
    result = apply_edits(content, edits)
    assert len(result) == len(content) + sum(len(e.new) - (e.end - e.start) for e in edits)
    kept = [
        content[a:b]
        for a, b in zip(
            [0, *(e for _, e in spans)], [*(s for s, _ in spans), len(content)], strict=True
        )
    ]
    assert re.fullmatch("[xy]*".join(map(re.escape, kept)), result, re.DOTALL)


SLIPS = {
    "a key": ("base/order.yaml", "lookups:\n", "lookps:\n"),
    "a word of the language": ("base/order.yaml", "type: datetime}", "type: datetme}"),
    "a filter": ("base/order.yaml", "{{ tax | money }}", "{{ tax | mony }}"),
    "a function of a path": ("base/order.yaml", "when: \"(lower(", "when: \"(lowr("),
    "a field of a query": ("base/order.yaml", "taxStrategy taxTotal ", "taxStrategy taxTotl "),
    "a path": ("base/order.yaml", "{path: order.shippingTotal, ", "{path: order.shippingTotl, "),
    "a retry rule": ("base/order.yaml", "otherwise: order_pending", "otherwise: order_pendng"),
    "a lookup": ("base/order.yaml", "lookup('payment_item'", "lookup('payment_itm'"),
    "a neighbour": ("nordhus/common.yaml", "shipping_tax: cash_rounding}", "shipping_tax: cash_roundin}"),
    "a setting of the tenant": ("nordhus/tenant.yaml", "  gift_cards:", "  gift_crds:"),
    "a version": ("nordhus/common.yaml", "erpmap: 1\n", ""),
    "a version in other letters": ("nordhus/common.yaml", "erpmap: 1\n", "erpmp: 1\n"),
    "a key of a line": ("nordhus/common.yaml", "      taxCode: {id:", "      taxCde: {id:"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "right", "wrong"), SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_in_the_shipped_mappings_is_mended(
    file: str, right: str, wrong: str, tmp_path: Path
) -> None:
    root = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings", root, ignore=shutil.ignore_patterns("cases"))
    content = (root / file).read_text("utf-8")
    assert right in content
    (root / file).write_text(content.replace(right, wrong, 1), "utf-8")
    runner = CliRunner(catch_exceptions=False)
    result = runner.invoke(main, ["--mappings", str(root), "validate", "nordhus", "--fix", "--yes"])
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (0, "1 fix applied"), result.output
    assert (root / file).read_text("utf-8") == content


def test_a_name_that_is_declared_wrong_is_not_spread(tmp_path: Path) -> None:
    """It is used in many places: to write the misspelled name there would be valid, and no answer."""
    root = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings", root, ignore=shutil.ignore_patterns("cases"))
    file = root / "base" / "order.yaml"
    content = file.read_text("utf-8").replace("\n  grand_total: ", "\n  grand_totl: ")
    file.write_text(content, "utf-8")
    runner = CliRunner(catch_exceptions=False)
    result = runner.invoke(main, ["--mappings", str(root), "validate", "nordhus", "--fix", "--yes"])
    assert (result.exit_code, result.stderr) == (1, "0 fixes applied\n")
    assert file.read_text("utf-8") == content
