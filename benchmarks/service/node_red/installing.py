"""Node-RED itself: the version that is measured, installed by npm outside of the repository, once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ...contenders import MissingError

_PACKAGE = "node-red@4.1.15"
_PATIENCE = 600


def program() -> list[str]:
    """How Node-RED is started. Raise MissingError where npm is not there or does not install it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise MissingError("the commands node and npm are not installed")
    folder = _cache() / "erpmap-benchmarks" / _PACKAGE
    main = folder / "node_modules" / "node-red" / "red.js"
    if not main.is_file():
        sys.stderr.write(f"installing {_PACKAGE} into {folder}\n")
        _install(npm, folder)
    return [node, str(main)]


def _cache() -> Path:
    named = os.environ.get("XDG_CACHE_HOME")
    return Path(named) if named else Path.home() / ".cache"


def _install(npm: str, folder: Path) -> None:
    """Into a folder beside, which takes the name once it is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        part = Path(name) / "part"
        command = [npm, "install", "--no-audit", "--no-fund", "--omit=optional"]
        command += ["--prefix", str(part), _PACKAGE]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)  # noqa: S603 # our own command
        except subprocess.SubprocessError as error:
            raise MissingError(f"npm does not install {_PACKAGE}: {error}") from error
        part.rename(folder)
