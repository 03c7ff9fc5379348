"""Values become what their field's type says: the usual forms fast, all others as everywhere.

CONVERSIONS has a function for each type of the language, which takes anything but null. What it
gives is of exactly the class that the type has.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ....documents.exact import Number
from ....documents.numbers import number_in, numeric
from ....findings.errors import DoubtError
from ....language.types import convert
from .doubts import misfit_error, require_number, require_whole

# As many different amounts as a batch of orders may have in common.
_REMEMBERED = 8_192
_USUAL = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?").fullmatch


@lru_cache(maxsize=_REMEMBERED)
def parse_number(text: str) -> Number:
    """The number that a text spells."""
    if _USUAL(text) is not None:
        return Decimal(text) if "." in text else int(text)
    if not numeric(text):
        raise DoubtError
    found = number_in(text)
    if found is None:
        raise DoubtError
    return require_number(found)


def to_amount(value: Any) -> Number | None:
    """The exact amount of a GraphQL answer's money; null stays null."""
    if value.__class__ is str:
        return parse_number(value)
    return None if value is None else require_number(value)


def _decimal(value: Any) -> Decimal:
    if value.__class__ is str:
        value = parse_number(value)
    found = require_number(value)
    return found if isinstance(found, Decimal) else Decimal(found)


def _integer(value: Any) -> int:
    if value.__class__ is int:
        return require_whole(value)
    return require_whole(convert(value, "integer"))


def _string(value: Any) -> str:
    return value if value.__class__ is str else _by("string", str, value)


def _boolean(value: Any) -> bool:
    return value if value is True or value is False else _by("boolean", bool, value)


def _datetime(value: Any) -> datetime:
    """The forms `2026-11-20T18:41:06.110Z` and without `Z` are read in one step."""
    if (
        value.__class__ is str
        and len(value) in {23, 24}
        and value[4] == value[7] == "-"
        and value[10] == "T"
        and value[11:13] != "24"
        and value[13] == value[16] == ":"
        and value[19] == "."
        and (value[-1] == "Z") is (len(value) == 24)
        and value.isascii()
    ):
        return datetime.fromisoformat(value if len(value) == 24 else value + "Z")
    found: datetime = _by("datetime", datetime, value)
    return found


def _id(value: Any) -> str:
    """A short text of printable characters without blanks around it, or what a number says."""
    if (
        value.__class__ is str
        and 0 < len(value) <= 100
        and value.isprintable()
        and value[0] != " "
        and value[-1] != " "
        and value.isascii()
    ):
        return str(value)
    return str(_by("id", str, value))


def _list(value: Any) -> list[object]:
    if value.__class__ is not list:
        raise misfit_error(value)
    return value


def _table(value: Any) -> dict[str, object]:
    if value.__class__ is not dict:
        raise misfit_error(value)
    return value


def _by(type_name: str, kind: type, value: object) -> Any:
    """The value by the way that knows all cases; of exactly that class."""
    result = convert(value, type_name)
    if result.__class__ is not kind:
        raise DoubtError
    return result


CONVERSIONS: dict[str, Callable[[Any], object]] = {
    "string": _string,
    "integer": _integer,
    "decimal": _decimal,
    "money": _decimal,
    "datetime": _datetime,
    "boolean": _boolean,
    "id": _id,
    "list": _list,
    "table": _table,
    "timezone": lambda value: _by("timezone", str, value),
}
