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
from ...service.monitoring.traces import open_traces
from ...service.reload.reload import TenantSelection
from ...service.service import ServiceRequest, serve, work
from ..connect import tenant_opener
from ..output.terminal import print_findings
from ..selection import FINDINGS, chosen_tenants

# A line of the log has so many findings of a tenant at most; `erpmap validate` has them all.
_MOST_FINDINGS = 20
_GOES_ON = "the version before goes on"


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


def run_worker(asked: ServeRequest) -> None:
    """Work until told to stop; on SQLite there is nothing to share."""
    if _is_alone(asked.journal):
        raise click.UsageError(
            "workers share a journal on PostgreSQL; on SQLite `erpmap serve` works"
        )
    run(asked, work)


def run(asked: ServeRequest, serves: Callable[[ServiceRequest], Awaitable[None]] = serve) -> None:
    """Serve until told to stop; what keeps it from serving is a sentence and exit code 1."""
    for name in asked.tenants or (None,):
        chosen_tenants(asked.root, name)
    if asked.shadow is not None and not list_tenants(asked.shadow):
        raise click.UsageError(
            f"there is no tenant in {str(asked.shadow)!r}: --shadow names a folder of mappings"
        )
    if asked.sqs is not None and _is_alone(asked.journal):
        raise click.UsageError("a queue is for many processes: it needs a journal on PostgreSQL")
    log = open_log()
    try:
        traces = open_traces()
        served = ServiceRequest(
            selection=TenantSelection(asked.root, asked.tenants, takes_events=serves is not work),
            opener=tenant_opener(
                asked.root, asked.simulator, requests_a_second=asked.newstore_rate
            ),
            journal=asked.journal,
            host=asked.host,
            port=asked.port,
            report_tenant=_telling(log, "tenant"),
            report_address=partial(_listening, log),
            observers=(LogObserver(log), *([] if traces is None else [traces])),
            stop_seconds=asked.stop_within,
            shadow=asked.shadow,
            shadow_fetches=asked.shadow_asks,
            report_shadow=_telling(log, "shadow"),
            sqs=asked.sqs,
        )
        asyncio.run(_served(serves, served))
        log.info("stopped")
        if traces is not None:
            traces.close()
    except ErpmapError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(FINDINGS)


def _is_alone(journal: str) -> bool:
    """Whether a journal is for one process. A malformed address is wrong use."""
    try:
        return journal_file(journal) is not None
    except JournalError as error:
        raise click.UsageError(str(error)) from error


async def _served(
    serves: Callable[[ServiceRequest], Awaitable[None]], served: ServiceRequest
) -> None:
    await serves(served)


def _telling(log: Logger, what: str) -> Callable[[str, TenantTrouble | None], None]:
    """Who tells how a tenant, or its shadow, is: to people on a terminal, else to the log."""
    return partial(_people_told, what) if sys.stderr.isatty() else partial(_told, log, what)


def _people_told(what: str, name: str, trouble: TenantTrouble | None) -> None:
    shown = name if what == "tenant" else f"{what} of {name}"
    click.echo(f"{shown}: {'ready' if trouble is None else _whole(trouble)}", err=True)
    if trouble is not None and trouble.findings:
        print_findings(trouble.findings, stderr=True)


def _whole(trouble: TenantTrouble) -> str:
    """What is wrong, what goes on, and which command shows more."""
    goes_on = (_GOES_ON,) if trouble.is_outdated else ()
    run = (f"`{trouble.run}` shows more",) if trouble.run else ()
    return "; ".join((trouble.words, *goes_on, *run))


def _told(log: Logger, what: str, name: str, trouble: TenantTrouble | None) -> None:
    if trouble is None:
        ready = f"{what} ready"
        log.info(ready, tenant=name)
        return
    findings = [_short(finding) for finding in trouble.findings[:_MOST_FINDINGS]]
    message = f"{what} in trouble"
    goes_on = _GOES_ON if trouble.is_outdated else None
    more = {"then": goes_on, "run": trouble.run or None, "findings": findings}
    log.warning(message, tenant=name, why=trouble.words, **more)


def _short(finding: Finding) -> str:
    """Its code and place: what it quotes is for those who read the mappings, not the log."""
    place = finding.place
    return finding.code if place is None else f"{finding.code} {place.text.name}:{place.line}"


def _listening(log: Logger, address: str) -> None:
    log.info("listening", address=address)
