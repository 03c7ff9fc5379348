"""Whatever an author writes ends in a value or a finding: no traceback, no long wait."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scale import scaled

from engine.findings.codes import CODES
from engine.findings.errors import ExpressionError, LookupMissingError
from engine.language.budget import Budget
from engine.language.functions import FILTERS, FUNCTIONS, TESTS
from engine.language.templates import (
    Scope,
    evaluate,
    find_literal_calls,
    find_names,
    parse_expression,
    parse_template,
)

NAMES: dict[str, object] = {
    "x": "text",
    "n": 5,
    "d": Decimal("1.5"),
    "big": 10**39,
    "long": "a" * 90_000,
    "list": list(range(1000)),
    "map": {"a": {"b": None}},
    "wild": Decimal("1E+999999"),
    "lone": "\ud800",
}


def no_lookup(table: str, keys: tuple[object, ...]) -> object:
    raise LookupMissingError(table, f"{table} has no row for {len(keys)} keys")


def failure_of(text: str, *, bare: bool) -> ExpressionError | None:
    """How a text ends: in a value, or in a finding that can be shown."""
    try:
        template = parse_expression(text) if bare else parse_template(text)
        read = find_names(template), find_literal_calls(template, "lookup")
        assert repr((read, template))
        evaluate(template, Scope(NAMES, no_lookup, "USD"), Budget(200_000))
    except ExpressionError as error:
        return error
    return None


def code_of(text: str, *, bare: bool = True) -> str:
    error = failure_of(text, bare=bare)
    if error is None:
        return ""
    assert error.code in CODES or error.code == "E0601"
    assert 0 <= error.offset <= len(text)
    assert len(error.message) < 300
    assert (error.message + (error.hint or "")).encode()
    return error.code


HOSTILE = [
    ("'a' | center(200000000)", "E0404"),
    ("9 ** 9 ** 8", "E0902"),
    ("9 ** (9 ** 8)", "E0414"),
    ("10 ** 1000000", "E0414"),
    ("big * big", "E0902"),
    ("big ** 30", "E0902"),
    ("wild + 1", "E0902"),
    ("wild // 1", "E0902"),
    ("wild % 7", "E0902"),
    ("wild ~ ''", "E0902"),
    ("wild | integer", "E0902"),
    ("wild | round(2)", "E0902"),
    ("percent(wild, of=3)", "E0902"),
    ("percent(big, of=0.000000000000000000000000000001)", "E0902"),
    ("[wild] | sum", "E0902"),
    ("'a' * 1000000000", "E0414"),
    ("[1] * 1000000000", "E0414"),
    ("'%s' % x", "E0414"),
    ("'%s' | format(x)", "E0404"),
    ("().__class__", "E0414"),
    ("''.__class__.__mro__", "E0414"),
    ("x.__init__.__globals__", "E0414"),
    ("map.__class__", "E0410"),
    ("map.keys()", "E0403"),
    ("self.__init__", "E0410"),
    ("x | attr('__class__')", "E0404"),
    ("range(1000000000)", "E0405"),
    ("cycler()", "E0405"),
    ("(lambda: 1)()", "E0401"),
    ("x.0x", "E0401"),
    ("long ~ long", "E0904"),
    ("long + long", "E0904"),
    ("long | replace('a', 'aaa')", "E0904"),
    ("[long, long] | join", "E0904"),
    ("list | join(long)", "E0904"),
    ("long | split('a') | length", ""),
    ("1e999999", "E0902"),
    ("0x" + "f" * 45, "E0902"),
    ("9" * 5000, "E0902"),
    ("1_" * 4000 + "1", "E0902"),
    ("'\\ud800'", "E0408"),
    ("'\ud800'", "E0408"),
    ("lone", ""),
    ("lone | number", "E0423"),
    ("map[lone]", "E0410"),
    ("'\u202e' ~ x", ""),
    ("x\u202e", "E0401"),
    ("\x00", "E0401"),
    ("", "E0401"),
    ("a" * 20_001, "E0906"),
    ("a" * 20_000, "E0410"),
    ("(" * 9000 + ")" * 9000, "E0906"),
    ("[" * 9000, "E0906"),
    ("{" * 9000, "E0401"),
    ("-" * 10_000 + "1", "E0906"),
    ("not " * 4_900 + "1", "E0906"),
    ("1" + "+1" * 9_000, "E0906"),
    ("1" + "-\n" * 9_000 + "1", "E0906"),
    ("n" + ".a" * 9_000, "E0906"),
    ("n" + "[0]" * 6_000, "E0906"),
    ("x" + "|upper" * 3_000, "E0906"),
    ("x" + "|default(x)" * 1_500, "E0906"),
    ("1" + " if n else 1" * 1_500, "E0906"),
    ("1" + " if n else 1" * 60, ""),
    ("n" + " is number" * 1_500, "E0401"),
    ("n" + " or n" * 3_900, ""),
    ("n" + " and n" * 3_000, ""),
    ("1" + " < 2" * 4_500, ""),
    ("x" + " ~ x" * 4_500, ""),
    ("'a' " * 4_900, ""),
    ("[" + "1," * 9_000 + "]", ""),
    ("{" + "'a':1," * 3_000 + "}", ""),
    ("x" + "|default(x" * 29 + ")" * 29, ""),
    ("(" * 29 + "-----1" + ")" * 29, ""),
    ("x" + "|upper|lower" * 39, ""),
    ("[[list, list], [list, list]] == [[list, list], [list, list]]", ""),
    (" or ".join(["list == [list, list, list]"] * 400), "E0901"),
    ("[" + ",".join(["list"] * 2_000) + "] | length", "E0901"),
    (" ~ ".join(["long | length"] * 5), "E0409"),
    (" and ".join(["'b' not in long"] * 700), "E0901"),
]


@pytest.mark.parametrize(("text", "code"), HOSTILE, ids=lambda value: ascii(value)[:30])
def test_hostile_text_ends_in_a_finding(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{" * 10_000, "E0906"),
        ("{" * 20_000, "E0906"),
        ("{{ " * 6_000, "E0906"),
        ("}}" * 10_000, ""),
        ("{{ 1 }}" * 2_800, ""),
        ("{%" * 9_000, "E0402"),
        ("{{ x }}" + "\r\n" * 9_000 + "{{ y }}", "E0410"),
        ("{{ '" + "\\" * 19_000, "E0401"),
        ("{{ '" + "'" * 19_001 + " }}", ""),
    ],
    ids=range(9),
)
def test_hostile_templates(text: str, code: str) -> None:
    assert code_of(text, bare=False) == code


def grown(expression: str, times: int, budget: Budget) -> object:
    """A value put into an expression, its value into the same again, and so on."""
    template = parse_expression(expression)
    value: object = "a" * 1_000
    for _ in range(times):
        value = evaluate(template, Scope({"v": value}, no_lookup), budget)
    return value


@pytest.mark.parametrize(
    ("expression", "code"),
    [("[v, v]", "E0901"), ("{'a': v, 'b': v}", "E0901"), ("[v] + [v]", "E0901"), ("[v]", "E0906")],
)
def test_values_that_grow_and_grow_are_refused(expression: str, code: str) -> None:
    tracemalloc.start()
    with pytest.raises(ExpressionError) as caught:
        grown(expression, 200, Budget())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == code
    assert peak < 50_000_000


WORDS = [
    *"()[]{}|.,:~+-*/%<>'\"\\",
    *("**", "//", "==", "!=", "{{", "}}", "{%", "{#", "\n", "\r\n", " "),
    *(" and ", " or ", " not ", " in ", " is ", " if ", " else ", "none", "true", "omit"),
    *("1", "0", "1.5", "9" * 20, "'a'", "\u0301", "\ud83d", "é"),
    *NAMES,
    *(f"|{name}" for name in FILTERS),
    *FUNCTIONS,
    *(f" is {name}" for name in TESTS),
]


@settings(max_examples=scaled(150, full=4_000))
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
def test_any_text_ends_in_a_value_or_a_finding(text: str) -> None:
    code_of(text)
    code_of(f"a{{{{ {text} }}}}b", bare=False)
