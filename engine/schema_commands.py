"""What `erpmap schema pull` does: a tenant's own schemas asked for, compared, written, tried."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from rich.text import Text

from .bundled import bundled
from .checkup_commands import connecting
from .commands import FINDINGS, chosen_tenants, load_named, stop_with
from .connecting import open_systems
from .delivery import Systems
from .errors import (
    AddressError,
    CredentialError,
    ErpmapError,
    FindingsError,
    NetSuiteError,
    NewStoreError,
    NoAnswerError,
    SpecError,
)
from .load import LoadedTenant, load_tenant, open_folder
from .pulling import (
    Difference,
    ask_netsuite,
    ask_newstore,
    between_records,
    between_types,
    write_whole,
)
from .report.excerpts import clean
from .snapshots import NETSUITE_FOLDER, NEWSTORE_FILE
from .terminal import console, print_findings, print_validation

_TROUBLES = (
    AddressError,
    CredentialError,
    FindingsError,
    NetSuiteError,
    NewStoreError,
    NoAnswerError,
)
_MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What is pulled, and whether it is only looked at."""

    newstore: bool
    netsuite: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class _Pulled:
    """A file to write below the tenant's folder, or why there is none."""

    name: str
    text: str = ""
    trouble: ErpmapError | None = None


def pull(root: Path, tenant: str, simulator: str | None, wish: Wish) -> NoReturn:
    """Pull a tenant's schemas, tell what changes, and exit: 0 when all came and it can still run."""
    (name,) = chosen_tenants(root, tenant)
    loaded = _loaded(root, name)
    try:
        pulled = asyncio.run(_pulled(root, loaded, simulator, wish))
    except _TROUBLES as error:
        _print_trouble("nothing was pulled", error)
        sys.exit(FINDINGS)
    kept = [one for one in pulled if _is_kept(root / name, one, is_dry=wish.dry_run)]
    is_whole = len(kept) == len(pulled)
    if wish.dry_run:
        console().print("nothing was written: this is a dry run")
        sys.exit(0 if is_whole else FINDINGS)
    again = load_named(root, name)
    print_validation([again])
    if not again.ok:
        console().print("the files are kept: correct the mapping, or restore the older files")
    sys.exit(0 if is_whole and again.ok else FINDINGS)


def _loaded(root: Path, name: str) -> LoadedTenant:
    """The tenant with its snapshots; where they are in its way, without: a pull replaces them."""
    loaded = load_named(root, name)
    if loaded.ok:
        return loaded
    without = load_tenant(open_folder(root), name, with_snapshots=False)
    if not without.ok:
        stop_with(loaded.findings, "human")
    return without


async def _pulled(
    root: Path, loaded: LoadedTenant, simulator: str | None, wish: Wish
) -> list[_Pulled]:
    connection = await connecting(root, loaded, simulator)()
    async with open_systems(connection) as systems:
        wanted = _wanted(loaded, systems, wish)
        return list(await asyncio.gather(*(_asked(name, ask) for name, ask in wanted)))


def _wanted(
    loaded: LoadedTenant, systems: Systems, wish: Wish
) -> Iterator[tuple[str, Callable[[], Awaitable[str]]]]:
    """The files, and how their texts are had."""
    if wish.newstore:
        yield NEWSTORE_FILE, partial(ask_newstore, systems.newstore)
    if wish.netsuite:
        records = [record.record for plan in loaded.plans for record in plan.records]
        for record in dict.fromkeys(records):
            name = f"{NETSUITE_FOLDER}/{record}.schema.json"
            yield name, partial(ask_netsuite, systems.netsuite, record)


async def _asked(name: str, ask: Callable[[], Awaitable[str]]) -> _Pulled:
    try:
        return _Pulled(name, await ask())
    except _TROUBLES as error:
        return _Pulled(name, trouble=error)


def _is_kept(folder: Path, pulled: _Pulled, *, is_dry: bool) -> bool:
    """Tell what a file changes and write it; whether there is one."""
    trouble = pulled.trouble
    if trouble is None:
        _print_difference(folder, pulled)
        try:
            if not is_dry:
                write_whole(folder, pulled.name, pulled.text)
        except AddressError as error:
            trouble = error
    if trouble is not None:
        _print_trouble(pulled.name, trouble)
    return trouble is None


def _print_difference(folder: Path, pulled: _Pulled) -> None:
    """What is new and what is gone, against the file there is, else against the one shipped."""
    target = console()
    older, whose = _older(folder, pulled.name)
    difference = _difference(pulled.name, older, pulled.text)
    if difference is None:
        target.print(Text(f"{clean(pulled.name)}: new, there is nothing to compare it with"))
        return
    added, removed = len(difference.added), len(difference.removed)
    words = f"{difference.count:,} fields, {added:,} added and {removed:,} removed"
    target.print(Text(f"{clean(pulled.name)}: {words}, against {whose}"))
    _print_names("+", "green", difference.added)
    _print_names("-", "red", difference.removed)
    if difference.opened:
        names = ", ".join(difference.opened[:_MOST_NAMES])
        target.print(Text(f"  what is in them is not told: {clean(names)}"))


def _print_names(sign: str, style: str, names: Sequence[str]) -> None:
    target = console()
    for name in names[:_MOST_NAMES]:
        target.print(Text(f"  {sign} {clean(name)}", style=style))
    if len(names) > _MOST_NAMES:
        target.print(Text(f"  {sign} and {len(names) - _MOST_NAMES:,} more", style=style))


def _older(folder: Path, name: str) -> tuple[str, str]:
    """The text of the schema in use, and whose it is; an empty text when there is none."""
    shipped = bundled("schemas") / name.removeprefix("schemas/")
    for path, whose in ((folder / name, "the file there is"), (shipped, "the one shipped")):
        try:
            return path.read_text(encoding="utf-8"), whose
        except (OSError, ValueError):
            continue
    return "", ""


def _difference(name: str, old: str, new: str) -> Difference | None:
    """None when the older text is no schema."""
    try:
        if name == NEWSTORE_FILE:
            return between_types(old, new)
        return between_records(_map(old), _map(new))
    except (SpecError, ValueError, RecursionError):
        return None


def _map(text: str) -> Mapping[str, Any]:
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("no schema")  # noqa: TRY004 - as for what is no JSON
    return document


def _print_trouble(what: str, error: ErpmapError) -> None:
    words = "\n".join(map(clean, f"{what}: {error}".splitlines()))
    console(stderr=True).print(Text(words, style="bold red"))
    if isinstance(error, FindingsError):
        findings = [replace(finding, place=None) for finding in error.findings]
        print_findings(findings, stderr=True)


def wish_of(*, newstore: bool, netsuite: bool, dry_run: bool) -> Wish:
    """What the command line says: without a name, both systems."""
    if not (newstore or netsuite):
        newstore = netsuite = True
    return Wish(newstore, netsuite, dry_run)
