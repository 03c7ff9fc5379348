"""Orders on disk: an event, the documents fetched for it, and recorded answers of live lookups.

A folder holds `event.json`, one `NAME.json` for each source, and perhaps
`lookups/NAME.json` (or .csv, .yaml). Beside pure runs, this is where order
files are read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .diagnostics import Finding, SourceText
from .documents import MAX_CHARACTERS, decode_json, read_json_bytes
from .errors import FindingsError, ReadError
from .lookups import Table
from .plan import Plan
from .plan.tables import read_table
from .run import Inputs, Outcome, State, run

EVENT = "event.json"
RESULTS = frozenset({"payloads.json"})
LOOKUPS = "lookups"
_TABLE_ENDINGS = (".json", ".csv", ".yaml")
LARGEST = MAX_CHARACTERS


@dataclass(frozen=True, slots=True)
class Order:
    """One event with its sources, read; `tables` are texts of recorded lookups by name."""

    event: object
    sources: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, SourceText] = field(default_factory=dict)


def read_order(folder: Path) -> Order:
    """The order in a folder. Raise ReadError with every finding of all its files."""
    findings: list[Finding] = []
    documents: dict[str, object] = {}
    for path in sorted(folder.glob("*.json")):
        if path.name in RESULTS:
            continue
        try:
            documents[path.stem] = read_document(own_file(path))
        except ReadError as error:
            findings += error.findings
    if findings:
        raise ReadError(f"the order in {folder} cannot be read", findings)
    if "event" not in documents:
        raise _unreadable("E0101", f"{folder / EVENT} does not exist")
    event = documents.pop("event")
    return Order(event, documents, recorded_tables(folder / LOOKUPS))


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
    return Order(documents.pop("event"), documents)


def read_document(path: Path) -> object:
    """The JSON document in a file, or on stdin for `-`. Raise ReadError."""
    if str(path) == "-":
        return read_json_bytes("<stdin>", sys.stdin.buffer.read(LARGEST + 1))
    return read_json_bytes(str(path), read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """What a file holds. Raise ReadError: not there, not a file, not readable, too large."""
    try:
        if not path.exists():
            raise _unreadable("E0101", f"{path} does not exist")
        if not path.is_file():
            raise _unreadable("E0102", f"{path} is not a file")
        if path.stat().st_size > LARGEST:
            raise _unreadable("E0104", f"{path} is larger than {LARGEST:,} bytes")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "bad name"
        raise _unreadable(
            "E0102", f"{str(path)[:200]!r} cannot be read: {reason.lower()}"
        ) from error


def recorded_tables(folder: Path) -> dict[str, SourceText]:
    """The texts of recorded lookups in a folder, by the lookup's name; none if it is not there."""
    paths = sorted(own_file(folder).iterdir()) if folder.is_dir() else []
    return {path.stem: read_text(own_file(path)) for path in paths if path.suffix in _TABLE_ENDINGS}


def own_file(path: Path) -> Path:
    """The path itself. Raise ReadError (E0103) for a link: a folder of orders leads nowhere else."""
    if path.is_symlink():
        raise _unreadable("E0103", f"{path} is a link; put the file itself into the folder")
    return path


def read_text(path: Path) -> SourceText:
    """A text file. Raise ReadError."""
    return decode_json(str(path), read_bytes(path))


def find_orders(root: Path) -> tuple[Path, ...]:
    """Every folder below `root`, itself included, that holds an event; in order of their names."""
    return tuple(sorted(path.parent for path in root.rglob(EVENT)))


def run_order(
    plans: Iterable[Plan], order: Order, shared: Mapping[str, SourceText]
) -> Iterator[Outcome]:
    """What each mapping makes of an order. Raise ReadError when a recorded lookup is broken."""
    for plan in plans:
        yield run(
            plan, Inputs(order.event, order.sources, _tables(plan, {**shared, **order.tables}))
        )


def outcomes_of(
    plans: Sequence[Plan], folder: Path, shared: Mapping[str, SourceText]
) -> tuple[Outcome, ...]:
    """What each mapping makes of the order in a folder; files that cannot be read are findings."""
    try:
        return tuple(run_order(plans, read_order(folder), shared))
    except ReadError as error:
        return tuple(
            Outcome(plan.tenant, plan.name, folder.name, State.FAILED, findings=error.findings)
            for plan in plans[:1]
        )


def _tables(plan: Plan, texts: Mapping[str, SourceText]) -> dict[str, Table]:
    try:
        return {
            live.name: read_table(live.name, texts[live.name], live.options)
            for live in plan.live_lookups
            if live.name in texts
        }
    except FindingsError as error:
        raise ReadError("a recorded lookup cannot be used", error.findings) from error


def _unreadable(code: str, message: str) -> ReadError:
    return ReadError(message, [Finding(code, message, hint=_HINTS[code])])


_HINTS = {
    "E0101": "look at the path; a relative one starts in the folder you are in",
    "E0102": "name a file that you may read",
    "E0104": "one document is 10 MB at most: ask for less at once",
}
