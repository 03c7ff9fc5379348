"""The engine for a journal: embedded for SQLite, PgQueuer or SQS for PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import Connection, make_url

from ...findings.errors import JournalError, QueueError
from ...journal.claim import Enqueue, Job
from ...journal.database import is_shared
from ...journal.writer import Writer
from .embedded_engine import EmbeddedEngine
from .engine import Engine
from .governor import AccountGovernor, Allowances, LocalAllowance
from .shared_governor import SharedAllowance
from .tenants import Tenants
from .worker import Worker

# Seconds without a heartbeat after which a process counts as gone.
LEASE_SECONDS = 10.0
_log = logging.getLogger(__name__)
_EXTRA = "PostgreSQL needs an extra: pip install 'erpmap[postgres]'"


async def open_engine(
    url: str, worker: Worker, tenants: Tenants, lease: float = LEASE_SECONDS, sqs: str | None = None
) -> Engine:
    """Return the engine for a journal's address, with its tables; `sqs` is the URL of a queue.

    Raise JournalError, and QueueError for a queue that does not exist or may not be used.
    """
    if not is_shared(url):
        return EmbeddedEngine(worker, tenants)
    if sqs is not None:
        return await _open_sqs_engine(sqs, worker, tenants, lease)
    try:
        from .pgqueuer import install_queue  # noqa: PLC0415 - an extra, for many processes
        from .postgres_engine import PostgresEngine  # noqa: PLC0415 - the same
    except ImportError:
        raise JournalError(_EXTRA) from None
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    await install_queue(address)
    return PostgresEngine(worker=worker, tenants=tenants, address=address, lease=lease)


async def _open_sqs_engine(sqs: str, worker: Worker, tenants: Tenants, lease: float) -> Engine:
    try:
        from .sqs_engine import SqsEngine  # noqa: PLC0415 - an extra, and heavy
        from .sqs_queue import SqsQueue  # noqa: PLC0415 - the same
    except ImportError:
        raise QueueError("SQS needs an extra: pip install 'erpmap[sqs]'") from None
    queue = SqsQueue(sqs)
    try:
        async with queue.connected():
            await queue.check()
    except QueueError as error:
        if not error.is_away:
            raise
        _log.warning("%s; the engine polls the journal for due deliveries", error)
    return SqsEngine(worker=worker, tenants=tenants, queue=queue, lease=lease)


def get_enqueue(url: str) -> Enqueue | None:
    """Return a function by which another process adds jobs that are due now.

    None for a journal on SQLite: its engine finds them there. Raise JournalError.
    """
    if not is_shared(url):
        return None
    try:
        from .pgqueuer import QueuedJob, hurry_jobs  # noqa: PLC0415 - an extra, for many processes
    except ImportError:
        raise JournalError(_EXTRA) from None

    def enqueue(connection: Connection, jobs: Sequence[Job]) -> None:
        hurry_jobs(connection, [QueuedJob(job.tenant, job.delivery, 0.0) for job in jobs])

    return enqueue


def create_allowances(url: str, journal: Writer, holder: str, deadline: float) -> Allowances:
    """Return the governors of a process; `deadline` is the maximum seconds of a request to the ledger."""

    def make(account: str, most: int) -> AccountGovernor:
        if is_shared(url):
            return SharedAllowance(
                journal=journal, holder=holder, account=account, most=most, deadline=deadline
            )
        return LocalAllowance(most)

    return Allowances(make)
