"""Paths and documents meant to hang, exhaust or crash: each ends in an error with a code."""

from __future__ import annotations

import sys
import tracemalloc
from decimal import Decimal
from typing import Any

import jmespath.parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scale import scaled

from engine.documents.exact import fits
from engine.findings.codes import CODES
from engine.findings.errors import BudgetError, ExpressionError
from engine.language.budget import Budget
from engine.language.paths import evaluate_path, find_root_names, parse_path, walk_nodes

MEGABYTE = 1_000_000


def nested_list(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def nested_map(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value, "b": 0}
    return value


def shortened(value: object) -> str | None:
    return value[:30] if isinstance(value, str) else None


def failure_of(text: str, root: Any = None) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        evaluate_path(parse_path(text), root, Budget())
    assert caught.value.code in CODES
    return caught.value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 10_001, "E0906"),
        ("(" * 5_000, "E0906"),
        ("!" * 10_000, "E0906"),
        ("[" * 10_000, "E0906"),
        ("{a:" * 3_000, "E0906"),
        ("[?" * 5_000, "E0906"),
        ("a" + "[*]" * 3_000, "E0906"),
        ("a" + "[:]" * 3_000, "E0906"),
        ("a" + "[0]" * 3_000, "E0906"),
        ("a" + "[?b]" * 2_000, "E0906"),
        ("a" + "[]" * 4_000, "E0906"),
        ("*" + ".*" * 4_000, "E0906"),
        ("a" + "|a" * 4_000, "E0906"),
        ("a" + "||a" * 3_000, "E0906"),
        ("a" + "==a" * 3_000, "E0906"),
        ("to_array(" * 1_000, "E0906"),
        ("a(&" * 3_000, "E0906"),
        ("&a|" * 2_000 + "a", "E0301"),
        ("map(&" + "a|&" * 2_000 + "a, @)", "E0301"),
        ("`" + "[" * 9_000 + "`", "E0906"),
        ("`" + '{"a":' * 1_900 + "`", "E0906"),
        ("`" + "9" * 9_000 + "`", "E0902"),
        ("`1e99999999999`", "E0902"),
        ("`[0.1, 1e-31]`", "E0902"),
        ("a[" + "9" * 9_000 + "]", "E0902"),
        ("'" + "\\'" * 4_999, "E0301"),
        ("'" + "\\'" * 4_999 + "\\", "E0301"),
        ("`" + '"\\"' * 3_000 + "`", "E0301"),
        ("]" * 9_000, "E0301"),
        ("f" * 9_000 + "()", "E0302"),
        ("a\x00b", "E0301"),
        ("é", "E0301"),
        ("\ud800", "E0301"),
        ("'\ud800'", "E0301"),
        ('"\\ud800"', "E0301"),
        ('`"\\udfff"`', "E0301"),
        ('`{"\\ud800": 1}`', "E0301"),
        ("`1", "E0301"),
        ("`\\", "E0301"),
        ("\\", "E0301"),
    ],
    ids=shortened,
)
def test_hostile_paths_are_refused(text: str, code: str) -> None:
    error = failure_of(text)
    assert error.code == code
    assert error.offset + error.length <= len(text) + 1
    assert len(error.message) < 200
    error.message.encode()


DOUBLED = "@" + " | [@,@][]" * 20
SHARED = "@" + " | [@,@]" * 40
LONG = "a" * 90_000
TENTHS = [Decimal("1e30"), Decimal("1e-30")]


