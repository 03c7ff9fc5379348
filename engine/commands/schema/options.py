"""The options of `erpmap schema` and its commands."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import check_simulator, format_option, simulator_option, tenant_argument


@click.group(short_help="Print the JSON Schemas of our files; pull a tenant's own.")
def schema() -> None:
    """Print the JSON Schemas of our files, or pull those of a tenant's systems.

    \b
    erpmap schema mapping > mapping.schema.json
    erpmap schema pull dodici
    """


@schema.command("mapping")
def schema_of_mapping() -> None:
    """Print the JSON Schema of a mapping file, for use in editors."""
    _print_schema("mapping")


@schema.command("tenant")
def schema_of_tenant() -> None:
    """Print the JSON Schema of a tenant.yaml, for use in editors."""
    _print_schema("tenant")


@schema.command("operator")
def schema_of_operator() -> None:
    """Print the JSON Schema of an operator's file, for use in editors."""
    _print_schema("operator")


@schema.command("refusals")
def schema_of_refusals() -> None:
    """Print the JSON Schema of a tenant's file of refusals, for use in editors."""
    _print_schema("refusals")


@schema.command("answers")
def schema_of_answers() -> None:
    """Print the JSON Schema of an answers file of `erpmap new`, for use in editors."""
    _print_schema("answers")


@schema.command("simulator")
def schema_of_simulator() -> None:
    """Print the JSON Schema of a simulator.yaml, for use in editors."""
    _print_schema("simulator")


@schema.command("pull")
@tenant_argument
@simulator_option
@click.option("--newstore", is_flag=True, help="Pull only NewStore's types.")
@click.option(
    "--netsuite",
    is_flag=True,
    help="Pull only NetSuite's schemas of the records that the mappings write.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@format_option
@click.pass_obj
def schema_pull(root: Path, /, tenant: str, simulator: str | None, form: str, **wish: bool) -> None:
    """Fetch the types of NewStore and NetSuite into TENANT/schemas.

    \b
    erpmap schema pull dodici --dry-run
    erpmap schema pull dodici --netsuite
    erpmap schema pull dodici --simulator http://127.0.0.1:8100

    Exit codes: 0 every schema was fetched and the tenant's mappings are valid with it, 1 otherwise.
    """
    from .pull import pull, read_request

    pull(root, tenant, check_simulator(simulator), read_request(**wish), form)


def _print_schema(kind: str) -> None:
    from .print_schema import print_schema

    print_schema(kind)
