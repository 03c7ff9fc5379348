"""What the documentation says is true: commands run and answer as shown, examples are sound.

In a `console` block `$` begins a command, and the lines below are all it says, but for a line `…`,
which stands for any lines. Blanks at the ends of lines do not count.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import click
import pytest
from command import in_shell
from conftest import ROOT

from cli import main
from engine.findings.codes import CODES
from engine.mapping.load import load_tenant, open_folder

PAGES = [
    ROOT / "README.md",
    ROOT / "mappings" / "README.md",
    ROOT / "engine" / "README.md",
    ROOT / "engine" / "simulator" / "README.md",
    ROOT / "engine" / "service" / "web" / "README.md",
]
ANYTHING = "…"


def blocks(language: str) -> list[tuple[Path, str]]:
    """The fenced blocks in a language, each with its page."""
    fence = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [(page, text) for page in PAGES for text in fence.findall(page.read_text("utf-8"))]


def conversation(block: str) -> tuple[str, str]:
    """The commands of a console block as one script, and what they are said to answer."""
    lines = block.splitlines()
    commands = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    answers = [line.rstrip() for line in lines if not line.startswith("$ ")]
    return " && ".join(commands), "\n".join(answers).strip("\n")


def answered(said: str, expected: str) -> bool:
    parts = re.split(rf"^{ANYTHING}$\n?", expected + "\n", flags=re.MULTILINE)
    return re.fullmatch(".*".join(map(re.escape, parts)), said + "\n", re.DOTALL) is not None


@pytest.mark.parametrize("block", [text for _, text in blocks("console")])
def test_commands_answer_as_shown(block: str) -> None:
    script, expected = conversation(block)
    process = in_shell(f"({script}) 2>&1")
    said = "\n".join(line.rstrip() for line in process.stdout.splitlines()).strip("\n")
    assert process.returncode in (0, 1)
    assert answered(said, expected), said


def test_an_answer_is_compared_in_full() -> None:
    assert answered("a\nb\nc", "a\n…\nc")
    assert answered("a\nc", "a\n…\nc")
    assert answered("a", "a")
    assert not answered("a\nb", "a")
    assert not answered("a\nb\nd", "a\n…\nc")


def named(command: click.Command, rest: list[str]) -> click.Command:
    """The command itself, or that of a group which the next word names."""
    if not isinstance(command, click.Group) or not rest:
        return command
    names = rest[0].split("|")
    assert set(names) <= set(command.commands), rest
    return command.commands[names[-1]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for verb, rest in re.findall(r"\berpmap ([a-z]+)([^`\n]*)", text):
        if f"`erpmap {verb}" in text or f"$ erpmap {verb}" in text:
            assert verb in main.commands, verb
            command = named(main.commands[verb], rest.split())
            known = {option for param in command.params for option in param.opts}
            assert set(re.findall(r"(?<=[\s\[])--[a-z-]+", rest)) <= known | {"--help"}, rest
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_code_named_exists() -> None:
    for page in PAGES:
        assert set(re.findall(r"\b[EW]\d{4}\b", page.read_text(encoding="utf-8"))) <= set(CODES)


@pytest.mark.parametrize("overlay", [text for _, text in blocks("yaml")])
def test_examples_compile(overlay: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings" / "dodici", tmp_path / "dodici",
                    ignore=shutil.ignore_patterns("cases"))  # fmt: skip
    (tmp_path / "dodici" / "sales_order.yaml").write_text(overlay, encoding="utf-8")
    assert load_tenant(open_folder(tmp_path), "dodici").findings == ()
