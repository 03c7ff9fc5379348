"""Applies each change of mutations.yaml to a copy of the tree, and runs the tests that must fail then.

`python -m tests.support.mutations [PART OF A NAME]` from the checkout; 1 when a change makes no test fail.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_suffix(".yaml")
_TESTS_FAILED = 1  # of pytest; other codes say that nothing could be run
_COPIED = ("engine", "mappings", "schemas", "tests")
_FILES = ("cli.py", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change: in `file` the text `was` becomes another; `tests` are run."""

    name: str
    file: str
    was: str
    becomes: str
    tests: tuple[str, ...]


def read_mutations() -> tuple[Mutation, ...]:
    """The list."""
    entries = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return tuple(Mutation(**{**entry, "tests": tuple(entry["tests"])}) for entry in entries)


def apply(mutation: Mutation, root: Path) -> None:
    """Write the change into a tree. Raise ValueError when the text does not stand there once."""
    path = root / mutation.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutation.was) != 1:
        raise ValueError(f"{mutation.name}: the text stands {text.count(mutation.was)} times")
    path.write_text(text.replace(mutation.was, mutation.becomes), encoding="utf-8")


def is_found(mutation: Mutation) -> bool:
    """Whether a test fails with the change."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in _COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in _FILES:
            shutil.copy(ROOT / name, copy / name)
        apply(mutation, copy)
        command = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider")
        run = subprocess.run(
            (*command, *mutation.tests), cwd=copy, capture_output=True, text=True, check=False
        )
    return run.returncode == _TESTS_FAILED


def main(part: str = "") -> int:
    """Try every change whose name holds `part`, and print the result of each."""
    chosen = [one for one in read_mutations() if part in one.name]
    missed = 0
    for mutation in chosen:
        found = is_found(mutation)
        missed += not found
        sys.stdout.write(f"{'found ' if found else 'MISSED'}  {mutation.name}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - missed} of {len(chosen)} found\n")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
