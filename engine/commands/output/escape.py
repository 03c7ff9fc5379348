"""The one place that makes data safe for a terminal. Pure.

A terminal executes control characters, a reader believes what is shown: characters that change the
direction of text, end a line or are not seen are written as escapes, which mean the same in JSON.
"""

from __future__ import annotations

import re

# C0 (without tab and line feed), DEL and C1; marks, embeddings, overrides and isolates of direction;
# separators of lines; characters without width, tags and surrogates.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Programs that take JSON for JavaScript end a line here.
_SEPARATORS = re.compile("[\u2028\u2029]")
_SEPARATOR_BYTES = (b"\xe2\x80\xa8", b"\xe2\x80\xa9")


def escape_for_terminal(text: str) -> str:
    """Return a text, or JSON, with escapes for all that a terminal must not be given."""
    return _HARMFUL.sub(_escape, text)


def escape_separators(document: bytes) -> bytes:
    """Return JSON with escapes for the separators of lines, in UTF-8."""
    if not any(separator in document for separator in _SEPARATOR_BYTES):
        return document
    return _SEPARATORS.sub(_escape, document.decode()).encode()


def _escape(found: re.Match[str]) -> str:
    """Return the escapes of a character, as JSON has them: of UTF-16."""
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
