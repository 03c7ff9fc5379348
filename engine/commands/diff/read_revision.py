"""Reads a folder of mappings as a git revision has it, into a temporary folder.

Blobs are read from the objects of the repository, never checked out: no filter or hook of the repository
runs, and nothing is changed or fetched.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

import click

from ...findings.quote import quoted
from ...orders.order import LOOKUPS

_FILE, _EXECUTABLE, _LINK = "100644", "100755", "120000"
# Variables that a hook of git sets: they would lead to another folder than that of the mappings.
_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
# A partial clone would run a command of its configuration to fetch what it lacks.
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
}
_OBJECT = re.compile(r"[0-9a-f]{40,64}")
_MAX_FILES = 100_000
_NAME_FOLDERS = "or name two folders of mappings: erpmap diff TENANT OLD_FOLDER NEW_FOLDER"


@contextmanager
def read_revision(revision: str, mappings: Path) -> Iterator[Path]:
    """Yield a temporary folder with the mappings as they were in a revision of the repository around them.

    The orders of the cases are left out. Raise UsageError for a revision that cannot be read.
    """
    prefix = _find_prefix(revision, mappings)
    tree = _find_tree(revision, mappings, prefix)
    with TemporaryDirectory(prefix="erpmap-diff-") as folder:
        _write_files(mappings, tree, Path(folder))
        yield Path(folder)


def _find_prefix(revision: str, mappings: Path) -> str:
    """Return the path of the mappings within their repository: empty for its top folder."""
    if not mappings.is_dir():
        hint = "name it with --mappings DIR or ERPMAP_MAPPINGS"
        raise click.UsageError(f"there is no folder {str(mappings)!r}; {hint}")
    found = _run_git(mappings, "rev-parse", "--show-prefix")
    if found.returncode:
        raise click.UsageError(
            f"{quoted(revision)} is not a folder, and {str(mappings)!r} is in no git repository that can be"
            f" read ({_last_words(found)}): put it under git, {_NAME_FOLDERS}"
        )
    return found.stdout.decode("utf-8", "surrogateescape").removesuffix("\n").strip("/")


def _find_tree(revision: str, mappings: Path, prefix: str) -> str:
    """Return the id of the tree of the mappings in a revision."""
    commit = _resolve(mappings, f"{revision}^{{commit}}")
    if commit is None:
        raise click.UsageError(
            f"{quoted(revision)} is neither a folder nor a revision of the git repository around"
            f" {str(mappings)!r}; `git log` and `git tag` list revisions"
        )
    tree = _resolve(mappings, f"{commit}:{prefix}" if prefix else f"{commit}^{{tree}}")
    if tree is None:
        raise click.UsageError(f"revision {quoted(revision)} has no folder {quoted(prefix)}")
    return tree


def _resolve(mappings: Path, name: str) -> str | None:
    """Return the id of an object; None where there is none. `name` is never read as an option."""
    found = _run_git(mappings, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
    lines = found.stdout.decode("ascii", "replace").split()
    is_object = not found.returncode and lines and _OBJECT.fullmatch(lines[-1])
    return lines[-1] if is_object else None


def _write_files(mappings: Path, tree: str, folder: Path) -> None:
    """Write the files of a tree, but for the orders of cases."""
    listed = _run_git(mappings, "ls-tree", "-r", "-z", "--full-tree", tree)
    if listed.returncode:
        raise click.UsageError(f"git cannot list the mappings: {_last_words(listed)}")
    entries = [*_read_entries(listed.stdout)]
    if len(entries) > _MAX_FILES:
        raise click.UsageError(f"the revision has more than {_MAX_FILES:,} files of mappings")
    with _start_git(mappings, "cat-file", "--batch") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for mode, id_, path in entries:
            process.stdin.write(f"{id_}\n".encode())
            process.stdin.flush()
            _write_file(folder, path, mode, _read_blob(process.stdout))
        process.stdin.close()


def _read_entries(listed: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield the mode, the id and the path of each file that is wanted."""
    for entry in listed.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        mode, *_, id_ = head.decode("ascii", "replace").split() or ("", "")
        path = PurePosixPath(os.fsdecode(name))
        is_below = not path.is_absolute() and ".." not in path.parts
        if mode in (_FILE, _EXECUTABLE, _LINK) and is_below and not _is_of_case(path):
            yield mode, id_, str(path)


def _is_of_case(path: PurePosixPath) -> bool:
    """Whether a file is of a case: recorded answers of lookups are shared by all orders."""
    parts = path.parts
    return len(parts) > 2 and parts[1] == "cases" and parts[2] != LOOKUPS


def _read_blob(stream: IO[bytes]) -> bytes:
    """Read one answer of `cat-file --batch`."""
    head = stream.readline().split()
    if len(head) != 3 or not head[2].isdigit():
        raise click.UsageError("git cannot read a file of the mappings: `git fsck` says more")
    data = stream.read(int(head[2]))
    stream.read(1)
    return data


def _write_file(folder: Path, name: str, mode: str, data: bytes) -> None:
    """Write a new file, never through a link that the revision has at the same path."""
    path = folder / name
    if path.is_symlink() or not path.parent.resolve().is_relative_to(folder.resolve()):
        raise click.UsageError(f"the revision has {quoted(name)} twice, once as a link")
    path.parent.mkdir(parents=True, exist_ok=True)
    if mode == _LINK:
        path.symlink_to(os.fsdecode(data))
    else:
        path.write_bytes(data)


def _run_git(mappings: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    with _start_git(mappings, *arguments) as process:
        stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)


def _start_git(mappings: Path, *arguments: str) -> subprocess.Popen[bytes]:
    variables = {name: text for name, text in os.environ.items() if name not in _OF_HOOKS}
    command: Sequence[str] = ("git", "--no-pager", "--literal-pathspecs", *arguments)
    try:
        return subprocess.Popen(  # noqa: S603 - the user's own git, each argument by itself
            command,
            cwd=mappings,
            env=variables | _ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except FileNotFoundError as error:
        message = "git is not installed, so that no revision can be read: install git"
        raise click.UsageError(f"{message}, {_NAME_FOLDERS}") from error


def _last_words(ended: subprocess.CompletedProcess[bytes]) -> str:
    words = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    return words[-1] if words else f"git ended with {ended.returncode}"
