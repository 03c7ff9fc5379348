"""Processes of the program: forked with the engine imported; with `--full`, by an interpreter each.

To import the engine costs more than most tests do. What a start imports, and the installed command,
are tested in tests/test_house.py and tests/test_package.py, by interpreters of their own.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from conftest import ROOT
from scale import IS_FULL

ERPMAP = Path(sys.executable).with_name("erpmap")
SERVER = Path(__file__).with_name("fork_server.py")
# Variables that an interpreter looks at when it starts, which is before a process is forked.
AT_START = ("PYTHON", "LANG", "LC_")
NOTHING: Mapping[str, str] = {}

_FOREIGN = (
    "AWS_",
    "ERPMAP_",
    "PYTHON",
    "NO_COLOR",
    "FORCE_COLOR",
    "TERM",
    "COLUMNS",
    "LINES",
    "LC_",
    "CI",
)
_LOCK = threading.RLock()


def environment(own: Mapping[str, str] = NOTHING) -> dict[str, str]:
    """Our environment without what changes how programs speak, and with `own`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
    return {**kept, "LANG": "C.UTF-8", **own}


class Forked:
    """A process that the fork server has started: the part of `subprocess.Popen` that tests use."""

    def __init__(self, answer: socket.socket) -> None:
        self._answer = answer.makefile("rb", buffering=0)
        self.pid = int(self._answer.readline())
        self.returncode: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wait()

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; `subprocess.TimeoutExpired` when the process does not end in time."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(
                ProcessLookupError
            ):  # it may end between the two, as for subprocess.Popen
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        with _LOCK:
            if self.returncode is None and select.select([self._answer], [], [], timeout)[0]:
                code = self._answer.readline()
                assert code, "the fork server has ended"
                self.returncode = int(code)
                self._answer.close()
        return self.returncode


Process = Forked | subprocess.Popen[bytes]


def start(
    *arguments: str | Path,
    env: Mapping[str, str],
    script: Path | None = None,
    cwd: Path = ROOT,
    streams: Sequence[int | IO[Any]] = (0, 1, 2),
    memory: int | None = None,
    is_forked: bool = not IS_FULL,
) -> Process:
    """Start `erpmap`, or a script of Python; it may take `memory` bytes of address space."""
    words = [str(script or ERPMAP), *map(str, arguments)]
    if not is_forked:
        stdin, stdout, stderr = streams
        return subprocess.Popen(
            words if script is None else [sys.executable, *words], env=env, cwd=cwd,
            stdin=stdin, stdout=stdout, stderr=stderr,
            preexec_fn=None if memory is None else lambda: _limit(memory),  # noqa: PLW1509 - it only limits
        )  # fmt: skip
    request = {
        "argv": words,
        "script": None if script is None else str(script),
        "cwd": str(cwd),
        "env": dict(env),
        "memory": memory,
    }
    fds = [one if isinstance(one, int) else one.fileno() for one in streams]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        text = json.dumps(request).encode()
        with _LOCK:
            socket.send_fds(_server(os.getpid()), [text], [*fds, theirs.fileno()])
        theirs.close()
        return Forked(ours)


def run(
    *arguments: str | Path, stdin: bytes = b"", timeout: float, **how: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run `erpmap` or a script to its end, with pipes for streams; `how` is for `start`."""
    (read, given), (out, written), (err, said) = pipes = os.pipe(), os.pipe(), os.pipe()
    with ExitStack() as closing, ThreadPoolExecutor(len(pipes)) as threads:
        for fd in (out, err):
            closing.callback(os.close, fd)
        try:
            process = start(*arguments, **how, streams=(read, written, said))
        finally:
            for fd in (read, written, said):
                os.close(fd)
        threads.submit(_feed, given, stdin)
        output, words = threads.submit(_drain, out), threads.submit(_drain, err)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        return subprocess.CompletedProcess(arguments, code, output.result(), words.result())


def _feed(fd: int, data: bytes) -> None:
    with suppress(BrokenPipeError), os.fdopen(fd, "wb") as stream:
        stream.write(data)


def _drain(fd: int) -> bytes:
    with os.fdopen(os.dup(fd), "rb") as stream:
        return stream.read()


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


@cache
def _server(_pid: int) -> socket.socket:
    """The socket to the fork server of this process; the server ends when the socket is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, str(SERVER), str(theirs.fileno())],
            env=environment({"PYTHONPATH": str(ROOT)}),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
    atexit.register(server.wait)
    atexit.register(ours.close)
    return ours
