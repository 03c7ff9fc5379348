"""Read and run orders on disk: an event, its sources, and recorded answers of live lookups.

A folder holds `event.json`, one `NAME.json` for each source, and optionally `lookups/NAME.json` (or
.csv, .yaml).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from ..documents import decode_json, read_json_bytes
from ..files.beneath import Root
from ..findings.diagnostics import Finding, Place, SourceText
from ..findings.errors import FindingsError, ReadError
from ..mapping.lookups import Table
from ..mapping.plan import LiveLookup, Plan
from ..mapping.plan.compile_lookups import read_table
from ..run import Inputs, Outcome, RunState
from ..run.compiled import get_program
from ..run.envelope import check_envelope
from .order_folders import EVENT, MAX_BYTES, join_path, list_files, read_bytes, read_error

RESULTS = frozenset({"payloads.json"})
LOOKUPS = "lookups"
_TABLE_ENDINGS = (".json", ".csv", ".yaml")
_DOCUMENT = ".json"

AnyPath = TypeVar("AnyPath", str, Path)


@dataclass(frozen=True, slots=True)
class Order:
    """One event with its sources; `tables` are the texts of recorded lookups by name."""

    event: object
    sources: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, SourceText] = field(default_factory=dict)


def read_order(folder: str | Path, roots: Sequence[Root] = ()) -> Order:
    """Read the order in a folder. Raise ReadError with every finding of all its files.

    With `roots`, links are followed as far as these; else they are refused.
    """
    findings: list[Finding] = []
    documents: dict[str, object] = {}
    files = list_files(str(folder), roots)
    for name, is_link in files.items():
        if not name.endswith(_DOCUMENT) or name in RESULTS:
            continue
        path = join_path(folder, name)
        try:
            documents[name.removesuffix(_DOCUMENT)] = read_json_bytes(
                path, read_bytes(refuse_link(path, is_link=is_link), roots)
            )
        except ReadError as error:
            findings += error.findings
    if findings:
        raise ReadError(f"the order in {folder} cannot be read", findings)
    if "event" not in documents:
        raise read_error("E0101", f"{join_path(folder, EVENT)} does not exist")
    event = documents.pop("event")
    tables = read_recorded_tables(Path(folder, LOOKUPS), roots) if LOOKUPS in files else {}
    return Order(event, documents, tables)


def read_named_order(event: Path, sources: Mapping[str, Path]) -> Order:
    """Read the order in the named files; `-` is stdin. Raise ReadError with every finding."""
    findings: list[Finding] = []
    documents: dict[str, object] = {}
    for name, path in {"event": event, **sources}.items():
        try:
            documents[name] = read_document(path)
        except ReadError as error:
            findings += error.findings
    if findings:
        raise ReadError("the order cannot be read", findings)
    name = "<stdin>" if str(event) == "-" else str(event)
    return Order(_require_event(documents.pop("event"), name), documents)


def read_event(path: Path) -> object:
    """Read the event in a file, or on stdin for `-`. Raise ReadError; E0701 if it is not an event."""
    return _require_event(read_document(path), "<stdin>" if str(path) == "-" else str(path))


def _require_event(document: object, name: str) -> object:
    """Return the document of the file `name`. Raise ReadError (E0701) if it is not an event."""
    place = Place(SourceText(name, ""))
    found = [replace(finding, place=place) for finding in check_envelope(document)]
    if found:
        raise ReadError(f"{name} does not hold an event", found)
    return document


def read_document(path: Path) -> object:
    """Read the JSON document in a file, or on stdin for `-`. Raise ReadError."""
    if str(path) == "-":
        return read_json_bytes("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1))
    return read_json_bytes(str(path), read_bytes(path))


def read_recorded_tables(folder: Path, roots: Sequence[Root] = ()) -> dict[str, SourceText]:
    """Read the texts of recorded lookups in a folder, by lookup name; none without the folder.

    With `roots`, links are followed as far as these; else they are refused.
    """
    if not roots:
        refuse_link(folder, is_link=folder.is_symlink())
    paths = {folder / name: is_link for name, is_link in list_files(str(folder), roots).items()}
    return {
        path.stem: read_text(refuse_link(path, is_link=is_link), roots)
        for path, is_link in paths.items()
        if path.suffix in _TABLE_ENDINGS
    }


def refuse_link(path: AnyPath, *, is_link: bool) -> AnyPath:
    """Return the path. Raise ReadError (E0103) for a link: an order's files are in its folder."""
    if is_link:
        raise read_error("E0103", f"{path} is a link; put the file itself into the folder")
    return path


def read_text(path: Path, roots: Sequence[Root] = ()) -> SourceText:
    """Read a text file. Raise ReadError."""
    return decode_json(str(path), read_bytes(path, roots))


def run_order(
    plans: Iterable[Plan], order: Order, shared: Mapping[str, SourceText]
) -> Iterator[Outcome]:
    """Yield each mapping's outcome of an order. Raise ReadError if a recorded lookup is invalid."""
    for plan in plans:
        yield get_program(plan).run(build_inputs(plan, order, shared))


def build_inputs(plan: Plan, order: Order, shared: Mapping[str, SourceText]) -> Inputs:
    """Build a plan's inputs from an order. Raise ReadError if a recorded lookup is invalid."""
    return Inputs(order.event, order.sources, _build_tables(plan, order.tables, shared))


def run_folder(
    plans: Sequence[Plan], folder: str | Path, shared: Mapping[str, SourceText]
) -> tuple[Outcome, ...]:
    """Return each mapping's outcome of the order in a folder; unreadable files are findings."""
    try:
        order = read_order(folder)
        _require_event(order.event, join_path(folder, EVENT))
        return tuple(run_order(plans, order, shared))
    except ReadError as error:
        name = Path(folder).name
        return tuple(
            Outcome(
                tenant=plan.tenant,
                mapping=plan.name,
                order=name,
                state=RunState.FAILED,
                findings=error.findings,
            )
            for plan in plans[:1]
        )


def _build_tables(
    plan: Plan, own: Mapping[str, SourceText], shared: Mapping[str, SourceText]
) -> dict[str, Table]:
    """Build the tables of live lookups: those of the order, else those that all orders share."""
    try:
        return {
            live.name: read_table(live.name, own[live.name], live.options)
            if live.name in own
            else _build_shared_table(live, shared[live.name])
            for live in plan.live_lookups
            if live.name in own or live.name in shared
        }
    except FindingsError as error:
        raise ReadError("a recorded lookup cannot be used", error.findings) from error


@lru_cache(maxsize=100)
def _build_shared_table(live: LiveLookup, text: SourceText) -> Table:
    """Build the table that all orders of a tenant share, once."""
    return read_table(live.name, text, live.options)
