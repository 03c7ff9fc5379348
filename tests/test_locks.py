"""The locks hold what pyproject.toml asks for, at versions that it allows, each with its hashes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
BACKEND = PROJECT["build-system"]["requires"]
LOCKS = ("demo", "dev")


@dataclass(frozen=True, slots=True)
class Pin:
    """An entry of a lock: a requirement at one version, and how many hashes it has."""

    requirement: Requirement
    hashes: int

    @property
    def version(self) -> str:
        (specifier,) = self.requirement.specifier
        assert specifier.operator == "=="
        return specifier.version


def text_of(lock: str) -> str:
    return (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")


def pins(text: str) -> dict[str, list[Pin]]:
    """The entries of a lock by name; a name has several where versions differ by environment."""
    found: dict[str, list[Pin]] = {}
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for entry in "\n".join(lines).replace("\\\n", " ").splitlines():
        words, *hashes = re.split(r"\s--hash=sha256:", entry)
        requirement = Requirement(words)
        found.setdefault(canonicalize_name(requirement.name), []).append(
            Pin(requirement, len(hashes))
        )
    return found


def requested(names: list[str]) -> Iterator[Requirement]:
    """Requirements, with an extra of the project itself replaced by what it requires."""
    for requirement in map(Requirement, names):
        if requirement.name == PROJECT["project"]["name"]:
            for extra in requirement.extras:
                yield from requested(EXTRAS[extra])
        else:
            yield requirement


def mistakes(names: list[str], locked: dict[str, list[Pin]]) -> list[str]:
    """The requirements that a lock does not meet."""
    return [
        str(requirement)
        for requirement in requested(names)
        if not (there := locked.get(canonicalize_name(requirement.name)))
        or not all(requirement.specifier.contains(pin.version, prereleases=True) for pin in there)
    ]


@pytest.mark.parametrize(
    ("lock", "extras"), [("demo", ["simulator"]), ("dev", list(EXTRAS))], ids=LOCKS
)
def test_a_lock_meets_every_requirement_of_the_project(lock: str, extras: list[str]) -> None:
    names = [*PROJECT["project"]["dependencies"], *BACKEND]
    names += [name for extra in extras for name in EXTRAS[extra]]
    assert mistakes(names, pins(text_of(lock))) == [], "run `make lock`"


def test_a_requirement_that_a_lock_does_not_meet_is_found() -> None:
    locked = pins("rich==13.8.0 \\\n    --hash=sha256:00\n    # via erpmap\n")
    assert mistakes(["rich>=13.9"], locked) == ["rich>=13.9"]
    assert mistakes(["click>=8"], locked) == ["click>=8"]
    assert mistakes(["Rich>=13"], locked) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_of_a_lock_has_hashes_and_names_no_host(lock: str) -> None:
    text = text_of(lock)
    assert [name for name, there in pins(text).items() if not all(p.hashes for p in there)] == []
    assert "://" not in text
    assert "--index" not in text


def test_both_locks_hold_the_same_versions() -> None:
    demo, dev = (pins(text_of(lock)) for lock in LOCKS)
    assert demo.keys() < dev.keys()
    assert [name for name in demo if demo[name] != dev[name]] == []
