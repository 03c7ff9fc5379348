"""All that is watched for one tenant while it is served, and its notifier beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from ...delivery.connecting import Notify
from ...journal.committing import Committer
from ...netsuite import CertificateKey, TokenKey
from ...newstore import NewStore
from ...wire.notifying import Notice, Notifier, Passing
from .certificates import watch_certificate
from .parked import watch_parked
from .stream import Sight, Watched, watch_stream


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and who is told; without `notify` nobody is, and the rest is done all the same.

    Without `watched` there is no stream to look at. `seen` hears of each look at it, so that it can
    be shown.
    """

    tenant: str
    watched: Watched | None
    newstore: NewStore
    key: CertificateKey | TokenKey = field(repr=False)
    journal: Committer
    notify: Notify | None
    seen: Callable[[Sight], None] = lambda _: None
    passing: Passing = field(default_factory=Passing)


async def watch(one: Watch) -> None:
    """Watch until cancelled; what waits to be told is told at the end."""
    tenant, passing = one.tenant, one.passing
    notifier = None if one.notify is None else Notifier(one.notify.hook, passing)

    def tell(notice: Notice) -> None:
        if notifier is not None and one.notify is not None and notice.kind in one.notify.on:
            notifier.tell(notice)

    async with asyncio.TaskGroup() as group:
        if notifier is not None:
            group.create_task(notifier.run())
        if one.watched is not None:
            group.create_task(watch_stream(one.watched, one.newstore, tell, passing, one.seen))
        group.create_task(watch_certificate(tenant, one.key, tell, passing))
        group.create_task(watch_parked(one.journal, tenant, tell, passing))
