"""What all tests share: the repository's place, and golden files with one flag to rewrite them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

Golden = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite golden files; read the difference"
    )
    parser.addoption(
        "--full", action="store_true", help="storms and generators in full, and no process forked"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--full"):
        os.environ["ERPMAP_TEST_FULL"] = "1"


# These wait for services, workers and clocks: they begin first, so that no long file is left at the end.
WAITING = ("tests/service/", "tests/test_", "tests/commands/", "tests/mapping/snapshots/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long go first: `--dist loadfile` hands files out in their order."""
    items.sort(key=lambda item: _rank(item.path.relative_to(ROOT).as_posix()))


def _rank(path: str) -> int:
    return next((at for at, start in enumerate(WAITING) if path.startswith(start)), len(WAITING))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with a file, or write the file when asked to."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.is_file(), f"{path} is missing: run pytest --update-golden"
        assert text == path.read_text(encoding="utf-8")

    return compare
