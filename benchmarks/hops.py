"""How far one order travels through the code: modules passed, and changes of module and of room.

    python -m benchmarks.hops

The service runs in this process with every thread profiled, from the POST of an event until NetSuite
holds its transaction; the simulators run in a process of their own. A change is counted where two
calls in a row, in one thread, enter functions of different modules (of different rooms: names directly
under engine/). Continued coroutines are no calls. What an idle service does meanwhile is printed too.
"""

from __future__ import annotations

import dis
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from types import CodeType, FrameType
from typing import Any

from rich.console import Console
from rich.table import Table

import engine
from cli import main as erpmap

TENANT, KEY = "dodici", "u4Jt0Qw-9mZc_2LkVb7RxE"
CASE, NUMBER = "web-order", "DO000000101"
ORDERS, SHOWN = 20, 10
AFTERWARDS_SECONDS, MOST_SECONDS = 0.3, 60.0
HOME = Path(engine.__file__).parent
RESUME = dis.opmap["RESUME"]
FIGURES = ("modules passed", "rooms passed", "calls", "module changes", "room changes")


@dataclass(slots=True)
class Trace:
    """The modules whose functions were called, thread by thread, while it is recording."""

    is_recording: bool = False
    calls: dict[int, list[str]] = field(default_factory=dict)
    modules: dict[CodeType, str | None] = field(default_factory=dict)

    def profile(self, frame: FrameType, event: str, argument: Any) -> None:  # noqa: ARG002 # as sys.setprofile calls it
        """Record a call of a function below engine/."""
        if event == "call" and self.is_recording:
            module = self._module_of(frame.f_code)
            if module is not None and _is_start(frame):
                self.calls.setdefault(threading.get_ident(), []).append(module)

    def figures(self) -> tuple[int, ...]:
        """The figures of what was recorded, in the order of FIGURES."""
        threads = list(self.calls.values())
        modules = {module for calls in threads for module in calls}
        return (
            len(modules),
            len({_room_of(module) for module in modules}),
            sum(map(len, threads)),
            sum(_changes(threads).values()),
            self.room_changes().total(),
        )

    def room_changes(self) -> Counter[tuple[str, str]]:
        """How often calls change from one room to another."""
        return _changes([list(map(_room_of, calls)) for calls in self.calls.values()])

    def _module_of(self, code: CodeType) -> str | None:
        if code not in self.modules:
            path = Path(code.co_filename)
            is_ours = path.is_relative_to(HOME)
            self.modules[code] = path.relative_to(HOME).as_posix() if is_ours else None
        return self.modules[code]


def main() -> None:
    """Deliver orders, and print the medians."""
    trace = Trace()
    with tempfile.TemporaryDirectory() as folder:
        played = Path(folder) / "mappings"
        events = _write_orders(played)
        port = _free_port()
        os.environ["DODICI_EVENT_KEY"] = KEY
        with _simulators(played) as simulator:
            sender = Sender(trace, f"http://127.0.0.1:{port}", simulator, events)
            journal = f"sqlite:///{Path(folder) / 'journal.db'}"
            thread = threading.Thread(target=sender.run)
            thread.start()
            threading.setprofile(trace.profile)
            sys.setprofile(trace.profile)
            command = ["--mappings", str(HOME.parent / "mappings"), "serve", TENANT]
            command += ["--journal", journal, "--port", str(port), "--simulator", simulator]
            erpmap(command, standalone_mode=False)
            sys.setprofile(None)
            thread.join()
    if len(sender.found) < ORDERS:
        sys.exit("the service did not deliver every order")
    _print(sender)


