"""`queue show` of a delivery that was refused at a value of a payload: where the value comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from click.testing import CliRunner
from tiny_tenant import MAPPINGS, event, order

from cli import main
from engine.documents import write_json

from .bench import Bench, at_bench

_HEADING = "where the refused values come from"


def limit_memo(bench: Bench, length: int) -> None:
    """Let the played account take only so many characters of a memo."""
    cast("dict[str, int]", bench.desk.played.account.lengths)["memo"] = length


def test_a_refusal_at_a_place_is_explained(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        limit_memo(bench, 1)
        bench.sell("o1")
        await bench.deliver()
        assert bench.states() == ["parked"]
        (value,) = bench.said("show", "o1")["refused_values"]
        assert value["path"] == "salesOrder.memo"
        assert value["place"].endswith("tiny/sale.yaml:19")
        shown = bench.queue("show", "o1").stdout
        before, _, chain = shown.partition(f"{_HEADING}:\n")
        assert "refused" in before
        assert chain.startswith('salesOrder.memo = "O1"\n')
        for words in (
            "order_id | cut(999)",
            "tiny/sale.yaml:19",
            "order.externalId",
            "common.yaml",
        ):
            assert words in chain

        mapping = bench.root / "tiny" / "sale.yaml"
        sound = mapping.read_text()
        mapping.write_text(sound.replace("cut(999)", "cut(2)"))
        assert f"{_HEADING}, with the mapping of now:" in bench.queue("show", "o1").stdout
        for broken in ("erpmap: 1\nfields: {", sound.replace("memo:", "otherRefNum:")):
            mapping.write_text(broken)
            without = bench.queue("show", "o1")
            assert (without.exit_code, without.stderr) == (0, "")
            assert without.stdout.strip() == before.strip()
        mapping.write_text(sound)
        bench.write("UPDATE attempts SET pinned = NULL")
        assert bench.said("show", "o1")["refused_values"] == []

    at_bench(journal_url, tmp_path, work)


def test_a_payload_that_does_not_fit_its_schema_is_explained(tmp_path: Path) -> None:
    """Such an order is never sent, so the journal keeps no documents of it; `explain` takes them from files."""
    items: Any = order("o1")["items"]
    items["nodes"][0]["id"] = "x" * 301
    files = {
        "event": event("o1"),
        "order": {"data": {"order": {**order("o1"), "items": items}}},
        "item": {"SHOE": "501", "SOCKS": "502", "HAT": "503"},
    }
    for name, document in files.items():
        (tmp_path / f"{name}.json").write_text(write_json(document))
    words = f"""--mappings {MAPPINGS} explain tiny --mapping sale --event {tmp_path}/event.json
        --source order={tmp_path}/order.json --lookup item={tmp_path}/item.json
        salesOrder.item[0].custcol_line_id"""
    result = CliRunner().invoke(main, words.split())
    assert result.exit_code == 0, result.output
    assert "error[E0806]" in result.stderr
    assert "template = " in result.stdout
    assert "order.items.nodes[0].id" in result.stdout


def test_other_deliveries_are_shown_as_ever(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        assert bench.said("show", "1")["refused_values"] == []
        await bench.deliver()
        assert bench.states() == ["delivered"]
        assert bench.said("show", "1")["refused_values"] == []
        assert _HEADING not in bench.queue("show", "1").stdout

    at_bench(journal_url, tmp_path, work)
