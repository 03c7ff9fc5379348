"""Convert values to the types of fields: common forms fast, all others by the language.

CONVERSIONS has a function for each type of the language, which accepts any value but null. Its result
has exactly the class of the type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ....documents.exact import Number
from ....documents.numbers import is_numeric, parse_number
from ....findings.errors import DoubtError
from ....language.types import convert_value
from .doubts import misfit_error, require_number, require_whole

# The number of different amounts that a batch of orders may share.
_MAX_AMOUNTS = 8_192
_PLAIN_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?").fullmatch


@lru_cache(maxsize=_MAX_AMOUNTS)
def parse_amount(text: str) -> Number:
    """Return the number that a text spells."""
    if _PLAIN_NUMBER(text) is not None:
        return Decimal(text) if "." in text else int(text)
    if not is_numeric(text):
        raise DoubtError
    found = parse_number(text)
    if found is None:
        raise DoubtError
    return require_number(found)


def to_amount(value: Any) -> Number | None:
    """Return the exact amount of a GraphQL answer's money; null stays null."""
    if value.__class__ is str:
        return parse_amount(value)
    return None if value is None else require_number(value)


def _decimal(value: Any) -> Decimal:
    if value.__class__ is str:
        value = parse_amount(value)
    found = require_number(value)
    return found if isinstance(found, Decimal) else Decimal(found)


def _integer(value: Any) -> int:
    if value.__class__ is int:
        return require_whole(value)
    return require_whole(convert_value(value, "integer"))


def _string(value: Any) -> str:
    return value if value.__class__ is str else _convert_exactly("string", str, value)


def _boolean(value: Any) -> bool:
    return value if value is True or value is False else _convert_exactly("boolean", bool, value)


def _datetime(value: Any) -> datetime:
    """Read `2026-11-20T18:41:06.110Z`, with or without `Z`, in one step."""
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
    found: datetime = _convert_exactly("datetime", datetime, value)
    return found


def _id(value: Any) -> str:
    """Return an id: a short printable text without outer blanks, or the text of a number."""
    if (
        value.__class__ is str
        and 0 < len(value) <= 100
        and value.isprintable()
        and value[0] != " "
        and value[-1] != " "
        and value.isascii()
    ):
        return str(value)
    return str(_convert_exactly("id", str, value))


def _list(value: Any) -> list[object]:
    if value.__class__ is not list:
        raise misfit_error(value)
    return value


def _table(value: Any) -> dict[str, object]:
    if value.__class__ is not dict:
        raise misfit_error(value)
    return value


def _convert_exactly(type_name: str, kind: type, value: object) -> Any:
    """Convert by the language; raise DoubtError unless the result has exactly that class."""
    result = convert_value(value, type_name)
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
    "timezone": lambda value: _convert_exactly("timezone", str, value),
}
