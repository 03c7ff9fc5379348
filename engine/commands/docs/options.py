"""The options of `erpmap docs`."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import tenant_argument


@click.command(short_help="Write a page for accountants: each rule in words.")
@tenant_argument
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the page to FILE, not to stdout.",
)
@click.pass_obj
def docs(root: Path, tenant: str, target: Path | None) -> None:
    """Write a page for accountants and auditors: what becomes of an order, in words.

    For each mapping the page names the events, the sources, every NetSuite field with the rule that fills
    it in words and a drawing of where its values come from, the checks, the tables, the settings and the
    retry rules. It is one HTML file without scripts, which needs no network. The same files give the same
    page, byte for byte.

    \b
    erpmap docs dodici --to dodici.html
    """
    from .write_page import write_page

    write_page(root, tenant, target)
