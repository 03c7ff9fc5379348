"""Asks all the time: `sharing_process.py JOURNAL ADDRESS ALLOWANCE TASKS DEADLINE`.

Each request goes out within the account's shared allowance; it is ended by a signal.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress

from engine.findings.errors import NoAnswerError
from engine.journal.database import open_journal
from engine.service.dispatch.shared_governor import SharedAllowance
from engine.wire.exchange import SEND_BY, ExchangeBounds
from engine.wire.open_client import open_client


async def ask_for_ever(
    journal_url: str, address: str, most: int, tasks: int, deadline: float
) -> None:
    with open_journal(journal_url) as journal:
        allowance = SharedAllowance(journal, f"process-{os.getpid()}", "acc", most, deadline)
        async with open_client(address, ExchangeBounds(deadline)) as client:

            async def ask() -> None:
                while True:
                    async with allowance.request() as send_by:
                        with suppress(NoAnswerError):  # it was frozen meanwhile
                            await client.get(f"/{os.getpid()}", extensions={SEND_BY: send_by})

            await asyncio.gather(*(ask() for _ in range(tasks)))


if __name__ == "__main__":
    url, at, most, tasks, deadline = sys.argv[1:]
    asyncio.run(ask_for_ever(url, at, int(most), int(tasks), float(deadline)))
