"""The characters of an identifier that nobody sees. Pure.

Two identifiers that look alike must be equal: systems compare them character by character.
"""

from __future__ import annotations

import unicodedata

# Controls, formats (zero-width, bidirectional), halves, private use, separators of lines and paragraphs.
_UNSEEN = frozenset(["Cc", "Cf", "Co", "Cs", "Zl", "Zp"])
# They have a width, or belong to a letter, and show nothing.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe0e\ufe0f\uffa0")
_BLANK = " "
# The hint of a finding about an id that is not clear.
CLEAN = "`| plain | trim` cleans what the id is made of"


def is_clear_id(text: str) -> bool:
    """Return whether every character of an identifier is seen, and no blank stands at its ends."""
    if text.isascii() and text.isprintable():
        return text == text.strip()
    return explain_unclear(text) is None


def explain_unclear(text: str) -> str | None:
    """Return what nobody sees in an identifier, as in `has U+200B`; None for a clear one."""
    unseen = next(filter(_is_unseen, text), None)
    if unseen is not None:
        return f"has the character U+{ord(unseen):04X}, which nobody sees or tells from a blank"
    return "begins or ends with a blank" if text != text.strip() else None


def _is_unseen(character: str) -> bool:
    """Return whether nobody sees a character, or tells it from a blank."""
    category = unicodedata.category(character)
    is_other_blank = category == "Zs" and character != _BLANK
    return category in _UNSEEN or is_other_blank or character in _FILLERS
