"""Reading YAML: values, places, and every way a text can be wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scale import scaled

from engine.findings.codes import CODES
from engine.findings.diagnostics import Finding, SourceText
from engine.findings.errors import ReadError
from engine.mapping.files.nodes import Data, MapNode, Node, Scalar, Verb, as_data
from engine.mapping.files.parse_yaml import MAX_BYTES, decode_text, read_yaml


def read(text: str) -> Node:
    return read_yaml(SourceText("m.yaml", text))


def data(text: str) -> Data:
    return as_data(read(text))


def findings(text: str) -> tuple[Finding, ...]:
    with pytest.raises(ReadError) as caught:
        read(text)
    return caught.value.findings


def attempt(text: SourceText) -> Node | tuple[Finding, ...]:
    try:
        return read_yaml(text)
    except ReadError as error:
        return error.findings


def marked(text: str) -> list[tuple[str, str]]:
    """The code of each finding and the characters it points at."""
    found = []
    for finding in findings(text):
        place = finding.place
        assert place is not None
        line = place.text.line(place.line)
        found.append((finding.code, line[place.column - 1 : place.column - 1 + place.length]))
    return found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("", None),
        ("~", None),
        ("Null", None),
        ("12:30:45", "12:30:45"),
        ("2026-12-01", "2026-12-01"),
        ("501", 501),
        ("00501", "00501"),
        ("-007", "-007"),
        ("00.5", "00.5"),
        ("0", 0),
        ("-5", -5),
        ("+5", 5),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0x1F", "-0x1F"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("19.90", Decimal("19.90")),
        (".5", Decimal("0.5")),
        ("5.", Decimal(5)),
        ("1e3", Decimal("1E+3")),
        ("1e", "1e"),
        (".", "."),
        ("..", ".."),
        ("-", None),
        ("1.2.3", "1.2.3"),
        ("9" * 40, int("9" * 40)),
        ("１２", "１２"),
        ("'5'", "5"),
        ('"true"', "true"),
        ('"a\\tb\\u00e9"', "a\tbé"),
        ("'it''s'", "it's"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        ("order.items[0]", "order.items[0]"),
        ("a # comment", "a"),
        ("|\n  x\n    y\n", "x\n  y\n"),
        (">-\n  x\n  y\n", "x y"),
    ],
)
def test_scalars_are_read_by_the_core_schema(written: str, value: object) -> None:
    expected: object = [value] if written == "-" else value
    got = data(f"key: {written}") if written != "-" else {"key": data("- ")}
    assert isinstance(got, dict)
    assert (got["key"], type(got["key"])) == (expected, type(expected))


def test_numbers_keep_how_they_were_written() -> None:
    node = read("a: 1.50")
    assert isinstance(node, MapNode)
    value = node.get("a")
    assert isinstance(value, Scalar)
    assert (value.value, value.text) == (Decimal("1.50"), "1.50")


def test_a_key_is_the_text_that_is_written() -> None:
    assert data("1: a\nNO: b\ntrue: c\n1.50: d\n'~': e\n1e999: f") == {
        "1": "a", "NO": "b", "true": "c", "1.50": "d", "~": "e", "1e999": "f",
    }  # fmt: skip


def test_a_map_knows_its_entries() -> None:
    node = read("a: 1\nb: [x, {c: ~}]")
    assert isinstance(node, MapNode)
    assert node.keys() == ("a", "b")
    assert node.get("z") is None
    assert as_data(node) == {"a": 1, "b": ["x", {"c": None}]}


def test_directives_are_read_with_their_places() -> None:
    text = "a: !remove\nb: {c: !remove, d: !before:x {e: 1}}\nf: !after:y  # why\n  'v w'\n"
    node = read(text)
    assert isinstance(node, MapNode)
    first, second, third = (entry.value for entry in node.entries)
    assert first.directive is not None
    assert (first.directive.verb, first.directive.place.column) == (Verb.REMOVE, 4)
    assert isinstance(second, MapNode)
    assert [str(entry.value.directive) for entry in second.entries] == ["!remove", "!before:x"]
    assert as_data(third) == "v w"
    assert str(third.directive) == "!after:y"
    assert isinstance(third, Scalar)
    assert str(third.place_at(2)) == "m.yaml:4:6"


REFUSED = {
    "anchor and alias": ("a: &x 1\nb: *x", [("E0108", "&"), ("E0108", "*")]),
    "star": ("a: *", [("E0108", "*")]),
    "merge key": ("<<: {a: 1}", [("E0109", "<<")]),
    "standard tag": ("a: !!str 5", [("E0110", "!!str")]),
    "long tag": ("a: !<tag:yaml.org,2002:str> 5", [("E0110", "!<tag:yaml.org,2002:str>")]),
    "bare tag": ("a: ! 5", [("E0110", "!")]),
    "nameless tag": ("a: !before: 5", [("E0110", "!before:")]),
    "tag on a list entry": ("a: [!remove , 1]", [("E0110", "!remove")]),
    "tag on the root": ("!remove", [("E0110", "!remove")]),
    "tag on a key": ("!after:x a: 1", [("E0110", "!after:x")]),
    "remove a value": ("a: !remove 5", [("E0110", "!remove")]),
    "duplicate keys": ("a: 1\nb: {c: 1, 'c': 2}\na: 2", [("E0107", "'c'"), ("E0107", "a")]),
    "duplicate number keys": ("1: a\n'1': b", [("E0107", "'1'")]),
    "null keys": ("~: 1\nnull: 2", [("E0112", "~"), ("E0112", "null")]),
    "complex key": ("? [a]\n: 1\n", [("E0112", "[")]),
    "templates": (
        "a: {{ x }}\nb: {{ y }}-{{ z }} # why\nc: {d: {{ e }}, f: {{ g('h', [1]) }}}\n",
        [
            ("E0114", "{{ x }}"),
            ("E0114", "{{ y }}-{{ z }}"),
            ("E0114", "{{ e }}"),
            ("E0114", "{{ g('h', [1]) }}"),
        ],
    ),
    "template and text": ("a: {b: {{ x }} y}", [("E0114", "{{ x }}")]),
    "template never closed": ("a: {{ x", [("E0114", "{{ x")]),
    "infinity": ("a: .inf\nb: -.INF\nc: .NaN", [("E0115", x) for x in (".inf", "-.INF", ".NaN")]),
    "long number": (f"a: {'9' * 41}", [("E0115", "9" * 41)]),
    "very long numbers": (
        f"a: {'9' * 9_999}\nb: 0x{'f' * 9_999}\nc: 1e{'9' * 999}",
        [("E0115", "9" * 9_999), ("E0115", f"0x{'f' * 9_999}"), ("E0115", f"1e{'9' * 999}")],
    ),
    "large exponent": ("a: 1e31\nb: 1e-31\nc: 1e999999999999999999999", [
        ("E0115", "1e31"), ("E0115", "1e-31"), ("E0115", "1e999999999999999999999"),
    ]),
    "directive": ("%YAML 1.2\n---\na: 1", [("E0116", "%YAML 1.2")]),
    "directive with a huge number": (f"%YAML {'9' * 9_999}.1\n--- a", [("E0116", f"%YAML {'9' * 9_999}.1")]),
    "no space behind the colon": ("a: {id:order.id}", [("E0117", "id:order.id")]),
    "empty": ("", [("E0113", "")]),
    "comment only": ("# nothing\n", [("E0113", "#")]),
    "empty document": ("---\n...\n", [("E0113", "-")]),
    "two documents": ("a: 1\n--- \nb: 2", [("E0113", "---")]),
    "tab": ("a:\n\tb: 1", [("E0106", "\t")]),
    "NUL": ("a: x\0y", [("E0106", "\0")]),
    "line separators": ("a: x\u2028y\x85z", [("E0106", "\u2028"), ("E0106", "\x85")]),
    "old line end": ("a: 1\rb: 2", [("E0106", "\r")]),
    "half a character": ("a: \ud800", [("E0106", "\ud800")]),
    "half a character escaped": ('a: "\\ude00\\ud83d"', [("E0106", '"\\ude00\\ud83d"')]),
    "escape beyond Unicode": ('"\\UFFFFFFFF"', [("E0106", "F")]),
    "unknown escape": (r'a: "\d"', [("E0106", "d")]),
    "two colons": ("a: b: c", [("E0106", ":")]),
    "quote never closed": ("a: 'x", [("E0106", "'")]),
    "text behind a quote": ("a: 'x' y", [("E0106", "y")]),
    "bracket never closed": ("a: [1,", [("E0106", "[")]),
    "bracket too many": ("a: 1]\nb: ]", [("E0106", "]")]),
    "backquote": ("a: `x`", [("E0106", "`")]),
    "text behind a bar": ("a: | x", [("E0106", "x")]),
    "list in a line": ("a: - b", [("E0106", "-")]),
    "no comma": ("a: [b c: d: e]", [("E0106", ":")]),
    "behind the document": ("[a]]", [("E0106", "]")]),
    "statement": ("a: {% if x %}", [("E0106", "%")]),
    "no entry": ("a: 1\nb\nc: 2", [("E0106", "b")]),
    "wrong indentation": ("a:\n    b: 1\n  c: 2", [("E0106", "c")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_language_refuses(text: str, expected: list[tuple[str, str]]) -> None:
    assert marked(text) == expected
    assert all(found.code in CODES and found.hint != "" for found in findings(text))


def test_a_duplicate_key_names_the_line_of_the_first() -> None:
    (found,) = findings("x: 0\na: 1\nb: 2\na: 3")
    assert found.place is not None
    assert found.place.line == 4
    assert "line 2" in (found.hint or "")


HOSTILE = {
    "brackets": ("[" * 100_000, "E0111"),
    "braces": ("{a: " * 100_000, "E0111"),
    "double braces": ("{{" * 100_000, "E0114"),
    "dashes": ("- " * 100_000, "E0111"),
    "questions": ("? " * 100_000, "E0112"),
    "indentation": ("\n".join(" " * deep + "a:" for deep in range(60)), "E0111"),
    "exclamation marks": ("!" * 100_000, "E0110"),
    "tags": ("!a " * 100_000, "E0110"),
    "anchors": ("&a " * 100_000, "E0108"),
    "aliases": ("[" + "*a," * 100_000, "E0108"),
    "directives": ("%a\n" * 100_000, "E0116"),
    "documents": ("--- a\n" * 50_000, "E0113"),
    "entries": ("[" + "a," * 100_000, "E0104"),
    "lists in lists": ("- [[[[]]]]\n" * 20_000, "E0104"),
    "same key": ("a: 1\n" * 10_000, "E0107"),
    "keys without a value": ("{" + "a," * 10_000, "E0117"),
    "long keys": (("k" * 1_025 + ": 1\n") * 100, "E0106"),
    "controls": ("\x01" * 100_000, "E0106"),
    "too large": ("a" * (MAX_BYTES + 1), "E0104"),
    "merge keys": ("a: &a {x: 1}\n" + "b: {<<: [*a, *a]}\n" * 100, "E0108"),
}


@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_end_in_few_findings(text: str, code: str) -> None:
    found = findings(text)
    assert code in {finding.code for finding in found}
    assert len(found) <= 100
    assert all(len(finding.message) < 160 for finding in found)


@pytest.mark.parametrize(
    "text", ["a: " + "x " * 100_000, "a: " + "x" * 400_000, "a: |\n" + "  x\n" * 50_000]
)
def test_long_texts_are_no_trouble(text: str) -> None:
    assert len(str(data(text))) >= 100_000


def test_nesting_up_to_the_bound_is_fine() -> None:
    assert data("[" * 50 + "]" * 50) is not None
    assert [found.code for found in findings("[" * 51 + "]" * 51)] == ["E0111"]


PLACED = {
    "plain": ("k: order.id == x", "id"),
    "plain over lines": ("k: order\n   id  zeta\n", "zeta"),
    "single": ("k: 'order.id'", "id"),
    "single with quotes": ("k: 'it''s order.id'", "id"),
    "double": ('k: "order.id"', "id"),
    "double with escapes": (r'k: "\"\t\x41\u00e9\\ order.id"', "id"),
    "double with a pair": (r'k: "\ud83d\ude00 id"', "id"),
    "double over lines": ('k: "order \\\n   one\n   id"', "id"),
    "literal": ("k: |  # why\n  query {\n\n      order { id }\n  }\n", "id"),
    "literal with its indentation": ("k: |1-\n   x\n  id\n", "id"),
    "folded": ("k: >\n  order\n  and id\n", "id"),
    "in a flow": ("k: [{a: 'x', b: order.id}]", "id"),
    "behind a byte order mark": ("\ufeffk: order.id", "id"),
    "with line feeds of Windows": ("# x\r\nk: |\r\n  a\r\n  id\r\n", "id"),
}


@pytest.mark.parametrize(("text", "word"), PLACED.values(), ids=PLACED.keys())
def test_a_place_within_a_value_is_where_it_is_written(text: str, word: str) -> None:
    (value,) = (scalar for scalar in _scalars(read(text)) if word in scalar.text)
    place = value.place_at(value.text.index(word), len(word))
    line = text.split("\n")[place.line - 1]
    assert line[place.column - 1 : place.column - 1 + place.length] == word


def _scalars(node: Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    below = [entry.value for entry in node.entries] if isinstance(node, MapNode) else node.items
    return [scalar for child in below for scalar in _scalars(child)]


def test_a_place_beyond_the_value_stays_near_it() -> None:
    (value,) = _scalars(read("k: 'ab  c'"))
    assert [value.place_at(offset).column for offset in (2, 3, 4, 5, 99)] == [7, 8, 9, 10, 10]


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.sampled_from(" \t\n")
)


@given(TEXTS)
def test_quoted_texts_come_back(text: str) -> None:
    text = text.replace("\ufeff", "")
    assert data(json.dumps(text)) == text
    if "\n" not in text and "\t" not in text:
        quoted = text.replace("'", "''")
        assert data(f"k: '{quoted}'") == {"k": text}


@given(TEXTS, st.integers(0, 50))
def test_every_visible_character_is_found_in_double_quotes(text: str, offset: int) -> None:
    (value,) = _scalars(read("k: " + json.dumps(text, ensure_ascii=False).replace("\ufeff", "")))
    character = value.text[offset : offset + 1]
    if character.strip(" \t\n"):
        place = value.place_at(offset)
        line = place.text.line(place.line)
        written = line[place.column - 1 : place.column - 1 + place.length]
        assert json.loads(f'"{written}"') == character


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.decimals(-(10**6), 10**6, places=3)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda below: st.lists(below) | st.dictionaries(st.text("abc_.{", min_size=1), below),
    max_leaves=20,
)


def _json(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value)


@given(JSON)
def test_json_is_yaml(value: object) -> None:
    assert data(_json(value)) == value


YAMLISH = st.lists(
    st.sampled_from([*"ab1 \n\t\r#:-?,[]{}&*!|>'\"%@`.~<=\\0u", "\n  ", ": ", "- ", "{{", "}}", "---\n", "!remove", "!before:a", "&a ", "*a", "<<: ", "|\n ", "? ", "\ufeff", "é", "\U0001f600"])
).map("".join)  # fmt: skip


@settings(max_examples=scaled(300, full=10_000))
@given(YAMLISH)
@example("a: !remove")
@example("]")
@example("!")
def test_anything_is_read_or_refused(text: str) -> None:
    result = attempt(SourceText("m.yaml", text))
    if not isinstance(result, tuple):
        assert as_data(read(text)) == as_data(result)
        return
    assert result
    for found in result:
        assert found.code in CODES
        assert found.place is not None
        assert 1 <= found.place.line <= text.count("\n") + 1
        assert found.place.column <= len(text.split("\n")[found.place.line - 1]) + 1


@given(st.binary())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ReadError):
        as_data(read_yaml(decode_text("m.yaml", content)))


def test_the_first_byte_that_is_not_utf_8_is_shown() -> None:
    with pytest.raises(ReadError) as caught:
        decode_text("m.yaml", b"\xef\xbb\xbfa: 1\nb: \xc3\xa9\xff")
    (found,) = caught.value.findings
    assert (found.code, str(found.place)) == ("E0105", "m.yaml:2:5")


def test_a_byte_order_mark_is_fine() -> None:
    assert decode_text("m.yaml", b"\xef\xbb\xbfa: 1").content == "a: 1"
    assert data("\ufeffa: 1\nb: 2") == {"a": 1, "b": 2}
