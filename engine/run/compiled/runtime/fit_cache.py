"""Bodies of one make fit their record's schema together, or do not: what was asked is remembered."""

from __future__ import annotations

from collections.abc import Callable

from ....language.functions import OMIT

# As many makes are remembered for one record.
_MOST_MAKES = 4_096
# Of these classes one value is like another; whole numbers may be written as decimals, and what is
# in a list or map is not looked at.
_ALIKE = frozenset({str, int, bool})


def fits(
    seen: set[object], accepts: Callable[[object], bool], body: object, make: tuple[object, ...]
) -> bool:
    """Whether a body fits, by its make if that was seen before."""
    if make in seen:
        return True
    if not accepts(body):
        return False
    if len(seen) < _MOST_MAKES and all(_is_alike(part) for part in make):
        seen.add(make)
    return True


def _is_alike(part: object) -> bool:
    """Whether bodies that have this in their make are like each other; None stands for no make."""
    if part is None:
        return False
    if isinstance(part, type):
        return part in _ALIKE or part is type(OMIT)
    return not isinstance(part, tuple | frozenset) or all(map(_is_alike, part))
