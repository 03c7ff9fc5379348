"""What `erpmap serve` does: say what is served, serve it, and end as told."""

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
from ...service.dispatch.tenants import TenantTrouble
from ...service.monitoring.logs import Logger, LogObserver, open_log
from ...service.monitoring.traces import tracing
from ...service.reload.reload import WantedTenants
from ...service.service import ServiceRequest, serve, work
from ..connect import tenant_opener
from ..exit import FINDINGS
from ..output.terminal import print_findings
from ..tenants import select_tenants

# A line of the log has so many findings of a tenant at most; `erpmap validate` has them all.
_MAX_FINDINGS = 20
_OLDER_VERSION_RUNS = "the version before goes on"


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """The command line of `erpmap serve`, and of `erpmap worker`."""

    root: Path
    tenants: tuple[str, ...]
    journal: str
    simulator: str | None
    stop_within: float
    newstore_rate: int
    shadow: Path | None = None
    shadow_asks: bool = False
    sqs: str | None = None
    host: str = ""
    port: int | None = None


def run_worker(request: ServeRequest) -> None:
    """Work until told to stop; on SQLite there is nothing to share."""
    if _is_single_process(request.journal):
        raise click.UsageError(
            "workers share a journal on PostgreSQL; on SQLite `erpmap serve` works"
        )
    run(request, work)


def run(
    request: ServeRequest, run_forever: Callable[[ServiceRequest], Awaitable[None]] = serve
) -> None:
    """Serve until told to stop; what keeps it from serving is a sentence and exit code 1."""
    for name in request.tenants or (None,):
        select_tenants(request.root, name)
    if request.shadow is not None and not list_tenants(request.shadow):
        raise click.UsageError(
            f"there is no tenant in {str(request.shadow)!r}: --shadow names a folder of mappings"
        )
    if request.sqs is not None and _is_single_process(request.journal):
        raise click.UsageError("a queue is for many processes: it needs a journal on PostgreSQL")
    log = open_log()
    try:
        traces = tracing()
        service = ServiceRequest(
            wanted=WantedTenants(
                request.root, request.tenants, takes_events=run_forever is not work
            ),
            opener=tenant_opener(
                request.root, request.simulator, requests_a_second=request.newstore_rate
            ),
            journal=request.journal,
            host=request.host,
            port=request.port,
            told=_trouble_reporter(log, "tenant"),
            listening=partial(_log_address, log),
            watchers=(LogObserver(log), *([] if traces is None else [traces])),
            stop_seconds=request.stop_within,
            shadow=request.shadow,
            shadow_asks=request.shadow_asks,
            shadow_told=_trouble_reporter(log, "shadow"),
            sqs=request.sqs,
        )
        asyncio.run(_run_service(run_forever, service))
        log.info("stopped")
        if traces is not None:
            traces.close()
    except ErpmapError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(FINDINGS)


def _is_single_process(journal: str) -> bool:
    """Whether a journal is for one process. A malformed address is wrong use."""
    try:
        return journal_file(journal) is not None
    except JournalError as error:
        raise click.UsageError(str(error)) from error


async def _run_service(
    run_forever: Callable[[ServiceRequest], Awaitable[None]], service: ServiceRequest
) -> None:
    await run_forever(service)


def _trouble_reporter(log: Logger, subject: str) -> Callable[[str, TenantTrouble | None], None]:
    """Who tells how a tenant, or its shadow, is: to people on a terminal, else to the log."""
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
    """What is wrong, what goes on, and which command shows more."""
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
    """Its code and place: what it quotes is for those who read the mappings, not the log."""
    place = finding.place
    return finding.code if place is None else f"{finding.code} {place.text.name}:{place.line}"


def _log_address(log: Logger, address: str) -> None:
    log.info("listening", address=address)
