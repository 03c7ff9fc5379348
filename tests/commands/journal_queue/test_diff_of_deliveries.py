"""`erpmap diff --since`: what another version of the mappings makes of the deliveries of a journal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from click.testing import CliRunner

from cli import main

from .bench import Bench, at_bench

SALE = "tiny/sale.yaml"


def test_the_deliveries_of_a_journal_are_compared(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        for key in ("o1", "o2"):
            bench.sell(key)
        await bench.deliver()
        new = Path(shutil.copytree(bench.root, tmp_path / "next"))
        text = (new / SALE).read_text(encoding="utf-8")
        (new / SALE).write_text(
            text.replace('memo: "{{ order_id', 'memo: "sold: {{ order_id'), encoding="utf-8"
        )
        arguments = ("diff", "tiny", str(bench.root), "--journal", bench.url, "--format", "json")
        result = CliRunner().invoke(main, ["--mappings", str(new), *arguments, "--since", "1h"])
        assert result.exit_code == 1, result.output
        said = json.loads(result.stdout)
        assert (said["orders"], said["results"]) == (2, {"different": 2})
        (field,) = said["fields"]
        assert (field["orders"], field["cause"]) == (2, "records.order.body.memo")
        assert field["example"] == {"order": "o1", "before": '"O1"', "now": '"sold: O1"'}
        result = CliRunner().invoke(
            main, ["--mappings", str(new), *arguments, "--since", "2999-01-01"]
        )
        assert result.exit_code == 2
        assert "the journal holds no delivery of tiny" in result.output

    at_bench(journal_url, tmp_path, work)
