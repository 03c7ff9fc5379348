"""What paths say: exact values, names on the root, and mistakes with their places."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.documents.exact import format_plain
from engine.findings.codes import CODES
from engine.findings.errors import ExpressionError
from engine.language.budget import Budget
from engine.language.paths import evaluate_path, find_root_names, parse_path, walk_nodes

ORDER = {
    "total": Decimal("19.90"),
    "paid": 20,
    "lines": [
        {"sku": "b", "price": Decimal("10.10"), "quantity": 1},
        {"sku": "a", "price": Decimal("9.80"), "quantity": 2},
    ],
    "texts": ["b", "B", "é", "a"],
}


def value_of(text: str, root: Any = ORDER) -> Any:
    return evaluate_path(parse_path(text), root, Budget())


def failure_of(text: str, root: Any = ORDER) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        value_of(text, root)
    assert caught.value.code in CODES
    return caught.value


def typed(value: Any) -> tuple[str, str]:
    """The type and the text of a value, so that 1, 1.0, 1.00 and true are told apart."""
    return type(value).__name__, str(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("total", ("Decimal", "19.90")),
        ("`10.10`", ("Decimal", "10.10")),
        ("`1E+2`", ("Decimal", "1E+2")),
        ("`-0`", ("int", "0")),
        ("`{\"a\": [1.50]}`.a[0]", ("Decimal", "1.50")),
        ("sum(lines[].price)", ("Decimal", "19.90")),
        ("sum(lines[].quantity)", ("int", "3")),
        ("sum(`[]`)", ("int", "0")),
        ("sum(`[0.1, 0.2]`)", ("Decimal", "0.3")),
        ("avg(lines[].quantity)", ("Decimal", "1.5")),
        ("avg(`[]`)", ("NoneType", "None")),
        ("abs(`-12345678901234567890123456789.123456789`)", ("Decimal", "12345678901234567890123456789.123456789")),
        ("ceil(`-1.5`)", ("int", "-1")),
        ("floor(`-1.5`)", ("int", "-2")),
        ("floor(`1e30`)", ("int", str(10**30))),
        ("max_by(lines, &price).price", ("Decimal", "10.10")),
        ("min(lines[].price)", ("Decimal", "9.80")),
        ("to_string(total)", ("str", "19.90")),
        ("to_string(`1e3`)", ("str", "1000")),
        ("to_string(`[1.10, null, true, \"é\", {\"k\": []}]`)", ("str", '[1.10,null,true,"\\u00e9",{"k":[]}]')),
        ("to_number('0012')", ("NoneType", "None")),
        ("to_number('19.90')", ("Decimal", "19.90")),
        ("to_number('-3')", ("int", "-3")),
        ("to_number('NaN')", ("NoneType", "None")),
        ("to_number(' 1')", ("NoneType", "None")),
        ("to_number('1_0')", ("NoneType", "None")),
        ("to_number('１')", ("NoneType", "None")),
        ("to_number('1e999999999')", ("NoneType", "None")),
        ("to_number(total)", ("Decimal", "19.90")),
        ("join('', sort(texts))", ("str", "Babé")),
        ("`1` == `1.0`", ("bool", "True")),
        ("`[1]` == `[true]`", ("bool", "False")),
        ("`{\"a\": 1, \"b\": [2.0]}` == `{\"b\": [2], \"a\": 1.0}`", ("bool", "True")),
        ("`0` == `false`", ("bool", "False")),
        ("total < paid", ("bool", "True")),
        ("'a' < 'b'", ("NoneType", "None")),
        ("`true` > `0`", ("NoneType", "None")),
        ("contains(lines[].price, `9.8`)", ("bool", "True")),
        ("contains(`[1]`, `true`)", ("bool", "False")),
        ("contains('123', `1`)", ("bool", "False")),
        ("contains(`[\"a\", \"b\"]`, lower('B'))", ("bool", "True")),
        ("contains(`[\"1\", \"true\"]`, `true`)", ("bool", "False")),
        ("lower(texts[1])", ("str", "b")),
        ("lower(to_string(`true`)) == lower('TRUE')", ("bool", "True")),
        ("total || 'none'", ("Decimal", "19.90")),
        ("`0.0` && 'zero is true'", ("str", "zero is true")),
    ],
)  # fmt: skip
def test_values_are_exact_and_keep_their_types(text: str, expected: tuple[str, str]) -> None:
    assert typed(value_of(text)) == expected


@given(st.one_of(st.integers(-(10**39), 10**39), st.decimals(-(10**9), 10**9, places=8)))
def test_a_literal_is_the_number_that_is_written(number: int | Decimal) -> None:
    assert typed(value_of(f"[`{format_plain(number)}`] | [0]")) == typed(number)


def test_sorting_is_stable_and_by_code_point() -> None:
    entries = [{"k": 2, "n": 1}, {"k": Decimal("1.0"), "n": 2}, {"k": 1, "n": 3}, {"k": 2, "n": 4}]
    assert value_of("sort_by(@, &k)[].n", entries) == [2, 3, 1, 4]
    assert value_of("[max_by(@, &k).n, min_by(@, &k).n]", entries) == [1, 2]


def test_evaluation_leaves_its_input_alone_and_charges_for_the_work() -> None:
    before = repr(ORDER)
    path, small, large = parse_path("lines[?price > `1`].{s: sku}"), Budget(), Budget()
    evaluate_path(path, ORDER, small)
    evaluate_path(path, {"lines": ORDER["lines"] * 10}, large)  # type: ignore[operator] # a list of lines
    assert repr(ORDER) == before
    assert 10 < small.allowed - small.remaining < large.allowed - large.remaining


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("order.items[?status == 'x'].id", ["order"]),
        ("a || b.c && !d", ["a", "b", "d"]),
        ("sum(a[].b) >= c", ["a", "c"]),
        ("sort_by(a, &b)", ["a"]),
        ("{x: a.b, y: [c, d]}", ["a", "c", "d"]),
        ("a | b", ["a"]),
        ("@ | a", ["a"]),
        ("@.a.b", ["a"]),
        ("(a || b).c", ["a", "b"]),
        ("[*].a", []),
        ("*.a", []),
        ("[?a].b", []),
        ("a[] | [?b]", ["a"]),
        ('"a b".c', ["a b"]),
        ("a == 'b' && a != `1`", ["a", "a"]),
        ("@", []),
    ],
)
def test_names_on_the_root_with_their_places(text: str, names: list[str]) -> None:
    found = find_root_names(parse_path(text))
    assert [name.name for name in found] == names
    for name in found:
        assert text[name.offset :][: name.length].strip('"') == name.name


def test_every_token_of_the_tree_knows_its_place() -> None:
    text = "a.\"b c\"[?d == `1.50` && e > 'x'].{k: map(&f, g)}[0] | h[-1:]"
    placed = [
        (node["offset"], node["length"])
        for node in walk_nodes(parse_path(text).tree)
        if "offset" in node
    ]
    assert sorted(text[offset:][:length] for offset, length in placed) == sorted(
        ["a", '"b c"', "d", "`1.50`", "e", "'x'", "k", "map", "&", "f", "g", "0", "h", "-1"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "underlined", "message"),
    [
        ("", "E0301", "", "the path is empty"),
        ("  ", "E0301", " ", "the path is empty"),
        ("a.", "E0301", "", "the path ends too early"),
        ("a b", "E0301", "b", "'b' is not expected here"),
        ("a == 1", "E0301", "1", "'1' is not expected here"),
        ("a = `1`", "E0301", "=", "'=' is not part of the language"),
        ("order-id", "E0301", "-", "'-' is not part of the language"),
        ("a.'b'", "E0301", "'b'", "\"'b'\" is not expected here"),
        ("a == 'b", "E0301", "'", "the ' that opens here is not closed"),
        ("a == `foo`", "E0301", "`foo`", "'`foo`' holds no JSON value"),
        ("`NaN`", "E0301", "`NaN`", "'`NaN`' holds no JSON value"),
        ("`-Infinity`", "E0301", "`-Infinity`", "'`-Infinity`' holds no JSON value"),
        ("``", "E0301", "``", "'``' holds no JSON value"),
        ('"a\\q"', "E0301", '"a\\q"', "'\"a\\\\q\"' is not part of the language"),
        ('"length"(a)', "E0301", "(", "'(' is not expected here"),
        ("contains(a b)", "E0301", "b", "'b' is not expected here"),
        ("length(a,)", "E0301", ")", "')' is not expected here"),
        ("{a: b c: d}", "E0301", "c", "'c' is not expected here"),
        ("a[1 2:]", "E0301", "2", "'2' is not expected here"),
        ("[&a]", "E0301", "&", "an `&` expression can only be an argument of a function"),
        ("&a", "E0301", "&", "an `&` expression can only be an argument of a function"),
        ("a.lenght(b)", "E0302", "lenght", "there is no function 'lenght'"),
        ("a || sum()", "E0303", "sum", "sum() takes 1 argument, not 0"),
        ("not_null()", "E0303", "not_null", "not_null() takes at least 1 argument, not 0"),
        ("join(a)", "E0303", "join", "join() takes 2 arguments, not 1"),
        ("sort_by(lines, sku)", "E0304", "sort_by", "sort_by() takes an expression as argument 2"),
        ("type(&a)", "E0304", "type", "type() takes a value as argument 1"),
        ("paid | abs('x')", "E0304", "abs", "abs() takes number as argument 1, not string"),
        ("length(paid)", "E0304", "length", "length() takes string, array or object as argument 1, not number"),
        ("sum(lines[].sku)", "E0304", "sum", "sum() takes array[number] as argument 1, but its entry [0] is string"),
        ("max(`[1, \"a\"]`)", "E0304", "max", "max() takes array[number] or array[string] as argument 1, but its entry [1] is string, unlike the first"),
        ("max_by(lines, &nothing)", "E0304", "max_by", "max_by() needs all numbers or all strings, but gets null for entry [0]"),
        ("merge(@, lines)", "E0304", "merge", "merge() takes object as argument 2, not array"),
        ("lines[::0]", "E0305", "0", "a slice cannot step by 0"),
        (f"`1{'0' * 40}`", "E0902", f"`1{'0' * 40}`", f"the number '1{'0' * 38}…' is out of bounds"),
        ("`1e31`", "E0902", "`1e31`", "the number '1e31' is out of bounds"),
    ],
)  # fmt: skip
def test_mistakes_are_named_and_pointed_at(
    text: str, code: str, underlined: str, message: str
) -> None:
    error = failure_of(text)
    assert (error.code, error.message) == (code, message)
    assert text[error.offset : error.offset + error.length] == underlined


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("lenght(a)", "did you mean length?"),
        ("a == 0", "put backticks around a number: `1`"),
        ("a = b", "compare with `==`"),
        ("`web`", "put single quotes around a text"),
        ("sum(lines[].sku)", "to_number()"),
        ("sum(nothing)", "not_null("),
        ("sort_by(lines)", "write sort_by(array, &expression)"),
        ("merge()", "write merge(object, …)"),
    ],
)
def test_hints_say_what_to_do(text: str, hint: str) -> None:
    assert hint in (failure_of(text).hint or "")


def test_an_error_inside_a_function_points_at_the_innermost_one() -> None:
    text = "map(&sum(@), lines[].[price])"
    root = {"lines": [{"price": Decimal("1e30")}, {"price": None}]}
    error = failure_of(text, root)
    assert text[error.offset :][: error.length] == "sum"
