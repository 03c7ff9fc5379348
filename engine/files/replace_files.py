"""Files replaced as a whole: a reader sees the old or the new content, never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

_NEW_FILE = 0o644


def replace_files(contents: Sequence[tuple[Path, bytes]]) -> None:
    """Write each content to its path; every one is on disk before the first file is replaced.

    A path is replaced itself, also where it is a link. Permissions are kept; a folder that is missing is
    made. Raise OSError: then nothing is replaced, unless replacing itself fails midway.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path, content in contents:
            staged.append((_stage(path, content), path))
        for temporary, path in staged:
            temporary.replace(path)
    except BaseException:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
        raise


def _stage(path: Path, content: bytes) -> Path:
    """Write the content to a temporary file beside the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o7777 if path.is_file() else _NEW_FILE)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
