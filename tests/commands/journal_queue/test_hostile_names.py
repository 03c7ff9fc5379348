"""Names that an event brings reach no terminal as they are."""

from __future__ import annotations

from pathlib import Path

from .bench import Bench, at_bench

HARMFUL = "\u202e\x9b\u2028\u200b"


def test_what_people_read_has_no_control_of_an_event(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        order, name = f"o{HARMFUL}1", f"odd{HARMFUL}"
        bench.sell("o1", grandTotal="1.00")
        await bench.deliver()
        bench.said("resolve", "1", "--because", f"called {HARMFUL}")
        bench.arrive(order, external_id=order)
        bench.arrive("o3", name=name)
        await bench.deliver()
        for command in (
            ("list", "--all"),
            ("list", "--causes"),
            ("list", "--events"),
            ("show", "1"),
            ("show", "2"),
            ("show", order),
            ("audit",),
            ("retry", order),
            ("erase", "--order", order),
        ):
            result = bench.queue(*command)
            said = result.stdout + result.stderr
            assert said, command
            assert not set(HARMFUL) & set(said), command

    at_bench(f"sqlite:///{tmp_path / 'journal.db'}", tmp_path, work)
