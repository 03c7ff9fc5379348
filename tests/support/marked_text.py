"""Positions in texts by what is written there, so that a test says a word and not a number."""

from __future__ import annotations

from pathlib import Path


def position(text: str, around: str, word: str | None = None) -> tuple[int, int]:
    """Line and column, from 0, of a word within the first `around`; of its start without a word."""
    start = text.index(around) + (around.index(word) if word else 0)
    return text.count("\n", 0, start), start - text.rfind("\n", 0, start) - 1


def read(root: Path, path: str) -> str:
    return (root / path).read_text(encoding="utf-8")
