"""`erpmap explain`: every code has its words; a word that is no code gets the nearest one."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner, Result

from cli import main
from engine.commands.explain.catalogue import load_explanations
from engine.findings.codes import CHAPTERS, CODES


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(code: str) -> None:
    shown = run(code).stdout
    explanation = load_explanations()[code]
    severity = "warning" if code.startswith("W") else "error"
    assert shown.startswith(f"{code} {severity}: {CODES[code]}\n")
    words = " ".join(shown.split())
    for text in (explanation.means, explanation.matters, explanation.do):
        assert " ".join(text.split()) in words
    if explanation.example is None:
        assert "There is no example" in shown
    else:
        assert f"[{code}]" in explanation.example.shown
        assert "\nright, in " in shown
    document = json.loads(run(code, "--format", "json").stdout)
    assert document["code"] == code
    assert (document["example"] is None) is (explanation.example is None)


def test_the_case_of_a_code_does_not_matter() -> None:
    assert run("w0223").stdout == run("W0223").stdout


def test_changes_of_one_file_are_shown_together() -> None:
    shown = run("E0801").stdout
    assert shown.count("wrong, in") == shown.count("right, in") == 1
    assert "    …\n" in shown


def test_all_codes_are_listed_by_chapter() -> None:
    lines = run().stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [
        code for digits in CHAPTERS for code in CODES if code[1:3] == digits
    ]
    assert [line for line in lines if line[:2].isdigit()] == [
        f"{digits} {chapter}" for digits, chapter in CHAPTERS.items()
    ]
    documents = json.loads(run("--format", "json").stdout)
    assert {document["code"]: document["title"] for document in documents} == CODES
    assert {document["chapter"] for document in documents} == set(CHAPTERS.values())


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("W0806", "there is no finding W0806; did you mean E0806?"),
        ("e0239x", "'e0239x' is no code; did you mean E0239?"),
        ("E0199", "there is no finding E0199; did you mean W0133?"),
        ("E9999", "there is no finding E9999"),
        ("I0001", "there is no finding I0001"),
        ("NH000000162", "'NH000000162' is no code"),
        ("", "'' is no code"),
        ("Ж\u202e\x07", r"'Ж\u202e\x07' is no code"),
        ("x" * 10_000, "is no code"),
    ],
)
def test_a_word_that_is_no_code_is_wrong_use(word: str, words: str) -> None:
    result = run(word)
    assert result.exit_code == click.UsageError.exit_code
    assert words in result.stderr
    assert "`erpmap explain` lists all codes" in result.stderr
    assert len(result.stderr) < 500


@pytest.mark.parametrize(("variable", "is_coloured"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
def test_colours_are_for_those_who_want_them(variable: str, *, is_coloured: bool) -> None:
    shown = CliRunner().invoke(main, ["explain", "E0207"], env={variable: "1"}, color=True).stdout
    assert ("\x1b[" in shown) is is_coloured
