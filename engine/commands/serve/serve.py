"""What `erpmap serve` and `erpmap worker` do: check the arguments and run the service until it stops."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from ...findings.diagnostics import Finding
from ...findings.errors import ErpmapError, JournalError
from ...journal.database import journal_file
from ...mapping.load import list_tenants
from ...mapping.operator_file import describe_walls
from ...service.dispatch.tenants import TenantTrouble
from ...service.monitoring.logs import Logger, LogObserver, open_log
from ...service.monitoring.traces import open_traces
from ...service.reload.tenant_selection import TenantSelection
from ...service.service import ServiceRequest, serve, work
from ...service.web.connections import ConnectionLimits
from ...service.web.descriptors import fit_connections, raise_descriptor_limit
from ...service.web.listen import ListenAddress
from ..connect import tenant_opener
from ..exit import FINDINGS
from ..output.terminal import print_findings
from ..tenants import select_tenants

# Findings of a tenant in one line of the log; `erpmap validate` prints them all.
_MAX_FINDINGS = 20
_OLDER_VERSION_RUNS = "the previous version keeps running"


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """The command line of `erpmap serve`, and of `erpmap worker`."""

    root: Path
    tenants: tuple[str, ...]
    journal: str
    simulator: str | None
    stop_within: float
    newstore_rate: int
    processes: int
    shadow: Path | None = None
    shadow_asks: bool = False
    sqs: str | None = None
    host: str = ""
    port: int | None = None
    admin_host: str = ""
    admin_port: int | None = None


def run_worker(request: ServeRequest) -> None:
    """Deliver until a signal stops the process. Raise UsageError for a journal on SQLite."""
    if _is_single_process(request.journal):
        raise click.UsageError(
            "a worker needs a journal on PostgreSQL; on SQLite run `erpmap serve` alone"
        )
    run(request, work)


def run(
    request: ServeRequest, run_forever: Callable[[ServiceRequest], Awaitable[None]] = serve
) -> None:
    """Run the service until a signal stops it; print an error that prevents it, and exit with 1."""
    _check_request(request)
    log = open_log()
    try:
        traces = open_traces()
        service = ServiceRequest(
            selection=TenantSelection(
                request.root, request.tenants, takes_events=run_forever is not work
            ),
            opener=tenant_opener(
                request.root, request.simulator, requests_a_second=request.newstore_rate
            ),
            journal=request.journal,
            host=request.host,
            port=request.port,
            admin_host=request.admin_host,
            admin_port=request.admin_port,
            limits=fit_connections(ConnectionLimits(), raise_descriptor_limit()),
            report_tenant=_trouble_reporter(log, "tenant"),
            report_address=partial(_log_address, log),
            observers=(LogObserver(log), *([] if traces is None else [traces])),
            stop_seconds=request.stop_within,
            shadow=request.shadow,
            shadow_fetches=request.shadow_asks,
            report_shadow=_trouble_reporter(log, "shadow"),
            sqs=request.sqs,
            processes=request.processes,
        )
        log.info(describe_walls(request.tenants or list_tenants(request.root), request.root))
        asyncio.run(_run_service(run_forever, service))
        log.info("stopped")
        if traces is not None:
            traces.close()
    except ErpmapError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(FINDINGS)


def _check_request(request: ServeRequest) -> None:
    """Raise UsageError for options that cannot be used together, and for folders without tenants."""
    for name in request.tenants or (None,):
        select_tenants(request.root, name)
    if request.shadow is not None and not list_tenants(request.shadow):
        raise click.UsageError(
            f"there is no tenant in {str(request.shadow)!r}: --shadow names a folder of mappings"
        )
    if request.sqs is not None and _is_single_process(request.journal):
        raise click.UsageError("--sqs needs a journal on PostgreSQL: give one with --journal")


def _is_single_process(journal: str) -> bool:
    """Whether only one process can use the journal. Raise UsageError for a malformed address."""
    try:
        return journal_file(journal) is not None
    except JournalError as error:
        raise click.UsageError(str(error)) from error


async def _run_service(
    run_forever: Callable[[ServiceRequest], Awaitable[None]], service: ServiceRequest
) -> None:
    await run_forever(service)


def _trouble_reporter(log: Logger, subject: str) -> Callable[[str, TenantTrouble | None], None]:
    """Return the function that reports a tenant's state: on a terminal as text, else in the log."""
    return (
        partial(_print_trouble, subject)
        if sys.stderr.isatty()
        else partial(_log_trouble, log, subject)
    )


def _print_trouble(subject: str, name: str, trouble: TenantTrouble | None) -> None:
    shown = name if subject == "tenant" else f"{subject} of {name}"
    click.echo(f"{shown}: {'ready' if trouble is None else _describe_trouble(trouble)}", err=True)
    if trouble is not None and trouble.findings:
        print_findings(trouble.findings, stderr=True)


def _describe_trouble(trouble: TenantTrouble) -> str:
    """Return what is wrong, which version runs, and the command that shows more."""
    goes_on = (_OLDER_VERSION_RUNS,) if trouble.is_outdated else ()
    run = (f"`{trouble.run}` shows more",) if trouble.run else ()
    return "; ".join((trouble.words, *goes_on, *run))


def _log_trouble(log: Logger, subject: str, name: str, trouble: TenantTrouble | None) -> None:
    if trouble is None:
        ready = f"{subject} ready"
        log.info(ready, tenant=name)
        return
    findings = [_describe_place(finding) for finding in trouble.findings[:_MAX_FINDINGS]]
    message = f"{subject} in trouble"
    goes_on = _OLDER_VERSION_RUNS if trouble.is_outdated else None
    more = {"then": goes_on, "run": trouble.run or None, "findings": findings}
    log.warning(message, tenant=name, why=trouble.words, **more)


def _describe_place(finding: Finding) -> str:
    """Return a finding's code and place; the log must not hold what its message quotes."""
    place = finding.place
    return finding.code if place is None else f"{finding.code} {place.text.name}:{place.line}"


def _log_address(log: Logger, address: ListenAddress, url: str) -> None:
    most = address.limits.connections
    log.info("listening", address=url, purpose=address.purpose, connections=most)
