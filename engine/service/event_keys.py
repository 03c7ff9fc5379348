"""What a key of events must be like: a random text that nobody guesses. Pure."""

from __future__ import annotations

import math
import re
import string
from itertools import pairwise

HOW_TO_MAKE = "make one with `openssl rand -base64 32`"
_BITS = 128
# A random key of 22 characters has some 19 different ones, one of 32 hexadecimal digits some 14.
_LEAST_DIFFERENT = 8
_CLASSES = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
_OTHERS = 2  # base64 has two more characters
_HEXADECIMAL = (
    re.compile("[0-9]+"),
    re.compile("[0-9a-f]+"),
    re.compile("[0-9A-F]+"),
)
_SIZES = (10, 16, 16)
_VISIBLE = re.compile("[!-~]+")


def find_weakness(key: str) -> str | None:
    """Return what is wrong with a key, None if it may be random with 128 bits; no word quotes it."""
    if not _VISIBLE.fullmatch(key):
        return "it has blanks, or characters that are not ASCII, which no header carries"
    if len(set(key)) < _LEAST_DIFFERENT or key in (key + key)[1:-1] or _is_run(key):
        return "it repeats itself"
    bits = int(len(key) * math.log2(_alphabet_of(key)))
    if bits < _BITS:
        return f"it has {bits} bits at most, and needs {_BITS}"
    return None


def _alphabet_of(key: str) -> int:
    """The number of characters from which a random key like this was drawn."""
    for pattern, size in zip(_HEXADECIMAL, _SIZES, strict=True):
        if pattern.fullmatch(key):
            return size
    found = sum(len(letters) for letters in _CLASSES if set(letters) & set(key))
    return found + (_OTHERS if not key.isalnum() else 0)


def _is_run(key: str) -> bool:
    """Whether most characters follow the one before, as in 0123456789abcdef."""
    steps = sum(ord(after) - ord(before) in (0, 1, -1) for before, after in pairwise(key))
    return steps > len(key) // 2
