"""The command as people run it: a process of its own, with streams that are what we say."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from conftest import ROOT

ERPMAP = Path(sys.executable).with_name("erpmap")
# No test may wait for ever; nothing is concluded from how long it took.
PATIENCE = 60

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


NOTHING: Mapping[str, str] = {}


def environment(own: Mapping[str, str] = NOTHING) -> dict[str, str]:
    """Our environment without what changes how programs speak, and with `own`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
    return {**kept, "LANG": "C.UTF-8", **own}


def erpmap(
    *arguments: str | Path,
    stdin: bytes = b"",
    cwd: Path = ROOT,
    variables: Mapping[str, str] = NOTHING,
) -> subprocess.CompletedProcess[str]:
    """Run it with pipes for streams; its data is UTF-8, its words may be in any encoding."""
    ended = subprocess.run(
        [ERPMAP, *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(variables),
        timeout=PATIENCE,
        check=False,
    )
    words = (ended.stdout.decode(errors="replace"), ended.stderr.decode(errors="replace"))
    assert "Traceback" not in words[1], words[1]
    return subprocess.CompletedProcess(ended.args, ended.returncode, *words)


def in_shell(command: str, *, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `erpmap` is ours."""
    path = f"{ERPMAP.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["/bin/bash", "-c", command],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env=environment({"PATH": path}),
        timeout=PATIENCE,
        check=False,
        encoding="utf-8",
    )


def on_terminal(
    *arguments: str | Path, piped: Collection[str] = (), variables: Mapping[str, str] = NOTHING
) -> tuple[str, str]:
    """Run it on a terminal: what that shows, and what came through stdout if that is `piped`."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [ERPMAP, *arguments],
        stdin=theirs,
        stdout=subprocess.PIPE if "stdout" in piped else theirs,
        stderr=theirs,
        cwd=ROOT,
        env=environment({"TERM": "xterm-256color", "COLUMNS": "100", **variables}),
    ) as process:
        os.close(theirs)
        shown = _until_closed(ours)
        data = process.stdout.read() if process.stdout else b""
    os.close(ours)
    return shown.decode(), data.decode()


def _until_closed(terminal: int) -> bytes:
    """Everything a terminal shows until its last writer is gone, which Linux reports as an error."""
    pieces = []
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces)
