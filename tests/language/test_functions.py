"""Every function's examples hold, and the edges they do not show."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.documents.exact import fits, round_half_up
from engine.documents.money import LEDGER_PLACES, MINOR_UNITS
from engine.findings.codes import CODES
from engine.findings.errors import AbsentError, ExpressionError, LookupMissingError
from engine.language.budget import Budget
from engine.language.functions import FILTERS, FUNCTIONS, OMIT, TESTS, Function, Scope
from engine.language.functions.declare import KINDS
from engine.language.lines import LineGroup, Reference, RenderedLine
from engine.language.templates import evaluate, parse_expression

ALL = [*FILTERS.values(), *FUNCTIONS.values(), *TESTS.values()]
TABLES: dict[tuple[str, tuple[object, ...]], object] = {
    ("channel", ("web",)): 1,
    ("item", ("A", "USD")): "77",
}


def look_up(table: str, keys: tuple[object, ...]) -> object:
    if (table, keys) not in TABLES:
        raise LookupMissingError(table, f"{table} has no row for {keys}")
    return TABLES[table, keys]


def value_of(text: str, names: Mapping[str, object] | None = None, currency: str = "USD") -> Any:
    scope = Scope(names or {}, look_up, currency)
    return evaluate(parse_expression(text), scope, Budget())


def refusal(text: str, names: Mapping[str, object] | None = None) -> str:
    with pytest.raises(ExpressionError) as caught:
        value_of(text, names)
    assert caught.value.code in CODES or caught.value.code == "E0601"
    return caught.value.code


@pytest.mark.parametrize("function", ALL, ids=lambda function: f"{function.sort}-{function.name}")
def test_declaration(function: Function) -> None:
    assert function.examples
    assert function.summary.endswith(".")
    assert {parameter.kind for parameter in function.parameters} <= KINDS.keys()
    for expression, names, result in function.examples:
        got = value_of(expression, names)
        assert (type(got), str(got)) == (type(result), str(result)), expression


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("0.005 | money", Decimal("0.01")),
        ("-0.004 | money", Decimal("0.00")),
        ("1.005 | money('JPY')", Decimal(1)),
        ("2.675 | money('KWD')", Decimal("2.68")),
        ("0 | abs", 0),
        ("-0.00 | abs", Decimal("0.00")),
        ("'x' | cut(1)", "x"),
        ("'e\\u0301e' | cut(2)", "e\u0301"),
        ("'ae\\u0301' | cut(2)", "a"),
        ("'\\u0301\\u0301' | cut(1)", "\u0301"),
        ("'Ann \\U0001f469\\u200d\\U0001f4bb' | cut(5)", "Ann"),
        ("'ab\\u00a0' | cut(9)", "ab"),
        ("'\\U0001f1e9\\U0001f1ea\\U0001f1eb\\U0001f1f7' | cut(3)", "\U0001f1e9\U0001f1ea"),
        ("'a\\u1112\\u1161\\u11ab' | cut(3)", "a"),
        ("'東京 ' | cut_bytes(5)", "東"),
        ("'e\\u0301e\\u0301' | cut_bytes(4)", "e\u0301"),
        ("'Straße' | upper", "STRASSE"),
        ("'+1 (212) 555-0100' | phone('0')", "+12125550100"),
        ("'０３-１２３４-５６７８' | phone('0')", "0312345678"),
        ("'123456' | phone(omit)", OMIT),
        ("'1234567890123456' | phone('0')", "0"),
        ("'(212) 555-0100 ext. 12345' | phone('0')", "2125550100 ext. 12345"),
        ("'+1 212 555 0100x12' | phone('0')", "+12125550100 ext. 12"),
        ("'212.555.0100 #12' | phone('0')", "2125550100 ext. 12"),
        ("'212-555-0100, extension 7' | phone('0')", "2125550100 ext. 7"),
        ("'030 1234567 Durchwahl 12' | phone('0')", "0301234567 ext. 12"),
        ("'212x555x0100' | phone('0')", "2125550100"),
        ("'030/1234567' | phone('0')", "0301234567"),
        ("'5550100 / 5550101' | phone('0')", "5550100"),
        ("'\\u202a+49 30 1234567\\u202c' | phone('0')", "+49301234567"),
        ("' \\u200b' | email", ""),
        ("'\\ufeffAna.Weber@Example.com\\u00a0' | email", "ana.weber@example.com"),
        ("' u.s.a. ' | country", "US"),
        ("'Côte d’Ivoire' | country", "CI"),
        ("'xk' | country", "XK"),
        ("'UK' | country", "GB"),
        ("'N.Y.' | state('USA')", "NY"),
        ("'Québec' | state('CA')", "QC"),
        ("'new south wales' | state('AU')", "NSW"),
        ("' Utopia ' | state('US')", "Utopia"),
        ("'NY' | state('')", "NY"),
        ("'محمد \\u202e\\u0000' | plain", "محمد "),
        ("'می\\u200cخواهم' | plain", "می\u200cخواهم"),
        ("'\\u200c \\u3164\\u2060' | plain | trim", ""),
        ("'a\\u00a0\\u2003\\u3000b\\r\\nc\\rd' | plain", "a b c d"),
        ("'नमस्ते' | plain", "नमस्ते"),
        ("'€ 5 № 1 © é' | plain", "€ 5 № 1 © é"),
        ("'❤\\ufe0f🇩🇪👩‍👩‍👧1\\ufe0f\\u20e3' | plain", "1"),
        ("[] | join", ""),
        ("[[1], 2] | length", 2),
        ("[1, 1.0, '1', true] | unique", [1, "1", True]),
        ("percent(-1, of=8, places=1)", Decimal("-12.5")),
        ("percent(-1, of=16, places=1)", Decimal("-6.3")),
        ("percent(1, of=-3)", Decimal("-33.3333")),
        ("lookup('item', 'A', 'USD')", "77"),
        ("lookup('item', 'B', default=lookup('item', 'A', 'USD'))", "77"),
        ("lookup('channel', 'web', default=lookup('item', 'none'))", 1),
        ("lookup('item', 'B') | default('-')", "-"),
        ("'1.50' | number", Decimal("1.50")),
        ("'-0.0' | number | string", "0.0"),
    ],
)
def test_edges(expression: str, result: object) -> None:
    got = value_of(expression)
    assert (type(got), str(got)) == (type(result), str(result))


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("[] | first", "E0410"),
        ("[] | last", "E0410"),
        ("[] | min", "E0410"),
        ("[] | max", "E0410"),
        ("[1, 'a'] | sum", "E0415"),
        ("[1, none] | sum", "E0411"),
        ("[true] | sum", "E0415"),
        ("[[1]] | unique", "E0415"),
        ("[[1]] | join", "E0412"),
        ("none | upper", "E0411"),
        ("x | upper", "E0411"),
        ("5 | upper", "E0407"),
        ("'a' | replace('', 'b')", "E0407"),
        ("'a' | round", "E0407"),
        ("1 | round(31)", "E0407"),
        ("1 | round(-1)", "E0415"),
        ("1 | round(1.5)", "E0407"),
        ("9999999999999999999999999999999999999999 | round(2)", "E0902"),
        ("1 | money('usd')", "E0420"),
        ("'1,5' | number", "E0423"),
        ("'1e5' | number", "E0423"),
        ("'' | number", "E0423"),
        ("'٣' | number", "E0423"),
        ("1.5 | integer", "E0423"),
        ("percent(1, of=0)", "E0422"),
        ("percent(1, 2, of=3)", "E0407"),
        ("percent(1)", "E0407"),
        ("lookup('item', 'B')", "E0601"),
        ("lookup('item', x)", "E0411"),
        ("lookup()", "E0407"),
        ("m | date('Mars/Olympus')", "E0424"),
        ("m | date('../../etc/passwd')", "E0424"),
        ("m | date('America')", "E0424"),
        ("m | date('\\u0000')", "E0424"),
        ("m | date(x)", "E0411"),
        ("'2026-01-01' | datetime", "E0407"),
        ("old | date('America/New_York')", "E0425"),
        ("ref | upper", "E0413"),
        ("[omit] | length", "E0413"),
        ("[{'a': 1}] | total('b')", "E0410"),
        ("[{'a': none}] | total('a')", "E0411"),
        ("lines | map('x')", "E0410"),
        ("lines.item.lines", "E0410"),
        ("bare | stored", "E0421"),
        ("lines.item | taxed('rate_of_tax')", "E0410"),
        ("[1] | stored", "E0415"),
    ],
)
def test_refusals(expression: str, code: str) -> None:
    names = {
        "x": None,
        "m": datetime(2026, 1, 1, tzinfo=UTC),
        "old": datetime(1, 1, 1, tzinfo=UTC),
        "ref": Reference("customer"),
        "bare": RenderedLine({"item": {"id": 1}}),
        "lines": LineGroup(
            (RenderedLine({}),), {"item": LineGroup((RenderedLine({"amount": 1}),))}
        ),
    }
    assert refusal(expression, names) == code


def test_lines_are_stored_as_netsuite_holds_them() -> None:
    discount = RenderedLine({"amount": Decimal("-1.005")})
    shirt = RenderedLine(
        {"rate": Decimal("3.335"), "quantity": 3, "kind": "shirt"}, after=(discount,)
    )
    cap = RenderedLine({"rate": 5, "kind": "cap"})
    names = {"item": LineGroup((shirt, cap), {"discount": LineGroup((discount,))})}
    assert value_of("item | stored", names) == Decimal("15.01")
    assert value_of("item | stored", names, "JPY") == Decimal(15)
    assert value_of("item.discount | stored", names) == Decimal("-1.01")
    assert value_of("item | where('kind', 'cap') | stored", names) == Decimal("5.00")
    assert value_of("item | map('kind') | join('+')", names) == "shirt+cap"
    assert value_of("(item | first).kind", names) == "shirt"
    assert value_of("item[-1].rate", names) == 5


def test_money_needs_a_currency() -> None:
    with pytest.raises(ExpressionError, match="no currency"):
        evaluate(parse_expression("1 | money"), Scope({}, look_up), Budget())


amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6).map(lambda d: d + 0)


@given(amounts, st.sampled_from(sorted(MINOR_UNITS)))
def test_money_is_the_order_rounding(amount: Decimal, currency: str) -> None:
    assert value_of("x | money", {"x": amount}, currency) == round_half_up(
        amount, LEDGER_PLACES[currency]
    )


def test_the_account_decides_about_decimals() -> None:
    """Not ISO 4217: NetSuite's currency records name 0 and 2, and each account its own."""
    line = RenderedLine(
        {"rate": Decimal("7.125"), "quantity": 3, "rate1": 10, "taxCode": {"id": "1"}}
    )
    for places, stored, tax in ((0, "21", "2"), (2, "21.38", "2.14"), (3, "21.375", "2.138")):
        scope = Scope(
            names={"x": line},
            lookup=look_up,
            currency="KWD",
            places=LEDGER_PLACES | {"KWD": places},
        )
        for code, expected in (("x | stored", stored), ("x | taxed('rate1')", tax)):
            found = evaluate(parse_expression(code), scope, Budget())
            assert str(found) == expected


