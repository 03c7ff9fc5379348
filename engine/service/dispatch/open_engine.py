"""The engine for a journal: embedded for SQLite, with or without SQS for PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, make_url

from ...findings.errors import QueueError
from ...journal.claim import Enqueue, Job
from ...journal.database import is_shared
from ...journal.signals import signal_due
from ...journal.writer import Writer
from ..loops import Loops
from .embedded_engine import EmbeddedEngine
from .engine import Engine
from .governor import AccountGovernor, Allowances, LocalAllowance
from .shared_governor import SharedAllowance
from .tenants import Tenants
from .worker import Worker

# Seconds without a heartbeat after which a process counts as gone.
LEASE_SECONDS = 10.0
_log = logging.getLogger(__name__)


async def open_engine(
    url: str, worker: Worker, tenants: Tenants, lease: float = LEASE_SECONDS, sqs: str | None = None
) -> Engine:
    """Return the engine for a journal's address; `sqs` is the URL of a queue.

    Raise JournalError, and QueueError for a queue that does not exist or may not be used.
    """
    if not is_shared(url):
        return EmbeddedEngine(worker, tenants)
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    if sqs is not None:
        return await _open_sqs_engine(sqs, worker, tenants, address, lease)
    from .postgres_engine import PostgresEngine  # noqa: PLC0415 - an extra, for many processes

    return PostgresEngine(worker=worker, tenants=tenants, address=address, lease=lease)


async def _open_sqs_engine(
    sqs: str, worker: Worker, tenants: Tenants, address: str, lease: float
) -> Engine:
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
    return SqsEngine(worker=worker, tenants=tenants, queue=queue, address=address, lease=lease)


def get_enqueue(url: str) -> Enqueue | None:
    """Return a function by which another process signals that deliveries are due now.

    None for a journal on SQLite: its engine finds them there. Raise JournalError for a malformed address.
    """
    if not is_shared(url):
        return None

    def enqueue(connection: Connection, _jobs: Sequence[Job]) -> None:
        signal_due(connection, "")

    return enqueue


@dataclass(frozen=True, slots=True)
class AllowanceSource:
    """Where the governors of a process get their allowances from.

    `holder` is the process, `deadline` the maximum seconds of a request to the ledger, and `left` the
    requests of each tenant that an earlier process may have left open.
    """

    journal: Writer
    holder: str
    deadline: float
    left: Mapping[str, int] = field(default_factory=dict)
    loops: Loops = field(default_factory=Loops)


def create_allowances(url: str, source: AllowanceSource) -> Allowances:
    """Return the governors of a process, for a journal's address."""

    def make(account: str, most: int) -> AccountGovernor:
        if not is_shared(url):
            return LocalAllowance(most)
        return SharedAllowance(
            journal=source.journal,
            holder=source.holder,
            account=account,
            most=most,
            deadline=source.deadline,
            loop=source.loops.loop("allowance"),
        )

    return Allowances(make, source.left)
