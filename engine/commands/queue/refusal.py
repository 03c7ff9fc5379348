"""Explains the values of its payloads at which NetSuite refused a delivery: where they come from, as `explain` shows it.

The documents are stored when an attempt begins to write; they are run through the mapping of now. Nothing is said where they are gone, or where the
mapping cannot be loaded: a delivery is shown all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...findings.errors import BudgetError, ReadError
from ...journal.deliveries import DeliveryHistory
from ...journal.pack import unpack
from ...journal.states import DeliveryState
from ...mapping.load import list_tenants
from ...netsuite.error_details import find_places
from ...run.lineage import Leaf
from ..corpus.chosen_order import ChosenOrder, unpack_inputs
from ..explain.order import chain_document, print_chains, select_leaves
from ..explain.traced_order import TracedOrder, trace_in_mapping
from ..output.terminal import console
from ..tenants import load_named_tenant

_MOST_VALUES = 3
_ENDED = frozenset((DeliveryState.DELIVERED, DeliveryState.IGNORED, DeliveryState.RESOLVED))


@dataclass(frozen=True, slots=True)
class RefusedValues:
    """The values of a payload at which a delivery was refused, three at most.

    `is_other_version` says that the mapping is not any more as it was at the attempt.
    """

    traced: TracedOrder
    leaves: tuple[Leaf, ...]
    is_other_version: bool


def find_refused_values(root: Path, history: DeliveryHistory) -> RefusedValues | None:
    """Return the values at which the last attempt was refused; None where nothing tells or explains them."""
    if history.listed.state in _ENDED or not history.attempts:
        return None
    attempt = history.attempts[-1]
    places = find_places(attempt["words"] or "")
    traced = _trace_delivery(root, history) if places else None
    if traced is None:
        return None
    paths = (f"{record}.{place}" for record in _list_refused(history) for place in places)
    found = [leaf for path in paths for leaf in select_leaves(traced.lineage, path)]
    leaves = tuple({(leaf.record, leaf.path): leaf for leaf in found}.values())[:_MOST_VALUES]
    if not leaves:
        return None
    return RefusedValues(traced, leaves, traced.plan.version != attempt["version"])


def print_refused_values(found: RefusedValues) -> None:
    """Print each value with its chain."""
    other = ", with the mapping of now" if found.is_other_version else ""
    console().print(f"where the refused values come from{other}:")
    print_chains(found.traced, found.leaves)


def refused_document(found: RefusedValues | None) -> list[dict[str, object]]:
    """Return the values with their chains as JSON objects."""
    return [] if found is None else [chain_document(found.traced, leaf) for leaf in found.leaves]


def _trace_delivery(root: Path, history: DeliveryHistory) -> TracedOrder | None:
    listed = history.listed
    if listed.tenant not in list_tenants(root):
        return None
    loaded = load_named_tenant(root, listed.tenant)
    plan = next((plan for plan in loaded.plans if plan.name == listed.mapping), None)
    if plan is None:
        return None
    try:
        inputs = unpack_inputs(plan, history)
        found = trace_in_mapping(ChosenOrder(root, loaded, ((plan, inputs),)), plan, inputs)
    except (ReadError, BudgetError):
        return None
    return found if isinstance(found, TracedOrder) else None


def _list_refused(history: DeliveryHistory) -> Iterator[str]:
    """Yield the names of the records that the last attempt did not write."""
    packed = history.attempts[-1]["answers"]
    answers = None if packed is None else unpack(packed)
    for record in answers if isinstance(answers, list) else ():
        if record["stopped"]:
            yield record["name"]
