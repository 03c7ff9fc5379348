"""The command line: parse, call, print, exit.

Exit codes: 0 done; 1 findings, cases that fail, or output that cannot be written; 2 wrong use;
3 not ready yet (render); 130 stopped by Ctrl-C.
stdout carries data, stderr words and progress. What is slow to import is imported by the command
that needs it, so that `erpmap --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from engine import __version__
from engine.streams import forget_output, open_streams

if TYPE_CHECKING:
    from engine.cases import Result
    from engine.diagnostics import Finding, SourceText
    from engine.load import LoadedTenant
    from engine.plan import Plan
    from engine.run import Outcome

FINDINGS, USAGE, NOT_READY, STOPPED = 1, 2, 3, 130

# Orders whose proof the demo shows in full: the last of each tenant is meant to be refused.
_DEMO = {
    "dodici": (
        "discounts-and-coupon",
        "split-payment-gift-card",
        "exchange-uneven",
        "payment-over",
    ),
    "nordhus": ("yen-and-japanese-names", "shipping-discount"),
}
_FORMATS = ("human", "json", "github", "sarif")
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _complete_tenant(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The tenants whose names begin so, for the shell."""
    parent = ctx.find_root()
    root = Path(parent.params.get("mappings") or os.environ.get("ERPMAP_MAPPINGS") or "mappings")
    names = (path.parent.name for path in root.glob("*/tenant.yaml"))
    return sorted(name for name in names if name.startswith(incomplete))


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
@click.option(
    "--mappings",
    type=click.Path(path_type=Path),
    envvar="ERPMAP_MAPPINGS",
    help="The folder of mappings.  [default: ./mappings]",
)
@click.pass_context
def main(ctx: click.Context, mappings: Path | None) -> None:
    """Turn NewStore orders into NetSuite transactions, driven by YAML mappings.

    \b
    erpmap validate                          every finding of every tenant
    erpmap render dodici --event E.json --source order=O.json
    erpmap test dodici                       the tenant's cases

    Exit codes: 0 done, 1 findings, 2 wrong use, 3 not ready yet, 130 stopped.
    """
    ctx.obj = mappings if mappings is not None else Path("mappings")


@main.command()
@click.argument("tenant", required=False, shell_complete=_complete_tenant)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="human", show_default=True)
@click.pass_obj
def validate(root: Path, tenant: str | None, form: str) -> None:
    """Check the mappings of TENANT, or of all: every finding, with its place.

    \b
    erpmap validate
    erpmap validate dodici --format github
    """
    from engine.report.findings import FORMATS
    from engine.terminal import print_data, print_validation

    loaded = [_load(root, name) for name in _tenants(root, tenant)]
    findings = [finding for one in loaded for finding in one.findings]
    if form == "human":
        print_validation(loaded)
    else:
        print_data(FORMATS[form](findings))
    sys.exit(0 if all(one.ok for one in loaded) else FINDINGS)


@main.command()
@click.argument("tenant", shell_complete=_complete_tenant)
@click.option(
    "--event", "-e", type=click.Path(path_type=Path), help="The event's file; - is stdin."
)
@click.option(
    "--source",
    "-s",
    "sources",
    type=Pair(),
    multiple=True,
    help="A fetched document: NAME=FILE; repeatable.",
)
@click.option(
    "--lookup",
    "-l",
    "lookups",
    type=Pair(),
    multiple=True,
    help="A live lookup's recorded answers: NAME=FILE.",
)
@click.option("--mapping", "-m", help="Only this mapping.")
@click.option(
    "--all",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Every order in the folders below DIR.",
    metavar="DIR",
)
@click.option(
    "--format", "form", type=click.Choice(("human", "json")), default="human", show_default=True
)
@click.pass_obj
def render(
    root: Path,
    tenant: str,
    event: Path | None,
    sources: tuple[tuple[str, Path], ...],
    lookups: tuple[tuple[str, Path], ...],
    mapping: str | None,
    folder: Path | None,
    form: str,
) -> None:
    """Render the NetSuite payloads of an order, dry, with the proof that they balance.

    The payloads go to stdout, words to stderr. With --all, DIR holds a folder for each order with
    event.json and SOURCE.json (for the base mappings order.json, for exchanges account.json too);
    --format json then writes one line an order. Live lookups are answered from --lookup, or from
    files in TENANT/cases/lookups.

    \b
    erpmap render dodici --event event.json --source order=order.json
    cat event.json | erpmap render dodici --event - --source order=order.json --format json
    erpmap render dodici --all mappings/dodici/cases
    """
    if (event is None) == (folder is None):
        raise click.UsageError("give either --event FILE or --all DIR")
    _refuse_ambiguous(event, sources)
    plans = _plans(root, tenant, mapping, form)
    shared = _shared_tables(root, tenant, lookups, form)
    if folder is not None:
        _render_all(plans, folder, shared, form)
    else:
        assert event is not None
        _render_one(plans, event, sources, shared, form)


