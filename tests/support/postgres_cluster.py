"""A PostgreSQL of a test's own, stopped and started by it; loudly none where its programs are missing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from postgres_server import ask

_NONE = "initdb and pg_ctl are not in the PATH: what needs a PostgreSQL of its own was NOT tested"
# PostgreSQL refuses to run as root.
_NOBODY = "nobody" if os.geteuid() == 0 else None


@dataclass(frozen=True)
class Cluster:
    """A server on a loopback port with one database, at `url`."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-F -k {self.folder} -h 127.0.0.1 -p {self.port}"
        log = str(self.folder / "log")
        _run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop(self, how: str) -> None:
        """`fast` says good-bye to everybody, `immediate` is as a crash."""
        _run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", how, "stop")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server that runs; without its programs the test is skipped, in CI it fails."""
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_NONE)
        pytest.skip(_NONE)
    folder = Path(tempfile.mkdtemp(prefix="erpmap_postgres_"))
    if _NOBODY is not None:
        shutil.chown(folder, _NOBODY)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = Cluster(folder, port)
    try:
        data = str(folder / "data")
        _run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        own.start()
        ask(own.url, "select 1")
        yield own
    finally:
        with suppress(subprocess.CalledProcessError):
            own.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str) -> None:
    # A server that is started keeps its parent's outputs open: they go nowhere.
    subprocess.run(
        [program, *arguments],
        user=_NOBODY,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
