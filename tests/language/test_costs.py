"""Everything that authors may use charges at least in proportion to its work, counted in calls and bytes.

`python -m benchmarks.steps` measures the same trials in CPU time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from types import FrameType

import pytest

from benchmarks.adversarial import DOTTED, MUCH, PRIME, Trial, list_trials
from engine.findings.errors import ErpmapError
from engine.language.budget import Budget
from engine.language.functions import FILTERS
from engine.language.templates import Scope, evaluate, parse_expression

SIZE = 60
# An expression without work of its own: its nodes, the checks of its arguments, an error.
FIXED_CALLS, FIXED_BYTES = 300, 4_000
CALLS_PER_STEP, BYTES_PER_STEP = 40, 250


def count_calls(run: Callable[[], object]) -> int:
    """The calls of Python's and of C's functions within a run."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


def run(trial: Trial, budget: Budget) -> object:
    try:
        return trial.run(budget)
    except ErpmapError:
        return None


def own_bytes(value: object) -> int:
    """The bytes of a value with its entries, each as often as it stands there once."""
    found: dict[int, object] = {}
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if id(each) not in found:
            found[id(each)] = each
            waiting += each if isinstance(each, list | tuple) else ()
            waiting += each.values() if isinstance(each, dict) else ()
    return sum(map(sys.getsizeof, found.values()))


def test_no_call_works_more_than_it_charges() -> None:
    beyond = []
    for trial in list_trials(SIZE):
        run(trial, Budget(MUCH))  # tables of countries and time zones are read once
        budget = Budget(MUCH)
        calls = count_calls(lambda trial=trial, budget=budget: run(trial, budget))  # type: ignore[misc] # bound at once
        steps = MUCH - budget.remaining
        if calls > FIXED_CALLS + CALLS_PER_STEP * steps:
            beyond.append(f"{calls} calls for {steps} steps: {trial}")
    assert beyond == []


def test_no_result_is_larger_than_what_was_charged() -> None:
    beyond = []
    for trial in list_trials(SIZE):
        if any(word in trial.text for word in ("split", "replace", "join", "upper", "lower", "~")):
            budget = Budget(MUCH)
            size, steps = own_bytes(run(trial, budget)), MUCH - budget.remaining
            if size > FIXED_BYTES + BYTES_PER_STEP * steps:
                beyond.append(f"{size} bytes for {steps} steps: {trial}")
    assert beyond == []


def charged(text: str, **names: object) -> int:
    budget = Budget(MUCH)
    evaluate(parse_expression(text), Scope(names, lambda *_: None, "USD"), budget)
    return MUCH - budget.remaining


def entries(size: int) -> list[object]:
    value: object = 1
    for _ in range(DOTTED.count(".") + 1):
        value = {"a": value}
    return [value] * size


@pytest.mark.parametrize(
    "text",
    ["x | map(key)", "x | where(key, 1)", "x | total(key)"],
    ids=["map", "where", "total"],
)
def test_each_key_of_a_dotted_path_is_charged_for_each_entry(text: str) -> None:
    once, twice = (charged(text, x=entries(size), key=DOTTED) for size in (100, 200))
    assert once > 100 * DOTTED.count(".")
    assert twice > 1.9 * once


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x | split(',')", {"x": "ab," * 10_000}),
        ("x | join", {"x": ["a" * 1_000] * 50}),
        ("x | replace('a', y)", {"x": "a" * 50, "y": "b" * 1_000}),
        ("x ** 30", {"x": 2}),
    ],
)
def test_what_a_call_builds_is_charged(text: str, names: dict[str, object]) -> None:
    built = {
        "x | split(',')": 10_001,
        "x | join": 2_500,
        "x | replace('a', y)": 2_497,
        "x ** 30": 30,
    }
    assert charged(text, **names) >= built[text]


class Compared(int):
    """An integer that counts how often it is compared."""

    times = 0

    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return int(self) == other

    __hash__ = int.__hash__


def test_colliding_integers_are_not_compared_with_each_other() -> None:
    numbers = [Compared(step * PRIME + 7) for step in range(300)]
    assert len({hash(number) for number in numbers}) == 1
    assert FILTERS["unique"].implementation(numbers) == numbers
    before = Compared.times
    FILTERS["unique"].implementation(numbers)
    assert Compared.times == before


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([1, Decimal("1.00"), Decimal("1e0"), "1", True], [1, "1", True]),
        ([Decimal("-0.0"), 0, Decimal("0.00")], [Decimal("-0.0")]),
        ([Decimal("1E+2"), 100, 1, 10, Decimal("0.10"), Decimal("0.1")], [100, 1, 10, Decimal("0.1")]),
        (["number 1", 1], ["number 1", 1]),
    ],
)  # fmt: skip
def test_unique_keeps_the_equality_of_values(values: list[object], kept: list[object]) -> None:
    assert FILTERS["unique"].implementation(values) == kept


def test_a_caught_absence_searches_for_no_hint() -> None:
    near = {"a" * step + "b" * (80 - step): 1 for step in range(80)}
    template = parse_expression("x[key] | default(0)")
    scope = Scope({"x": near, "key": "ab" * 40}, lambda *_: None)
    assert count_calls(lambda: evaluate(template, scope, Budget())) < 200
