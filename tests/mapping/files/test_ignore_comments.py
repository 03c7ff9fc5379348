"""Warnings switched off at their line: which comments count, where they reach, and what is told of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

from cli import main
from engine.findings.diagnostics import Finding, Place, Severity, SourceText
from engine.mapping.files.ignore_comments import hide_ignored
from engine.mapping.load import load_tenant, open_folder

WHY = "# erpmap: ignore W0223 - is proved by hand"


def warning(text: SourceText, line: int, code: str = "W0223") -> Finding:
    return Finding(code, "it is so", Place(text, line), severity=Severity.WARNING)


def left(content: str, *lines: int, path: str = "acme/order.yaml") -> list[str]:
    """What is shown of a warning at each of these lines: its line, and the codes about comments."""
    text = SourceText(path, content)
    found = hide_ignored([warning(text, line) for line in lines], {path: text}, "acme")
    return [
        str(each.place.line) if each.code == "W0223" and each.place else each.code for each in found
    ]


REACHES = {
    "at the end of the line": (f"a: 1   {WHY}\nb: 2\n", [1], []),
    "not the next line": (f"a: 1   {WHY}\nb: 2\n", [2], ["2", "W0132"]),
    "alone on the line before": (f"a: 1\n  {WHY}\nb: 2\n", [3], []),
    "not its own neighbour above": (f"a: 1\n{WHY}\nb: 2\n", [1], ["1", "W0132"]),
    "not over a blank line": (f"{WHY}\n\na: 1\n", [3], ["3", "W0132"]),
    "several comments, one below the other": (
        f"# erpmap: ignore W0234 - no schema\n{WHY}\na: 1\n", [3], ["W0132"]),
    "several codes": ("a: 1 # erpmap: ignore W0234, W0223 - why\n", [1], ["W0132"]),
    "other dashes and letters": ("a: 1 # ERPMAP:ignore w0223 — why\n", [1], []),
    "within a map in one line": ("a: {b: 1, # erpmap: ignore W0223 - why\n  c: 2}\n", [1], []),
    "with carriage returns": (f"a: 1   {WHY}\r\nb: 2\r\n", [1], []),
    "behind a byte order mark": (f"\ufeffa: 1   {WHY}\n", [1], []),
    "a block of text, from the line before its key": (
        f"{WHY}\nquery: |\n  one\n  two\n\n  three\nnext: 1\n", [2, 3, 6], []),
    "not beyond the block": (f"{WHY}\nquery: |\n  one\nnext: 1\n", [3, 4], ["4"]),
    "a block of text, from the line of its key": (
        f"query: >-   {WHY}\n  one\n  two\nnext: 1\n", [2, 3], []),
    "a text in quotes of several lines": (
        f"{WHY}\nquery: 'one\n\n  two'\nnext: 1\n", [2, 4, 5], ["5"]),
    "a text below its key": (f"{WHY}\nquery:\n  one\n  two\nnext: 1\n", [3, 4, 5], ["5"]),
    "a text in a list": (f"list:\n  {WHY}\n  - >\n    one\n    two\n  - 1\n", [5, 6], ["6"]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "lines", "shown"), REACHES.values(), ids=REACHES.keys())
def test_where_a_comment_reaches(content: str, lines: list[int], shown: list[str]) -> None:
    assert left(content, *lines) == shown


NO_COMMENTS = {
    "double quotes": f'a: "{WHY}"\n',
    "single quotes": f"a: '{WHY}'\n",
    "a block of text": f"a: |\n  {WHY}\n",
    "a folded text": f"a: >\n  {WHY}\n",
    "a text that holds the sign": f"a: b{WHY}\n",
    "quotes over several lines": f'a: "one\n  {WHY}\n  two"\n',
}


@pytest.mark.parametrize("content", NO_COMMENTS.values(), ids=NO_COMMENTS.keys())
def test_a_sign_within_a_text_begins_no_comment(content: str) -> None:
    assert left(content, 1) == ["1"]


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("# erpmap: ignore W0223", ["W0131"]),
        ("# erpmap: ignore W0223 -", ["W0131"]),
        ("# erpmap: ignore W0223 - !", ["W0131"]),
        ("# erpmap: ignore W0223 because", ["W0133", "W0131"]),
        ("# erpmap: ignore", ["W0133"]),
        ("# erpmap: ignore - why", ["W0133"]),
        ("# erpmap: ignore W9999 - why", ["W0133"]),
        ("# erpmap: ignore E0207 - why", ["W0133"]),
        ("# erpmap: ignored W0223 - why", []),
        ("# see erpmap: ignore W0223 - why", []),
    ],
)
def test_a_comment_that_says_too_little_hides_nothing(comment: str, codes: list[str]) -> None:
    assert left(f"a: 1 {comment}\n", 1) == ["1", *codes]


def test_what_is_right_in_a_comment_counts() -> None:
    assert left("a: 1 # erpmap: ignore W0223 W9999 - why\n", 1) == ["W0133"]


def test_only_the_tenants_own_comments_are_told_to_be_idle() -> None:
    content = f"a: 1 {WHY}\n"
    assert left(content, path="acme/order.yaml") == ["W0132"]
    assert left(content, path="base/order.yaml") == []


def test_with_an_error_nothing_is_known_to_be_idle() -> None:
    text = SourceText("acme/order.yaml", f"a: 1 {WHY}\n")
    error = Finding("E0207", "it is not known here", Place(text, 1))
    assert hide_ignored([error], {"acme/order.yaml": text}, "acme") == (error,)


def test_errors_and_findings_without_a_place_stay() -> None:
    text = SourceText("acme/order.yaml", f"a: 1 {WHY}\n")
    error = Finding("W0223", "an error, whatever its code", Place(text, 1))
    nowhere = Finding("W0223", "somewhere", severity=Severity.WARNING)
    assert hide_ignored([error, nowhere], {"acme/order.yaml": text}, "acme") == (error, nowhere)


def test_tables_and_texts_that_are_no_yaml_are_not_read() -> None:
    assert left(f"a,b {WHY}\n", 1, path="acme/items.csv") == ["1"]
    assert left(f"a: 1 {WHY}\nb: 'never closed\n", 1) == ["1"]


def test_thousands_of_comments_over_one_block_hide_each_line_of_it() -> None:
    content = "".join(f"# erpmap: ignore W0223 - {number}\n" for number in range(5_000))
    block = "a: |\n" + "  text\n" * 5_000
    assert left(content + block, *range(5_001, 10_002)) == []


UNPROVED = ROOT / "tests" / "findings" / "diagnostics" / "W0223-nothing-proves-the-balance"


def answer(root: Path, *arguments: str) -> tuple[int, str]:
    ended = CliRunner().invoke(main, ["--mappings", str(root), *arguments])
    return ended.exit_code, ended.output


def test_a_strict_command_fails_for_a_warning_unless_a_comment_hides_it(tmp_path: Path) -> None:
    """The load is one for validate, test and the service."""
    root = tmp_path / "mappings"
    shutil.copytree(UNPROVED / "mappings", root)
    assert answer(root, "validate")[0] == 0
    code, words = answer(root, "validate", "--strict")
    assert (code, words.count("W0223")) == (1, 1)
    assert words.endswith("acme: 1 mapping ready: order, but --strict allows no warnings\n")
    assert answer(root, "validate", "--strict", "--format", "github")[0] == 1
    code, words = answer(root, "test", "--strict")
    assert (code, words.count("W0223")) == (1, 1)
    assert "acme: no case is run, --strict allows no warnings" in words

    order = root / "acme" / "order.yaml"
    order.write_text(order.read_text("utf-8").rstrip() + f"   {WHY}\n", encoding="utf-8")
    assert answer(root, "validate", "--strict") == (0, "acme: 1 mapping ready: order\n")
    assert "--strict" not in answer(root, "test", "--strict")[1]
    assert load_tenant(open_folder(root), "acme").findings == ()
