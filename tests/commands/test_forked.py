"""A process that the tests fork is like one that an interpreter starts: what it says, and how it ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import processes
import pytest
from command import PATIENCE
from processes import environment
from scale import IS_FULL

pytestmark = pytest.mark.skipif(IS_FULL, reason="with --full no process is forked")
CASE = Path("mappings", "nordhus", "cases", "yen-and-japanese-names")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["validate", "nobody"],
        ["validate", "--no-such-option"],
        ["render", "nordhus", "--event", "-"],
        ["render", "nordhus", "--event", f"{CASE}/event.json", "--source", f"order={CASE}/order.json"],
    ],
)  # fmt: skip
def test_it_says_the_same(arguments: list[str]) -> None:
    forked, started = (
        processes.run(
            *arguments, stdin=b"{}", env=environment(), timeout=PATIENCE, is_forked=is_forked
        )
        for is_forked in (True, False)
    )
    assert forked.returncode == started.returncode
    assert (forked.stdout, forked.stderr) == (started.stdout, started.stderr)


def test_it_ends_with_the_signal_that_ended_it() -> None:
    read, written = os.pipe()
    with processes.start(
        *("simulate", "dodici", "--port", "0"), env=environment(), streams=(0, 1, written)
    ) as process:
        os.close(written)
        with os.fdopen(read) as said:
            assert said.readline()
            assert process.poll() is None
            process.kill()
            assert process.wait(PATIENCE) == -signal.SIGKILL


def test_a_reader_that_has_left_ends_it_with_141() -> None:
    read, written = os.pipe()
    os.close(read)
    with processes.start(
        "schema", "mapping", env=environment(), streams=(0, written, 2)
    ) as process:
        os.close(written)
        assert process.wait(PATIENCE) == 141