@given(st.lists(amounts, max_size=20), st.randoms())
def test_totals_do_not_depend_on_order(numbers: list[Decimal], random: Any) -> None:
    shuffled = random.sample(numbers, len(numbers))
    assert value_of("x | sum", {"x": numbers}) == value_of("x | sum", {"x": shuffled})
    rows = [{"n": {"v": number}} for number in shuffled]
    assert value_of("x | total('n.v')", {"x": rows}) == sum(numbers)


@given(amounts, amounts.filter(bool), st.integers(0, 6))
def test_percent_is_within_half_a_unit(part: Decimal, whole: Decimal, places: int) -> None:
    got = value_of("percent(p, of=w, places=n)", {"p": part, "w": whole, "n": places})
    assert got.as_tuple().exponent == -places
    assert 2 * abs(got * whole - part * 100) <= abs(whole) * Decimal(1).scaleb(-places)


@given(st.text(max_size=60), st.integers(1, 60))
def test_cut_is_a_prefix_that_fits_and_splits_no_character(text: str, length: int) -> None:
    got = value_of("x | cut(n)", {"x": text, "n": length})
    assert text.startswith(got)
    assert len(got) <= length
    assert not got[-1:].isspace()
    rest = text[len(got) :].lstrip() if len(text) <= length else text[len(got) :]
    if len(got) < min(length, len(text)):
        assert rest == "" or not unicodedata.category(rest[0]).startswith("M")


