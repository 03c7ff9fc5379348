"""Whether events of a tenant would be let in, as far as it can be seen from here."""

from __future__ import annotations

from collections.abc import Callable

from ...delivery.connecting import EventKeys
from ...findings.check import Said, ok, warning


async def some_key(keys: Callable[[], EventKeys]) -> Said:
    """Whether one of the keys in tenant.yaml can be read; who only sends orders needs none."""
    found = keys()
    hint = "\n".join(found.missing)
    if not found.there:
        return warning("none can be read: no event would be let in", hint)
    if found.missing:
        return warning(
            f"{len(found.there)} of {len(found.there) + len(found.missing)} can be read", hint
        )
    return ok("one can be read" if len(found.there) == 1 else f"{len(found.there)} can be read")
