"""A prompt with history and completion by the standard library's readline, where the system has it.

The history is a file that only its owner can read: an expression may hold a customer's data.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType

from ...journal.private_file import open_private

_MOST_LINES = 1000
_HISTORY = Path("erpmap", "eval_history")
# The characters that end a word: a dot and brackets are part of a path.
_DELIMITERS = " \t\n|,=<>!&+*/%~{}"


def open_prompt(words: Sequence[str]) -> None:
    """Prepare the prompt: its history, and what it completes."""
    readline = _load_readline()
    if readline is None:
        return
    readline.set_completer_delims(_DELIMITERS)
    readline.set_completer(_Completer(words).complete)
    readline.parse_and_bind("tab: complete")
    file = history_file()
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(open_private(file, os.O_RDWR | os.O_CREAT))
        readline.read_history_file(file)
        readline.set_history_length(_MOST_LINES)
        atexit.register(_save_history, readline, file)


def read_prompt(prompt: str) -> Iterator[str]:
    """Yield the lines that are typed at the prompt, until its end."""
    while True:
        try:
            yield input(prompt)
        except EOFError:
            return


def history_file() -> Path:
    """Return the file of the history, in the user's folder of states."""
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / _HISTORY


def _load_readline() -> ModuleType | None:
    """Return the module readline; None on a system without it."""
    try:
        return import_module("readline")
    except ImportError:
        return None


def _save_history(readline: ModuleType, file: Path) -> None:
    with suppress(OSError):
        readline.write_history_file(file)
        os.close(open_private(file, os.O_RDWR))


class _Completer:
    """Completes the word before the cursor, one key of a path at a time."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._found: list[str] = []

    def complete(self, typed: str, state: int) -> str | None:
        """Return the completion with the number `state`; None when there are no more."""
        if state == 0:
            self._found = complete_word(self._words, typed)
        return self._found[state] if state < len(self._found) else None


def complete_word(words: Sequence[str], typed: str) -> list[str]:
    """Return the words that begin with the typed text, each as far as its next key."""
    found: dict[str, None] = {}
    for word in words:
        if word.startswith(typed):
            ends = [word.find(mark, len(typed) + 1) for mark in (".", "[")]
            end = min((each for each in ends if each > 0), default=len(word))
            found[word[:end]] = None
    return list(found)
