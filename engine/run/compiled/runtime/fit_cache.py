"""The cache of fitting bodies: bodies of one signature are validated once."""

from __future__ import annotations

from collections.abc import Callable

from ....language.functions import OMIT

# The number of signatures kept for one record.
_MAX_SIGNATURES = 4_096
# Classes whose values all fit or all do not. A decimal may or may not be written as an integer, and the
# contents of a list or map are not part of a signature.
_ALIKE = frozenset({str, int, bool})


def body_fits(
    seen: set[object],
    accepts: Callable[[object], bool],
    body: object,
    signature: tuple[object, ...],
) -> bool:
    """Whether a body fits; a body with a known signature is not validated again."""
    if signature in seen:
        return True
    if not accepts(body):
        return False
    if len(seen) < _MAX_SIGNATURES and all(_is_alike(part) for part in signature):
        seen.add(signature)
    return True


def _is_alike(part: object) -> bool:
    """Whether bodies with this part in their signature fit alike; None stands for no signature."""
    if part is None:
        return False
    if isinstance(part, type):
        return part in _ALIKE or part is type(OMIT)
    return not isinstance(part, tuple | frozenset) or all(map(_is_alike, part))
