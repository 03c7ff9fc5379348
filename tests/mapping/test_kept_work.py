"""A load that keeps what is unchanged finds what a load from nothing finds, whatever was edited before."""

from __future__ import annotations

import random

from conftest import ROOT
from scale import IS_FULL

from engine.bundled import bundled
from engine.editor.open_folder import OpenFolder, open_root
from engine.mapping.kept_work import KeptWork
from engine.mapping.load import LoadedTenant, load_tenant

FILES = (
    "base/order.yaml",
    "base/sales_order.yaml",
    "dodici/common.yaml",
    "dodici/sales_order.yaml",
    "dodici/tenant.yaml",
    "dodici/lookups/locations.csv",
)
PIECES = (
    "x",
    "order.",
    "_",
    "1",
    "\n",
    '"',
    "items",
    " | money",
    ", ",
    "lookup('a')",
    "settings.brand",
)
EDITS = 1_000 if IS_FULL else 60


def shown(loaded: LoadedTenant) -> list[object]:
    findings = [
        (
            str(each.place),
            each.code,
            each.message,
            each.hint,
            [str(place) for place, _ in each.related],
        )
        for each in loaded.findings
    ]
    return [findings, [(plan.name, plan.version) for plan in loaded.plans]]


def edited(text: str, by: random.Random) -> str:
    start = by.randrange(len(text))
    return text[:start] + by.choice(PIECES) + text[start + by.choice((0, 0, 1, 5)) :]


def test_any_edits_give_the_same_findings() -> None:
    by = random.Random(3)
    root = ROOT / "mappings"
    folder = open_root(root, bundled("mappings"))
    kept = {"dodici": KeptWork(), "nordhus": KeptWork()}
    kept["nordhus"].files = kept["dodici"].files
    for _ in range(EDITS):
        path = by.choice(FILES)
        text = (root / path).read_text(encoding="utf-8")
        folder.overlay(path, None if by.randrange(3) == 0 else edited(text, by))
        for tenant, work in kept.items():
            again = load_tenant(folder, tenant, kept=work)
            anew = load_tenant(OpenFolder(folder.disk, folder.documents), tenant)
            assert shown(again) == shown(anew)
