"""Texts that both databases can hold, whatever an order has in it."""

from __future__ import annotations

_REPLACED = "\ufffd"


def storable(text: str | None) -> str | None:
    """The text, with a sign in the place of NUL and of half a surrogate pair: neither can be stored."""
    if text is None:
        return None
    return (
        text.replace("\x00", _REPLACED).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    )
