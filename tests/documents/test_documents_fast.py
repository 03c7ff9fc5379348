"""The quick way to read JSON gives what the reference gives, or has doubts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from engine.documents import decode_json, read_json, read_json_bytes
from engine.documents.fast import DOUBTS, read_quickly
from engine.findings.errors import ReadError

FILES = sorted(ROOT.glob("mappings/*/cases/*/*.json"))

# What stands in a text or number and has deceived a reader before.
PIECES = [
    *("a", ":", "-", "-0", "é", "😀", "[", "{", "]", "}", ",", "1E+5", "10E-4", "0E-7", "\x7f"),
    *("\\u0061", "\\u003a", "\\u003A", "\\u002d", "\\u002D", "\\u0030", "\\u00e9", "\\u0000"),
    *("\\ud83d\\ude00", "\\ud800", "\\udc00", "\\n", '\\"', "\\\\", "\\/", "\\b", "\\u001f"),
    *("9" * 30, "9" * 41, "NaN", "Infinity", "\u2028", "\ufeff"),
]
BROKEN = ["\\x", "\t", "\x00", '"', "\\", "\\u12", "'"]
NUMBERS = [
    *("-0", "0", "-0.0", "1e5", "1E5", "1E+5", "1e-5", "1E-7", "0E-7", "0.0000001", "0.0000000"),
    *("1.5e1", "-1.0E0", "1E30", "1E31", "1e-31", "1e400", "01", "1.", ".5", "+1", "-", "1_0"),
    *("NaN", "Infinity", "-Infinity", "18446744073709551616", "-9223372036854775809"),
]
SPACES = st.text(" \n\t\r", max_size=2)
DIGITS = st.integers(1, 42).flatmap(
    lambda size: st.text("0123456789", min_size=size, max_size=size)
)


@st.composite
def long_numbers(draw: st.DrawFn) -> str:
    """A number in plain form, of any length up to some that do not fit."""
    part = draw(st.one_of(st.just(""), DIGITS.map(lambda digits: "." + digits)))
    return draw(st.sampled_from(["", "-"])) + (draw(DIGITS).lstrip("0") or "0") + part


def strings(pieces: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=4).map(lambda parts: f'"{"".join(parts)}"')


@st.composite
def containers(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """A list or a map of texts, with odd spacing."""

    def spaced(text: str) -> str:
        return draw(SPACES) + text + draw(SPACES)

    entries = [spaced(entry) for entry in draw(st.lists(inner, max_size=4))]
    if draw(st.booleans()):
        return "[" + ",".join(entries) + "]"
    keys = strings(PIECES[:12])
    return "{" + ",".join(spaced(draw(keys)) + ":" + entry for entry in entries) + "}"


SCALARS = st.one_of(
    st.sampled_from(["null", "true", "false", "nul", "-1.5", "19.90", *NUMBERS]),
    long_numbers(),
    strings(PIECES),
    strings([*PIECES, *BROKEN]),
)
TEXTS = st.recursive(SCALARS, containers, max_leaves=12)
MARKS = st.sampled_from(["", "", "\ufeff", "\ufeff\ufeff", " \ufeff"])


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """The bytes of a JSON text: good, with odd numbers, or broken in one place."""
    data = (draw(MARKS) + draw(SPACES) + draw(TEXTS) + draw(SPACES)).encode("utf-8")
    start = draw(st.integers(0, len(data)))
    end = draw(st.sampled_from([start, start, start + 1, len(data)]))
    between = draw(st.one_of(st.just(data[start:end]), st.binary(max_size=2)))
    return data[:start] + between + data[end:]


def exact(value: object) -> object:
    """A value with the class of everything in it, and the text of its numbers."""
    if isinstance(value, dict):
        return dict, [(type(key), key, exact(entry)) for key, entry in value.items()]
    if isinstance(value, list):
        return list, [exact(entry) for entry in value]
    return type(value), str(value), getattr(value, "text", None)


def told(reader: Callable[[], object]) -> object:
    """What a reader gives, or every finding with its place."""
    try:
        return exact(reader())
    except ReadError as error:
        places = [
            (place.text.name, place.text.content, place.line, place.column, place.length)
            for finding in error.findings
            if (place := finding.place) is not None
        ]
        said = [(finding.code, finding.message, finding.hint) for finding in error.findings]
        return str(error), said, places


def read_by_reference(data: bytes) -> object:
    return read_json(decode_json("order.json", data))


def assert_read_alike(data: bytes) -> None:
    expected = told(lambda: read_by_reference(data))
    assert told(lambda: read_json_bytes("order.json", data)) == expected
    if not doubted(data):  # and then not because of the reference
        assert told(lambda: read_quickly(data)) == expected


def doubted(data: bytes) -> bool:
    """Whether the quick way leaves it to the reference."""
    try:
        read_quickly(data)
    except DOUBTS:
        return True
    return False


@given(documents())
def test_every_text_is_read_as_the_reference_reads_it(data: bytes) -> None:
    assert_read_alike(data)


@given(st.binary(max_size=20))
def test_any_bytes_are_read_as_the_reference_reads_them(data: bytes) -> None:
    assert_read_alike(data)


@pytest.mark.parametrize("depth", [99, 100, 101, 199, 200, 201, 300, 2000, 100_000])
@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('{"[[\\"":[', "]}"), ("[[],", "]")]
)
def test_nesting_is_bounded_alike(depth: int, opening: str, closing: str) -> None:
    levels = depth // 2 if opening.endswith(":[") else depth
    for text in (opening * levels + "1" + closing * levels, opening * levels, closing * levels):
        assert_read_alike(text.encode())
        assert_read_alike((text + "," + text).encode())
        assert_read_alike(("[" + text + ',["]"]' * 300 + "]").encode())


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '{"a":"x","a":"\\u003a"}',
        '{"a":"x","a":"\\u003A"}',
        '{"a":{"b":1,"b":1},"c":":"}',
        '["-0", -0]',
        '[-0, "\\u002d"]',
        '[-0, "\\u002D"]',
        "[-0, 0.0000001]",
        "[-0, 0.0000000]",
        "1e5",
        "1E+5",
        "1e" + "9" * 30,
        "1.5e1",
        "1.5E1",
        "0E-7",
        "0.0000001",
        "-0",
        "[NaN]",
        "9" * 41,
        "9" * 5000,
        "1." + "1" * 40,
        '"\\ud800"',
        "[" * 201 + "]" * 201,
        "",
        "[1,]",
        '"\t"',
        "[" + "1," * 500_001 + "1]",
        '["' + "," * 500_001 + '"]',
        '"' + "a" * 10_000_000 + '"',
    ],
    ids=lambda text: repr(text)[:30],
)
def test_what_is_odd_is_left_to_the_reference(text: str) -> None:
    for around in (text, f'["\\n", {text}]'):  # a text with an escape is read another way
        assert doubted(around.encode())
        assert_read_alike(around.encode())


def test_bytes_that_are_no_text_are_left_to_the_reference() -> None:
    for data in (b'"\xff"', b'"\xed\xa0\x80"', b'{"\xc3":1}', b"\xef\xbb", '"ä"'.encode("utf-16")):
        assert doubted(data)
        assert_read_alike(data)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff[1.50, -0.5, -1, 0.000001, 9999999999999999999999999999]",
        '{"name": "SIZE-40E-B: \\"a\\" \\u00e9 \\/ \\ud83d\\ude00", "-0": "\\\\"}',
        "[" * 100 + "]" * 100,
        '[{"a": [{"b": "]["}]},' + '{"a": ["\\"[", "\\\\"]},' * 300 + "null]",
    ],
    ids=lambda text: repr(text)[:30],
)
def test_what_is_ordinary_is_read_quickly(text: str) -> None:
    assert not doubted(text.encode())
    assert_read_alike(text.encode())


def test_the_files_of_all_cases_take_the_quick_way() -> None:
    """All but the one with half a surrogate pair, and the one with a text of sixty digits."""
    slow = [path.parent.name for path in FILES if doubted(path.read_bytes())]
    assert len(FILES) > 150
    assert sorted(set(slow)) == ["addr-ziplong", "names-emoji"]


def test_the_files_of_all_cases_are_read_alike() -> None:
    for path in FILES:
        assert_read_alike(path.read_bytes())
