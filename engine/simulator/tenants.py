"""A tenant of the mappings folder, played: its NewStore name, its account, the orders of its cases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..findings.errors import ReadError, SpecError
from ..mapping.files.nodes import MapNode, as_data
from ..mapping.files.parse_yaml import read_yaml
from ..mapping.files.source_texts import Folder
from ..mapping.load import TENANT_FILE
from ..orders.order import Order, read_order
from ..orders.order_folders import find_orders, join_path
from ..run import read_order_number
from .netsuite import read_account
from .world import Played, play

ACCOUNT_FILE = "simulator.yaml"


def play_tenant(folder: Folder, name: str) -> Played:
    """A tenant with the account in its simulator.yaml, its shop still empty.

    Raise ReadError when a file is missing, SpecError when the account cannot be used.
    """
    tenant = as_data(read_yaml(folder.read(f"{name}/{TENANT_FILE}")))
    node = read_yaml(folder.read(f"{name}/{ACCOUNT_FILE}"))
    assert isinstance(tenant, Mapping)
    newstore = tenant.get("newstore")
    if not isinstance(newstore, Mapping) or not isinstance(node, MapNode):
        raise SpecError(f"the tenant {name!r} cannot be played", ())
    document = as_data(node)
    assert isinstance(document, Mapping)
    return play(name, str(newstore.get("tenant")), read_account(document))


def add_cases(played: Played, cases: Path) -> list[str]:
    """Put the orders of a tenant's cases into its shop; the numbers of those that it has now.

    A case that is no order of the shop's (another tenant's, a broken one) is passed over.
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


def _add_order(played: Played, order: Order) -> bool:
    event, answer = order.event, order.sources.get("order")
    if not isinstance(event, Mapping) or not isinstance(answer, Mapping):
        return False
    try:
        played.shop.add(event, answer, order.sources.get("account"))
    except ValueError:
        return False
    return True
