"""What `erpmap demo` shows: the story of five orders, on this machine, on one screen."""

from __future__ import annotations

import sys

import click

from ..exit import FINDINGS
from .delivered import SCENES, deliver_orders
from .rendered import outcomes_of_case, print_all_orders
from .story import print_introduction, print_ledger, print_scene


def show_demo(*, dry: bool, show_all: bool) -> None:
    """Render five orders; deliver them, unless `dry`; then list every example order if requested."""
    rendered = [outcomes_of_case(scene.case) for scene in SCENES]
    found = None if dry else deliver_orders()
    print_introduction(dry=dry)
    for number, (scene, outcomes) in enumerate(zip(SCENES, rendered, strict=True), 1):
        result = None if found is None else found.by_case[scene.case]
        print_scene(number, scene, outcomes, result)
    is_sound = found is None or print_ledger(found)
    if show_all:
        print_all_orders()
    else:
        click.echo("all example orders: erpmap demo --all")
    click.echo("next: `. .venv/bin/activate`, change a mapping and run `erpmap test`; or simulate")
    click.echo("both systems with `erpmap simulate dodici` and send an order in a second terminal:")
    click.echo("  erpmap send dodici --order DO000000101 --simulator http://127.0.0.1:8100")
    if not is_sound:
        sys.exit(FINDINGS)
