"""The command line: parse, call, print, exit.

Exit codes: 0 done; 1 findings, cases that fail, or output that cannot be written; 2 wrong use;
3 not ready yet (render); 130 stopped by Ctrl-C.
stdout carries data, stderr words and progress. What is slow to import is imported by the command
that needs it, so that `erpmap --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from engine import __version__
from engine.streams import forget_output, open_streams

FINDINGS, STOPPED = 1, 130

_FORMATS = ("human", "json", "github", "sarif")
_MAPPINGS = "The folder of mappings.  [default: ./mappings]"
_ALL = "Every order in the folders below DIR."
_JOBS = "Processes that render the orders of --all.  [default: one for each core]"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _complete_tenant(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The tenants whose names begin so, for the shell."""
    parent = ctx.find_root()
    root = Path(parent.params.get("mappings") or os.environ.get("ERPMAP_MAPPINGS") or "mappings")
    names = (path.parent.name for path in root.glob("*/tenant.yaml"))
    return sorted(name for name in names if name.startswith(incomplete))


_tenant = click.argument("tenant", shell_complete=_complete_tenant)
_tenant_or_all = click.argument("tenant", required=False, shell_complete=_complete_tenant)
_human_or_json = click.option(
    "--format", "form", type=click.Choice(_FORMATS[:2]), default="human", show_default=True
)
_simulator = click.option("--simulator", metavar="URL", help="Ask a simulator at URL instead.")


class Pair(click.ParamType[tuple[str, Path]]):
    """`NAME=FILE` on the command line."""

    name = "name=file"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        """Split at the first equals sign."""
        if isinstance(value, tuple):
            return value
        name, equals, file = str(value).partition("=")
        if not (name and equals and file):
            self.fail(f"{value!r} is not NAME=FILE, as in order=order.json", param, ctx)
        return name, Path(file)


_FILE = click.Path(path_type=Path)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_pairs = partial(click.option, type=Pair(), multiple=True)


class Program(click.Group):
    """The commands, and what ends them from outside: a full disk, a closed pipe, Ctrl-C."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; what files and streams refuse ends in a sentence, not in a traceback."""
        open_streams()
        try:
            try:
                return super().main(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except OSError as error:
            if error.filename is None:
                forget_output()
            what = error.filename or "the output"
            click.echo(f"Error: {what}: {error.strerror or 'broken'}", err=True)
            sys.exit(FINDINGS)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a program that waits for it can tell Ctrl-C from findings."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            ctx.exit(STOPPED)


@click.group(cls=Program, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="erpmap")
@click.option("--mappings", type=_FILE, envvar="ERPMAP_MAPPINGS", help=_MAPPINGS)
@click.pass_context
def main(ctx: click.Context, mappings: Path | None) -> None:
    """Turn NewStore orders into NetSuite transactions, driven by YAML mappings.

    \b
    erpmap validate                          every finding of every tenant
    erpmap render dodici --event E.json --source order=O.json
    erpmap test dodici                       the tenant's cases
    erpmap doctor dodici                     its connections, credentials and permissions

    Exit codes: 0 done, 1 findings, 2 wrong use, 3 not ready yet, 130 stopped.
    """
    ctx.obj = mappings if mappings is not None else Path("mappings")


@main.command()
@_tenant_or_all
@click.option("--format", "form", type=click.Choice(_FORMATS), default="human", show_default=True)
@click.pass_obj
def validate(root: Path, tenant: str | None, form: str) -> None:
    """Check the mappings of TENANT, or of all: every finding, with its place.

    \b
    erpmap validate
    erpmap validate dodici --format github
    """
    from engine.commands import chosen_tenants, load_named
    from engine.report.findings import FORMATS
    from engine.terminal import print_data, print_validation

    loaded = [load_named(root, name) for name in chosen_tenants(root, tenant)]
    findings = [finding for one in loaded for finding in one.findings]
    if form == "human":
        print_validation(loaded)
    else:
        print_data(FORMATS[form](findings))
    sys.exit(0 if all(one.ok for one in loaded) else FINDINGS)


@main.command()
@_tenant
@click.option("--event", "-e", type=_FILE, help="The event's file; - is stdin.")
@_pairs("--source", "-s", "sources", help="A fetched document: NAME=FILE; repeatable.")
@_pairs("--lookup", "-l", "lookups", help="A live lookup's recorded answers: NAME=FILE.")
@click.option("--mapping", "-m", help="Only this mapping.")
@click.option("--all", "folder", type=_FOLDER, help=_ALL, metavar="DIR")
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help=_JOBS)
@_human_or_json
@click.pass_obj
def render(
    root: Path,
    tenant: str,
    event: Path | None,
    sources: tuple[tuple[str, Path], ...],
    lookups: tuple[tuple[str, Path], ...],
    mapping: str | None,
    folder: Path | None,
    jobs: int | None,
    form: str,
) -> None:
    """Render the NetSuite payloads of an order, dry, with the proof that they balance.

    The payloads go to stdout, words to stderr. With --all, DIR holds a folder for each order with
    event.json and SOURCE.json (for the base mappings order.json, for exchanges account.json too);
    --format json then writes one line for each mapping of an order. Of more than 200 orders people
    get counts, and each kind of finding once. Live lookups are answered from --lookup, or from
    files in TENANT/cases/lookups.

    \b
    erpmap render dodici --event event.json --source order=order.json
    cat event.json | erpmap render dodici --event - --source order=order.json --format json
    erpmap render dodici --all mappings/dodici/cases
    """
    from engine.commands import ready_plans, recorded_answers, refuse_ambiguous, render_one

    if (event is None) == (folder is None):
        raise click.UsageError("give either --event FILE or --all DIR")
    refuse_ambiguous(event, sources, jobs)
    plans = ready_plans(root, tenant, mapping, form)
    shared = recorded_answers(root, tenant, lookups, form)
    if folder is not None:
        from engine.batches import Task
        from engine.rendering import render_all

        render_all(Task(plans, folder, shared, form), root, jobs)
    else:
        assert event is not None
        render_one(plans, event, sources, shared, form)


