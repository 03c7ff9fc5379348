"""A snapshot written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ...findings.errors import AddressError
from ...findings.wording import quoted


def write_whole(folder: Path, name: str, text: str) -> None:
    """Write a file below a folder, in one step: nobody ever reads half of it.

    Raise AddressError when a link leads out of the folder, OSError when it cannot be written.
    """
    path = folder / name
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise AddressError(f"{quoted(name)} leads out of the tenant's folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
