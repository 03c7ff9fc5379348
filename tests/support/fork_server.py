"""Starts processes by fork, with the whole engine imported: `fork_server.py FD`.

A request arrives on the socket FD as JSON, with four descriptors: stdin, stdout, stderr and a socket
for the answer. The answer is the process id, and the exit code when the process has ended.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import resource
import runpy
import selectors
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, TextIO

ending: dict[str, int] = {}


def leave_quickly() -> None:
    """End without taking the imported modules apart, which would copy the memory that is shared."""
    if "code" in ending:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # Python ends as it does, and says why
        os._exit(ending["code"])


# What is registered first is called last.
atexit.register(leave_quickly)

import cli  # noqa: E402 - after the line above
import engine  # noqa: E402 - after the line above

LARGEST_REQUEST = 200_000


def import_engine() -> None:
    """Import every module, those that commands import late too."""
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if ".migrations." not in module.name:
            importlib.import_module(module.name)
    assert threading.active_count() == 1, "a process with threads cannot be forked safely"


def serve(control: socket.socket) -> Callable[[], None]:
    """Fork a process for each request. Returns in the new process, with what it has to run."""
    woken, wakeup = socket.socketpair()
    wakeup.setblocking(False)  # noqa: FBT003 - its only parameter
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who stops the tests closes the socket
    signal.set_wakeup_fd(wakeup.fileno())
    running: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is woken:
                    woken.recv(4096)
                    _report(running)
                    continue
                text, fds, _, _ = socket.recv_fds(control, LARGEST_REQUEST, 4)
                if not text:
                    sys.exit()  # the tests have ended
                answer = socket.socket(fileno=fds[3])
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    signal.signal(signal.SIGINT, signal.default_int_handler)
                    for one in (control, woken, wakeup, answer, *running.values()):
                        one.close()
                    return _begun(json.loads(text), fds[:3])
                running[pid] = answer
                answer.send(f"{pid}\n".encode())
                for fd in fds[:3]:
                    os.close(fd)


def _report(running: dict[int, socket.socket]) -> None:
    """Answer with the exit code of each process that has ended."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with running.pop(pid) as answer:
            try:
                answer.send(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            except OSError:
                continue  # nobody waits for it


def _begun(request: dict[str, Any], fds: list[int]) -> Callable[[], None]:
    """Take on the directory, environment and streams of a request."""
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.stdin, sys.stdout, sys.stderr = map(_reopened, (sys.stdin, sys.stdout, sys.stderr))
    sys.argv = request["argv"]
    if request["memory"] is not None:
        resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
    if request["script"] is None:
        return cli.main
    sys.path[0] = os.path.dirname(request["script"])  # noqa: PTH120 - what Python itself puts there
    return lambda: void(runpy.run_path(request["script"], run_name="__main__"))


def _reopened(stream: TextIO) -> TextIO:
    """A stream like the one Python opens at its start, on what its descriptor is now."""
    fd, mode = stream.fileno(), stream.mode[0]
    raw = open(fd, f"{mode}b", buffering=-1, closefd=False)  # noqa: SIM115 - a descriptor; open to the end
    is_by_line = mode == "w" and (fd == 2 or os.isatty(fd))
    return io.TextIOWrapper(raw, stream.encoding, stream.errors, line_buffering=is_by_line)


def void(_: object) -> None:
    """Nothing: the names of a script's module are not used."""


def run(begin: Callable[[], None]) -> None:
    """Run it; how it ends is kept for `leave_quickly`."""
    try:
        begin()
        ending["code"] = 0
    except SystemExit as ended:
        given = 0 if ended.code is None else ended.code
        ending["code"] = given & 0xFF if isinstance(given, int) else 1
        raise
    except Exception:
        ending["code"] = 1
        raise


if __name__ == "__main__":
    import_engine()
    gc.freeze()
    run(serve(socket.socket(fileno=int(sys.argv[1]))))
