"""What `erpmap forecast` does: run the orders of a corpus, show what is not covered, write stubs of rows."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ...findings.errors import ErpmapError
from ..corpus.options import CorpusChoice
from ..corpus.stored_orders import read_corpus
from ..exit import FINDINGS, exit_with_error
from ..file_changes import offer_changes
from ..output.terminal import print_json, progress
from ..recorded_lookups import read_recorded_lookups
from ..tenants import load_ready_tenant
from .gaps import CorpusForecast
from .report import forecast_document, print_forecast, print_lines, stubs_document
from .stubs import make_stubs


@dataclass(frozen=True, slots=True)
class ForecastRequest:
    """What is asked for: a tenant's mappings over the orders of a corpus."""

    root: Path
    tenant: str
    choice: CorpusChoice
    mapping: str | None
    stubs: bool
    write: bool
    form: str


def show_forecast(request: ForecastRequest) -> NoReturn:
    """Print the forecast and exit: 0 when every order that a mapping takes is covered, else 1."""
    root, form = request.root, request.form
    loaded, plans = load_ready_tenant(
        root, request.tenant, request.mapping, form, with_unfilled=True
    )
    roots = loaded.read.roots
    shared = read_recorded_lookups(root, request.tenant, (), form, roots=roots)
    cases = root / request.tenant / "cases"
    result = CorpusForecast()
    try:
        with progress("orders") as bar:
            orders = read_corpus(request.choice, cases, request.tenant, shared, roots)
            for order in bar.track(orders):
                result.add_order(order, plans)
    except ErpmapError as error:
        exit_with_error(error, form)
    document = forecast_document(result)
    if form == "human":
        print_forecast(result, is_single=len(loaded.plans) == 1)
    if request.stubs:
        stubs = make_stubs(result.sorted_gaps(), loaded, plans, root)
        if form == "human":
            print_lines(stubs)
        is_written = offer_changes(stubs.changes, write=request.write, form=form)
        document["stubs"] = stubs_document(stubs, is_written=is_written)
    if form == "json":
        print_json(document)
    sys.exit(FINDINGS if result.uncovered else 0)
