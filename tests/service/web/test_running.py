"""The unit and the container file of the documentation are of the right form, and as safe as it says."""

from __future__ import annotations

import configparser
import re
import shlex

import pytest
from click.testing import CliRunner
from conftest import ROOT

from cli import main

PAGE = (ROOT / "docs" / "operating.md").read_text("utf-8")
INSTRUCTIONS = {"FROM", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"}


def block(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def test_the_unit_can_be_read_and_its_command_exists() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # as systemd has it
    unit.read_string(block("ini"))
    service = unit["Service"]
    command = shlex.split(service["ExecStart"])
    assert command[0].endswith("/erpmap")
    assert CliRunner().invoke(main, [*command[1:], "--help"]).exit_code == 0
    assert int(service["TimeoutStopSec"]) > 30
    assert (service["DynamicUser"], service["ProtectSystem"]) == ("yes", "strict")


def test_the_container_file_is_of_known_instructions_and_not_root() -> None:
    lines = block("dockerfile").replace("\\\n", " ").splitlines()
    parts = [line.split(maxsplit=1) for line in lines]
    assert {name for name, _ in parts} <= INSTRUCTIONS
    said = dict(parts)
    assert parts[0][0] == "FROM"
    assert int(said["USER"]) > 0
    words = re.findall(r'"([^"]+)"', said["ENTRYPOINT"] + said["CMD"])
    assert CliRunner().invoke(main, [*words[1:], "--help"]).exit_code == 0
    for run in (text for name, text in parts if name == "RUN"):
        assert shlex.split(run)
    assert re.findall(r'"([^"]+)"', said["VOLUME"])[0] in said["ENV"]


@pytest.mark.parametrize("status", [200, 400, 401, 404, 405, 408, 413, 415, 431, 500, 503, 505])
def test_every_answer_is_documented(status: int) -> None:
    table = PAGE.partition("## What is answered")[2].partition("## Measures")[0]
    assert re.search(rf"^\|[^|]*\b{status}\b", table, re.MULTILINE)