@dataclass(slots=True)
class Sender:
    """Sends the orders one after another; keeps the figures of each, and those of idle seconds.

    `room_changes` are those of the last order.
    """

    trace: Trace
    service: str
    simulator: str
    events: list[bytes]
    found: list[tuple[int, ...]] = field(default_factory=list)
    idle: list[tuple[int, ...]] = field(default_factory=list)
    room_changes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def run(self) -> None:
        """Send, measure, and stop the service."""
        try:
            _wait_for(f"{self.service}/readyz")
            self._deliver(0)  # connections, tokens and the customer are there from then on
            for at in range(1, len(self.events)):
                begun = time.monotonic()
                self.found.append(self._recorded(at))
                self.room_changes = self.trace.room_changes()
                seconds = time.monotonic() - begun
                self.idle.append(self._recorded(None, seconds))
        finally:
            signal.raise_signal(signal.SIGTERM)

    def _recorded(self, at: int | None, seconds: float = 0.0) -> tuple[int, ...]:
        self.trace.calls.clear()
        self.trace.is_recording = True
        if at is None:
            time.sleep(seconds)
        else:
            self._deliver(at)
        self.trace.is_recording = False
        return self.trace.figures()

    def _deliver(self, at: int) -> None:
        """Send an order; return a moment after NetSuite holds its transaction."""
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        url = f"{self.service}/events/{TENANT}"
        _answer(urllib.request.Request(url, self.events[at], headers))  # noqa: S310 # loopback
        end = time.monotonic() + MOST_SECONDS
        while self._transactions() <= at:
            if time.monotonic() > end:
                raise TimeoutError(f"order {at} is not in NetSuite after {MOST_SECONDS:.0f} s")
            time.sleep(0.02)
        time.sleep(AFTERWARDS_SECONDS)

    def _transactions(self) -> int:
        held = json.loads(_answer(urllib.request.Request(f"{self.simulator}/{TENANT}/ledger")))  # noqa: S310 # loopback
        return sum(record["record"] == "salesOrder" for record in held["records"])


def _is_start(frame: FrameType) -> bool:
    """Whether a function begins, and not a coroutine or generator that goes on."""
    code = frame.f_code.co_code
    return frame.f_lasti < 0 or code[frame.f_lasti] != RESUME or code[frame.f_lasti + 1] == 0


def _room_of(module: str) -> str:
    return module.partition("/")[0].removesuffix(".py")


def _changes(threads: list[list[str]]) -> Counter[tuple[str, str]]:
    pairs = (pair for names in threads for pair in pairwise(names))
    return Counter(pair for pair in pairs if pair[0] != pair[1])


def _write_orders(mappings: Path) -> list[bytes]:
    """A copy of the mappings whose cases are many web orders; the event of each."""
    shutil.copytree(HOME.parent / "mappings", mappings)
    cases = mappings / TENANT / "cases"
    template = HOME.parent / "mappings" / TENANT / "cases" / CASE
    own_id = json.loads((template / "event.json").read_bytes())["payload"]["id"]
    shutil.rmtree(cases)
    events: list[bytes] = []
    for at in range(ORDERS + 1):
        folder = cases / f"order-{at}"
        folder.mkdir(parents=True)
        fresh = str(uuid.uuid5(uuid.NAMESPACE_OID, str(at)))
        for file in template.iterdir():
            text = file.read_text(encoding="utf-8")
            text = text.replace(own_id, fresh).replace(NUMBER, f"DO{at + 1:09}")
            (folder / file.name).write_text(text, encoding="utf-8")
        events.append((folder / "event.json").read_bytes())
    return events


@contextmanager
def _simulators(mappings: Path) -> Iterator[str]:
    """`erpmap simulate` in a process of its own; its address."""
    port = _free_port()
    code = "from cli import main; main()"
    command = ["--mappings", str(mappings), "simulate", TENANT, "--port", str(port)]
    with subprocess.Popen(  # noqa: S603 # our own command
        [sys.executable, "-c", code, *command], stderr=subprocess.DEVNULL, cwd=HOME.parent
    ) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/{TENANT}/ledger")
            yield address
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    end = time.monotonic() + MOST_SECONDS
    while True:
        try:
            _answer(urllib.request.Request(url))  # noqa: S310 # loopback
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def _answer(request: urllib.request.Request) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=MOST_SECONDS) as answer:
        body: bytes = answer.read()
    return body


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _print(sender: Sender) -> None:
    title = f"one web order, median of {len(sender.found)}"
    table = Table("figure", "order", "idle service", title=title, title_justify="left")
    for name, found, idle in zip(
        FIGURES, zip(*sender.found, strict=True), zip(*sender.idle, strict=True), strict=True
    ):
        table.add_row(name, f"{median(found):,.0f}", f"{median(idle):,.0f}")
    Console().print(table)
    for (left, entered), count in sender.room_changes.most_common(SHOWN):
        Console().print(f"{count:4}  {left} → {entered}")


if __name__ == "__main__":
    main()
