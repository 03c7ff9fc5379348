"""Words of other languages, for each role of a name."""

from __future__ import annotations

import pytest

from engine.findings.quote import did_you_mean, nearest
from engine.language.functions import FILTERS, TESTS
from engine.language.paths import FUNCTIONS as PATH_FUNCTIONS
from engine.language.synonyms import (
    FILTER_SYNONYMS,
    PATH_SYNONYMS,
    TEST_SYNONYMS,
    TYPE_SYNONYMS,
    Synonyms,
)
from engine.language.types import TYPES

ROLES = {
    "type": (TYPE_SYNONYMS, set(TYPES)),
    "filter": (FILTER_SYNONYMS, set(FILTERS)),
    "test": (TEST_SYNONYMS, set(TESTS)),
    "function of paths": (PATH_SYNONYMS, set(PATH_FUNCTIONS)),
}
# What programmers of any language type first.
COMMON = ["int", "float", "str", "bool", "number", "object", "dict", "array", "timestamp"]


@pytest.mark.parametrize(("synonyms", "names"), ROLES.values(), ids=ROLES.keys())
def test_a_synonym_means_a_name_of_its_role_or_nothing(synonyms: Synonyms, names: set[str]) -> None:
    assert {name.removeprefix("not ") for name in synonyms.values()} - {""} <= names
    assert not synonyms.keys() & names


@pytest.mark.parametrize("word", COMMON)
@pytest.mark.parametrize(("synonyms", "names"), ROLES.values(), ids=ROLES.keys())
def test_common_words_are_known_in_every_role(
    synonyms: Synonyms, names: set[str], word: str
) -> None:
    assert word in synonyms or word in names


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("int", "did you mean integer?"),
        ("INT", "did you mean integer?"),
        ("dict", "all of them"),
        ("uper", "did you mean upper?"),
        ("xmlattr", "all of them"),
    ],
)
def test_meaning_decides_before_letters(word: str, expected: str) -> None:
    hint = did_you_mean(word, FILTERS, otherwise="all of them", synonyms=FILTER_SYNONYMS)
    assert hint == expected


@pytest.mark.parametrize(
    ("word", "near"),
    [("int", None), ("num", None), ("dict", None), ("uper", "upper"), ("lst", "last")],
)
def test_two_equal_letters_of_a_short_word_are_chance(word: str, near: str | None) -> None:
    assert nearest(word, FILTERS) == near
