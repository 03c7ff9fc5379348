"""The options of `erpmap diff`."""

from __future__ import annotations

from pathlib import Path

import click

from ..corpus.options import CorpusChoice, corpus_options
from ..options import format_option, mapping_option, tenant_argument


@click.command(short_help="Show which orders a change of the mappings changes.")
@tenant_argument
@click.argument("old", required=False)
@click.argument("new", required=False)
@mapping_option
@corpus_options
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that render the orders of --all.  [default: one for each core]",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="FIELD",
    help="A field in which orders may differ, as 'item.items[].custcol_*'; repeatable.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the report as one HTML page too, which needs no network.",
)
@format_option
@click.pass_obj
def diff(
    root: Path,
    /,
    tenant: str,
    old: str | None,
    new: str | None,
    mapping: str | None,
    folder: Path | None,
    since: int | None,
    journal: str,
    jobs: int | None,
    allow: tuple[str, ...],
    page: Path | None,
    form: str,
) -> None:
    """Show which orders a change of the mappings changes, in what, why, and by how much money.

    OLD and NEW are folders of mappings, or git revisions of the repository that holds the folder of
    --mappings: HEAD~1, v1.2, or OLD..NEW as git writes both. OLD is HEAD by default, NEW the folder
    as it is. Every order is rendered with both; nothing is sent or written. A folder goes before a
    revision of the same name: refs/heads/NAME is a branch.

    Orders that differ are grouped by field and by the entry of the mapping that causes it. Both sides use
    the recorded answers of live lookups in TENANT/cases/lookups.

    \b
    erpmap diff dodici                        what the changes since the last commit do to the cases
    erpmap diff dodici v1.2 --all orders --html report.html
    erpmap diff dodici HEAD~3..HEAD --since 7d
    erpmap diff dodici mappings next/mappings --format json
    erpmap diff dodici main --allow 'item.items[].custcol_*' --allow 'salesOrder.memo'

    Exit codes: 0 no order differs, or only in allowed fields; 1 some do, or a side has findings; 2 wrong
    use.
    """
    from ..output.page_file import check_page_file
    from .diff import DiffRequest, diff_tenant

    if jobs is not None and folder is None:
        raise click.UsageError("--jobs N needs --all DIR")
    if page is not None:
        check_page_file(page)
    request = DiffRequest(
        tenant=tenant,
        old=old,
        new=new,
        mapping=mapping,
        corpus=CorpusChoice(folder, since, journal),
        jobs=jobs,
        allow=allow,
    )
    diff_tenant(root, request, page, form)
