"""A page that is a story: its files are written and its commands run in order, in one home folder.

A `console` block holds commands and their output. A block with `title="FILE"` is a file. An `sh` block is
a command of another terminal, which runs until the page ends.
"""

from __future__ import annotations

import http
import http.client
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from command import PATIENCE
from processes import ERPMAP, environment

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+")
# The port a command listens on when its options do not say another one.
_LISTENS = {"simulate": "8100", "serve": "8080"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the file that it is (or none), and its text."""

    language: str
    file: str
    text: str


def blocks_of(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(language, file, text) for language, file, text in _BLOCK.findall(page)]


@contextmanager
def story_folder(home: Path, root: Path) -> Iterator[Story]:
    """A home folder in which `erpmap` is the checkout; what was started there ends with it."""
    home.joinpath("erpmap").symlink_to(root, target_is_directory=True)
    story = Story(home=home, preamble=[], ports={}, terminals=[])
    try:
        yield story
    finally:
        for process in story.terminals:
            process.send_signal(signal.SIGINT)
        for process in story.terminals:
            process.wait(PATIENCE)


@dataclass(slots=True)
class Story:
    """A page on its way: where its shell stands, what it exported, and its other terminals."""

    home: Path
    preamble: list[str]
    ports: dict[str, str]
    terminals: list[subprocess.Popen[bytes]]

    def write(self, file: str, text: str) -> None:
        """Write a file of the page into the folder where its shell stands."""
        self.run(
            [f"mkdir -p $(dirname {file})", f"cat > {file} <<'END-OF-FILE'\n{text}END-OF-FILE"]
        )

    def run(self, commands: list[str]) -> subprocess.CompletedProcess[str]:
        """Run commands of a block one after the other, as a terminal would; keep where it went."""
        script = "\n".join([*self.preamble, "exec 2>&1", *map(self.placed, commands)])
        ended = subprocess.run(
            ["/bin/bash", "-c", script], capture_output=True, stdin=subprocess.DEVNULL,
            cwd=self.home, env=self.variables(), timeout=PATIENCE, check=False, encoding="utf-8",
        )  # fmt: skip
        kept = [command for command in commands if command.startswith(("cd ", "export "))]
        self.preamble += map(self.placed, kept)
        return ended

    def start(self, command: str) -> None:
        """Start a command of another terminal, and wait until it listens."""
        (verb,) = re.findall(r"\berpmap (\w+)", command)
        port = self.ports[_LISTENS[verb]] = free_port()
        script = "\n".join([*self.preamble, f"exec {_as_exec(self.placed(command))} --port {port}"])
        process = subprocess.Popen(
            ["/bin/bash", "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self.home, env=self.variables(),
        )  # fmt: skip
        self.terminals.append(process)
        _wait_until_listening(int(port), process)

    def placed(self, text: str) -> str:
        """The text with the ports that its servers really have."""
        return _PORT.sub(lambda match: self.ports.get(match[0], match[0]), text)

    def variables(self) -> dict[str, str]:
        """The environment of every terminal of the page."""
        path = f"{ERPMAP.parent}{os.pathsep}{os.environ['PATH']}"
        return environment({"PATH": path, "HOME": str(self.home)})


def free_port() -> str:
    """A port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _as_exec(command: str) -> str:
    """The command in the form that `exec` takes: variables in front of it through `env`."""
    return f"env {command.strip()}"


def _is_ready(port: int) -> bool:
    """Whether a server listens and, if it is a service, has loaded its tenants."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status != http.HTTPStatus.SERVICE_UNAVAILABLE
    except OSError:
        return False
    finally:
        connection.close()


def _wait_until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it listened"
        if _is_ready(port):
            return
        time.sleep(0.05)
    raise AssertionError("nothing listens on its port")
