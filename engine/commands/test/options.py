"""The options of `erpmap test`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from ..options import complete_tenant


@click.command(short_help="Run the cases: orders with the outcome they must have.")
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
@click.option("--coverage", is_flag=True, help="Show which parts of the mappings the cases reach.")
@click.option(
    "--coverage-format",
    type=click.Choice(("text", "json", "cobertura")),
    help="The format of the coverage; json and cobertura take the place of the results.  [default: text]",
)
@click.option(
    "--at-least",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 if the cases reach less.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Run the cases again whenever a file that they were run from changes.",
)
@click.pass_obj
def test(root: Path, /, tenant: str | None, **given: Any) -> None:
    """Run the cases of TENANT, or of all tenants: orders with the outcome they must have.

    A case is a folder below TENANT/cases with event.json, a file for each source, and the expected
    outcome: payloads.json, findings.txt or outcome.txt. Beside it, or in its place, expect.yaml holds
    JMESPaths over the outcome that must be true, each with a reason. Failures are grouped by cause; the
    first case of each is shown in full.

    With --coverage, line groups, branches of templates, options of choices, defaults, rows of tables and
    retry rules are counted by whether any case reaches them; those that none does are listed.

    \b
    erpmap test dodici
    erpmap test dodici --case exchange
    erpmap test --update                     read the difference before you commit it
    erpmap test --format junit > cases.xml
    erpmap test --coverage --at-least 70
    erpmap test dodici --watch               until Ctrl-C
    """
    wanted, at_least = given["coverage_format"], given["at_least"]
    if not given["coverage"] and (wanted or at_least is not None):
        raise click.UsageError("--coverage-format and --at-least belong to --coverage")
    if given["coverage"] and given["form"] != "human":
        raise click.UsageError(
            "--coverage is for --format human: name its own with --coverage-format"
        )
    if given["watch"] and (given["update"] or given["form"] != "human"):
        raise click.UsageError("--watch is for --format human, and does not go with --update")
    from .run_cases import TestRequest, test_tenants
    from .watch import watch_tests

    run = watch_tests if given["watch"] else test_tenants
    run(
        TestRequest(
            root=root,
            tenant=tenant,
            pattern=given["pattern"],
            update=given["update"],
            form=given["form"],
            is_strict=given["strict"],
            coverage=(wanted or "text") if given["coverage"] else None,
            at_least=None if at_least is None else Decimal(str(at_least)),
        )
    )
