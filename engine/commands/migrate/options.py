"""The options of `erpmap migrate`."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import complete_tenant, format_option, write_option


@click.command(short_help="Rewrite mappings in the present spelling.")
@click.argument("names", nargs=-1, metavar="[TENANT|FILE]...", shell_complete=complete_tenant)
@write_option
@format_option
@click.pass_obj
def migrate(root: Path, names: tuple[str, ...], write: bool, form: str) -> None:
    """Rewrite mapping files in the present spelling of the language.

    The tags !remove, !before:NAME and !after:NAME become the keys $remove, $before and $after of their
    map. Comments and all other text are kept. TENANT is a folder of the mappings folder, also base; without
    one, all of them are read. The changes are shown as a diff; they are written with --write, or when
    you confirm them on a terminal.

    \b
    erpmap migrate dodici                    show what would change
    erpmap migrate dodici --write
    erpmap migrate mappings/dodici/common.yaml --format json

    Exit codes: 0 every file has the present spelling now, 1 a file cannot be rewritten, or was not.
    """
    from .migrate import migrate_files

    migrate_files(root, names, write=write, form=form)
