"""JSON is read and written without losing a digit, and bad JSON ends in findings."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.documents import decode_json, read_json, write_json
from engine.documents.exact import format_plain
from engine.findings.diagnostics import SourceText
from engine.findings.errors import ExpressionError, ReadError
from engine.findings.quote import quoted

DIGITS = st.text("0123456789", min_size=1, max_size=15)


def read(text: str) -> object:
    return read_json(SourceText("order.json", text))


def refused(text: str) -> list[tuple[str, str]]:
    """Code and line:column of every finding."""
    with pytest.raises(ReadError) as caught:
        read(text)
    places = ((finding.code, finding.place) for finding in caught.value.findings)
    return [(code, f"{place.line}:{place.column}" if place else "") for code, place in places]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """The text of a JSON number that fits, in any notation."""
    whole = draw(DIGITS).lstrip("0") or "0"
    part = draw(st.one_of(st.just(""), DIGITS.map(lambda digits: "." + digits)))
    sizes = st.integers(0, 12).map(str)
    signs = st.sampled_from(["", "+", "-"])
    marks = st.sampled_from("eE")
    exponent = draw(st.one_of(st.just(""), st.tuples(marks, signs, sizes).map("".join)))
    return draw(st.sampled_from(["", "-"])) + whole + part + exponent


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(-1000, 1000, places=3)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(numbers())
def test_an_untouched_number_is_written_as_it_was_read(text: str) -> None:
    assert write_json(read(text)) == text


@given(numbers())
def test_a_number_is_exactly_what_its_text_says(text: str) -> None:
    number = read(text)
    assert isinstance(number, int | Decimal)
    assert number == Decimal(text)
    assert hash(number) == hash(Decimal(text))
    assert number + 1 == Decimal(text) + 1
    assert Decimal(format_plain(number)) == Decimal(text)


@given(VALUES, st.sampled_from([None, 0, 2]))
def test_what_is_written_reads_as_the_same(value: object, indent: int | None) -> None:
    text = write_json(value, indent=indent)
    assert read(text) == value
    assert write_json(read(text), indent=indent) == text


@pytest.mark.parametrize("text", ["1e5", "-0", "1.0E+0", "19.90"])
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_a_copied_number_keeps_its_text(text: str, copied: object) -> None:
    assert callable(copied)
    assert write_json(copied(read(text))) == text


def test_a_touched_number_is_written_plainly() -> None:
    number = read("1e5")
    assert isinstance(number, Decimal)
    assert write_json([number + 0, -number, read("-0")]) == "[100000,-100000,-0]"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("19.90", Decimal("19.90")),
        ("18446744073709551616", 2**64),
        ("\ufeff[1]", [1]),
        ('"\\ud83d\\ude00 \\ud800"', "😀 \ud800"),
        ("[" * 200 + "]" * 200, None),
        (' {"a" : {"a": [{"a": 1}, {"a": 2}]}} ', {"a": {"a": [{"a": 1}, {"a": 2}]}}),
    ],
)
def test_good_documents(text: str, value: object) -> None:
    data = read(text)
    assert value is None or data == value


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("", [("E0502", "")]),
        (" \n\t", [("E0502", "")]),
        ('{"a": 1', [("E0502", "1:8")]),
        ('{"a":\n "b', [("E0502", "2:2")]),
        ("[1,\n 2 3]", [("E0502", "2:4")]),
        ("[1,]", [("E0502", "1:3")]),
        ("{'a': 1}", [("E0502", "1:2")]),
        ('{"a": 1} x', [("E0502", "1:10")]),
        ("[01]", [("E0502", "1:3")]),
        ('["a\tb"]', [("E0502", "1:4")]),
        ('["\\x"]', [("E0502", "1:3")]),
        ('{"a": 1,\n "b": {"a": 2, "a": 3},\n "a": 4}', [("E0503", "2:16"), ("E0503", "3:2")]),
        ('{"\\u0061": 1, "a": 2}', [("E0503", "1:15")]),
        ("[NaN, Infinity, -Infinity]", [("E0504", "1:2"), ("E0504", "1:7"), ("E0504", "1:17")]),
        ("[1e309, 1e-325]", [("E0505", "1:2"), ("E0505", "1:9")]),
        ("9" * 41, [("E0505", "1:1")]),
        ("9" * 100_000, [("E0505", "1:1")]),
        ("1e" + "9" * 50, [("E0505", "1:1")]),
        (
            '{"a": NaN, "a": 1e999,]',
            [("E0504", "1:7"), ("E0503", "1:12"), ("E0505", "1:17"), ("E0502", "1:22")],
        ),
        ("[" * 100_000, [("E0506", "1:201")]),
        ('{"a":' * 100_000, [("E0506", "1:1001")]),
        ('[{"[[": ' * 101, [("E0506", "1:801")]),
        ("[" * 201 + "]" * 201, [("E0506", "1:201")]),
        ('"' + "\\" * 1_000_001, [("E0502", "1:1")]),
        ('{"a": 1, "a": [' + "1,\n" * 400_000 + "1]}", [("E0503", "1:10")]),
        ("[" + "[]," * 600_000 + "[]]", [("E0507", "")]),
        ('"' + "a" * 10_000_000 + '"', [("E0507", "")]),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bad_documents_end_in_findings(text: str, findings: list[tuple[str, str]]) -> None:
    assert refused(text) == findings


def test_findings_are_bounded_in_number_and_size() -> None:
    with pytest.raises(ReadError) as caught:
        read("{" + ",".join([f'"{"k" * 5000}": 1'] * 300) + "}")
    assert len(caught.value.findings) == 100
    assert all(len(finding.message) < 100 for finding in caught.value.findings)


def test_a_document_cut_off_says_so() -> None:
    with pytest.raises(ReadError) as caught:
        read('{"order": {"id": 1')
    assert caught.value.findings[0].hint == "the text seems to be cut off; fetch or copy it again"


def test_bytes_that_are_not_utf8_are_refused_at_their_place() -> None:
    with pytest.raises(ReadError) as caught:
        decode_json("order.json", '{"é":\n "'.encode() + b"\xff\xfe\xe9")
    (finding,) = caught.value.findings
    assert (finding.code, str(finding.place)) == ("E0501", "order.json:2:3")
    assert decode_json("order.json", "é".encode()).content == "é"


def test_too_many_bytes_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(ReadError) as caught:
        decode_json("order.json", b"\xff" * 10_000_001)
    assert [finding.code for finding in caught.value.findings] == ["E0507"]


def test_layout_is_deterministic_and_readable() -> None:
    value = {"b": [1, {}], "a": {"é": "😀\ud800\n", "t": (True, None)}, "n": []}
    assert write_json(value) == '{"b":[1,{}],"a":{"é":"😀\\ud800\\n","t":[true,null]},"n":[]}'
    assert write_json({"a": [1, {"b": None}]}, indent=2) == (
        '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ]\n}'
    )


@pytest.mark.parametrize("value", [1.5, date(2026, 11, 20), {1: 2}, object(), {"a": {1}}])
def test_what_is_no_json_value_is_a_mistake_of_the_program(value: object) -> None:
    with pytest.raises(TypeError):
        write_json(value)


def test_numbers_that_do_not_fit_are_not_written() -> None:
    for value in (Decimal("NaN"), Decimal("1e999999"), 10**5000):
        with pytest.raises(ExpressionError) as caught:
            write_json([value])
        assert caught.value.code == "E0505"


def test_values_nested_too_deeply_are_not_written() -> None:
    value: object = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ExpressionError) as caught:
        write_json(value)
    assert caught.value.code == "E0506"
    while isinstance(value, list):  # taken apart from the outside: freeing it must not recurse
        value = value.pop()


@given(st.text())
def test_quotes_are_short_and_printable(text: str) -> None:
    assert quoted(text).isprintable()
    assert len(quoted("\n" + text)) <= 42 + 10 * 40
    assert len(quoted("a" * 5000)) == 42
