"""The service with few files to open, and many connections that it has no use for."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from commanded import played_with
from conftest import ROOT
from serviced import HEADERS, KEY, free_ports, spoken_to
from waiting import until

from engine.findings.errors import ErpmapError
from engine.service.web.connections import ConnectionLimits
from engine.service.web.descriptors import fit_connections
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

CROWD = 1_500
_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]) // 2, int(sys.argv[1])))
sys.argv[:2] = ["erpmap"]
from cli import main
main()
"""


@contextmanager
def served(folder: Path, files: int) -> Iterator[tuple[int, Path]]:
    """The service with a limit of open files, of which it may use half at first; its port and log."""
    (port,) = free_ports(1)
    log = folder / "log"
    with serve_in_thread(build_simulator_app([played_with()])) as simulator, log.open("w") as err:
        command = ["--mappings", str(ROOT / "mappings"), "serve", "dodici", "--port", str(port)]
        command += ["--journal", f"sqlite:///{folder / 'journal.db'}", "--simulator", simulator]
        process = subprocess.Popen(
            [sys.executable, "-c", _LIMITED, str(files), *command],
            env={**os.environ, "PYTHONPATH": str(ROOT), "DODICI_EVENT_KEY": KEY},
            stderr=err,
        )
        try:
            yield port, log
            assert process.poll() is None, "the service has ended"
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("files", [260, 1_024])
def test_a_crowd_without_a_key_takes_no_file_that_the_service_needs(
    tmp_path: Path, files: int
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, CROWD * 2), hard))
    event = b'{"tenant": "dodici", "name": "no.such", "published_at": "2026-12-01T10:00:00Z", "payload": {"id": "o1"}}'
    try:
        with served(tmp_path, files) as (port, log), ExitStack() as crowd:
            until(lambda: spoken_to(port, "GET", "/readyz") == 200, "it is never ready")
            for number in range(CROWD):
                with suppress(ConnectionError):
                    crowd.enter_context(socket.create_connection(("127.0.0.1", port), 60))
                if number % 250 == 0:
                    assert spoken_to(port, "POST", "/events/dodici", event, HEADERS) == 200
            assert spoken_to(port, "POST", "/events/dodici", event, HEADERS) == 200
            assert spoken_to(port, "GET", "/readyz") == 200
            lines = [json.loads(line) for line in log.read_text().splitlines()]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    (listening,) = [line for line in lines if line["message"] == "listening"]
    assert 16 <= listening["connections"] < files
    assert not [line for line in lines if line["level"] in ("error", "critical")]


@pytest.mark.parametrize("files", [210, 256, 1_024, 4_096, 65_536])
def test_connections_leave_files_for_the_rest(files: int) -> None:
    if files == 210:
        with pytest.raises(ErpmapError, match="LimitNOFILE"):
            fit_connections(ConnectionLimits(), files)
        return
    limits = fit_connections(ConnectionLimits(), files)
    assert files - limits.connections - limits.backlog >= 200
    assert limits.connections <= 1_000
