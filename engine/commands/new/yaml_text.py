"""Writes plain data as YAML on one line, in the spelling of the shipped files. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_PLAIN = re.compile(r"[A-Za-z_$][\w./@-]*(?: [A-Za-z0-9_][\w./@-]*)*", re.ASCII)
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def write_flow(value: object) -> str:
    """Return a value as YAML's flow style: {a: 1}, [b, c], quoted where it has to be."""
    if isinstance(value, Mapping):
        inner = (f"{_write_key(key)}: {write_flow(each)}" for key, each in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(write_flow, value)) + "]"
    if isinstance(value, str):
        return write_text(value)
    return (
        "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )


def write_text(text: str) -> str:
    """Return a text as a YAML scalar."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def _write_key(key: object) -> str:
    return write_text(str(key))
