"""Orders on disk: an event, the documents fetched for it, and recorded answers of live lookups.

A folder holds `event.json`, one `NAME.json` for each source, and perhaps
`lookups/NAME.json` (or .csv, .yaml). Beside pure runs, this is where order
files are read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from ..documents import decode_json, read_json_bytes
from ..findings.diagnostics import Finding, Place, SourceText
from ..findings.errors import FindingsError, ReadError
from ..mapping.lookups import Table
from ..mapping.plan import LiveLookup, Plan
from ..mapping.plan.compile_lookups import read_table
from ..run import Inputs, Outcome, RunState
from ..run.compiled import get_program
from ..run.envelope import check_envelope
from .order_folders import EVENT, LARGEST, join_path, list_files, read_bytes, read_error

RESULTS = frozenset({"payloads.json"})
LOOKUPS = "lookups"
_TABLE_ENDINGS = (".json", ".csv", ".yaml")
_DOCUMENT = ".json"

AnyPath = TypeVar("AnyPath", str, Path)


@dataclass(frozen=True, slots=True)
class Order:
    """One event with its sources, read; `tables` are texts of recorded lookups by name."""

    event: object
    sources: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, SourceText] = field(default_factory=dict)


def read_order(folder: str | Path) -> Order:
    """The order in a folder. Raise ReadError with every finding of all its files."""
    findings: list[Finding] = []
    documents: dict[str, object] = {}
    there = list_files(str(folder))
    for name, is_link in there.items():
        if not name.endswith(_DOCUMENT) or name in RESULTS:
            continue
        path = join_path(folder, name)
        try:
            documents[name.removesuffix(_DOCUMENT)] = _document(
                path, read_bytes(refuse_link(path, is_link=is_link))
            )
        except ReadError as error:
            findings += error.findings
    if findings:
        raise ReadError(f"the order in {folder} cannot be read", findings)
    if "event" not in documents:
        raise read_error("E0101", f"{join_path(folder, EVENT)} does not exist")
    event = documents.pop("event")
    tables = read_recorded_tables(Path(folder, LOOKUPS)) if LOOKUPS in there else {}
    return Order(event, documents, tables)


def read_named_order(event: Path, sources: Mapping[str, Path]) -> Order:
    """The order in the files named; `-` is stdin. Raise ReadError with every finding of all."""
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
    return Order(_event_in(documents.pop("event"), name), documents)


def read_event(path: Path) -> object:
    """The event in a file, or on stdin for `-`. Raise ReadError, E0701 for what is no event."""
    return _event_in(read_document(path), "<stdin>" if str(path) == "-" else str(path))


def _event_in(document: object, name: str) -> object:
    """The document in the file of that name. Raise ReadError (E0701) when it is no event at all."""
    place = Place(SourceText(name, ""))
    found = [replace(finding, place=place) for finding in check_envelope(document)]
    if found:
        raise ReadError(f"{name} holds no event", found)
    return document


def read_document(path: Path) -> object:
    """The JSON document in a file, or on stdin for `-`. Raise ReadError."""
    if str(path) == "-":
        return _document("<stdin>", sys.stdin.buffer.read(LARGEST + 1))
    return _document(str(path), read_bytes(path))


def _document(name: str, data: bytes) -> object:
    """The JSON document in these bytes; `name` is what people see. Raise ReadError."""
    return read_json_bytes(name, data)


def read_recorded_tables(folder: Path) -> dict[str, SourceText]:
    """The texts of recorded lookups in a folder, by the lookup's name; none if it is not there."""
    if not folder.is_dir():
        return {}
    refuse_link(folder, is_link=folder.is_symlink())
    return {
        path.stem: read_text(refuse_link(path, is_link=path.is_symlink()))
        for path in sorted(folder.iterdir())
        if path.suffix in _TABLE_ENDINGS
    }


def refuse_link(path: AnyPath, *, is_link: bool) -> AnyPath:
    """The path itself. Raise ReadError (E0103) for a link: a folder of orders leads nowhere else."""
    if is_link:
        raise read_error("E0103", f"{path} is a link; put the file itself into the folder")
    return path


def read_text(path: Path) -> SourceText:
    """A text file. Raise ReadError."""
    return decode_json(str(path), read_bytes(path))


def run_order(
    plans: Iterable[Plan], order: Order, shared: Mapping[str, SourceText]
) -> Iterator[Outcome]:
    """What each mapping makes of an order. Raise ReadError when a recorded lookup is broken."""
    for plan in plans:
        yield get_program(plan).run(build_inputs(plan, order, shared))


def build_inputs(plan: Plan, order: Order, shared: Mapping[str, SourceText]) -> Inputs:
    """What a plan is given of an order. Raise ReadError when a recorded lookup is broken."""
    return Inputs(order.event, order.sources, _tables(plan, order.tables, shared))


def run_folder(
    plans: Sequence[Plan], folder: str | Path, shared: Mapping[str, SourceText]
) -> tuple[Outcome, ...]:
    """What each mapping makes of the order in a folder; files that cannot be read are findings."""
    try:
        order = read_order(folder)
        _event_in(order.event, join_path(folder, EVENT))
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


def _tables(
    plan: Plan, own: Mapping[str, SourceText], shared: Mapping[str, SourceText]
) -> dict[str, Table]:
    """The tables of live lookups: as the order recorded them, else as all orders share them."""
    try:
        return {
            live.name: read_table(live.name, own[live.name], live.options)
            if live.name in own
            else _shared_table(live, shared[live.name])
            for live in plan.live_lookups
            if live.name in own or live.name in shared
        }
    except FindingsError as error:
        raise ReadError("a recorded lookup cannot be used", error.findings) from error


@lru_cache(maxsize=100)
def _shared_table(live: LiveLookup, text: SourceText) -> Table:
    """The table in a text that all orders of a tenant share, built once."""
    return read_table(live.name, text, live.options)
