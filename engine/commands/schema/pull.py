"""What `erpmap schema pull` does: fetch a tenant's own schemas, compare, write and validate them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from rich.text import Text

from ...bundled import bundled
from ...files.replace_files import replace_files
from ...findings.errors import (
    AddressError,
    CredentialError,
    ErpmapError,
    FindingsError,
    LedgerError,
    NoAnswerError,
    ShopError,
    SpecError,
)
from ...findings.quote import quoted
from ...mapping.load import LoadedTenant, load_tenant, open_folder
from ...mapping.snapshots import CURRENCIES_FILE, NETSUITE_FOLDER, NEWSTORE_FILE
from ...orders.report.excerpt import clean
from ...orders.report.findings import as_document
from ..connect import OpenSystems, open_systems, resolve_connection
from ..exit import FINDINGS, error_document, exit_with_error, exit_with_findings
from ..output.terminal import console, print_findings, print_json, print_validation
from ..tenants import load_named_tenant, select_tenants
from .compare_snapshots import SchemaDifference, compare_records, compare_types
from .fetch import fetch_currencies, fetch_newstore_types, fetch_record_schema


def write_atomically(folder: Path, name: str, text: str) -> None:
    """Write a file below a folder in one step: a reader never sees half of it.

    Raise AddressError when a link leads out of the folder, OSError when it cannot be written.
    """
    path = folder / name
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise AddressError(f"{quoted(name)} leads out of the tenant's folder")
    replace_files([(path, text.encode())])


_EXPECTED_ERRORS = (
    AddressError,
    CredentialError,
    FindingsError,
    LedgerError,
    ShopError,
    NoAnswerError,
)
_MAX_NAMES = 20
_EXISTING_FILE = "the existing file"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The systems whose schemas are pulled; with `dry_run` nothing is written."""

    newstore: bool
    netsuite: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class _FetchedFile:
    """A fetched file to write below the tenant's folder, or the error of fetching it."""

    name: str
    text: str = ""
    trouble: ErpmapError | None = None


@dataclass(frozen=True, slots=True)
class _StoredFile:
    """The result of storing a file; `is_changed`: it did not exist, or had another text."""

    name: str
    is_written: bool = False
    is_changed: bool = False
    against: str = ""
    difference: SchemaDifference | None = None
    trouble: ErpmapError | None = None

    def document(self) -> dict[str, object]:
        """Return the result as a JSON object; `difference` is null without an older schema."""
        difference = self.difference
        findings = self.trouble.findings if isinstance(self.trouble, FindingsError) else ()
        return {
            "name": self.name,
            "is_written": self.is_written,
            "is_changed": self.is_changed,
            "against": self.against if difference is not None else None,
            "difference": None if difference is None else asdict(difference),
            "findings": [as_document(replace(finding, place=None)) for finding in findings],
            "error": None if self.trouble is None else error_document(self.trouble),
        }


def pull(
    root: Path, tenant: str, simulator: str | None, request: PullRequest, form: str
) -> NoReturn:
    """Pull a tenant's schemas, print the changes, and exit: 0 when all were fetched and it is valid."""
    (name,) = select_tenants(root, tenant)
    loaded = _load(root, name, form)
    try:
        fetched = asyncio.run(_fetch_files(root, loaded, simulator, request))
    except _EXPECTED_ERRORS as error:
        if form == "json":
            exit_with_error(error, form)
        _print_trouble("nothing was pulled", error)
        sys.exit(FINDINGS)
    show = _show_nothing if form == "json" else _print_file
    files = [_store_file(root / name, file, is_dry=request.dry_run, show=show) for file in fetched]
    again = None if request.dry_run else load_named_tenant(root, name)
    if form == "json":
        findings = again.findings if again is not None else ()
        documents = {
            "files": [file.document() for file in files],
            "findings": [as_document(finding) for finding in findings],
        }
        print_json(documents)
    else:
        _print_summary(files, again)
    is_whole = all(file.trouble is None for file in files)
    sys.exit(0 if is_whole and (again is None or again.ok) else FINDINGS)


def _load(root: Path, name: str, form: str) -> LoadedTenant:
    """Load the tenant; if only its snapshots make it invalid, without them: a pull replaces them."""
    loaded = load_named_tenant(root, name)
    if loaded.ok:
        return loaded
    without = load_tenant(open_folder(root), name, with_snapshots=False)
    if not without.ok:
        exit_with_findings(loaded.findings, form)
    return without


async def _fetch_files(
    root: Path, loaded: LoadedTenant, simulator: str | None, request: PullRequest
) -> list[_FetchedFile]:
    assert loaded.tenant is not None
    connection = await resolve_connection(root, loaded.tenant, simulator)
    async with open_systems(connection) as opened:
        wanted = _list_requests(loaded, opened, request)
        return list(await asyncio.gather(*(_fetch_file(name, fetch) for name, fetch in wanted)))


