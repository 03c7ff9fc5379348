"""What `erpmap capture` does: anonymise an order, compare how it ends, write it as a case."""

from __future__ import annotations

import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import click

from ...documents import write_json
from ...findings.diagnostics import SourceText
from ...findings.errors import ErpmapError
from ...findings.quote import quoted
from ...mapping.load import LoadedTenant
from ...mapping.plan import Plan
from ...orders.cases import run_case, update_expectation
from ...orders.order import LOOKUPS, Order, build_inputs, run_order
from ...orders.pseudonyms import Pseudonyms
from ...run import Outcome, RunState
from ...run.looked_up import list_looked_up
from ..exit import exit_with_error
from ..output.terminal import print_json
from ..recorded_lookups import read_recorded_lookups
from ..tenants import load_ready_tenant
from .kept_values import list_amount_keys, list_kept
from .recorded_tables import anonymise_tables
from .stored_documents import StoredDocuments, read_documents

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# A value this long that is found in the case afterwards was not replaced everywhere.
_SHORTEST = 6


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """What is asked for: a case of an order."""

    root: Path
    tenant: str
    order: str
    name: str | None
    journal: str
    form: str


def capture_order(request: CaptureRequest) -> NoReturn:
    """Write the case and exit; exit with 1 where the anonymised order does not end as the real one."""
    if request.name is not None and not _NAME.fullmatch(request.name):
        raise click.UsageError("--name is a name of letters, digits, dots, dashes and underscores")
    form = request.form
    loaded, plans = load_ready_tenant(request.root, request.tenant, None, form)
    roots = loaded.read.roots
    shared = read_recorded_lookups(request.root, request.tenant, (), form, roots=roots)
    try:
        found = read_documents(request.order, request.tenant, request.journal)
        folder = _write_case(request, found, loaded, plans, shared)
    except ErpmapError as error:
        exit_with_error(error, form)
    if form == "json":
        print_json({"case": folder.name, "folder": folder.as_posix()})
    else:
        click.echo(f"{folder.as_posix()} is written: read it before you commit it")
    sys.exit(0)


def _write_case(
    request: CaptureRequest,
    found: StoredDocuments,
    loaded: LoadedTenant,
    plans: Sequence[Plan],
    shared: Mapping[str, SourceText],
) -> Path:
    if found.absent:
        names = ", ".join(found.absent)
        raise ErpmapError(f"NewStore did not have {names} of this order, and a case cannot say so")
    original = found.order
    order, pseudonyms = _anonymise(original, loaded, plans, shared)
    before = list(run_order(plans, original, shared))
    difference = _find_difference(before, list(run_order(plans, order, shared)))
    if difference:
        words = "nothing was written: the anonymised order does not end as the real one"
        raise ErpmapError(f"{words}: {difference}")
    _require_replaced(order, pseudonyms)
    name = request.name or f"captured-{secrets.token_hex(4)}"
    folder = request.root / request.tenant / "cases" / name
    if folder.exists():
        raise ErpmapError(f"{folder.as_posix()} exists: choose another --name")
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="..capture-") as temporary:
        made = Path(temporary, name)
        _write_files(made, order)
        update_expectation(run_case(name, made, plans, shared))
        shutil.move(made, folder)
    return folder


def _anonymise(
    original: Order,
    loaded: LoadedTenant,
    plans: Sequence[Plan],
    shared: Mapping[str, SourceText],
) -> tuple[Order, Pseudonyms]:
    """Return the order with pseudonyms; what decides how it ends is kept."""
    keys = (list_looked_up(plan, build_inputs(plan, original, shared)) for plan in plans)
    looked_up = frozenset(key for each in keys for key in each)
    pseudonyms = Pseudonyms(
        salt=secrets.token_bytes(32),
        kept=looked_up | list_kept(original, loaded, plans),
        amounts=list_amount_keys(plans),
    )
    event = pseudonyms.anonymise(original.event)
    sources = {name: pseudonyms.anonymise(source) for name, source in original.sources.items()}
    tables = anonymise_tables(original.tables, plans, looked_up, pseudonyms)
    return Order(event, sources, tables), pseudonyms


def _find_difference(before: Sequence[Outcome], after: Sequence[Outcome]) -> str:
    """Return what differs between the ends of two orders: states, findings, amounts, keys; else nothing."""
    for old, new in zip(before, after, strict=True):
        if (old.state, old.reason, old.detail) != (new.state, new.reason, new.detail):
            return f"{old.mapping} is {new.state}, not {old.state}"
        codes = [[(f.code, str(f.place)) for f in outcome.findings] for outcome in (old, new)]
        if codes[0] != codes[1]:
            return f"{old.mapping} has other findings"
        if old.state is RunState.RENDERED:
            shapes = [_list_shape([p.document() for p in it.payloads]) for it in (old, new)]
            where = _find_first(*shapes)
            if where:
                return f"{old.mapping}: {where} differs"
        if [proof.document() for proof in old.proofs] != [proof.document() for proof in new.proofs]:
            return f"{old.mapping} has other sums"
    return ""


def _find_first(before: Sequence[tuple[str, object]], after: Sequence[tuple[str, object]]) -> str:
    for old, new in zip(before, after, strict=False):
        if old != new:
            return old[0] or "a payload"
    return "" if len(before) == len(after) else "the number of values"


def _list_shape(value: object, path: str = "") -> list[tuple[str, object]]:
    """Return every path with its amount, or the kind of its value."""
    if isinstance(value, Mapping):
        return [it for key, inner in value.items() for it in _list_shape(inner, f"{path}.{key}")]
    if isinstance(value, list | tuple):
        found = [it for i, inner in enumerate(value) for it in _list_shape(inner, f"{path}[{i}]")]
        return [(path, len(value)), *found]
    is_amount = isinstance(value, Decimal) or value is None or isinstance(value, bool)
    return [(path, value if is_amount else type(value).__name__)]


def _require_replaced(order: Order, pseudonyms: Pseudonyms) -> None:
    """Raise ErpmapError if a replaced value is still in a document: kept in another place."""
    tables = (table.content for table in order.tables.values())
    text = "\n".join((write_json([order.event, dict(order.sources)]), *tables))
    left = [
        value
        for value in pseudonyms.replaced
        if len(value) >= _SHORTEST
        and value not in pseudonyms.kept
        and write_json(value)[1:-1] in text
    ]
    if left:
        raise ErpmapError(
            f"nothing was written: {len(left):,} values that were replaced are also elsewhere in the order"
        )


def _write_files(folder: Path, order: Order) -> None:
    folder.mkdir(parents=True)
    for name, document in {"event": order.event, **order.sources}.items():
        _write(folder, f"{name}.json", write_json(document, indent=2) + "\n")
    for text in order.tables.values():
        (folder / LOOKUPS).mkdir(exist_ok=True)
        _write(folder / LOOKUPS, text.name, text.content)


def _write(folder: Path, name: str, text: str) -> None:
    if name != Path(name).name:
        raise ErpmapError(f"nothing was written: {quoted(name)} is no name of a file")
    (folder / name).write_text(text, encoding="utf-8", newline="\n")
