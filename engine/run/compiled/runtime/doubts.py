"""What ends a compiled run: doubt, in which case the interpreter decides. And the guards that raise it.

Guards look at exact classes. A number that remembers how it was written, or one beyond what FAST
holds, is a matter of doubt too: it is rare, and the interpreter knows what to do with it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ....documents.exact import USUAL, Number
from ....findings.errors import DoubtError, NothingError

# The ambient context of a compiled run: 28 digits, exponents from -27 to 30, well inside the bounds
# of `exact`. What would have to be rounded raises, and what is not rounded is exactly what `exact`
# computes, so that Python's own operators can be used.
FAST = USUAL.copy()
# Whole numbers stay far below the 40 digits of `exact`, so that sums of many of them do too.
SMALL = 10**27
# A body has so many levels at most, and what a template gives in it as many again: together they are
# far from what JSON may have.
MAX_LEVELS = 40


def misfit_error(value: object) -> Exception:
    """What to raise for a value that is not of the class that was needed."""
    return NothingError() if value is None else DoubtError()


def require_number(value: Any) -> Number:
    """The value, which has to be a number that FAST holds, and not -0."""
    if value.__class__ is Decimal:
        _ = +value  # raises where it does not fit
        if not value and value.is_signed():
            raise DoubtError  # so that no sum has to be asked whether it is -0
        return value
    return require_whole(value)


def require_whole(value: Any) -> int:
    """The value, which has to be a small whole number."""
    if value.__class__ is int and -SMALL < value < SMALL:
        return value
    raise misfit_error(value)


def text(value: Any) -> str:
    """The value, which has to be a text."""
    if value.__class__ is str:
        return value
    raise misfit_error(value)
