"""The command line: reads the arguments, calls the command, exits.

Exit codes: 0 done; 1 findings, failed cases, a parked order, or output that cannot be written;
2 wrong use; 3 not ready yet or still waiting (render, send, reconcile, stream replay); 130 stopped by
Ctrl-C; 141 the reader of stdout closed it. stdout carries data, stderr messages and progress. A
command imports slow modules itself, so that `erpmap --help` starts fast.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from engine import __version__
from engine.commands.capture.options import capture
from engine.commands.diff.options import diff
from engine.commands.docs.options import docs
from engine.commands.doctor.options import doctor
from engine.commands.eval.options import evaluate
from engine.commands.explain.options import explain
from engine.commands.forecast.options import forecast
from engine.commands.ledger.options import ledger
from engine.commands.migrate.options import migrate
from engine.commands.new.options import new
from engine.commands.options import complete_tenant, write_option
from engine.commands.output.streams import discard_output, open_streams
from engine.commands.queue.options import queue
from engine.commands.reconcile.options import reconcile
from engine.commands.render.options import render
from engine.commands.sample.options import sample
from engine.commands.schema.options import schema
from engine.commands.send.options import send
from engine.commands.serve.options import serve, worker
from engine.commands.shadow.options import shadow
from engine.commands.simulate.options import simulate
from engine.commands.stream.options import stream
from engine.commands.test.options import test
from engine.commands.trace.options import trace

FINDINGS, STOPPED = 1, 130
# As for a program that SIGPIPE ends: 0 would claim that the whole output was read.
READER_LEFT = 141

_FORMATS = ("human", "json", "github", "sarif")
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class CommandGroup(click.Group):
    """The group of all commands; handles a full disk, a closed pipe and Ctrl-C."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; print a message, not a traceback, for a file or stream that fails."""
        open_streams()
        try:
            try:
                return super().main(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            discard_output()
            sys.exit(READER_LEFT)
        except OSError as error:
            if error.filename is None:
                discard_output()
            name = error.filename or "the output"
            click.echo(f"Error: {name}: {error.strerror or 'cannot be read or written'}", err=True)
            sys.exit(FINDINGS)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit with a code of its own for Ctrl-C and for a closed pipe."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            ctx.exit(STOPPED)
        except BrokenPipeError:
            discard_output()
            ctx.exit(READER_LEFT)


@contextmanager
def _named_operator(file: Path) -> Iterator[None]:
    """Name the operator's file in the environment, which processes that a command starts inherit."""
    before = os.environ.get("ERPMAP_OPERATOR")
    os.environ["ERPMAP_OPERATOR"] = str(file.absolute())
    try:
        yield
    finally:
        os.environ.pop("ERPMAP_OPERATOR", None)
        if before is not None:
            os.environ["ERPMAP_OPERATOR"] = before


@click.group(cls=CommandGroup, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="erpmap")
@click.option(
    "--mappings",
    type=click.Path(path_type=Path),
    envvar="ERPMAP_MAPPINGS",
    help="The folder that holds the tenants' folders.  [default: ./mappings]",
)
@click.option(
    "--operator",
    type=click.Path(path_type=Path),
    envvar="ERPMAP_OPERATOR",
    help="The operator's file: which secrets, accounts, hosts and folders each tenant may use.",
)
@click.pass_context
def main(ctx: click.Context, mappings: Path | None, operator: Path | None) -> None:
    """Turn NewStore orders into NetSuite transactions, driven by YAML mappings.

    \b
    erpmap new acme --yes                    the folder of a tenant of your own
    erpmap validate                          check the mappings of every tenant
    erpmap explain E0806                     what a finding means, and what to do
    erpmap render dodici --event E.json --source order=O.json
    erpmap test dodici                       run the tenant's cases
    erpmap diff dodici                       what your last changes do to the cases
    erpmap simulate dodici                   simulate NewStore and NetSuite; then, in another terminal:
    erpmap send dodici --order DO000000101 --simulator http://127.0.0.1:8100
    erpmap ledger dodici --simulator http://127.0.0.1:8100
    erpmap doctor dodici                     check every connection and credential

    Exit codes: 0 done, 1 findings or a system that refuses, 2 wrong use, 3 not ready yet or still
    waiting (try again later), 130 stopped by Ctrl-C, 141 the reader of stdout closed it.
    """
    if operator is not None:
        ctx.with_resource(_named_operator(operator))
    ctx.obj = mappings if mappings is not None else Path("mappings")


_COMMANDS = (
    render,
    send,
    simulate,
    ledger,
    serve,
    worker,
    queue,
    shadow,
    diff,
    stream,
    reconcile,
    new,
    sample,
    doctor,
    explain,
    docs,
    trace,
    evaluate,
    forecast,
    schema,
    migrate,
    test,
    capture,
)
for _command in _COMMANDS:
    main.add_command(_command)


@main.command(short_help="Check mappings; print every finding with its place.")
@click.argument("tenant", required=False, shell_complete=complete_tenant)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too, as in a pipeline.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="human", show_default=True)
@click.option("--fix", is_flag=True, help="Show the changes that correct findings; see --write.")
@write_option
@click.pass_obj
def validate(
    root: Path, tenant: str | None, strict: bool, form: str, fix: bool, write: bool
) -> None:
    """Check the mappings of TENANT, or of all tenants; print every finding with its place.

    A warning is switched off at its line by a comment with a reason: `# erpmap: ignore W0223 - why`.

    With --fix, findings with exactly one right answer are corrected in the files of the tenant and of
    base: a name with one near name, a field that NewStore has and the query lacks, a missing version.
    The changes are shown as a diff; they are written with --write, or when you confirm them on a
    terminal. Afterwards the mappings are checked again.

    \b
    erpmap validate
    erpmap validate dodici --format github
    erpmap validate --strict                 warnings fail too
    erpmap validate dodici --fix
    erpmap validate dodici --fix --write
    """
    if fix and form in ("human", "json"):
        from engine.commands.fix import fix_tenants

        fix_tenants(root, tenant, write=write, form=form)
    if fix or write:
        raise click.UsageError(
            "--fix is for --format human and json" if fix else "--write belongs to --fix"
        )
    from engine.commands.validate import validate_tenants

    validate_tenants(root, tenant, form, is_strict=strict)