def _list_requests(
    loaded: LoadedTenant, opened: OpenSystems, request: PullRequest
) -> Iterator[tuple[str, Callable[[], Awaitable[str]]]]:
    """Yield the name of each file, and the function that fetches its text."""
    if request.newstore:
        yield NEWSTORE_FILE, partial(fetch_newstore_types, opened.newstore)
    if request.netsuite:
        records = [record.record for plan in loaded.plans for record in plan.records]
        for record in dict.fromkeys(records):
            name = f"{NETSUITE_FOLDER}/{record}.schema.json"
            yield name, partial(fetch_record_schema, opened.netsuite, record)
        yield CURRENCIES_FILE, partial(fetch_currencies, opened.netsuite)


async def _fetch_file(name: str, fetch: Callable[[], Awaitable[str]]) -> _FetchedFile:
    try:
        return _FetchedFile(name, await fetch())
    except _EXPECTED_ERRORS as error:
        return _FetchedFile(name, trouble=error)


def _store_file(
    folder: Path, fetched: _FetchedFile, *, is_dry: bool, show: Callable[[_StoredFile], None]
) -> _StoredFile:
    """Compare a fetched file with the older schema, show the difference, and write it."""
    if fetched.trouble is not None:
        file = _StoredFile(fetched.name, trouble=fetched.trouble)
    else:
        older, against = _read_older(folder, fetched.name)
        difference = _compare(fetched.name, older, fetched.text)
        is_changed = against != _EXISTING_FILE or older != fetched.text
        file = _StoredFile(
            fetched.name, is_changed=is_changed, against=against, difference=difference
        )
        try:
            if not is_dry:
                write_atomically(folder, fetched.name, fetched.text)
                file = replace(file, is_written=True)
        except AddressError as error:
            file = replace(file, trouble=error)
    show(file)
    return file


def _show_nothing(_: _StoredFile) -> None:
    """Print nothing: the JSON document is printed as a whole at the end."""


def _print_file(file: _StoredFile) -> None:
    """Print added and removed fields against the existing file, else against the bundled schema."""
    target = console()
    difference = file.difference
    if difference is not None:
        added, removed = len(difference.added), len(difference.removed)
        words = f"{difference.count:,} fields, {added:,} added and {removed:,} removed"
        target.print(Text(f"{clean(file.name)}: {words}, against {file.against}"))
        _print_names("+", "green", difference.added)
        _print_names("-", "red", difference.removed)
        if difference.opened:
            names = ", ".join(difference.opened[:_MAX_NAMES])
            target.print(Text(f"  their inner fields are not described: {clean(names)}"))
    elif file.is_changed:
        target.print(Text(f"{clean(file.name)}: new, without an older schema to compare with"))
    if file.trouble is not None:
        _print_trouble(file.name, file.trouble)


def _print_summary(files: Sequence[_StoredFile], again: LoadedTenant | None) -> None:
    """Print which files were written and changed, and the tenant's findings with them."""
    target = console()
    if again is None:
        target.print("dry run: nothing was written")
        return
    changed = [file.name for file in files if file.is_written and file.is_changed]
    written = sum(file.is_written for file in files)
    target.print(f"{written:,} written, {len(changed):,} of them changed")
    for name in changed:
        target.print(Text(f"  {clean(name)}"))
    print_validation([again])
    if not again.ok:
        target.print("the files are kept: correct the mapping, or restore the older files")


def _print_names(sign: str, style: str, names: Sequence[str]) -> None:
    target = console()
    for name in names[:_MAX_NAMES]:
        target.print(Text(f"  {sign} {clean(name)}", style=style))
    if len(names) > _MAX_NAMES:
        target.print(Text(f"  {sign} and {len(names) - _MAX_NAMES:,} more", style=style))


def _read_older(folder: Path, name: str) -> tuple[str, str]:
    """Return the text of the schema in use, and its source; empty texts when there is none."""
    shipped = bundled("schemas") / name.removeprefix("schemas/")
    for path, source in ((folder / name, _EXISTING_FILE), (shipped, "the bundled schema")):
        try:
            return path.read_text(encoding="utf-8"), source
        except (OSError, ValueError):
            continue
    return "", ""


def _compare(name: str, old: str, new: str) -> SchemaDifference | None:
    """Compare two schemas; None when the older text is not a schema."""
    if name == CURRENCIES_FILE:
        return None
    try:
        if name == NEWSTORE_FILE:
            return compare_types(old, new)
        return compare_records(_read_object(old), _read_object(new))
    except (SpecError, ValueError, RecursionError):
        return None


def _read_object(text: str) -> Mapping[str, Any]:
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("no schema")  # noqa: TRY004 - as for a text that is not JSON
    return document


def _print_trouble(subject: str, error: ErpmapError) -> None:
    words = "\n".join(map(clean, f"{subject}: {error}".splitlines()))
    console(stderr=True).print(Text(words, style="bold red"))
    if isinstance(error, FindingsError):
        findings = [replace(finding, place=None) for finding in error.findings]
        print_findings(findings, stderr=True)


def read_request(*, newstore: bool, netsuite: bool, dry_run: bool) -> PullRequest:
    """Return the request of the command line; without --newstore or --netsuite, both."""
    if not (newstore or netsuite):
        newstore = netsuite = True
    return PullRequest(newstore, netsuite, dry_run)