@pytest.mark.parametrize(
    ("text", "root", "code"),
    [
        (DOUBLED, 1, "E0901"),
        (SHARED, 1, "E0901"),
        (SHARED + " | to_string(@)", 1, "E0904"),
        (f"[{SHARED}, {SHARED}] | [0] == [1]", 1, "E0901"),
        ("@" + " | {a: @, b: @}" * 40, 1, "E0901"),
        ("@" + " | map(&[@, @], [@, @])" * 40, 1, "E0901"),
        ("map(&`[" + "1," * 3_000 + "1]`, @)", [0] * 100_000, "E0901"),
        ("[].not_null('" + "x" * 9_000 + "')", [0] * 150_000, "E0901"),
        ("[][][]", [[0] * 1_000] * 300, "E0905"),
        ("[*]", [0] * 200_001, "E0905"),
        ("[::-1]", [0] * 200_001, "E0905"),
        ("reverse(@)", [0] * 200_001, "E0905"),
        ("values(@)", dict.fromkeys(map(str, range(200_001)), 0), "E0905"),
        ("map(&@, @)", [0] * 200_001, "E0905"),
        ("[?@] | [?@] | [?@]", [1] * 150_000, "E0901"),
        ("[?contains($, @)]".replace("$", "`[" + "1," * 999 + "1]`"), [2] * 10_000, "E0901"),
        ("join(@[0], @)", [LONG, "a"] * 3, "E0901"),
        ("join(',', @)", [LONG] * 1_000, "E0901"),
        ("reverse(@)", "a" * 100_001, "E0904"),
        ("to_string([@, @])", LONG, "E0904"),
        ("to_string(@)", ["a" * 10**7], "E0904"),
        ("@" + " | [@,@][]" * 15 + " | sort(@)", "a" * 10**6, "E0901"),
        ("@" + " | [@,@][]" * 15 + " | [?@ == @]", ["a" * 10**6, "a" * 10**6], "E0901"),
        ("[?a == b]", [{"a": "x" * 10**7, "b": "y" + "x" * (10**7 - 1)}] * 10, "E0901"),
        ("sum(@)", TENTHS, "E0902"),
        ("avg(@)", [10**40 - 1] * 2, "E0902"),
        ("ceil(@)", Decimal("1e999999"), "E0902"),
        ("floor(@)", Decimal("1e999999"), "E0902"),
        ("to_string(@)", [10**5_000], "E0902"),
        ("to_string(@)", [Decimal("1e999999")], "E0902"),
    ],
    ids=shortened,
)
def test_hostile_work_ends_early(text: str, root: Any, code: str) -> None:
    error = failure_of(text, root)
    assert error.code == code
    assert isinstance(error, BudgetError) == (code == "E0901")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        (DOUBLED, 1),
        (SHARED + " | to_string(@)", 1),
        ("[][][]", [[0] * 1_000] * 300),
        ("join(',', @)", [LONG] * 1_000),
        ("to_string(@)", ["a" * 10**7]),
        ("[*].[@, @, @, @]", [0] * 100_000),
    ],
    ids=shortened,
)
def test_hostile_work_stays_small(text: str, root: Any) -> None:
    tracemalloc.start()
    try:
        failure_of(text, root)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50 * MEGABYTE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to_number('" + "9" * 9_000 + "')", None),
        ("to_number('1e" + "9" * 9_000 + "')", None),
        ("to_number('0." + "0" * 9_000 + "')", None),
        ("a[999999999999999999999]", None),
        ("[-999999999999999999999:999999999999999999999]", None),
        ("abs(`1e30`) == `1e30`", True),
    ],
    ids=shortened,
)
def test_extremes_that_are_no_mistake(text: str, expected: object) -> None:
    assert evaluate_path(parse_path(text), {"a": [1]}, Budget()) == expected


@pytest.mark.parametrize("depth", [200, 3_000])
def test_deep_documents_are_compared_and_written_without_recursion(depth: int) -> None:
    lists, maps = [nested_list(depth), nested_list(depth)], [nested_map(depth), nested_map(depth)]
    for pair in (lists, maps):
        assert evaluate_path(parse_path("[0] == [1]"), pair, Budget()) is True
        assert evaluate_path(parse_path("length(to_string(@))"), pair, Budget()) > 2 * depth  # type: ignore[operator] # a length is a number
        evaluate_path(parse_path("[@]"), pair, Budget())


@pytest.mark.parametrize(
    "text",
    [
        "[?" * 99 + "@" + "]" * 99,
        "[" * 99 + "@" + "]" * 99,
        "!" * 99 + "@",
        "map(&" * 45 + "@" + ", @)" * 45,
        "*" + ".*" * 97,
        "@" + "[?@]" * 98,
        "@" + "|@" * 99,
        "(a||a&&a==" * 19 + "a" + ")" * 19,
    ],
    ids=shortened,
)
def test_what_is_allowed_stays_far_from_the_recursion_limit(text: str) -> None:
    used, limit = stack_depth(), sys.getrecursionlimit()
    sys.setrecursionlimit(used + 500)
    try:
        path = parse_path(text)
        find_root_names(path)
        evaluate_path(path, nested_list(150), Budget())
    finally:
        sys.setrecursionlimit(limit)


def stack_depth() -> int:
    frame, depth = sys._getframe(), 0  # noqa: SLF001
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def test_the_library_keeps_no_text_of_ours() -> None:
    parse_path("kept.by.nobody == `1.5`")
    with pytest.raises(ExpressionError):
        parse_path("kept.by.")
    assert jmespath.parser.Parser._CACHE == {}  # noqa: SLF001


PIECES = st.sampled_from(
    [*"abc.[]{}()*,:@&|!<>='\"`\\- 019\n", "[?", "==", "||", "&&", "`1.5`", "'x'", "sum(", "map(&", "é"]
)  # fmt: skip


@settings(max_examples=scaled(300, full=8_000), deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_is_a_path_or_an_error_with_a_place(text: str) -> None:
    try:
        path = parse_path(text)
        result = evaluate_path(path, {"a": [1, {"b": Decimal("1.5")}], "c": "x"}, Budget())
    except ExpressionError as error:
        inside = 0 <= error.offset <= len(text) and error.offset + error.length <= len(text) + 1
        assert inside, (error.offset, error.length)  # noqa: PT017
    else:
        assert all(node["type"] for node in walk_nodes(path.tree))
        assert not isinstance(result, int | Decimal) or fits(result)
