"""What a shadow found out is kept, added up and removed, on journals of both kinds; what is too much is dropped."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from tiny_tenant import MAPPINGS

from cli import main
from engine.delivery import Prepared
from engine.journal.shadows import ShadowResult
from engine.mapping.load import load_tenant, open_folder
from engine.service.dispatch.embedded_engine import EmbeddedEngine
from engine.service.dispatch.tenants import Tenants
from engine.service.dispatch.worker import FinishedAttempt, Worker
from engine.service.shadow import ShadowFollower
from engine.service.shadow.shadow import make_shadow

from .bench import Bench, at_bench
from .test_queue_erase import ANN, everything

SALE = "tiny/sale.yaml"


class Beside(ShadowFollower):
    """A shadow that notes all its results."""

    results: list[ShadowResult]


def following(bench: Bench, folder: Path, *changes: tuple[str, str]) -> Beside:
    """A shadow whose sale has these texts changed."""
    root = folder / "next"
    shutil.copytree(MAPPINGS, root, dirs_exist_ok=True)
    text = (root / SALE).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (root / SALE).write_text(text)
    loaded = load_tenant(open_folder(root), "tiny")
    assert loaded.ok, loaded.findings
    results: list[ShadowResult] = []
    shadow = Beside(bench.journal, bench.now, lambda _tenant, result: results.append(result))
    shadow.results, shadow.shadows = results, {"tiny": make_shadow(loaded)}
    return shadow


async def delivered(bench: Bench, id_: int) -> FinishedAttempt:
    """One attempt at a delivery, as the worker tells of it."""
    told: list[FinishedAttempt] = []
    worker = Worker(bench.journal, "a-worker", bench.now, told.append)
    engine = EmbeddedEngine(worker, Tenants({"tiny": bench.ready}))
    assert await worker.deliver(id_, bench.ready, engine.enqueue)
    return told[0]


async def compared(shadow: Beside, *, count: int) -> None:
    """Let it run until it has so many results."""
    task = asyncio.create_task(shadow.run())
    async with asyncio.timeout(60):
        while len(shadow.results) < count:
            await asyncio.sleep(0.01)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def report(bench: Bench, *arguments: str) -> Any:
    arguments = ("shadow", *arguments, "--format", "json", "--journal", bench.url)
    result = CliRunner().invoke(main, arguments)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return json.loads(result.stdout)


# A line more, the total that goes with it, another name of the customer, and a number that is no money.
CHANGES = (
    ('lastName: "{{ order_id | cut(32) }}"', 'lastName: "{{ email }}"'),
    ("      memo:", '      exchangeRate: "{{ 2 }}"\n      memo:'),
    ('sums_to: "{{ total }}"', 'sums_to: "{{ total + 5 }}"'),
    ('confirm: {total: "{{ total }}"}', 'confirm: {total: "{{ total + 5 }}"}'),
    ('goods: "{{', 'extra: "{{ lines.extra | stored }}", goods: "{{'),
    (
        "records:\n",
        "lines: {extra: {body: {item: {id: '503'}, quantity: 1, rate: '{{ 5 }}'}}}\nrecords:\n",
    ),
)


def test_what_differs_is_added_up_by_field_and_rule_with_the_money(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        shadow = following(bench, tmp_path, *CHANGES)
        for id_, key in enumerate(("o1", "o2"), 1):
            bench.sell(key)
            shadow.offer_attempt(await delivered(bench, id_))
        await compared(shadow, count=2)
        (one,) = report(bench, "tiny")["shadows"]
        assert one["results"] == {"different": 2}
        # The line that is new makes none of the others different.
        assert {each["field"]: (each["rule"], each["orders"], each["by"]) for each in one["fields"]} == {
            "body.lastName": ("records.customer.body.lastName", 2, None),
            "body.exchangeRate": ("records.order.body.exchangeRate", 2, None),
            "body.item.items[]": ("lines.extra", 2, None),
            "confirm.total": ("records.order.confirm.total", 2, 10),
        }  # fmt: skip
        name = next(each for each in one["fields"] if each["field"] == "body.lastName")
        assert name["example"] == {"order": "o1", "live": "O1", "shadow": ANN}
        assert name["at"].endswith("tiny/sale.yaml:13")
        assert [(each["check"], each["by"]) for each in one["sums"]] == [("total", 10)]
        (match,) = report(bench, "--field", "Name")["shadows"]
        assert [each["field"] for each in match["fields"]] == ["body.lastName"]
        assert report(bench, "--field", "memo") == {"shadows": [], "orders": []}

    at_bench(journal_url, tmp_path, work)


def test_what_one_of_both_does_not_write_is_told_with_its_sum_and_the_reason(
    journal_url: str, tmp_path: Path
) -> None:
    """The first order is good for the live mapping alone, the second, a cent off, for the shadow alone."""

    async def work(bench: Bench) -> None:
        shadow = following(
            bench, tmp_path, ('sums_to: "{{ total }}"', 'sums_to: "{{ total + 0.01 }}"')
        )
        bench.sell("o1")
        bench.sell("o2", grandTotal="108.99")
        bench.sell("o3", grandTotal="1.00")
        for id_ in (1, 2, 3):
            shadow.offer_attempt(await delivered(bench, id_))
        await compared(shadow, count=3)
        (one,) = report(bench)["shadows"]
        assert one["results"] == {"findings": 1, "gained": 1, "same": 1}
        alike = [each for each in one["reasons"] if each["result"] == "same"]
        assert alike == [{"result": "same", "reason": "E0801", "events": 1}]
        said = CliRunner().invoke(main, ("shadow", "--journal", bench.url)).stdout
        assert "the same findings or rule: no payloads" in said
        assert "the same payloads" not in said
        sums = {each["result"]: (each["live"], each["shadow"]) for each in one["sums"]}
        assert sums == {"findings": (109, 0), "gained": (0, 109)}
        (wrong,) = one["findings"]
        assert (wrong["code"], wrong["orders"], wrong["example"]["order"]) == ("E0801", 1, "o1")
        assert wrong["place"].endswith("tiny/sale.yaml:23")

    at_bench(journal_url, tmp_path, work)


def test_it_is_erased_and_purged_with_the_order_and_does_not_come_back(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        shadow = following(
            bench, tmp_path, ('lastName: "{{ order_id | cut(32) }}"', 'lastName: "of {{ email }}"')
        )
        for key in ("o1", "o2"):
            bench.sell(key)
        first, second = await delivered(bench, 1), await delivered(bench, 2)
        shadow.offer_attempt(first)
        await compared(shadow, count=1)
        shadow.offer_attempt(second)
        assert f"of {ANN}" in everything(bench)
        assert bench.said("erase", "--email", ANN)["orders"] == 2
        # What was under way about an order that is erased leaves a result, and nothing else.
        await compared(shadow, count=2)
        assert ANN not in everything(bench)
        assert [row["result"] for row in bench.rows("shadows")] == ["different"] * 2
        bench.sell("o3")
        shadow.offer_attempt(await delivered(bench, 3))
        await compared(shadow, count=3)
        bench.write("UPDATE events SET received_at = 1")
        bench.write("UPDATE deliveries SET changed_at = 1")
        assert bench.queue("purge", "--older-than", "1d").exit_code == 0
        assert [row["document"] for row in bench.rows("shadows")] == [None] * 3
        assert report(bench)["shadows"][0]["results"] == {"different": 3}
        assert bench.queue("audit").exit_code == 0

    at_bench(journal_url, tmp_path, work)


def test_what_is_too_much_is_dropped_and_counted(journal_url: str, tmp_path: Path) -> None:
    """Nobody waits; a result that was there before stays."""

    async def work(bench: Bench) -> None:
        shadow = following(bench, tmp_path)
        bench.sell("o1")
        told = await delivered(bench, 1)
        shadow.offer_attempt(told)
        await compared(shadow, count=1)
        bench.arrive_many(150, "order.closed")
        for _ in range(150):
            shadow.offer_attempt(told)
        await shadow.close()
        assert Counter(shadow.results) == {ShadowResult.SAME: 1, ShadowResult.DROPPED: 150}
        assert report(bench)["shadows"][0]["results"] == {"same": 1}

    at_bench(journal_url, tmp_path, work)


def test_a_mistake_of_ours_is_noted_and_the_next_event_is_compared(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        shadow = following(
            bench, tmp_path, ('memo: "{{ order_id | cut(999) }}"', 'memo: "{{ email }}"')
        )
        for key in ("o1", "o2"):
            bench.sell(key)
        first, second = await delivered(bench, 1), await delivered(bench, 2)
        assert isinstance(first.prepared, Prepared)
        broken = FinishedAttempt(1, first.ready, first.result, first.claim, first.timer, "nothing")  # type: ignore[arg-type] # that is the mistake
        shadow.offer_attempt(broken)
        shadow.offer_attempt(second)
        await compared(shadow, count=2)
        results = [(row["result"], row["reason"]) for row in bench.rows("shadows")]
        assert results == [("broken", "erpmap failed (AttributeError)"), ("different", None)]

    at_bench(journal_url, tmp_path, work)
