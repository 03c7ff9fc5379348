"""The documentation is true: commands run and answer as shown, examples compile, links lead somewhere.

In a `console` block `$` begins a command, and the lines below are its whole output, except that a line `…`
stands for any lines. Blanks at the ends of lines do not count.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import click
import pytest
from command import in_shell
from conftest import ROOT
from story import blocks_of, story_folder

from cli import main
from engine.findings.codes import CODES
from engine.mapping.load import load_tenant, open_folder

DOCS, ENGINE = ROOT / "docs", ROOT / "engine"
ARCHITECTURE = DOCS / "architecture.md"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "mappings" / "README.md",
    ROOT / "engine" / "README.md",
    ROOT / "engine" / "simulator" / "README.md",
    *sorted(DOCS.glob("*.md")),
]
# Pages whose blocks build on each other: they run in order, in a folder of their own.
STORIES = [DOCS / "tutorial.md"]
# Pages that name modules of the program.
MAPS = [ARCHITECTURE, ROOT / "engine" / "README.md", ROOT / "CONTRIBUTING.md"]
LONGEST_README = 150
MOST_WORDS, MOST_MODULES = 30, 25
ANYTHING = "…"


def blocks(language: str) -> list[tuple[Path, str]]:
    """The fenced blocks in a language, each with its page."""
    fence = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    pages = [page for page in PAGES if page not in STORIES]
    return [(page, text) for page in pages for text in fence.findall(page.read_text("utf-8"))]


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


@pytest.mark.parametrize("page", STORIES, ids=lambda page: page.stem)
def test_a_story_runs_from_its_first_block_to_its_last(page: Path, tmp_path: Path) -> None:
    with story_folder(tmp_path, ROOT) as story:
        for block in blocks_of(page.read_text("utf-8")):
            if block.file:
                story.write(block.file, block.text)
            elif block.language == "sh":
                story.start(block.text)
            else:
                commands = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
                expected = conversation(block.text)[1]
                ended = story.run(commands)
                said = "\n".join(line.rstrip() for line in ended.stdout.splitlines()).strip("\n")
                assert answered(said, story.placed(expected)), f"{commands}\n{said}"


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


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text(encoding="utf-8"))
    for target, anchor in links:
        there = page.parent / target if target else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), f"{target}#{anchor}"


def section(page: Path, heading: str) -> str:
    """The text below a heading of the second level."""
    return page.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """The first cell of each row of a table, without its head."""
    cells = re.findall(r"^\| ([^|]*?) \|", text, re.MULTILINE)
    return [cell for cell in cells if cell and set(cell) != {"-"}]


def test_the_readme_is_short_and_has_a_row_for_each_command() -> None:
    readme = ROOT / "README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= LONGEST_README
    rows = first_cells(section(readme, "Commands"))
    assert sorted(row.strip("`") for row in rows[1:]) == sorted(main.commands)


def test_the_architecture_page_has_every_room_and_few_words() -> None:
    rooms = {path.name for path in (ROOT / "engine").iterdir() if (path / "__init__.py").exists()}
    for page in (ARCHITECTURE, ROOT / "engine" / "README.md"):
        assert {row.strip("`/") for row in first_cells(section(page, "Rooms"))[1:]} == rooms
    assert 0 < len(first_cells(section(ARCHITECTURE, "Glossary"))) - 1 <= MOST_WORDS
    way = section(ARCHITECTURE, "One order's way through the code")
    assert 0 < len(set(re.findall(r"`[\w/]+\.py`", way))) <= MOST_MODULES


@pytest.mark.parametrize("page", MAPS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_named_exists(page: Path) -> None:
    named = re.findall(r"`([\w./-]+(?:\.py|/))`", page.read_text(encoding="utf-8"))
    gone = [name for name in named if not any((top / name).exists() for top in (ROOT, ENGINE))]
    assert gone == []


def test_every_code_named_exists() -> None:
    for page in PAGES:
        assert set(re.findall(r"\b[EW]\d{4}\b", page.read_text(encoding="utf-8"))) <= set(CODES)


@pytest.mark.parametrize("overlay", [text for _, text in blocks("yaml")])
def test_examples_compile(overlay: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings" / "dodici", tmp_path / "dodici",
                    ignore=shutil.ignore_patterns("cases"))  # fmt: skip
    (tmp_path / "dodici" / "sales_order.yaml").write_text(overlay, encoding="utf-8")
    assert load_tenant(open_folder(tmp_path), "dodici").findings == ()


def test_the_operators_file_fits_the_example_tenants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((_, example),) = blocks("yaml operator")
    file = tmp_path / "operator.yaml"
    file.write_text(example, encoding="utf-8")
    monkeypatch.setenv("ERPMAP_OPERATOR", str(file))
    for tenant in ("dodici", "nordhus"):
        assert load_tenant(open_folder(ROOT / "mappings"), tenant).findings == ()
    file.write_text(example.replace("1234567_SB1", "1234567_SB2"), encoding="utf-8")
    found = load_tenant(open_folder(ROOT / "mappings"), "dodici").findings
    assert [finding.code for finding in found] == ["E1203"]
