"""`erpmap sample`: orders of the tenant's own shop, which render, are delivered, and reconcile."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command import erpmap
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sampled import deliver_and_reconcile, sample

from engine.commands.sample.sample import sample_tenant
from engine.mapping.load import load_tenant, open_folder
from engine.orders.samples.odd_sales import ODD
from engine.orders.samples.sample_orders import SampleWish

MAPPINGS = ROOT / "mappings"
SHIPPED = ("dodici", "nordhus")
DAY = "2026-11-03"


@pytest.mark.parametrize("tenant", SHIPPED)
def test_sampled_orders_are_delivered_and_reconcile(tenant: str, tmp_path: Path) -> None:
    root, folder = tmp_path / "mappings", tmp_path / "orders"
    shutil.copytree(MAPPINGS / tenant, root / tenant)
    file = root / tenant / "tenant.yaml"
    file.write_text(
        file.read_text("utf-8").replace("from: 2026-12-01", "from: 2026-11-01"), "utf-8"
    )
    sample(root, tenant, "--count", "40", "--to", folder, "--day", DAY)
    report = deliver_and_reconcile(root, tenant, folder, DAY)
    assert sum(each["orders"]["booked"] for each in report["days"]) == 40, report


@pytest.mark.parametrize("tenant", SHIPPED)
@given(seed=st.integers(0, 999), odd=st.sets(st.sampled_from(sorted(ODD)), max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_seed_gives_orders_that_render(tenant: str, seed: int, odd: set[str]) -> None:
    plans = load_tenant(open_folder(MAPPINGS), tenant).plans
    wish = SampleWish(count=12, day=DAY, seed=seed, odd=tuple(sorted(odd)))
    orders = sample_tenant(MAPPINGS, tenant, plans, wish)
    assert len({order.number for order in orders}) == 12
    assert odd <= {order.name[5:] for order in orders}
    assert orders == sample_tenant(MAPPINGS, tenant, plans, wish)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--count", "2"), "give one of --to DIR and --post URL"),
        (("--to", "{}", "--odd", "exchang"), "did you mean exchange?"),
        (("--to", str(MAPPINGS)), "is not empty: name a new folder"),
        (("--post", "http://127.0.0.1:9"), "--post needs the simulator"),
    ],
)
def test_wrong_use_writes_nothing(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    ended = erpmap("sample", "dodici", *(each.format(folder) for each in arguments))
    assert ended.returncode == 2
    assert words in ended.stderr
    assert not any(tmp_path.iterdir())


def test_a_tenant_without_gift_cards_says_so(tmp_path: Path) -> None:
    shutil.copytree(MAPPINGS / "dodici", tmp_path / "dodici")
    file = tmp_path / "dodici" / "tenant.yaml"
    file.write_text(file.read_text("utf-8").replace("gift_cards: [GC-PLASTIC, GC-EMAIL]", ""))
    where = ("--mappings", tmp_path, "sample", "dodici", "--to", tmp_path / "orders")
    ended = erpmap(*where, "--odd", "gift-card")
    assert ended.returncode == 1
    assert "it lacks the settings gift_cards and gift_card_item" in ended.stderr
    assert not (tmp_path / "orders").exists()


def test_an_order_that_does_not_render_writes_nothing(tmp_path: Path) -> None:
    shutil.copytree(MAPPINGS / "dodici", tmp_path / "dodici")
    rule = 'checks: {small: {holds: grand_total < 10, summary: "the order is too large for us"}}\n'
    for name in ("sales_order", "cash_sale"):
        with (tmp_path / "dodici" / f"{name}.yaml").open("a", encoding="utf-8") as file:
            file.write(rule)
    ended = erpmap("--mappings", tmp_path, "sample", "dodici", "--to", tmp_path / "orders")
    assert ended.returncode == 1
    assert "the order is too large for us" in ended.stderr
    assert not (tmp_path / "orders").exists()
