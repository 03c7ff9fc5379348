"""Thousands of open connections: memory and files stay bounded, and others are served."""

from __future__ import annotations

import json
import resource
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from waiting import until

from web.behind import EVENT, Behind, opened, request, rest_of
from web.doors import WAITS

ROOM, CROWD = 300, 3_000
HEAD_ONLY = request(b"", {"Content-Length": "50"})
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


EVENTS = {
    "waits for an outcome": request(json.dumps({**EVENT, "name": WAITS}).encode()),
    "sends slowly": request(b"{", {"Content-Length": "50"}),
    "does not read": request(b"", line="GET /large HTTP/1.1") * 10,
    "does not read what it may": request(headers={"Connection": "keep-alive"}) * 5_000,
}


@pytest.mark.parametrize("sent", EVENTS.values(), ids=EVENTS)
def test_whoever_fills_the_room_keeps_nobody_else_out(tmp_path: Path, sent: bytes) -> None:
    """Three times as many as there are places, all with a key; what is too much is told to come again."""
    with opened(tmp_path, seconds=600.0, connections=100, requests=80) as doors:
        with ExitStack() as crowd:
            for _ in range(300):
                one = crowd.enter_context(doors.connect())
                one.settimeout(0)
                with suppress(OSError):  # it may have had to make room, or the answers fill it
                    one.sendall(sent)
            for _ in range(3):
                assert doors.status(request(b"", line="GET /healthz HTTP/1.1")) == 200
                assert doors.status(request(line="POST /events/other HTTP/1.1")) == 200
        # When they have gone there is room again.
        until(lambda: doors.status(request()) == 200 or sent == EVENTS["waits for an outcome"], "")


def test_a_tenant_has_a_part_of_the_places_and_the_rest_is_told_so(tmp_path: Path) -> None:
    waits = request(json.dumps({**EVENT, "name": WAITS}).encode())
    with opened(tmp_path, seconds=600.0, requests=8) as doors, ExitStack() as crowd:
        for number in range(2):
            crowd.enter_context(doors.connect()).sendall(waits)
            until(lambda number=number: doors.count() > number, "it is not stored")  # type: ignore[misc] # mypy infers no lambda with a default
        answer = doors.said(HEAD_ONLY)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1\r\n" in answer.lower()


def test_the_bytes_of_a_tenant_keep_none_of_another_out(tmp_path: Path) -> None:
    """Eight bodies of 4 MB are begun, of which two find room; those that are stored give it back."""
    size = 4 * 1024 * 1024
    large = {**EVENT, "name": WAITS, "payload": {"id": "x" * (size - 200)}}
    body = json.dumps(large).encode()
    with opened(tmp_path, seconds=600.0) as doors, ExitStack() as crowd:
        for number in range(8):
            crowd.enter_context(doors.connect()).sendall(request(body))
            until(lambda number=number: doors.count() > number, "it is not stored")  # type: ignore[misc] # mypy infers no lambda with a default
        held = [crowd.enter_context(doors.connect()) for _ in range(8)]
        for one in held:
            with suppress(ConnectionError):
                one.sendall(request(body)[:-1])
        assert doors.status(request(line="POST /events/other HTTP/1.1")) == 200


def files_of(doors: Behind) -> int:
    return len(list(Path(f"/proc/{doors.process.pid}/fd").iterdir()))
