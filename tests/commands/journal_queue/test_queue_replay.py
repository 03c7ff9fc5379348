"""A delivery rendered again: byte for byte with the mapping of then, with its differences now."""

from __future__ import annotations

import json
from pathlib import Path

from engine.journal.pack import unpack_text

from .bench import Bench, at_bench

SALE = "mappings/tiny/sale.yaml"


def reworded(tmp_path: Path, old: str, new: str) -> None:
    """Change the mapping."""
    path = tmp_path / SALE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_mapping_of_then_gives_the_same_bytes(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        (attempt,) = bench.rows("attempts")
        requests = len(bench.desk.records())
        reworded(tmp_path, 'memo: "{{ order_id | cut(999) }}"', 'memo: "sold: {{ order_id }}"')
        result = bench.queue("replay", "1")
        assert result.exit_code == 0
        assert "the payloads that were sent, byte for byte" in result.stderr
        assert json.loads(result.stdout) == json.loads(unpack_text(bytes(attempt["payloads"])))
        # And what the mapping of now would make different stands below.
        assert "[1].body.memo" in result.stderr
        assert '"sold: O1"' in result.stderr
        assert len(bench.desk.records()) == requests
        assert bench.states() == ["delivered"]

    at_bench(journal_url, tmp_path, work)


def test_the_mapping_of_now_shows_what_it_makes_different(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        assert bench.said("replay", "1", "--mapping", "now")["same"]
        reworded(tmp_path, 'memo: "{{ order_id | cut(999) }}"', 'memo: "sold: {{ order_id }}"')
        result = bench.queue("replay", "o1", "--mapping", "now", "--format", "json")
        assert result.exit_code == 1
        document = json.loads(result.stdout)
        assert document["differences"] == [
            {"place": "[1].body.memo", "before": '"O1"', "now": '"sold: O1"'}
        ]
        assert document["payloads"][1]["body"]["memo"] == "sold: O1"

    at_bench(journal_url, tmp_path, work)


def test_a_mapping_of_now_that_cannot_render_it_says_why(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        reworded(tmp_path, 'sums_to: "{{ total }}"', 'sums_to: "{{ total + 1 }}"')
        result = bench.queue("replay", "1", "--mapping", "now")
        assert result.exit_code == 1
        assert "E0801" in result.stderr
        assert bench.queue("replay", "1").exit_code == 0

    at_bench(journal_url, tmp_path, work)


def test_without_the_mappings_folder_that_of_then_is_enough(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        bench.root = tmp_path / "nowhere"
        result = bench.queue("replay", "1")
        assert result.exit_code == 0
        assert "the mapping no longer exists" in result.stderr
        now = bench.queue("replay", "1", "--mapping", "now")
        assert (now.exit_code, "E1104" in now.stderr) == (1, True)

    at_bench(journal_url, tmp_path, work)


def test_what_is_not_kept_cannot_be_rendered_again(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        assert "nothing was written yet" in bench.queue("replay", "1").stderr
        await bench.deliver()
        bench.write("DELETE FROM versions")
        result = bench.queue("replay", "1")
        assert result.exit_code == 1
        assert "try --mapping now" in result.stderr
        assert bench.said("replay", "1", "--mapping", "now")["same"]

    at_bench(journal_url, tmp_path, work)


def test_each_version_is_kept_once_with_its_own_texts(journal_url: str, tmp_path: Path) -> None:
    async def first(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()

    async def second(bench: Bench) -> None:
        bench.desk.sell("o1")
        bench.sell("o2")
        await bench.deliver()
        assert len(bench.rows("versions")) == 2
        document = bench.said("replay", "1")
        assert document["payloads"][1]["body"]["memo"] == "O1"
        assert document["now"]["payloads"][1]["body"]["memo"] == "sold: O1"
        assert bench.said("replay", "2")["payloads"][1]["body"]["memo"] == "sold: O2"

    at_bench(journal_url, tmp_path, first)
    at_bench(journal_url, tmp_path, first)
    reworded(tmp_path, 'memo: "{{ order_id | cut(999) }}"', 'memo: "sold: {{ order_id }}"')
    at_bench(journal_url, tmp_path, second)
