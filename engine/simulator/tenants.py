"""Simulates a tenant of the mappings folder: its NewStore name, its account, the orders of its cases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..findings.errors import ReadError, SpecError
from ..mapping.files.nodes import MapNode, as_data
from ..mapping.files.parse_yaml import read_yaml
from ..mapping.files.source_texts import Folder
from ..mapping.load import TENANT_FILE, limit_folder
from ..orders.order import Order, read_order
from ..orders.order_folders import find_orders, join_path
from ..run import read_order_number
from .netsuite import read_account
from .world import SimulatedTenant, simulate_tenant

ACCOUNT_FILE = "simulator.yaml"


def load_simulated_tenant(folder: Folder, name: str) -> SimulatedTenant:
    """Return a simulated tenant with the account in its simulator.yaml and an empty shop.

    Raise ReadError when a file is missing or not granted, SpecError when the account is not valid.
    """
    folder = limit_folder(folder, name)
    tenant = as_data(read_yaml(folder.read(f"{name}/{TENANT_FILE}")))
    node = read_yaml(folder.read(f"{name}/{ACCOUNT_FILE}"))
    assert isinstance(tenant, Mapping)
    newstore = tenant.get("newstore")
    if not isinstance(newstore, Mapping) or not isinstance(node, MapNode):
        raise SpecError(
            f"{TENANT_FILE} of {name!r} has no newstore map, or its {ACCOUNT_FILE} is not a map", ()
        )
    document = as_data(node)
    assert isinstance(document, Mapping)
    return simulate_tenant(name, str(newstore.get("tenant")), read_account(document))


def add_cases(played: SimulatedTenant, cases: Path) -> list[str]:
    """Add the orders of a tenant's cases to its shop, and return the numbers of those added.

    Skip a case that is not an order of the shop (another tenant's, or a broken one).
    """
    orders = [_read_order(join_path(cases, name)) for name, _ in find_orders(cases)]
    return [
        read_order_number(order.event)
        for order in orders
        if order is not None and _add_order(played, order)
    ]


def _read_order(path: str) -> Order | None:
    try:
        return read_order(path)
    except ReadError:
        return None


def _add_order(played: SimulatedTenant, order: Order) -> bool:
    event, answer = order.event, order.sources.get("order")
    if not isinstance(event, Mapping) or not isinstance(answer, Mapping):
        return False
    try:
        played.shop.add(event, answer, order.sources.get("account"))
    except ValueError:
        return False
    return True
