"""Orders of the journal: forecast, and captured as cases."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner, Result

from cli import main

from .bench import Bench, at_bench


def run(tmp_path: Path, *arguments: str) -> Result:
    words = ["--mappings", str(tmp_path / "mappings"), *arguments]
    return CliRunner(catch_exceptions=False).invoke(main, words)


def test_orders_of_the_journal_are_forecast_and_captured(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        journal = ("--journal", journal_url)

        def look() -> tuple[Result, Result, Result]:
            forecast = run(
                tmp_path, "forecast", "tiny", "--since", "365d", *journal, "--format=json"
            )
            captured = run(tmp_path, "capture", "tiny", "1", "--name", "made", *journal)
            return forecast, captured, run(tmp_path, "test", "tiny", "--case", "made")

        forecast, captured, tested = await asyncio.to_thread(look)
        assert json.loads(forecast.stdout)["posted"] == 1
        assert captured.exit_code == 0, captured.stderr
        assert tested.exit_code == 0, tested.stdout
        made = tmp_path / "mappings" / "tiny" / "cases" / "made"
        assert "o1" not in json.loads((made / "event.json").read_text())["payload"].values()

    at_bench(journal_url, tmp_path, work)
