"""The quick way to write JSON gives what the reference gives, or has doubts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

import msgspec
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from engine.documents import (
    WrittenDecimal,
    WrittenInt,
    read_json_bytes,
    write_json,
    write_json_bytes,
)
from engine.documents.fast import DOUBTS, write_quickly
from engine.documents.write import write_reference
from engine.findings.errors import ExpressionError

FILES = sorted(ROOT.glob("mappings/*/cases/*/*.json"))


class Colour(Enum):
    RED = "red"


class Word(StrEnum):
    YES = "yes"


class Size(IntEnum):
    ONE = 1


class Pair(NamedTuple):
    left: int
    right: str


@dataclass
class Line:
    sku: str = "a"


class Row(msgspec.Struct):
    sku: str = "a"


class Text(str):
    __slots__ = ()


class Amount(Decimal):
    pass


class Map(dict[str, object]):
    pass


HOSTILE = [
    *(Colour.RED, Word.YES, Size.ONE, Pair(1, "a"), Line(), Row(), Text("a"), Amount("1E+2")),
    *(Map(a=1), {1}, frozenset("a"), b"a", bytearray(b"a"), memoryview(b"a"), 1.5, float("nan")),
    *(1j, Fraction(1, 2), date(2026, 11, 20), datetime(2026, 11, 20, tzinfo=UTC), UUID(int=1)),
    *(object(), Line, Ellipsis, range(3), msgspec.Raw(b"1"), msgspec.UNSET, iter([])),
    *(WrittenInt("-0"), WrittenDecimal("1e5"), WrittenDecimal("0E-7")),
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([sign * 10**size for sign in (1, -1) for size in (18, 19, 20, 27, 28, 39, 40)]),
    st.decimals(),
    st.builds(
        Decimal, st.from_regex(r"-?[0-9]{1,9}(\.[0-9]{1,9})?(E[+-]?[0-9]{1,2})?", fullmatch=True)
    ),
    st.builds(Decimal, st.from_regex(r"[0-9]{1,30}\.[0-9]{1,32}", fullmatch=True)),
    st.text(st.characters(exclude_categories=())),
    st.sampled_from(["SIZE10E-40", "Infinity", "NaN", "9" * 41, "\ud800", 'a\x1f\x7f\u2028"\\/']),
)
KEYS = st.text(st.characters(exclude_categories=()), max_size=3)
ODD_KEYS = st.sampled_from([1, 1.5, True, None, Word.YES, Text("a"), Decimal(1), (1,), b"a"])


def trees(
    leaves: st.SearchStrategy[object], keys: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    def grown(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
        lists = st.lists(inner, max_size=4)
        return lists | lists.map(tuple) | st.dictionaries(keys, inner, max_size=4)

    return st.recursive(leaves, grown, max_leaves=15)


def written(writer: Callable[[object], bytes], value: object) -> object:
    """What a writer gives, or what it refuses with."""
    try:
        return writer(value)
    except (ExpressionError, TypeError) as error:
        return type(error), str(error), getattr(error, "code", None)


def assert_written_alike(value: object) -> None:
    expected = written(lambda value: write_reference(value, None).encode(), value)
    assert written(write_json_bytes, value) == expected
    assert written(lambda value: write_json(value).encode(), value) == expected
    if not doubted(value):
        assert write_quickly(value) == expected


def doubted(value: object) -> bool:
    """Whether the quick way leaves it to the reference."""
    try:
        write_quickly(value)
    except DOUBTS:
        return True
    return False


@given(trees(VALUES, KEYS))
def test_every_value_is_written_as_the_reference_writes_it(value: object) -> None:
    assert_written_alike(value)


@given(trees(VALUES | st.sampled_from(HOSTILE), KEYS | ODD_KEYS))
def test_what_is_no_value_is_refused_as_the_reference_refuses_it(value: object) -> None:
    assert_written_alike(value)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: type(value).__name__)
def test_only_plain_kinds_are_written_quickly(value: object) -> None:
    for around in (value, [value], {"a": value}, [{"a": (1, value)}]):
        assert doubted(around)
        assert_written_alike(around)


def test_only_plain_texts_are_keys() -> None:
    for key in (1, 1.5, True, None, Word.YES, Text("a"), Colour.RED, UUID(int=1), date(2026, 1, 1)):
        assert doubted([{"b": 1, key: 1}])
        assert_written_alike([{"b": 1, key: 1}])


def test_a_huge_integer_is_left_to_the_reference() -> None:
    for number in (10**40, -(10**40), 10**5000):
        assert doubted([number])
        assert_written_alike([number])


@pytest.mark.parametrize(
    "text", ["NaN", "sNaN", "-Infinity", "1E+2", "1E-7", "0E-7", "1E+31", "1" * 41, "0." + "1" * 31]
)
def test_decimals_that_are_not_plain_are_left_to_the_reference(text: str) -> None:
    assert doubted([Decimal(text)])
    assert_written_alike([Decimal(text)])


@pytest.mark.parametrize("depth", [199, 200, 201, 300, 5000])
def test_values_are_nested_as_deeply_as_the_reference_allows(depth: int) -> None:
    leaves: list[object] = [1, [], {}, "a"]
    for innermost in leaves:
        value = innermost
        for level in range(depth):
            value = [value] if level % 2 else {"a": value}
        assert doubted(value) is (depth > 200 or (depth == 200 and innermost in ([], {})))
        assert_written_alike(value)
        while isinstance(value, list | dict) and value:  # freed from the outside, without recursion
            value = value.popitem()[1] if isinstance(value, dict) else value.pop()


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[object] = []
    value += [value, value]
    assert_written_alike(value)


def test_what_is_ordinary_is_written_quickly() -> None:
    value = {"a": [Decimal("19.90"), 2**64, -1, "10E-Ω\n\ufeff", (True, None)], "é\u2028": {}}
    assert not doubted(value)
    assert_written_alike(value)


def test_the_payloads_of_all_cases_take_the_quick_way() -> None:
    """All but those of the case with half a surrogate pair, and of the one with a text of sixty digits."""
    slow = set()
    for path in FILES:
        data = read_json_bytes(path.name, path.read_bytes())
        assert_written_alike(data)
        if doubted(data):
            slow.add(path.parent.name)
    assert slow == {"addr-ziplong", "names-emoji"}
