"""Thousands of open connections: memory and files stay bounded, and others are served."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

from web.behind import Behind, opened, request, rest_of

ROOM, CROWD = 300, 3_000
# Those that are accepted before the first of them is looked at, and what the process has besides.
_BESIDE = 256 + 64


def test_a_crowd_of_idle_connections_keeps_nobody_out(tmp_path: Path) -> None:
    """Deadlines are long: room is made by those who wait without a request, the longest first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, CROWD * 2), hard))
    try:
        with opened(tmp_path, seconds=600.0, connections=ROOM) as doors, ExitStack() as crowd:
            before = doors.memory()
            for number in range(CROWD):
                idle = crowd.enter_context(doors.connect())
                start(idle, number)
                if number % 500 == 0:
                    assert doors.status(request()) == 200
            assert doors.status(request()) == 200
            assert files_of(doors) <= ROOM + _BESIDE
            assert doors.memory() - before < 50
            assert doors.log.read_text() == ""
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def start(idle: socket.socket, number: int) -> None:
    """Nothing, a part of a head, or a body that never comes to a door that is closed."""
    unkeyed = request(b"", {"Content-Length": "9", "Authorization": None})
    with suppress(ConnectionError):  # it may have had to make room already
        idle.sendall((b"", b"POST /events/shop HT", unkeyed)[number % 3])


def test_those_who_are_being_served_are_not_put_out(tmp_path: Path) -> None:
    """With every place taken by an event on its way, one more is told to come again."""
    event = request(headers={"Expect": "100-continue"})
    with opened(tmp_path, seconds=600.0, connections=3) as doors, ExitStack() as all_:
        served = [all_.enter_context(doors.connect()) for _ in range(3)]
        for one in served:
            one.sendall(event[:-1])
            assert one.recv(65536).startswith(b"HTTP/1.1 100 ")  # its head has been read
        assert doors.status() == 503
        for one in served:
            one.sendall(event[-1:])
        assert all(rest_of(one).startswith(b"HTTP/1.1 200 ") for one in served)
        assert doors.count() == 3


def files_of(doors: Behind) -> int:
    return len(list(Path(f"/proc/{doors.process.pid}/fd").iterdir()))
