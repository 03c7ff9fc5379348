"""A folder that appears whole or not at all: written beside its place, and moved there in one step."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder to write into; it becomes `folder` when the block ends without an error.

    `folder` does not exist, or is empty. Folders above it are created. Raise OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        target = draft / folder.name
        target.mkdir()
        yield target
        target.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
