"""What `erpmap docs` does: writes the page about a tenant."""

from __future__ import annotations

import re
from pathlib import Path

import click
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from ...mapping.load import LoadedTenant
from ...orders.report.excerpt import clean
from ..exit import exit_with_findings
from ..output.page_file import check_page_file, write_page_file
from ..output.terminal import print_data
from ..tenants import load_named_tenant, select_tenants
from .content import describe_tenant

_TEMPLATE = Path(__file__).with_name("page.html.j2")
_NAME = re.compile(r"`([^`]*)`")


def write_page(root: Path, tenant: str, target: Path | None) -> None:
    """Write the page to a file, or to stdout; exit with the findings of a tenant that cannot run."""
    if target is not None:
        check_page_file(target)
    (name,) = select_tenants(root, tenant)
    loaded = load_named_tenant(root, name)
    if not loaded.ok:
        exit_with_findings(loaded.findings, "human")
    page = build_page(loaded)
    if target is None:
        print_data(page)
        return
    write_page_file(target, page)
    click.echo(f"wrote {target}", err=True)


def build_page(loaded: LoadedTenant) -> str:
    """Return the page about a tenant as HTML."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["names"] = _mark_names
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    page = template.render(tenant=loaded.name, pages=describe_tenant(loaded))
    return "\n".join(map(clean, page.split("\n")))


def _mark_names(words: str) -> Markup:
    """Return words with what stands between backticks as code."""
    return Markup(_NAME.sub(r"<code>\1</code>", str(escape(words))))  # noqa: S704 - escaped before
