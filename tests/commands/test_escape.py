"""What a terminal is given of other people's data, and what a pipe is given."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from engine.commands.output.escape import escape_for_terminal, escape_separators

HARMFUL = [
    *map(chr, [0, 7, 8, 13, 27, 127, 0x80, 0x85, 0x9B, 0x9F]),
    *"\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff",
    "\U000e0041",
]


@pytest.mark.parametrize("character", HARMFUL, ids=ascii)
def test_json_for_a_terminal_means_the_same_and_harms_nothing(character: str) -> None:
    document = json.dumps({"a": f"x{character}y\té 注文"}, ensure_ascii=False)
    escaped = escape_for_terminal(document)
    assert json.loads(escaped) == json.loads(document)
    assert character not in escaped
    assert "é 注文" in escaped


def test_json_for_a_pipe_is_as_it_is_but_for_separators_of_lines() -> None:
    document = json.dumps({"a": "\u2028\u2029\u202e\x9bé"}, ensure_ascii=False).encode()
    escaped = escape_separators(document)
    assert json.loads(escaped) == json.loads(document)
    assert escaped == b'{"a": "\\u2028\\u2029\xe2\x80\xae\xc2\x9b\xc3\xa9"}'


FORMS = {
    "json": ("render", "dodici", "--all", "CASES", "--format", "json"),
    "human": ("render", "dodici", "--all", "CASES"),
}


@pytest.mark.parametrize("form", ["json", "human"])
def test_a_terminal_gets_no_control_of_an_order(tmp_path: Path, form: str) -> None:
    """An order whose texts are hostile, printed on a terminal."""
    source = ROOT / "mappings" / "dodici" / "cases" / "web-order"
    folder = tmp_path / "cases" / "one"
    folder.mkdir(parents=True)
    for file in source.iterdir():
        text = file.read_text("utf-8").replace("DO000000101", "DO\u202e\x9b1\u2028\u200b")
        (folder / file.name).write_text(text, "utf-8")
    command = [*FORMS[form][:3], str(tmp_path / "cases"), *FORMS[form][4:]]
    said = on_terminal([sys.executable, "-c", "from cli import main; main()", *command])
    assert "DO" in said
    for character in "\u202e\x9b\u2028\u200b":
        assert character not in said


def on_terminal(command: list[str]) -> str:
    """What a command writes on a terminal."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "ERPMAP_MAPPINGS": str(ROOT / "mappings")}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ):
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65_536):
                parts.append(part)
        except OSError:
            pass  # the other end is closed
    os.close(ours)
    return b"".join(parts).decode()
