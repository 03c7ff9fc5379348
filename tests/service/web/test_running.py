"""The unit and the container file of the documentation are of the right form, and as safe as it says."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from conftest import ROOT

from cli import main

PAGE = (ROOT / "docs" / "operating.md").read_text("utf-8")
INSTRUCTIONS = {"FROM", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"}


def block(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def test_the_unit_can_be_read_and_its_command_exists() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # as systemd has it
    unit.read_string(block("ini"))
    service = unit["Service"]
    command = shlex.split(service["ExecStart"])
    assert command[0].endswith("/erpmap")
    assert CliRunner().invoke(main, [*command[1:], "--help"]).exit_code == 0
    assert int(service["TimeoutStopSec"]) > 30
    assert (service["DynamicUser"], service["ProtectSystem"]) == ("yes", "strict")
    assert (service["CapabilityBoundingSet"], service["UMask"]) == ("", "0077")
    assert {"MemoryMax", "LoadCredential"} <= service.keys()
    assert "EnvironmentFile" not in service


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_the_unit_is_as_little_exposed_as_the_page_says(tmp_path: Path) -> None:
    unit = tmp_path / "erpmap.service"
    unit.write_text(block("ini"), "utf-8")
    command = ["systemd-analyze", "security", "--offline=true", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    (score,) = re.findall(r"exposure level for erpmap.service: ([0-9.]+)", said.stdout)
    (written,) = re.findall(r"rates its exposure ([0-9.]+) of 10", PAGE)
    assert abs(float(score) - float(written)) <= 1.0  # its rules differ by version
    assert float(score) < 3.0


def test_the_container_is_run_without_rights() -> None:
    (command,) = re.findall(r"^docker run [^`]*", PAGE, re.MULTILINE)
    words = shlex.split(command.replace("\\\n", " "))
    assert {"--read-only", "--cap-drop", "ALL", "no-new-privileges", "--memory"} <= set(words)
    (pod,) = re.findall(r"^containers:.*?^```$", PAGE, re.MULTILINE | re.DOTALL)
    context = yaml.safe_load(pod.removesuffix("```"))["containers"][0]["securityContext"]
    assert context["readOnlyRootFilesystem"] is context["runAsNonRoot"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}


def test_no_command_of_the_documentation_has_a_password() -> None:
    """Every user of a machine sees its command lines."""
    for page in (ROOT / "docs").glob("*.md"):
        text = page.read_text("utf-8")
        assert not re.search(r"postgresql://[^@\s:/]+:[^@\s]+@", text), page.name
        assert not re.search(r"^.*(pg_dump|pg_restore).*\$ERPMAP_JOURNAL", text, re.MULTILINE), (
            page.name
        )


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
