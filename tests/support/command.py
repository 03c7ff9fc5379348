"""The command as people run it: a process of its own, with streams that are what we say."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conftest import ROOT
from processes import AT_START, ERPMAP, NOTHING, environment, run, start
from scale import IS_FULL

# No test may wait for ever; nothing is concluded from how long it took.
PATIENCE = 60


def erpmap(
    *arguments: str | Path,
    stdin: bytes = b"",
    cwd: Path = ROOT,
    variables: Mapping[str, str] = NOTHING,
) -> subprocess.CompletedProcess[str]:
    """Run it with pipes for streams; its data is UTF-8, its words may be in any encoding."""
    # What an interpreter looks at when it starts, a forked process has behind it.
    is_forked = not IS_FULL and not any(name.startswith(AT_START) for name in variables)
    ended = run(
        *arguments,
        stdin=stdin,
        cwd=cwd,
        env=environment(variables),
        timeout=PATIENCE,
        is_forked=is_forked,
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
    *arguments: str | Path,
    piped: Collection[str] = (),
    variables: Mapping[str, str] = NOTHING,
    typed: str = "",
) -> tuple[str, str]:
    """Run it on a terminal: what that shows, and what came through stdout if that is `piped`.

    `typed` is what somebody has typed before it asks.
    """
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    read, written = os.pipe()
    stdout = written if "stdout" in piped else theirs
    env = environment({"TERM": "xterm-256color", "COLUMNS": "100", **variables})
    with (
        start(*arguments, env=env, streams=(theirs, stdout, theirs)),
        os.fdopen(read, "rb") as pipe,
    ):
        os.close(theirs)
        os.close(written)
        with ThreadPoolExecutor(1) as reader:  # a full pipe would stop the writer
            piped_data = reader.submit(pipe.read)
            shown = _until_closed(ours)
        data = piped_data.result()
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
