"""The state of the files of a tenant, compared at each poll."""

from __future__ import annotations

from pathlib import Path

FileStamps = frozenset[tuple[str, int, int, int]]


def stamp_files(root: Path, name: str) -> FileStamps:
    """Return path, time, size and inode of each file of a tenant, and of the shared mappings."""
    found = set()
    for folder in (root / name, root / "base"):
        for path in folder.rglob("*"):
            try:
                stat = path.stat()
            except OSError:
                continue
            found.add((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return frozenset(found)
