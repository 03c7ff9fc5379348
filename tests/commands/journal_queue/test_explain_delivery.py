"""A delivery of the journal is explained by its stored documents."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from cli import main

from .bench import Bench, at_bench


def typed(bench: Bench, *arguments: str) -> Result:
    result = CliRunner().invoke(
        main, ["--mappings", str(bench.root), *arguments, "--journal", bench.url]
    )
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def test_a_delivery_is_explained_by_its_stored_documents(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        for name in ("1", "o1"):
            result = typed(bench, "explain", "tiny", "--delivery", name, "--format", "json")
            assert result.exit_code == 0, result.output
            leaves = {leaf["path"]: leaf for leaf in json.loads(result.stdout)}
            assert [path for path in leaves if path.endswith(".memo")]
        result = typed(bench, "eval", "tiny", "event.payload.id", "--delivery", "o1")
        assert json.loads(result.stdout) == "o1"
        unknown = typed(bench, "trace", "tiny", "event.payload.id", "--delivery", "o9")
        assert unknown.exit_code == 1
        assert "error[E1101]" in unknown.stderr
        bench.write("UPDATE attempts SET pinned = NULL")
        purged = typed(bench, "explain", "tiny", "--delivery", "1")
        assert purged.exit_code == 1
        assert "error[E1104]" in purged.stderr

    at_bench(journal_url, tmp_path, work)
