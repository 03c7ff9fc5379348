"""External ids: safe in an address, and read back as they were."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.netsuite import safe_id

AWKWARD = st.text(st.sampled_from("_xX0F#|' é😀-a"), max_size=12)
_ENCODED = re.compile(r"_x([0-9A-F]{2,6})_")
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def original_id(safe: str) -> str:
    """The id that a safe one was made of: that there is one shows that nothing was lost."""
    return _ENCODED.sub(lambda match: chr(int(match[1], 16)), safe)


@given(text=AWKWARD | ANY)
@example("_x23_")
@example("_x5F_x23_")
@example("__x23_")
@example("😀")
def test_an_external_id_is_safe_and_comes_back(text: str) -> None:
    safe = safe_id(text)
    assert re.fullmatch(r"[A-Za-z0-9_-]*", safe, re.ASCII)
    assert original_id(safe) == text


@given(one=AWKWARD | ANY, other=AWKWARD | ANY)
def test_two_ids_stay_two(one: str, other: str) -> None:
    assert (safe_id(one) == safe_id(other)) is (one == other)


@given(text=st.text(string.ascii_letters + string.digits + "-", max_size=40))
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    assert safe_id(text) == original_id(text) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("SO-#1001", "SO-_x23_1001"), ("a b", "a_x20_b"), ("A_b", "A_b"), ("é", "_xE9_"),
        ("_x23_", "_x5F_x23_"), ("a|b", "a_x7C_b"), ("_xyz", "_xyz"), ("SO-a", "SO-a"), ("so-A", "so-A"),
    ],
)  # fmt: skip
def test_ids_as_they_are_written(text: str, safe: str) -> None:
    assert safe_id(text) == safe
