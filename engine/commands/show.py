"""What `erpmap show` does: prints a mapping with its overlays, or its function."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from ..findings.errors import NotCompiledError, ReadError
from ..mapping.load import load_mapping_node, open_folder
from ..orders.report.origins import origin_lines
from ..run.compiled import format_function
from .exit import FINDINGS, exit_with_findings
from .output.terminal import print_data
from .tenants import load_plans, select_tenants


def show_mapping(root: Path, tenant: str, mapping: str) -> None:
    """Print a mapping with its overlays applied and the origin of each key."""
    (name,) = select_tenants(root, tenant)
    try:
        loaded = load_mapping_node(open_folder(root), name, mapping)
    except ReadError as error:
        exit_with_findings(error.findings, "human")
    for line in origin_lines(loaded.node):
        click.echo(line)


def show_function(root: Path, tenant: str, mapping: str) -> NoReturn:
    """Print the Python function of a mapping, or why it has none, and exit."""
    (name,) = select_tenants(root, tenant)
    (plan,) = load_plans(root, name, mapping, "human")
    try:
        print_data(format_function(plan))
    except NotCompiledError as error:
        click.echo(f"{mapping} has no function and runs slower: {error}", err=True)
        sys.exit(FINDINGS)
    sys.exit(0)
