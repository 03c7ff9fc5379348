"""Reads the order that the options of `order_choice` name, as the inputs of each mapping that may take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

from ...delivery import inputs_from_document
from ...findings.diagnostics import Finding, Place
from ...findings.errors import ReadError
from ...findings.quote import did_you_mean, quoted
from ...journal.deliveries import DeliveryHistory, read_history
from ...mapping.files.extend import LoadedMapping
from ...mapping.files.nodes import MapNode, Node, entries_of
from ...mapping.load import LoadedTenant, load_mapping_node, open_folder
from ...mapping.plan import Plan
from ...orders.cases import find_cases
from ...orders.order import Order, build_inputs, read_named_order, read_order
from ...run import Inputs
from ..exit import exit_with_findings
from ..queue.open_journal import find_delivery, open_existing_journal
from ..queue.stored_documents import explain_absence
from ..recorded_lookups import read_recorded_lookups
from ..tenants import load_ready_tenant
from .journal_documents import has_documents, open_documents
from .order_choice import OrderChoice


@dataclass(frozen=True, slots=True)
class ChosenOrder:
    """One order: the inputs of each mapping that may take it."""

    root: Path
    tenant: LoadedTenant
    inputs: tuple[tuple[Plan, Inputs], ...]

    def load_mapping(self, plan: Plan) -> LoadedMapping:
        """Return the mapping of a plan with what its overlays changed. Raise ReadError."""
        return load_mapping_node(open_folder(self.root), self.tenant.name, plan.name)

    def list_places(self, mapping: LoadedMapping) -> Mapping[str, Place]:
        """Return the places of settings, of facts of the tenant, and of rows that are written in the mapping."""
        found: dict[str, Place] = {}
        for entry in entries_of(mapping.node.get("settings")):
            default = entry.value.get("default") if isinstance(entry.value, MapNode) else None
            found[f"settings.{entry.name}"] = (default or entry.value).place
        for entry in entries_of(mapping.node.get("lookups")):
            rows = entry.value.get("values") if isinstance(entry.value, MapNode) else None
            found |= dict(_places_below(f"lookups.{entry.name}", rows))
        own = self.tenant.tenant
        if own is not None:
            found |= _places_of("settings", own.settings) | _places_of("tenant", own.node)
            name = own.node.get("tenant")
            found["tenant.name"] = own.node.place if name is None else name.place
        return found


def _places_below(path: str, node: Node | None) -> Iterator[tuple[str, Place]]:
    """Yield the place of each entry of a map, and of the maps in it."""
    for entry in entries_of(node):
        yield f"{path}.{entry.name}", entry.value.place
        yield from _places_below(f"{path}.{entry.name}", entry.value)


def _places_of(block: str, node: Node | None) -> dict[str, Place]:
    return {f"{block}.{entry.name}": entry.value.place for entry in entries_of(node)}


def read_chosen_order(root: Path, tenant: str, choice: OrderChoice, form: str) -> ChosenOrder:
    """Return the chosen order; exit with the findings of a tenant or an order that cannot be read."""
    choice.check()
    loaded, plans = load_ready_tenant(root, tenant, choice.mapping, form)
    try:
        if choice.delivery is not None:
            found = _read_delivery(loaded, plans, choice, form)
        else:
            order = _read_order(root, loaded, plans, choice)
            roots = loaded.read.roots
            shared = read_recorded_lookups(root, tenant, choice.lookups, form, roots=roots)
            found = tuple((plan, build_inputs(plan, order, shared)) for plan in plans)
    except ReadError as error:
        exit_with_findings(error.findings, form)
    return ChosenOrder(root, loaded, found)


def _read_order(
    root: Path, loaded: LoadedTenant, plans: Sequence[Plan], choice: OrderChoice
) -> Order:
    if choice.event is not None:
        known = {source.name for plan in plans for source in plan.sources}
        for name, _ in choice.sources:
            if name not in known:
                shown = ", ".join(sorted(known)) or "none"
                raise click.UsageError(
                    f"no mapping has a source {name!r}; the sources are: {shown}"
                )
        return read_named_order(choice.event, dict(choice.sources))
    assert choice.case is not None
    cases = dict(find_cases(root / loaded.name / "cases", loaded.read.roots))
    if choice.case not in cases:
        _refuse_case(loaded.name, choice.case, list(cases))
    return read_order(cases[choice.case], loaded.read.roots)


def _refuse_case(tenant: str, name: str, known: Sequence[str]) -> NoReturn:
    near = did_you_mean(name, known, otherwise=f"`erpmap test {tenant}` lists the cases")
    raise click.UsageError(f"{tenant} has no case {quoted(name)}; {near}")


def _read_delivery(
    loaded: LoadedTenant, plans: Sequence[Plan], choice: OrderChoice, form: str
) -> tuple[tuple[Plan, Inputs], ...]:
    assert choice.delivery is not None
    with open_existing_journal(choice.journal) as journal:
        id_ = find_delivery(journal, choice.delivery, form)
        history = journal.run_blocking(lambda connection: read_history(connection, id_))
    assert history is not None
    listed = history.listed
    if listed.tenant != loaded.name:
        raise click.UsageError(f"delivery {listed.id} is of the tenant {quoted(listed.tenant)}")
    plan = next((plan for plan in plans if plan.name == listed.mapping), None)
    if plan is None:
        raise click.UsageError(
            f"delivery {listed.id} is of the mapping {quoted(listed.mapping)}, which is not among: "
            + ", ".join(plan.name for plan in plans)
        )
    return ((plan, unpack_inputs(plan, history)),)


def unpack_inputs(plan: Plan, history: DeliveryHistory) -> Inputs:
    """Return the documents of the last attempt that stored them. Raise ReadError (E1104)."""
    if not has_documents(history):
        words = f"delivery {history.listed.id} has no stored documents"
        raise ReadError(words, [Finding("E1104", words, hint=explain_absence(history))])
    event, document = open_documents(history)
    return inputs_from_document(plan, event, document)