@main.command()
@click.argument("tenant", required=False, shell_complete=_complete_tenant)
@click.option("--case", "pattern", help="Only cases whose name contains this.", default="")
@click.option("--update", is_flag=True, help="Make what comes out now the expectation.")
@click.option(
    "--format", "form", type=click.Choice(("human", "json")), default="human", show_default=True
)
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
    from engine.terminal import print_cases

    results = [
        (name, result)
        for name in _tenants(root, tenant)
        for result in _run_cases(root, name, pattern, form)
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
    from engine.bundled import bundled
    from engine.terminal import print_heading, print_outcome, print_summary

    root = bundled("mappings")
    for tenant, shown in _DEMO.items():
        plans = _plans(root, tenant, None, "human")
        shared = _shared_tables(root, tenant, (), "human")
        outcomes = list(_outcomes_below(plans, root / tenant / "cases", shared))
        print_heading(f"{tenant}: every example order")
        print_summary(outcomes)
        for case in shown:
            print_heading(f"{tenant}: {case}")
            for name, outcome in outcomes:
                if name == case and outcome.state != "ignored":
                    print_outcome(outcome, stderr=False)
    click.echo("next: read mappings/README.md, then change something and run `erpmap test`")


@main.command()
@click.argument("tenant", shell_complete=_complete_tenant)
@click.argument("mapping")
@click.pass_obj
def show(root: Path, tenant: str, mapping: str) -> None:
    """Show a mapping with all its overlays applied, and where each key comes from.

    \b
    erpmap show dodici sales_order
    """
    from engine.errors import ReadError
    from engine.load import load_mapping_node, open_folder
    from engine.report.origins import origin_lines

    (name,) = _tenants(root, tenant)
    try:
        loaded = load_mapping_node(open_folder(root), name, mapping)
    except ReadError as error:
        _stop(error.findings, "human")
    for line in origin_lines(loaded.node):
        click.echo(line)


@main.command()
@click.argument("kind", type=click.Choice(("mapping", "tenant")))
def schema(kind: str) -> None:
    """Print the JSON Schema of a mapping or tenant file, for editors.

    \b
    erpmap schema mapping > mapping.schema.json
    """
    import json

    from engine.spec.grammar import mapping_schema, tenant_schema

    document = mapping_schema() if kind == "mapping" else tenant_schema()
    click.echo(json.dumps(document, indent=2))


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


def _tenants(root: Path, tenant: str | None) -> tuple[str, ...]:
    """The tenant asked for, or all there are."""
    from engine.load import tenants_in

    there = tenants_in(root)
    if tenant is None and there:
        return there
    if (root / "tenant.yaml").is_file():
        raise click.UsageError(f"{str(root)!r} is a tenant: --mappings names the folder it is in")
    if tenant is None and root.is_dir():
        raise click.UsageError(f"there is no tenant in {str(root)!r}: no folder has a tenant.yaml")
    if tenant in there:
        return (tenant,)
    if not root.is_dir():
        hint = "name it with --mappings DIR or ERPMAP_MAPPINGS"
        raise click.UsageError(f"there is no folder {str(root)!r}; {hint}")
    known = (
        ", ".join(ascii(name)[1:-1] for name in there)
        or "none: a tenant is a folder with a tenant.yaml"
    )
    raise click.UsageError(f"there is no tenant {tenant!r} in {str(root)!r}; there are: {known}")


def _load(root: Path, tenant: str, shown_as: str | None = None) -> LoadedTenant:
    from engine.load import load_tenant, open_folder

    return load_tenant(open_folder(root, shown_as), tenant)


def _plans(root: Path, tenant: str, mapping: str | None, form: str) -> tuple[Plan, ...]:
    """The tenant's plans, or an end with its findings."""
    (name,) = _tenants(root, tenant)
    loaded = _load(root, name)
    if not loaded.ok:
        _stop(loaded.findings, form)
    if form == "human" and loaded.findings:
        from engine.terminal import print_findings

        print_findings(loaded.findings, stderr=True)
    plans = tuple(plan for plan in loaded.plans if mapping in (None, plan.name))
    if not plans:
        known = ", ".join(plan.name for plan in loaded.plans)
        raise click.UsageError(f"{tenant} has no mapping {mapping!r}; it has: {known}")
    return plans


def _shared_tables(
    root: Path, tenant: str, lookups: Iterable[tuple[str, Path]], form: str
) -> dict[str, SourceText]:
    from engine.errors import ReadError
    from engine.orders import LOOKUPS, read_text, recorded_tables

    try:
        recorded = recorded_tables(root / tenant / "cases" / LOOKUPS)
        return recorded | {name: read_text(path) for name, path in lookups}
    except ReadError as error:
        _stop(error.findings, form)


def _stop(findings: Iterable[Finding], form: str) -> NoReturn:
    """Print findings where they belong and end."""
    from engine.report.findings import as_document
    from engine.terminal import print_findings, print_json

    if form == "json":
        print_json({"findings": [as_document(finding) for finding in findings]})
    else:
        print_findings(findings, stderr=True)
    sys.exit(FINDINGS)


def _render_one(
    plans: Sequence[Plan],
    event: Path,
    sources: Sequence[tuple[str, Path]],
    shared: dict[str, SourceText],
    form: str,
) -> None:
    from engine.errors import ReadError
    from engine.orders import read_named_order, run_order
    from engine.terminal import print_outcomes

    _refuse_unknown(plans, sources)
    try:
        outcomes = tuple(run_order(plans, read_named_order(event, dict(sources)), shared))
    except ReadError as error:
        _stop(error.findings, form)
    print_outcomes(outcomes, form)
    sys.exit(_exit_code(outcomes))


def _refuse_ambiguous(event: Path | None, sources: Iterable[tuple[str, Path]]) -> None:
    """Refuse sources beside --all, a name given twice, and stdin asked for twice."""
    names = [name for name, _ in sources]
    if event is None and names:
        raise click.UsageError("--all takes each order's sources from its folder, not --source")
    if len({"event", *names}) <= len(names):
        raise click.UsageError("each --source needs a name of its own, other than event")
    if [str(path) for path in (event, *(path for _, path in sources))].count("-") > 1:
        raise click.UsageError("only one document can come from stdin")


def _refuse_unknown(plans: Sequence[Plan], sources: Sequence[tuple[str, Path]]) -> None:
    """Refuse a source that no mapping asks for: nearly always a slip of the name."""
    known = {source.name for plan in plans for source in plan.sources}
    for name, _ in sources:
        if name not in known:
            shown = ", ".join(sorted(known)) or "none"
            raise click.UsageError(f"no mapping has a source {name!r}; there are: {shown}")


def _render_all(
    plans: Sequence[Plan], folder: Path, shared: dict[str, SourceText], form: str
) -> None:
    from engine.documents import write_json
    from engine.report.orders import outcome_document
    from engine.terminal import print_data, print_findings, print_summary

    outcomes: list[tuple[str, Outcome]] = []
    for name, outcome in _outcomes_below(plans, folder, shared):
        if form == "json":
            print_data(write_json({"name": name} | outcome_document(outcome)) + "\n")
        outcomes.append((name, outcome))
    if not outcomes:
        raise click.UsageError(f"there is no event.json below {str(folder)!r}")
    if form == "human":
        print_summary(outcomes)
        print_findings((f for _, outcome in outcomes for f in outcome.findings), stderr=True)
    sys.exit(_exit_code([outcome for _, outcome in outcomes]))


def _outcomes_below(
    plans: Sequence[Plan], folder: Path, shared: dict[str, SourceText]
) -> Iterator[tuple[str, Outcome]]:
    """Each order's outcomes, as they come, while a bar on stderr shows how far it is."""
    from engine.orders import find_orders, outcomes_of
    from engine.terminal import progress

    folders = find_orders(folder)
    with progress("rendering") as bar:
        for path in bar.track(folders):
            name = path.relative_to(folder).as_posix()
            for outcome in outcomes_of(plans, path, shared):
                yield name, outcome


def _exit_code(outcomes: Sequence[Outcome]) -> int:
    from engine.run import State

    states = {outcome.state for outcome in outcomes}
    if State.FAILED in states:
        return FINDINGS
    return NOT_READY if State.NOT_READY in states else 0


def _run_cases(root: Path, tenant: str, pattern: str, form: str) -> Iterator[Result]:
    from engine.cases import find_cases, run_case
    from engine.terminal import progress

    loaded = _load(root, tenant, root.resolve().name)
    if not loaded.ok:
        _stop(loaded.findings, form)
    shared = _shared_tables(root, tenant, (), form)
    cases = [case for case in find_cases(root / tenant / "cases") if pattern in case[0]]
    with progress(f"cases of {tenant}") as bar:
        for name, folder in bar.track(cases):
            yield run_case(name, folder, loaded.plans, shared)