@main.command(short_help="Render and deliver five example orders, with faults.")
@click.option("--dry", is_flag=True, help="Render only; deliver nothing.")
@click.option("--all", "show_all", is_flag=True, help="List every example order too.")
def demo(*, dry: bool, show_all: bool) -> None:
    """Render and deliver five example orders, with the proof that each balances.

    NewStore and NetSuite are simulated on this machine, and `erpmap serve` takes the events. An event
    comes twice, payments come late, the network breaks in mid-write, and the last order is meant to
    fail. Nothing leaves the machine.

    \b
    erpmap demo
    erpmap demo --dry
    erpmap demo --all
    """
    from engine.commands.demo import show_demo

    # An operator's file is about the tenants of the installation, not about the demo's.
    os.environ.pop("ERPMAP_OPERATOR", None)
    show_demo(dry=dry, show_all=show_all)


@main.command(short_help="Show a mapping with the origin of every key.")
@click.argument("tenant", shell_complete=complete_tenant)
@click.argument("mapping")
@click.option("--python", is_flag=True, help="Show the Python function that it is compiled to.")
@click.pass_obj
def show(root: Path, tenant: str, mapping: str, python: bool) -> None:
    """Show a mapping with its overlays applied, and the file and line of each key.

    \b
    erpmap show dodici sales_order
    erpmap show dodici sales_order --python
    """
    from engine.commands.show import show_function, show_mapping

    if python:
        show_function(root, tenant, mapping)
    show_mapping(root, tenant, mapping)


@main.command(short_help="Serve an editor: findings while you type, completion.")
@click.pass_context
def lsp(ctx: click.Context) -> None:
    """Serve an editor: findings while you type, completion, and more; see docs/editors.md.

    An editor starts it and talks with it over stdin and stdout. It needs the extra `editor`. Without
    --mappings the folder is found from each file that is opened.

    \b
    pip install 'erpmap[editor]'
    erpmap lsp
    """
    try:
        from engine.editor.server import serve_editor
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("pygls", "lsprotocol"):
            raise
        message = f"the language server needs {missing}: pip install 'erpmap[editor]'"
        raise click.ClickException(message) from error
    named = None if ctx.parent is None else ctx.parent.params["mappings"]
    serve_editor(__version__, named)


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