@main.command()
@_tenant_or_all
@click.option("--case", "pattern", help="Only cases whose name contains this.", default="")
@click.option("--update", is_flag=True, help="Make what comes out now the expectation.")
@_human_or_json
@click.pass_obj
def test(root: Path, tenant: str | None, pattern: str, update: bool, form: str) -> None:
    """Run the cases of TENANT, or of all: orders with the outcome they must have.

    A case is a folder below TENANT/cases with event.json, a file for each source, and what must
    come out: payloads.json, findings.txt or outcome.txt.

    \b
    erpmap test dodici
    erpmap test dodici --case exchange
    erpmap test --update                     then read the difference before you commit it
    """
    from engine.commands import chosen_tenants, run_cases
    from engine.terminal import print_cases

    results = [
        (name, result)
        for name in chosen_tenants(root, tenant)
        for result in run_cases(root, name, pattern, form)
    ]
    failed = [result for _, result in results if not result.passed]
    if update:
        from engine.cases import update as accept

        for result in failed:
            accept(result)
    print_cases(results, form, updated=update)
    sys.exit(FINDINGS if (failed and not update) or not results else 0)


@main.command()
def demo() -> None:
    """Render the example tenants' orders, with the proof that each transaction balances.

    \b
    erpmap demo
    """
    from engine.demo import show_demo

    show_demo()


@main.command()
@_tenant
@click.argument("mapping")
@click.option("--python", is_flag=True, help="The Python function that it is compiled to.")
@click.pass_obj
def show(root: Path, tenant: str, mapping: str, python: bool) -> None:
    """Show a mapping with all its overlays applied, and where each key comes from.

    \b
    erpmap show dodici sales_order
    erpmap show dodici sales_order --python
    """
    from engine.commands import chosen_tenants, show_function, stop_with
    from engine.errors import ReadError
    from engine.load import load_mapping_node, open_folder
    from engine.report.origins import origin_lines

    (name,) = chosen_tenants(root, tenant)
    if python:
        show_function(root, name, mapping)
    try:
        loaded = load_mapping_node(open_folder(root), name, mapping)
    except ReadError as error:
        stop_with(error.findings, "human")
    for line in origin_lines(loaded.node):
        click.echo(line)


@main.command()
@_tenant
@_simulator
@_human_or_json
@click.pass_obj
def doctor(root: Path, tenant: str, simulator: str | None, form: str) -> None:
    """Check every connection, credential, clock and permission that TENANT needs, for real.

    Nothing is written, in NewStore or NetSuite.

    \b
    erpmap doctor dodici
    """
    from engine.checkup_commands import examine

    examine(root, tenant, simulator, form)


def _print_schema(kind: str) -> None:
    import json

    from engine.spec.grammar import mapping_schema, tenant_schema

    document = mapping_schema() if kind == "mapping" else tenant_schema()
    click.echo(json.dumps(document, indent=2))


@main.group()
def schema() -> None:
    """Print the schemas of our files, or pull those of a tenant's systems.

    \b
    erpmap schema mapping > mapping.schema.json
    erpmap schema pull dodici
    """


@schema.command("mapping")
def schema_of_mapping() -> None:
    """Print the JSON Schema of a mapping file, for editors."""
    _print_schema("mapping")


@schema.command("tenant")
def schema_of_tenant() -> None:
    """Print the JSON Schema of a tenant file, for editors."""
    _print_schema("tenant")


@schema.command("pull")
@_tenant
@_simulator
@click.option("--newstore", is_flag=True, help="Only NewStore's types.")
@click.option("--netsuite", is_flag=True, help="Only the records that the mappings write.")
@click.option("--dry-run", is_flag=True, help="Show what would change.")
@click.pass_obj
def schema_pull(root: Path, /, tenant: str, simulator: str | None, **wish: bool) -> None:
    """Ask NewStore and NetSuite for their types, and keep them in TENANT/schemas."""
    from engine.schema_commands import pull, wish_of

    pull(root, tenant, simulator, wish_of(**wish))


@main.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    erpmap completion bash > ~/.local/share/bash-completion/completions/erpmap
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(main, {}, "erpmap", "_ERPMAP_COMPLETE").source())
