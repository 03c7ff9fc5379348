"""Objects as GraphQL sees them: what is stored, and what the schema says is there all the same.

A recorded answer holds only what its query selected. Ids and other members that may not be null
are made up, always the same for the same object; transactions and instruments, which NewStore
shows from several sides, are found from the side that was recorded.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .shop import Shop, StoredDocument
from .stored_documents import PartialList

_NAMESPACE = uuid.UUID("b6e2a3f4-7c52-5d0e-9c59-2f4a8a1d6e10")


@dataclass(frozen=True, slots=True)
class Node:
    """One object: its type, its document, the order or return it is of, and where it is in that."""

    kind: str
    document: Mapping[str, object]
    root: str
    held: StoredDocument
    path: str = ""
    parent: Node | None = None

    def build_child(self, kind: str, document: object, step: str) -> Node:
        """An object of this one."""
        members = document if isinstance(document, Mapping) else {}
        return Node(kind, members, self.root, self.held, f"{self.path}/{step}", self)


def list_orders(shop: Shop) -> list[Node]:
    """All orders, in the order in which they were added."""
    return [Node("Order", held.document, key, held) for key, held in list(shop.orders.items())]


def build_root(kind: str, held: StoredDocument | None, key: str) -> Node | None:
    """The order or return kept under a key, if there is one."""
    return None if held is None else Node(kind, held.document, key, held)


def read_scalar(shop: Shop, node: Node, name: str) -> object:
    """What a field says, before it is written: as stored, else made up where there must be one."""
    value = node.document.get(name)
    if value is None and name in _GENERATED:
        return _GENERATED[name](shop, node)
    return value


def find_child(shop: Shop, node: Node, name: str, kind: str) -> Node | None:
    """The object that a field holds, if it holds one."""
    if (node.kind, name) == ("Order", "paymentAccount") and not shop.is_paid(node.held):
        return None
    if (node.kind, name) == ("Return", "order"):
        return _find_order_of_return(shop, node)
    document = node.document.get(name)
    if document is None and name == "instrument" and node.parent and node.parent.kind == kind:
        return node.parent
    return None if document is None else node.build_child(kind, document, name)


def list_entries(shop: Shop, node: Node, name: str, kind: str) -> list[Node]:
    """The entries that a connection of a node has, all of them."""
    if name not in node.document and (node.kind, name) in _DERIVED:
        return _DERIVED[node.kind, name](shop, node)
    held = node.document.get(name)
    documents = held if isinstance(held, list) else []
    found = [node.build_child(kind, each, f"{name}/{at}") for at, each in enumerate(documents)]
    return PartialList(found) if isinstance(held, PartialList) else found


def _find_order_of_return(shop: Shop, node: Node) -> Node | None:
    """The order of a return: as recorded with it, with what the shop knows of it besides."""
    key = str(node.held.payload.get("order_id") or "")
    known, recorded = shop.orders.get(key), node.document.get("order")
    if known is None and not isinstance(recorded, Mapping):
        return None
    held = known or node.held
    document = {**(known.document if known else {}), **(recorded or {})}  # type: ignore[dict-item] # both are maps
    return Node("Order", document, key or node.root, held)


def _find_account(shop: Shop, node: Node) -> Node | None:
    return find_child(shop, node, "paymentAccount", "PaymentAccount")


def _list_order_transactions(shop: Shop, node: Node) -> list[Node]:
    account = _find_account(shop, node)
    kind = "PaymentAccountTransaction"
    return [] if account is None else list_entries(shop, account, "transactions", kind)


def _list_account_transactions(shop: Shop, node: Node) -> list[Node]:
    """Those of all instruments."""
    if "instruments" not in node.document:
        return []
    return [
        transaction
        for instrument in list_entries(shop, node, "instruments", "Instrument")
        for transaction in list_entries(
            shop, instrument, "paymentAccountTransactions", "PaymentAccountTransaction"
        )
    ]


def _list_account_instruments(shop: Shop, node: Node) -> list[Node]:
    """Those that transactions were recorded with, each once."""
    if "transactions" not in node.document:
        return []
    found: dict[object, Node] = {}
    for transaction in list_entries(shop, node, "transactions", "PaymentAccountTransaction"):
        instrument = find_child(shop, transaction, "instrument", "Instrument")
        if instrument is not None:
            key = transaction.document.get("instrumentId") or json.dumps(
                dict(instrument.document), default=str
            )
            found.setdefault(
                key,
                Node(
                    "Instrument",
                    instrument.document,
                    node.root,
                    node.held,
                    f"{node.path}/instruments/{len(found)}",
                    node,
                ),
            )
    return list(found.values())


def _list_instrument_transactions(shop: Shop, node: Node) -> list[Node]:
    """Those of the account that name this instrument."""
    account = node.parent
    if (
        account is None
        or account.kind != "PaymentAccount"
        or "transactions" not in account.document
    ):
        return []
    kind = "PaymentAccountTransaction"
    return [
        transaction
        for transaction in list_entries(shop, account, "transactions", kind)
        if _is_of(shop, transaction, node)
    ]


def _is_of(shop: Shop, transaction: Node, instrument: Node) -> bool:
    held = transaction.document.get("instrument")
    if isinstance(held, Mapping) and held == instrument.document:
        return True
    return transaction.document.get("instrumentId") == read_scalar(shop, instrument, "id")


def _make_id(shop: Shop, node: Node) -> object:
    if node.kind == "PaymentAccount" or not node.path:
        return node.root
    return str(uuid.uuid5(_NAMESPACE, f"{shop.tenant}/{node.root}{node.path}"))


def _make_node_id(shop: Shop, node: Node) -> object:
    identity = read_scalar(shop, node, "id")
    text = json.dumps([node.kind, identity, shop.tenant], separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def _find_instrument_id(shop: Shop, node: Node) -> object:
    instrument = find_child(shop, node, "instrument", "Instrument")
    return None if instrument is None else read_scalar(shop, instrument, "id")


def _find_item_id(shop: Shop, node: Node) -> object:
    return None if node.parent is None else read_scalar(shop, node.parent, "id")


_GENERATED: dict[str, Callable[[Shop, Node], object]] = {
    "id": _make_id,
    "nodeId": _make_node_id,
    "tenant": lambda shop, _node: shop.tenant,
    "orderId": lambda _shop, node: node.root,
    "orderItemId": _find_item_id,
    "paymentAccountId": lambda _shop, node: node.root,
    "instrumentId": _find_instrument_id,
}

_DERIVED: dict[tuple[str, str], Callable[[Shop, Node], list[Node]]] = {
    ("Order", "paymentAccountTransactions"): _list_order_transactions,
    ("PaymentAccount", "transactions"): _list_account_transactions,
    ("PaymentAccount", "instruments"): _list_account_instruments,
    ("Instrument", "paymentAccountTransactions"): _list_instrument_transactions,
}
