"""What templates mean: values, texts, absence, places."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.findings.codes import CODES
from engine.findings.errors import AbsentError, BudgetError, ExpressionError, LookupMissingError
from engine.language.budget import Budget
from engine.language.lines import LineGroup, Reference, RenderedLine
from engine.language.templates import (
    OMIT,
    Scope,
    evaluate,
    find_literal_calls,
    find_names,
    parse_expression,
    parse_template,
)

NAMES: dict[str, object] = {
    "order": {
        "items": [{"sku": "A", "price": Decimal("19.90")}, {"sku": "B", "price": 5}],
        "keys": "a key, no method",
        "address": None,
        "grandTotal": Decimal("24.90"),
        "first name": "Ann",
    },
    "currency": "USD",
    "note": None,
    "n": 7,
    "placed": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    "day": date(2026, 3, 1),
    "records": {"customer": {"id": Reference("customer")}},
    "lines": LineGroup(groups={"item": LineGroup((RenderedLine({"amount": 1}),))}),
}


def no_lookup(table: str, keys: tuple[object, ...]) -> object:
    raise LookupMissingError(table, f"{table} has no row for {keys}")


def render(text: str, names: Mapping[str, object] = NAMES) -> Any:
    return evaluate(parse_template(text), Scope(names, no_lookup, "USD"), Budget())


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        render(text)
    assert caught.value.code in CODES
    return caught.value


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", ""),
        ("plain text with } and { and %", "plain text with } and { and %"),
        ("a\r\nb\rc\n", "a\r\nb\rc\n"),
        ("{{ 'x\r\ny' }}", "x\r\ny"),
        ("{{ '00501' }}", "00501"),
        ("{{ 1 }}", 1),
        ("{{ 1.10 }}", Decimal("1.10")),
        ("{{ 1_000 }}", 1000),
        ("{{ 0x10 }}", 16),
        ("{{ true }}", True),
        ("{{ none }}", None),
        ("{{ note }}", None),
        ("{{ omit }}", OMIT),
        ("{{ omit if note is none else note }}", OMIT),
        ("{{ order.items[0].sku }}", "A"),
        ("{{ order.items[-1]['price'] }}", 5),
        ("{{ order.items.1.sku }}", "B"),
        ("{{ order['first name'] }}", "Ann"),
        ("{{ order.keys }}", "a key, no method"),
        ("{{ records.customer.id }}", Reference("customer")),
        ("{{ {'a': [1, (2, 3)], 'b': none} }}", {"a": [1, [2, 3]], "b": None}),
        ("{{ 'it''s' }}", "its"),
        ("{{ 'a\\n\\u00e9\\'' }}", "a\né'"),
        ("{{ '}}' }}", "}}"),
        ("SO-{{ n }}", "SO-7"),
        ("{{ n }} ", "7 "),
        ("{{ n }}{{ 1.50 }}", "71.50"),
        ("{{ true }}/{{ day }}/{{ placed }}", "true/2026-03-01/2026-03-01T09:30:00Z"),
        ("{{ 0.1 + 0.2 }}", Decimal("0.3")),
        ("{{ 10 / 4 }}", Decimal("2.5")),
        ("{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }}", "3 -4 2 -2"),
        ("{{ -7.5 // 2 }} {{ -7.5 % 2 }} {{ 7.25 % -2 }}", "-4 0.5 -0.75"),
        ("{{ 2 ** 10 }} {{ 2 ** -2 }} {{ 1.5 ** 2 }}", "1024 0.25 2.25"),
        ("{{ - (0.00) }} {{ 0.00 * -1 }} {{ +n }}", "0.00 0.00 7"),
        ("{{ 'a' + 'b' ~ 1 ~ 2.0 }}", "ab12.0"),
        ("{{ [1] + [2] }}", [1, 2]),
        ("{{ 1 < 2 <= 2 != 3 }}", True),
        (
            "{{ 1 == 1.0 }} {{ 1 == '1' }} {{ 1 == true }} {{ [1, {'a': 2}] == [1.0, {'a': 2}] }}",
            "true false false true",
        ),
        ("{{ note == none }} {{ note != 'x' }} {{ none == 0 }}", "true true false"),
        ("{{ 'b' in 'abc' }} {{ 'sku' in order.items[0] }} {{ 2 in [1, 2.0] }}", "true true true"),
        ("{{ 1 in 'a1' }} {{ none in [1] }} {{ 'a' not in ['a'] }}", "false false false"),
        ("{{ day < day }} {{ placed <= placed }} {{ 'a' < 'b' }}", "false true true"),
        ("{{ note or 'x' }} {{ n and 'y' }} {{ 0 or '' or 'z' }}", "x y z"),
        ("{{ not note }} {{ not [] }} {{ not lines.item }}", "true true false"),
        ("{{ 'a' if order.items else order.nothing }}", "a"),
        ("{{ order.nothing.at.all | default('d') }}", "d"),
        ("{{ order.address.city | default(order.nope) | default('d') }}", "d"),
        (
            "{{ order.address is defined }} {{ order.nope is defined }} {{ n is defined }}",
            "false false true",
        ),
        ("{{ note is none }} {{ n is not none }} {{ n is string }}", "true true false"),
    ],
)
def test_value(text: str, result: object) -> None:
    got = render(text)
    assert (type(got), got) == (type(result), result)


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("a {{ order.grandTotl }}", "E0410", "order.grandTotl"),
        ("{{ ordr.items }}", "E0410", "ordr"),
        ("{{ order.items[2] }}", "E0410", "order.items[2]"),
        ("{{ order.items[0].skuu.x }}", "E0410", "order.items[0].skuu"),
        ("{{ order.address.city }}", "E0410", "order.address.city"),
        ("{{ lines.itm }}", "E0410", "lines.itm"),
        ("x{{ note }}", "E0411", "note"),
        ("{{ 1 + note }}", "E0411", "note"),
        ("{{ note < 1 }}", "E0411", "note < 1"),
        ("{{ 1 in note }}", "E0411", "1 in note"),
        ("{{ -note }}", "E0411", "note"),
        ("{{ note | upper }}", "E0411", "note"),
        ("x{{ order.items }}", "E0412", "order.items"),
        ("{{ 'a' ~ order }}", "E0412", "order"),
        ("x{{ omit }}", "E0413", "omit"),
        ("{{ [1, omit] }}", "E0413", "[1, omit]"),
        ("{{ 'a' if omit else 1 }}", "E0413", "'a' if omit else 1"),
        ("{{ omit == 1 }}", "E0413", "omit == 1"),
        ("{{ 'C' ~ records.customer.id }}", "E0413", "records.customer.id"),
        ("{{ records.customer.id.x }}", "E0413", "records.customer.id.x"),
        ("{{ 1 + '1' }}", "E0414", "1 + '1'"),
        ("{{ true + 1 }}", "E0414", "true + 1"),
        ("{{ 'a' * 3 }}", "E0414", "'a' * 3"),
        ("{{ n.x }}", "E0414", "n.x"),
        ("{{ currency[0] }}", "E0414", "currency[0]"),
        ("{{ order[1] }}", "E0414", "order[1]"),
        ("{{ order.items['a'] }}", "E0414", "order.items['a']"),
        ("{{ order.items[true] }}", "E0414", "order.items[true]"),
        ("{{ 1 < 'a' }}", "E0414", "1 < 'a'"),
        ("{{ [1] < [2] }}", "E0414", "[1] < [2]"),
        ("{{ day < placed }}", "E0414", "day < placed"),
        ("{{ 1 in 5 }}", "E0414", "1 in 5"),
        ("{{ 2 ** 31 }}", "E0414", "2 ** 31"),
        ("{{ 2 ** 0.5 }}", "E0414", "2 ** 0.5"),
        ("{{ n | upper }}", "E0415", "n"),
        ("{{ 1 + n / 0 }}", "E0903", "n / 0"),
        ("{{ 1 // 0.0 }}", "E0903", "1 // 0.0"),
        ("{{ 0 ** -1 }}", "E0903", "0 ** -1"),
        ("a\r\n{{ ordr }}", "E0410", "ordr"),
    ],
)
def test_failure_and_its_place(text: str, code: str, at: str) -> None:
    error = refused(text)
    assert (error.code, text[error.offset : error.offset + error.length]) == (code, at)
    assert isinstance(error, AbsentError) == (code in {"E0410", "E0411"})


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("x {{ a", "E0401", "{{"),
        ("{{ }}", "E0401", " "),
        ("{{ a b }}", "E0401", "b"),
        ("{{ a, b }}", "E0401", ","),
        ("{{ 'abc }}", "E0401", "'"),
        ("{{ a ? b }}", "E0401", "?"),
        ("{{ (a] }}", "E0401", "]"),
        ("{{ '\\d' }}", "E0401", "'\\d'"),
        ("{{ '\\N{DIGIT ONE}' }}", "E0401", "'\\N{DIGIT ONE}'"),
        ("{% if a %}", "E0402", "{%"),
        ("a {# b #}", "E0402", "{#"),
        ("{%- raw %}{% endraw %}", "E0402", "{%"),
        ("a {{-n }}", "E0403", "{{-"),
        ("{{ n -}} b", "E0403", "-}}"),
        ("{{ a[1:2] }}", "E0403", "1"),
        ("{{ a[1, 2] }}", "E0403", "["),
        ("{{ a.b() }}", "E0403", "("),
        ("{{ a if b }}", "E0403", "a"),
        ("{{ percent(*a) }}", "E0403", "percent"),
        ("{{ percent(**a) }}", "E0403", "percent"),
        ("{{ {1: 2} }}", "E0403", "1"),
        ("{{ a | monye }}", "E0404", "monye"),
        ("{{ a | attr('x') }}", "E0404", "attr"),
        ("{{ upper(a) }}", "E0405", "upper"),
        ("{{ range(3) }}", "E0405", "range"),
        ("{{ a is callable }}", "E0406", "is callable"),
        ("{{ a | cut }}", "E0407", "cut"),
        ("{{ a | cut(1, 2) }}", "E0407", "cut"),
        ("{{ a | cut(width=2) }}", "E0407", "cut"),
        ("{{ a | cut(1, length=2) }}", "E0407", "cut"),
        ("{{ a | cut(length=1, length=2) }}", "E0407", "2"),
        ("{{ a | cut('x') }}", "E0407", "'x'"),
        ("{{ 5 | cut(3) }}", "E0407", "5"),
        ("{{ a | cut(none) }}", "E0411", "none"),
        ("{{ a | date('Mars') }}", "E0424", "'Mars'"),
        ("{{ a | money('EURO') }}", "E0420", "'EURO'"),
        ("{{ a * b | money }}", "E0409", "|"),
        ("{{ a ~ (b) | upper }}", "E0409", "|"),
        ("{{ [1, a - b | abs] }}", "E0409", "|"),
        ("{{ a if b else c - d | abs }}", "E0409", "|"),
        ("{{ 'a\ud800' }}", "E0408", "\ud800"),
        ("{{ '\\ud83d\\ude00' }}", "E0408", "'\\ud83d\\ude00'"),
        ("{{ 1e31 }}", "E0902", "1e31"),
        ("{{ 1e99999999999999999999 }}", "E0902", "1e99999999999999999999"),
    ],
)
def test_refused_while_parsing(text: str, code: str, at: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_template(text)
    error = caught.value
    assert (error.code, text[error.offset : error.offset + error.length]) == (code, at)
    assert error.message == error.message.rstrip(".")


@pytest.mark.parametrize(
    "text",
    [
        "{{ (a * b) | money }}",
        "{{ a * (b | money) }}",
        "{{ a | abs + b }}",
        "{{ -a | abs }}",
        "{{ a - b if c | length > 1 else d | abs }}",
        "{{ a * b == c | abs }}",
        "{{ [a + b, c | abs] }}",
    ],
)
def test_filters_whose_reach_is_plain(text: str) -> None:
    assert parse_template(text).is_single


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{{ order.grandTotl }}", "did you mean grandTotal?"),
        ("{{ ordr }}", "did you mean order?"),
        ("{{ n | monye }}", "did you mean money?"),
        ("{{ n is defned }}", "did you mean defined?"),
        ("{{ upper(n) }}", "write `value | upper`"),
        ("{{ n | cut }}", "usage: `value | cut(length)`"),
        ("{{ lines.itme }}", "did you mean item?"),
    ],
)
def test_hint(text: str, hint: str) -> None:
    assert refused(text).hint == hint


def test_bare_expressions() -> None:
    template = parse_expression("n > 5 and order.items[1].sku")
    assert evaluate(template, Scope(NAMES, no_lookup), Budget()) == "B"


@pytest.mark.parametrize("text", ["{{ n }}", "n }}", "", "  ", "n }} {{ n"])
def test_no_bare_expression(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert caught.value.code == "E0401"


def test_shape() -> None:
    assert parse_template("{{ a }}").is_single
    assert not parse_template("{{ a }} ").is_single
    assert not parse_template("text").is_single
    assert not parse_template("").is_single


def test_names_and_calls() -> None:
    text = "{{ settings.timezone ~ a['b'].c[d] }} {{ lookup('t', x, 1) | default(lookup(y)) }}"
    template = parse_template(text)
    names = find_names(template)
    assert [name.path for name in names] == [
        ("settings", "timezone"),
        ("a", "b", "c"),
        ("d",),
        ("x",),
        ("y",),
    ]
    assert [text[name.offset : name.offset + name.length] for name in names][:2] == [
        "settings.timezone",
        "a['b'].c",
    ]
    calls = find_literal_calls(template, "lookup")
    assert [(call.argument, call.further) for call in calls] == [("t", 2)]
    assert text[calls[0].offset : calls[0].offset + calls[0].length] == "'t'"
    assert [
        call.argument
        for call in find_literal_calls(parse_template("{{ l | taxed('r') }}"), "taxed")
    ] == ["r"]


def test_the_budget_ends_the_work() -> None:
    template = parse_template("{{ [n, n, n] | sum | default(1) }}")
    with pytest.raises(BudgetError):
        evaluate(template, Scope(NAMES, no_lookup), Budget(3))


def test_a_failed_lookup_keeps_its_own_code_and_gets_a_place() -> None:
    with pytest.raises(LookupMissingError) as caught:
        render("x{{ lookup('t', n) }}")
    error = caught.value
    assert (error.code, error.offset, error.length) == ("E0601", 4, 6)
