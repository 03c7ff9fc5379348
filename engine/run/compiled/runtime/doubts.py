"""The guards of compiled code: they raise doubt, which ends a compiled run for the interpreter.

Guards check exact classes. A number that keeps its source text, or that FAST cannot hold, raises doubt
too: it is rare, and the interpreter handles it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ....documents.exact import USUAL, Number
from ....findings.errors import DoubtError, NothingError

# The decimal context of a compiled run: 28 digits, exponents from -27 to 30, well inside the bounds
# of `exact`. A result that needs rounding raises; any other result is exactly that of `exact`, so
# that Python's own operators can be used.
FAST = USUAL.copy()
# Integers stay far below the 40 digits of `exact`, so that sums of many do too.
SMALL = 10**27
# The maximum levels of a body, and of a template's value in it: together far below the limit of JSON.
MAX_LEVELS = 40


def misfit_error(value: object) -> Exception:
    """Return the exception for a value that is not of the required class."""
    return NothingError() if value is None else DoubtError()


def require_number(value: Any) -> Number:
    """Return a value that must be a number that FAST can hold, and not -0."""
    if value.__class__ is Decimal:
        _ = +value  # raises where it does not fit
        if not value and value.is_signed():
            raise DoubtError  # so that no sum can be -0
        return value
    return require_whole(value)


def require_whole(value: Any) -> int:
    """Return a value that must be a small integer."""
    if value.__class__ is int and -SMALL < value < SMALL:
        return value
    raise misfit_error(value)
