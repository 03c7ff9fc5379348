"""Time zones by their IANA names; a name is checked before its file is opened."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,3}")


@lru_cache(maxsize=1024)
def load_zone(name: str) -> ZoneInfo | None:
    """Return the time zone of this name, None when there is none."""
    if not _NAME.fullmatch(name):
        return None
    try:
        # Never the machine's own files: an order has the same date on every machine.
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
            return ZoneInfo.from_file(rules, key=name)
    except (OSError, ValueError):  # unknown, a folder such as `America`, or not a zone file
        return None


def is_zone(value: object) -> bool:
    """Whether a value names a time zone."""
    return isinstance(value, str) and len(value) <= 100 and load_zone(value) is not None
