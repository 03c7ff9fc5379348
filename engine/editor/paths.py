"""Where an editor's files are: the mappings folder of a file, and the way from an address to a path and back."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path, PurePosixPath

from pygls.uris import from_fs_path, to_fs_path

from ..bundled import bundled
from .open_folder import BUNDLED

TENANT_FILE = "tenant.yaml"
_BASE = "base"
_MOST_LEVELS = 12
_MOST_ENTRIES = 2_000


def path_of(uri: str) -> Path | None:
    """Return the absolute path of a `file:` address; None for another, such as an unsaved document's."""
    try:
        name = to_fs_path(uri)
    except ValueError:
        return None
    if not name or "\0" in name:
        return None
    return Path(os.path.abspath(name))  # noqa: PTH100 - links stay as the editor shows them


def uri_of(path: Path) -> str:
    """Return the address of a path."""
    return str(from_fs_path(str(path)))


def find_root(file: Path) -> Path | None:
    """Return the folder above a file that holds the folders of tenants, or `base`; None where there is none."""
    for folder in islice(file.parents, 1, _MOST_LEVELS):
        below = file.relative_to(folder).parts[0]
        if below == _BASE or _holds_tenants(folder):
            return folder
    return None


def _holds_tenants(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(
                (folder / entry.name / TENANT_FILE).is_file()
                for entry in islice(entries, _MOST_ENTRIES)
            )
    except OSError:
        return False


def relative_path(file: Path, root: Path) -> str | None:
    """Return the path of a file below a root, as mappings name it; None where it is not below it."""
    try:
        return file.relative_to(root).as_posix()
    except ValueError:
        return None


def real_file(name: str, root: Path) -> Path:
    """Return the file of a text, by the text's name: a path below the root, or a bundled file."""
    parts = PurePosixPath(name).parts
    return bundled("mappings").joinpath(*parts[1:]) if parts[:1] == (BUNDLED,) else root / name
