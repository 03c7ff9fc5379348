"""How much is tried: a part of it in a usual run, all of it with `pytest --full` (`make test-full`)."""

from __future__ import annotations

import os
from typing import TypeVar

# tests/conftest.py sets it, before any test is imported.
IS_FULL = "ERPMAP_TEST_FULL" in os.environ

T = TypeVar("T")


def scaled(usual: T, *, full: T) -> T:
    """The number for this run."""
    return full if IS_FULL else usual
