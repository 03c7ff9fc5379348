"""Tables of plain data: what fits a key, what a miss says, and which data are refused."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.findings.diagnostics import Place, SourceText
from engine.findings.errors import (
    AbsentError,
    ExpressionError,
    LookupMissingError,
    ReadError,
    SpecError,
)
from engine.mapping.lookups import TABLE_READERS, Options, Table, build_table, look_up

PAYMENTS = {
    "cash": 601,
    "credit_card": {"adyen": {"USD": 611, "*": 612}, "stripe": 613},
    "gift_card": {"*": {"USD": 621}},
    "*": {"*": {"EUR": 699}},
}
LOCATIONS = {"NYC5": {"id": 12, "subsidiary": 2}, "TOR": {"id": 14, "subsidiary": None}}


def codes(data: object, options: Options) -> list[str]:
    with pytest.raises(SpecError) as caught:
        build_table("t", data, options, place=Place(SourceText("m.yaml", "x")))
    assert all(finding.place for finding in caught.value.findings)
    return [finding.code for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("data", "options", "key", "value"),
    [
        (PAYMENTS, Options(), ("cash", "any", "USD"), 601),
        (PAYMENTS, Options(), ("credit_card", "adyen", "USD"), 611),
        (PAYMENTS, Options(), ("credit_card", "adyen", "CAD"), 612),
        (PAYMENTS, Options(), ("credit_card", "stripe", "EUR"), 613),
        (PAYMENTS, Options(), ("gift_card", "", "USD"), 621),
        (PAYMENTS, Options(), ("paypal", "paypal", "EUR"), 699),
        (PAYMENTS, Options(), ("credit_card", "stripe"), 613),
        (PAYMENTS, Options(key=("method", "provider", "currency")), ("cash", "x", "y"), 601),
        (PAYMENTS, Options(ignore_case=True), ("CASH", "ANY", "usd"), 601),
        ({"web": 1, "store": 3}, Options(), ("web",), 1),
        ({"web": 1}, Options(), ("web", "more", "keys"), 1),
        ({"5": "a", "true": "b", "1.50": "c"}, Options(), (5,), "a"),
        ({"5": "a", "true": "b", "1.50": "c"}, Options(), (True,), "b"),
        ({"5": "a", "true": "b", "1.50": "c"}, Options(), (Decimal("1.50"),), "c"),
        ({5: "a"}, Options(), ("5",), "a"),
        (LOCATIONS, Options(), ("NYC5",), {"id": 12, "subsidiary": 2}),
        (LOCATIONS, Options(), ("NYC5", "id"), 12),
        (LOCATIONS, Options(), ("TOR", "subsidiary"), None),
        (LOCATIONS, Options(value="id", prefix=3), ("TOR1",), 14),
        ({"TOR": 1, "TOR1": 2, "*": 3}, Options(prefix=3), ("TOR1",), 2),
        ({"TOR": 1, "TOR1": 2, "*": 3}, Options(prefix=3), ("TOR2",), 1),
        ({"TOR": 1, "TOR1": 2, "*": 3}, Options(prefix=3), ("NYC",), 3),
        ({"straße": 1}, Options(ignore_case=True), ("STRASSE",), 1),
        ({"web": 1}, Options(default=0), ("shop",), 0),
        ({"web": 1}, Options(default=None), ("shop",), None),
        ({}, Options(default=7), ("shop",), 7),
        ([], Options(default=7), ("shop",), 7),
        ([{"sku": "A-1", "id": "7"}, {"sku": 2, "id": "8"}], Options(), ("2",), "8"),
        ([{"sku": "A-1", "id": 7}], Options(key=("id",)), (7,), "A-1"),
        ([{"sku": "A-1", "id": 7, "kind": "x"}], Options(value="kind"), ("A-1",), "x"),
        ([{"sku": "A", "id": 7}, {"sku": "B"}], Options(), ("B",), None),
        (
            [{"a": "x", "b": "*", "v": 1}, {"a": "*", "b": "y", "v": 2}],
            Options(key=("a", "b")),
            ("x", "y"),
            1,
        ),
    ],
)
def test_answers(data: object, options: Options, key: tuple[object, ...], value: object) -> None:
    assert look_up(build_table("t", data, options), key) == value


@pytest.mark.parametrize(
    ("key", "message", "hint"),
    [
        (
            ("credit_card", "adyn", "EURO"),
            "the lookup 'payment_item' has no entry for 'credit_card', 'adyn', 'EURO'",
            "did you mean 'credit_card', 'adyen', ",
        ),
        (
            ("x" * 100_000, "y", "z"),
            f"the lookup 'payment_item' has no entry for '{'x' * 39}…', 'y', 'z'",
            "add it to the lookup 'payment_item', or give a default",
        ),
    ],
)
def test_a_miss_names_table_and_key_and_what_is_near(
    key: tuple[object, ...], message: str, hint: str
) -> None:
    table = build_table("payment_item", PAYMENTS, Options(key=("method", "provider", "currency")))
    with pytest.raises(LookupMissingError) as caught:
        look_up(table, key)
    assert (caught.value.code, caught.value.message) == ("E0601", message)
    assert (caught.value.hint or "").startswith(hint)


@pytest.mark.parametrize(
    ("key", "kind", "code"),
    [
        ((None,), AbsentError, "E0604"),
        (([1],), ExpressionError, "E0604"),
        (({},), ExpressionError, "E0604"),
        ((), ExpressionError, "E0612"),
        (("a", "b"), ExpressionError, "E0612"),
    ],
)
def test_keys_that_cannot_be_asked(
    key: tuple[object, ...], kind: type[ExpressionError], code: str
) -> None:
    with pytest.raises(kind) as caught:
        look_up(build_table("t", {"a": 1}, Options(key=("name",), default=0)), key)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("data", "options", "found"),
    [
        (5, Options(), ["E0605"]),
        (None, Options(), ["E0605"]),
        ("web: 1", Options(), ["E0605"]),
        ({"Cash": 1, "cash": 2}, Options(ignore_case=True), ["E0602"]),
        ({"a": {"id": 1}, "b": 2, "c": {"ID": 1}}, Options(value="id"), ["E0608", "E0606"]),
        (
            [{"sku": "A", "id": 1}, {"sku": "A", "id": 1}, {"sku": "A", "id": 2}],
            Options(),
            ["E0602"] * 2,
        ),
        ([{"sku": "A", "id": 1}, 7, {"id": 2}, {"sku": "", "id": 3}], Options(), ["E0608"] * 3),
        ([{"sku": [], "id": 1}], Options(), ["E0608"]),
        ([{"sku": "A"}], Options(), ["E0606"]),
        ([{"sku": "A", "id": 1}], Options(key=("skew",), value="it"), ["E0606"] * 2),
        ([7], Options(), ["E0606"]),
        ({str(key): key for key in range(100_001)}, Options(), ["E0609"]),
        ([{"a": 1, "b": 2}] * 100_001, Options(), ["E0609"]),
        ({"a": 1}, Options(key=tuple("abcdefghi")), ["E0609"]),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_data_that_is_no_table(data: object, options: Options, found: list[str]) -> None:
    assert codes(data, options) == found


def test_maps_within_maps_without_end_are_bounded() -> None:
    deep: dict[str, object] = {"a": 1}
    for _ in range(150):
        deep = {"a": deep}
    table = build_table("t", deep)
    assert max(table.patterns) == 8
    assert isinstance(look_up(table, ("a",) * 20), Mapping)


@pytest.mark.parametrize(
    ("text", "error", "code"),
    [
        ('{"DE": {"goods": 91}, "DE": 5}', ReadError, "E0503"),
        ('{"DE": ', ReadError, "E0502"),
        ("[[1]]", SpecError, "E0606"),
    ],
)
def test_json_files_that_are_no_table(
    text: str, error: type[ReadError | SpecError], code: str
) -> None:
    with pytest.raises(error) as caught:
        TABLE_READERS[".json"]("t", SourceText("t.json", text), Options())
    assert [finding.code for finding in caught.value.findings] == [code]


def test_a_json_file_is_read_exactly() -> None:
    text = SourceText("vat.json", '{"KW": {"*": 90}, "DE": {"goods": 19.00}}')
    table = TABLE_READERS[".json"]("vat", text, Options(key=("country", "kind")))
    assert look_up(table, ("KW", "goods")) == 90
    assert str(look_up(table, ("DE", "goods"))) == "19.00"


CELLS = st.sampled_from(["a", "b", "*"])
KEYS = [st.tuples(*[CELLS] * count) for count in (1, 2, 3)]


def by_hand(rows: Mapping[tuple[str, ...], int], asked: tuple[str, ...]) -> int | None:
    """The rule read out: of the rows that fit, the most exact, then the earliest exact columns."""
    fitting = [
        key
        for key in rows
        if all(cell in ("*", part) for cell, part in zip(key, asked, strict=True))
    ]
    best = min(
        fitting, default=None, key=lambda key: (key.count("*"), [cell == "*" for cell in key])
    )
    return None if best is None else rows[best]


@given(st.sampled_from(KEYS).flatmap(lambda keys: st.dictionaries(keys, st.integers(), min_size=1)))
def test_the_most_specific_row_wins(rows: dict[tuple[str, ...], int]) -> None:
    names = ("x", "y", "z")[: len(next(iter(rows)))]
    records = [{**dict(zip(names, key, strict=True)), "value": rows[key]} for key in rows]
    table: Table = build_table("t", records, Options(key=names, default=None))
    for asked in product("abc", repeat=len(names)):
        assert look_up(table, asked) == by_hand(rows, asked)
