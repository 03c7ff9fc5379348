"""The options of `erpmap test`."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import complete_tenant


@click.command()
@click.argument("tenant", required=False, shell_complete=complete_tenant)
@click.option("--case", "pattern", help="Only cases whose name contains this text.", default="")
@click.option(
    "--update", is_flag=True, help="Write the present outcome of failed cases as the expected one."
)
@click.option("--strict", is_flag=True, help="Exit with 1 for a tenant with warnings.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("human", "json", "junit")),
    default="human",
    show_default=True,
)
@click.pass_obj
def test(
    root: Path, tenant: str | None, pattern: str, update: bool, strict: bool, form: str
) -> None:
    """Run the cases of TENANT, or of all tenants: orders with the outcome they must have.

    A case is a folder below TENANT/cases with event.json, a file for each source, and the expected
    outcome: payloads.json, findings.txt or outcome.txt. Beside it, or in its place, expect.yaml holds
    JMESPaths over the outcome that must be true, each with a reason. Failures are grouped by cause; the
    first case of each is shown in full.

    \b
    erpmap test dodici
    erpmap test dodici --case exchange
    erpmap test --update                     read the difference before you commit it
    erpmap test --format junit > cases.xml
    """
    from .run_cases import TestRequest, test_tenants

    test_tenants(
        TestRequest(
            root=root,
            tenant=tenant,
            pattern=pattern,
            update=update,
            form=form,
            is_strict=strict,
        )
    )