@given(st.text(max_size=40))
def test_plain_drops_what_xml_cannot_hold(text: str) -> None:
    got = value_of("x | plain", {"x": text})
    assert value_of("x | plain", {"x": got}) == got
    assert all(c in "\t\n" or unicodedata.category(c) not in {"Cc", "Cs", "Co"} for c in got)


@given(st.text(alphabet=st.characters(categories=["L", "Nd", "P"]), max_size=40))
@example("\u2768\u2775")
def test_plain_keeps_every_script(text: str) -> None:
    fillers = "\u115f\u1160\u3164\uffa0"  # letters of Hangul that nobody sees
    seen = "".join(c for c in text if c not in fillers)
    assert value_of("x | plain", {"x": text}) == seen


@given(amounts)
def test_number_reads_what_string_writes(number: Decimal) -> None:
    assert value_of("x | string | number", {"x": number}) == number
    assert fits(value_of("x | number", {"x": number}))


def test_absence_inside_a_filter_is_caught_by_default() -> None:
    assert value_of("order.note | upper | default('-')", {"order": {}}) == "-"
    with pytest.raises(AbsentError):
        value_of("order.note | upper", {"order": {}})


def test_a_long_run_of_joiners_takes_one_pass() -> None:
    """Tried at each of its characters, such a name took minutes of one core, and its steps were few."""
    names = {"name": "a" + "\u200c" * 70_000 + "b"}
    assert len(str(value_of("name | plain", names))) == len(names["name"])
    names = {"name": "a " + "\u200c" * 70_000 + " b"}
    assert value_of("name | plain", names) == "a b"
