"""Processes that share an account through PostgreSQL: together never more, whoever dies or freezes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from conftest import ROOT
from postgres_server import database
from processes import Process, start
from starlette.types import Receive, Scope, Send
from waiting import until

from engine.simulator.serve import serve_in_thread

_SCRIPT = Path(__file__).with_name("sharing_process.py")
MOST = 6
# Seconds. A lease lasts so long, and 15 seconds beyond.
DEADLINE, LATENCY = 2.0, 0.1


class Counting:
    """Answers after a while, also to who is gone, as NetSuite does; counts what is open."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.most = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = scope["path"].strip("/")
        self.open[who] += 1
        self.most = max(self.most, self.open.total())
        await asyncio.sleep(LATENCY)
        self.open[who] -= 1
        self.answered[who] += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@contextmanager
def asking(url: str, address: str, tasks: int) -> Iterator[Process]:
    arguments = (url, address, str(MOST), str(tasks), str(DEADLINE))
    one = start(*arguments, script=_SCRIPT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        yield one
    finally:
        one.kill()
        one.wait()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_together_they_never_ask_more_and_what_the_dead_held_comes_back(
    how: signal.Signals,
) -> None:
    counting = Counting()
    with ExitStack() as stack:
        url = stack.enter_context(database())
        address = stack.enter_context(serve_in_thread(counting))
        first = stack.enter_context(asking(url, address, 20))
        until(lambda: counting.most == MOST, "one alone does not use all")
        second = stack.enter_context(asking(url, address, 20))
        one, other = str(first.pid), str(second.pid)
        until(lambda: counting.open[other] == MOST // 2, "the second does not get its part")
        until(lambda: counting.open[one] == MOST // 2, "the first has more than its part")
        os.kill(first.pid, how)
        until(lambda: counting.open[other] == MOST, "what it held does not come back")
        if how is signal.SIGSTOP:
            answered = counting.answered[one]
            os.kill(first.pid, signal.SIGCONT)
            until(lambda: counting.answered[one] > answered + 9, "it gets nothing any more")
    assert counting.most == MOST


def test_an_idle_one_gives_back_what_it_holds() -> None:
    counting = Counting()
    with database() as url, serve_in_thread(counting) as address, asking(url, address, 1) as idle:
        with asking(url, address, 20) as busy:
            until(lambda: counting.open[str(busy.pid)] == MOST - 1, "it does not get the rest")
        until(lambda: counting.answered[str(idle.pid)] > 0, "the idle one gets nothing")
    assert counting.most == MOST
