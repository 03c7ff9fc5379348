"""Orders of the journal: forecast, and captured as cases."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import update

from cli import main
from engine.journal.tables import ATTEMPTS

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


def test_damaged_documents_are_told_by_their_delivery(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        await bench.journal.run(lambda c: c.execute(update(ATTEMPTS).values(pinned=b"damaged")))
        journal, since = ("--journal", journal_url), ("--since", "365d")
        mappings, form = str(tmp_path / "mappings"), ("--format", "json")

        def look() -> dict[str, Result]:
            return {
                "forecast": run(tmp_path, "forecast", "tiny", *since, *journal, *form),
                "diff": run(tmp_path, "diff", "tiny", mappings, *since, *journal, *form),
                "capture": run(tmp_path, "capture", "tiny", "1", *journal),
                "eval": run(tmp_path, "eval", "tiny", "event", "--delivery", "1", *journal),
            }

        for name, result in (await asyncio.to_thread(look)).items():
            words = "the stored documents of delivery 1 are damaged"
            assert words in result.output, (name, result.output)

    at_bench(journal_url, tmp_path, work)
