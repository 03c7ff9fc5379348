"""What `erpmap demo` shows: the whole story on one machine, in a minute."""

from __future__ import annotations

import click

from .delivered import show_delivered
from .rendered import show_rendered


def show_demo(*, dry: bool) -> None:
    """Render every example order, then deliver some of them, unless it is to stay `dry`."""
    show_rendered()
    if not dry:
        show_delivered()
    click.echo("next: read mappings/README.md, then change something and run `erpmap test`")
    click.echo("or play both systems with `erpmap simulate dodici`, and beside it send an order:")
    click.echo("  erpmap send dodici --order DO000000101 --simulator http://127.0.0.1:8100")
