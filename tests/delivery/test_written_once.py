"""Each record is written once: never two, never none, never "another's" for our own.

The model is in tests/support/written_once. `make test-full` plays 100,000 random histories.
"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scale import scaled
from written_once import PLANTED, play, play_seeds

HISTORIES = scaled(1_500, full=100_000)
# A planted bug is found much earlier; the number bounds how long a blind model is searched.
MOST_HISTORIES = 4_000


def test_no_history_breaks_a_promise() -> None:
    ends, broken = asyncio.run(play_seeds(range(HISTORIES)))
    assert broken == []
    # The histories reach every end: otherwise the model would show nothing.
    assert ends.keys() == {"delivered", "ignored posted_earlier", "parked id_taken"}


@given(st.lists(st.integers(0, 255), max_size=80))
@settings(
    deadline=None, max_examples=scaled(100, full=2_000), suppress_health_check=list(HealthCheck)
)
def test_no_short_history_breaks_a_promise(tape: list[int]) -> None:
    """The same, by a searcher that shrinks what it finds."""
    asyncio.run(play(tape))


@pytest.mark.parametrize("bug", PLANTED)
def test_the_model_finds_a_planted_bug(bug: str) -> None:
    with PLANTED[bug]():
        for first in range(0, MOST_HISTORIES, 100):
            _, broken = asyncio.run(play_seeds(range(first, first + 100)))
            if broken:  # with the history that led there
                assert all("after [" in words for words in broken)
                return
    pytest.fail(f"{bug}: not found in {MOST_HISTORIES:,} histories")
